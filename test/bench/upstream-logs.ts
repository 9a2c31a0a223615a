/** What D7 answers in the benchmark: the same bytes, whichever program sends them. */
import { logOf } from '../../src/sandbox/logs.ts';

export type LogKind = {
  kind: 'recipients' | 'sent' | 'moving';
  count: number;
  /** Of a log that moves: another one after each change. */
  version: number;
};

export const missing =
  '{"detail":{"code":"VIBER_MESSAGE_LOG_NOT_EXISTS","message":"Given viber message request id not exists."}}';

/**
 * recipients-N-…: a log of N messages, final; sent-N-…: one that is not, and never changes; moving-N-…: one that changes every second.
 * Null: there is no such log.
 */
export function kindOf(requestId: string): LogKind | null {
  const [, kind, count] = /^(recipients|sent|moving)-(\d+)/.exec(requestId) ?? [];
  if (kind === undefined) return null;
  if (kind === 'moving') return movingAt(Number(count), Math.floor(Date.now() / 1000) % 1000);
  return { kind: kind as LogKind['kind'], count: Number(count), version: 0 };
}

export function movingAt(count: number, version: number): LogKind {
  return { kind: 'moving', count, version };
}

/** All of the log but `{"request_id":"` and the id. */
export function tailOf({ kind, count, version }: LogKind): string {
  const log = logOf('', count);
  if (kind !== 'recipients') for (const message of log.messages) message.status = 'sent';
  if (kind === 'moving') for (const message of log.messages) message.number_of_viber_message = version;
  return JSON.stringify(log).slice('{"request_id":"'.length);
}
