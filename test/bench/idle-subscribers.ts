/**
 * What a subscriber takes that nothing happens to: memory of the gateway's process before and with thousands of them, all with
 * one token, on a connection each. What the system's kernel holds for a connection is not in it.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { token } from './client.ts';
import { startContender } from './contenders.ts';
import { nodeInstrument } from './instruments.ts';
import { memoryMbOf } from './process-figures.ts';
import { type Started, untilListening } from './processes.ts';

export type IdleKind = {
  transport: 'sse' | 'websocket';
  /** Each follows a log of its own, and the gateway polls every one of them; otherwise all follow one. */
  ownLogs: boolean;
};
/** The last two after a garbage collection; heap is V8's and what it holds outside of it. */
export type IdleSubscribers = IdleKind & { subscribers: number; rssBytes: number; heapBytes: number };

type Subscription = { isOpen: () => boolean; close: () => void };
type Memory = { rss: number; heapUsed: number; external: number };

const openedAtOnce = 100;
const warmers = 200;
const query = 'subscription($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { requestId } } }';

export async function measureIdleSubscribers(kind: IdleKind, subscribers: number): Promise<IdleSubscribers> {
  await using upstream = await nodeInstrument.openUpstream();
  const many = String(2 * subscribers + warmers);
  await using gateway = await startContender('gateway', {
    upstreamPort: upstream.port,
    keeps: true,
    settings: { LIVE_MAX_SUBSCRIPTIONS: many, LIVE_MAX_SUBSCRIPTIONS_PER_CALLER: many },
    nodeFlags: ['--expose-gc', '--import', new URL('memory-probe.ts', import.meta.url).href],
    hasChannel: true,
  });
  await untilListening(gateway);
  const subscribe = kind.transport === 'sse' ? subscribeBySse : subscribeByWebSocket;
  const open = (index: number) => subscribe(gateway.port, `sent-2-${kind.ownLogs ? index : 'all'}`);

  // What the first ones bring into memory is the code that serves them, and not theirs.
  for (const warmer of await openMany(warmers, (index) => open(-1 - index))) warmer.close();
  const before = await settledMemory(gateway);
  const opened = await openMany(subscribers, open);
  const after = await settledMemory(gateway);
  const lost = opened.filter((subscription) => !subscription.isOpen()).length;
  if (lost > 0) throw new Error(`Idle subscribers, ${kind.transport}: ${lost} of ${subscribers} were cut off.`);
  for (const subscription of opened) subscription.close();
  return {
    ...kind,
    subscribers,
    rssBytes: (after.rss - before.rss) / subscribers,
    heapBytes: (after.heapUsed + after.external - before.heapUsed - before.external) / subscribers,
  };
}

async function openMany(count: number, open: (index: number) => Promise<Subscription>): Promise<Subscription[]> {
  const opened: Subscription[] = [];
  while (opened.length < count) {
    const size = Math.min(openedAtOnce, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: size }, (_, index) => open(opened.length + index)))));
  }
  return opened;
}

/** Resolves with the first event. */
async function subscribeBySse(port: number, requestId: string): Promise<Subscription> {
  const body = JSON.stringify({ query, variables: { requestId } });
  const socket: Socket = connect(port, '127.0.0.1');
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\ncontent-type: application/json\r\nauthorization: ${token}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let text = '';
  while (!text.includes(requestId)) {
    const [chunk] = await once(socket, 'data');
    text += chunk;
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(`A subscription was answered: ${text.slice(0, 200)}`);
  }
  // Read on, so that the socket is never full; nothing of it is kept.
  socket.on('data', () => {}).on('error', () => {});
  return { isOpen: () => socket.readyState === 'open', close: () => socket.destroy() };
}

async function subscribeByWebSocket(port: number, requestId: string): Promise<Subscription> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: token } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { requestId } } }));
  const [first] = await once(socket, 'message');
  if (!String(first).includes(requestId)) throw new Error(`A subscription was answered: ${first}`);
  return { isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.terminate() };
}

/** After garbage collections, once two readings a second apart differ by less than a hundredth. */
async function settledMemory(started: Started): Promise<Memory> {
  let lastMb = 0;
  for (let tries = 0; tries < 20; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await collectGarbage(started);
    const { nowMb } = memoryMbOf(started.pid);
    if (Math.abs(nowMb - lastMb) < lastMb / 100) break;
    lastMb = nowMb;
  }
  return collectGarbage(started);
}

async function collectGarbage({ child }: Started): Promise<Memory> {
  child.send('memory');
  const [memory] = await once(child, 'message');
  return memory as Memory;
}
