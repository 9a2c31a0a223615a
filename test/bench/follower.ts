/** One who follows a moving log: counts its events, and may read each of them whole. */
import { isDeepStrictEqual } from 'node:util';
import { itemOf } from './answers.ts';
import { subscribeToOne } from './questions.ts';
import type { Subscribed, Transport } from './subscriptions.ts';
import { movingAt, tailOf } from './upstream-logs.ts';

export type Follower = Pick<Required<Subscribed>, 'query' | 'requestId' | 'onData'> & {
  events: () => number;
  /** @throws Error with an event that is not what the upstream says, or where none came after the first. */
  expectRight: () => void;
};

/** Begins every event; on SSE a piece of the stream may end within it. */
const marks = { sse: 'event: next', websocket: '"type":"next"' };

export function createFollower(transport: Transport, requestId: string, readsAll: boolean): Follower {
  const mark = marks[transport];
  let events = 0;
  let rest = '';
  let text = '';

  function onData(piece: string): void {
    const whole = rest + piece;
    events += whole.split(mark).length - 1;
    rest = transport === 'sse' ? whole.slice(1 - mark.length) : '';
    if (readsAll) text += `${piece}${transport === 'sse' ? '' : '\n'}`;
  }

  function expectRight(): void {
    if (events === 0) throw new Error(`A follower of ${requestId} got no event after the first.`);
    for (const log of logsIn(transport, text)) {
      const [, { numberOfViberMessage: parts = 0 } = {}] = log.messages;
      const upstreams = JSON.parse(`{"request_id":"${requestId}${tailOf(movingAt(log.messages.length, parts))}`);
      if (!isDeepStrictEqual(log, itemOf(requestId, upstreams))) {
        throw new Error(`A follower of ${requestId} got ${JSON.stringify(log).slice(0, 300)}`);
      }
    }
  }

  return { query: subscribeToOne, requestId, onData, events: () => events, expectRight };
}

type Log = { messages: { numberOfViberMessage?: number }[] };

/** A last event may have come in part. */
function logsIn(transport: Transport, text: string): Log[] {
  const events = transport === 'sse' ? text.matchAll(/data: (\{.*\})\n/g) : text.matchAll(/(\{.*\})\n/g);
  return [...events].flatMap(([, json = '']) => {
    const { data, payload } = JSON.parse(json);
    return [(data ?? payload.data).viberLog];
  });
}
