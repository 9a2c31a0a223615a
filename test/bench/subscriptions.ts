/** Subscribers of the gateway, each on a connection of its own. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { token } from './client.ts';

export type Transport = 'sse' | 'websocket';
export type Subscription = { isOpen: () => boolean; close: () => void };
export type Subscribed = {
  port: number;
  query: string;
  requestId: string;
  /** Called with what has come, a piece of the stream or a message, after the first event. */
  onData?: (text: string) => void;
};

const openedAtOnce = 100;
const open = { sse: subscribeBySse, websocket: subscribeByWebSocket };

/** Resolves with the first event. */
export function subscribe(transport: Transport, subscribed: Subscribed): Promise<Subscription> {
  return open[transport](subscribed);
}

export async function openMany(
  count: number,
  openOne: (index: number) => Promise<Subscription>,
): Promise<Subscription[]> {
  const opened: Subscription[] = [];
  while (opened.length < count) {
    const size = Math.min(openedAtOnce, count - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: size }, (_, index) => openOne(opened.length + index)))));
  }
  return opened;
}

/** @throws Error where any of them was cut off. */
export function expectOpen(who: string, opened: readonly Subscription[]): void {
  const lost = opened.filter((subscription) => !subscription.isOpen()).length;
  if (lost > 0) throw new Error(`${who}: ${lost} of ${opened.length} were cut off.`);
}

async function subscribeBySse({ port, query, requestId, onData }: Subscribed): Promise<Subscription> {
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
  // Read on, so that the socket is never full.
  if (onData) socket.setEncoding('latin1').on('data', onData);
  else socket.on('data', () => {});
  socket.on('error', () => {});
  return { isOpen: () => socket.readyState === 'open', close: () => socket.destroy() };
}

async function subscribeByWebSocket({ port, query, requestId, onData }: Subscribed): Promise<Subscription> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: token } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables: { requestId } } }));
  const [first] = await once(socket, 'message');
  if (!String(first).includes(requestId)) throw new Error(`A subscription was answered: ${first}`);
  if (onData) socket.on('message', (message) => onData(String(message)));
  socket.on('error', () => {});
  return { isOpen: () => socket.readyState === WebSocket.OPEN, close: () => socket.terminate() };
}
