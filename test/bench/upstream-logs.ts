/** What D7 answers in the benchmark: the same bytes, whichever program sends them. */
import { logOf } from '../../src/sandbox/logs.ts';

export type LogKind = { kind: 'recipients' | 'sent'; count: number };

export const missing =
  '{"detail":{"code":"VIBER_MESSAGE_LOG_NOT_EXISTS","message":"Given viber message request id not exists."}}';

/** recipients-N-…: a log of N messages, final; sent-N-…: one that is not, and never changes. Null: there is no such log. */
export function kindOf(requestId: string): LogKind | null {
  const [, kind, count] = /^(recipients|sent)-(\d+)/.exec(requestId) ?? [];
  return kind === undefined ? null : { kind: kind as LogKind['kind'], count: Number(count) };
}

/** All of the log but `{"request_id":"` and the id. */
export function tailOf({ kind, count }: LogKind): string {
  const log = logOf('', count);
  if (kind === 'sent') for (const message of log.messages) message.status = 'sent';
  return JSON.stringify(log).slice('{"request_id":"'.length);
}
