/** The noisy callers and hostile clients, one function each. They run until the signal, and count what they get. */
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { newIds, openCaller } from './caller.ts';
import { hostileBodies, hostileHeads, largeLogBody, largeLogQuery } from './hostile.ts';
import { atRate, inLoops } from './pace.ts';
import type { Stage } from './stage.ts';
import type { Tally } from './tally.ts';

export type Noise = (stage: Stage, signal: AbortSignal, tally: Tally) => Promise<void>;

/** `workers` concurrent operations of `ids` ids each, and each worker starts one per `leastMs` at most. */
const loopsOf =
  (kind: string, workers: number, ids: number, leastMs: number): Noise =>
  async ({ pool }, signal, tally) => {
    const caller = openCaller(pool, `noisy-${kind}`);
    await inLoops(workers, leastMs, signal, async () => tally.add(await caller.read(newIds(kind, ids))));
  };

/** Sockets that send a request for a large log, and never read the response. */
const unreadSockets =
  (sockets: number, perSecond: number, requestsEach: number): Noise =>
  async ({ gateway }, signal, tally) => {
    const opened: Socket[] = [];
    await atRate(perSecond, signal, async () => {
      if (opened.length === sockets) return;
      const socket = openSilent(gateway.port, tally);
      for (let sent = 0; sent < requestsEach; sent += 1)
        socket.write(post(largeLogBody(newIds('rows-10000', 1)), 'unread'));
      opened.push(socket);
    });
    // A client that does not read learns from a write that the other side has destroyed the socket. An empty line is no request.
    for (const socket of opened) socket.write('\r\n');
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const socket of opened) socket.removeAllListeners('close').destroy();
  };

/** One WebSocket that sends query after query for one large log, and reads nothing. */
const unreadWebSocket =
  (queries: number, perSecond: number): Noise =>
  async ({ gateway }, signal, tally) => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/graphql`, 'graphql-transport-ws');
    socket.on('error', () => {}).on('close', () => tally.count('WebSocket closed by the gateway'));
    socket.on('open', () => socket.send('{"type":"connection_init","payload":{"Authorization":"Bearer unread"}}'));
    socket.once('message', () => socket.pause());
    const variables = { id: newIds('rows-10000', 1)[0] };
    await atRate(perSecond, signal, async (index) => {
      if (index >= queries || socket.readyState !== WebSocket.OPEN) return;
      socket.send(
        JSON.stringify({ id: String(index), type: 'subscribe', payload: { query: largeLogQuery, variables } }),
      );
      tally.count('WebSocket query sent');
    });
    socket.removeAllListeners('close').terminate();
  };

/** Half of a request head, and a WebSocket without a first message: nothing follows. */
const muteSockets =
  (perSecond: number): Noise =>
  async ({ gateway }, signal, tally) => {
    const opened: Socket[] = [];
    await atRate(perSecond, signal, async (index) => {
      const socket = openSilent(gateway.port, tally).resume();
      const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n';
      const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n';
      socket.write(
        index % 2 === 0 ? 'POST /graphql HTTP/1.1\r\nhost: a' : `GET /graphql HTTP/1.1\r\nhost: a\r\n${upgrade}${key}`,
      );
      opened.push(socket);
    });
    for (const socket of opened) socket.removeAllListeners('close').destroy();
  };

const invalidTokens =
  (perSecond: number): Noise =>
  async ({ pool }, signal, tally) => {
    await atRate(perSecond, signal, async (index) => {
      tally.add(await openCaller(pool, `invalid-${index}`).read(newIds('rows-2', 1)));
    });
  };

/** Documents and heads like those of rows 1 to 7 and 19, in turn. */
const hostileRequests =
  (perSecond: number): Noise =>
  async ({ gateway }, signal, tally) => {
    const requests = hostileBodies().flatMap((body) => [post(body, 'hostile'), post(body)]);
    requests.push(...hostileHeads);
    await atRate(perSecond, signal, async (index) => {
      const status = await firstLineOf(gateway.port, requests[index % requests.length] as string);
      tally.count(/ (\d+) /.exec(status)?.[1] ?? 'closed');
    });
  };

/** D7 stands still for a second, with its connections open. */
const pausesOfD7 =
  (everySeconds: number): Noise =>
  async ({ upstream }, signal) => {
    await atRate(1 / everySeconds, signal, async () => {
      upstream.child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      upstream.child.kill('SIGCONT');
    });
  };

/** By what they do, for the report. */
export const noises = {
  crowd: { told: '40 concurrent operations × 100 ids, 80/s at most', make: loopsOf('rows-2', 40, 100, 500) },
  hanging: { told: '34 concurrent operations × 10 ids that hang', make: loopsOf('hang', 34, 10, 100) },
  failing: { told: '100 ids that get 500, every 2 s', make: loopsOf('fail', 1, 100, 2000) },
  unreadSockets: {
    told: '100 sockets, 5 new/s, 3 unread responses of 10 000 rows each',
    make: unreadSockets(100, 5, 3),
  },
  unreadWebSocket: { told: 'a WebSocket, 300 unread queries of 10 000 rows, 20/s', make: unreadWebSocket(300, 20) },
  mute: { told: '4 mute sockets and WebSockets/s', make: muteSockets(4) },
  invalid: { told: '50 invalid tokens/s', make: invalidTokens(50) },
  hostile: { told: '5 hostile requests/s', make: hostileRequests(5) },
  pauses: { told: 'D7 stands still for 1 s every 30 s', make: pausesOfD7(30) },
} satisfies Record<string, { told: string; make: Noise }>;

function post(body: string, token?: string): string {
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`;
  const type = 'content-type: application/json\r\n';
  return `POST /graphql HTTP/1.1\r\nhost: a\r\n${authorization}${type}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function openSilent(port: number, tally: Tally): Socket {
  tally.count('opened');
  const socket = connect(port, '127.0.0.1').pause();
  return socket.on('error', () => {}).on('close', () => tally.count('closed by the gateway'));
}

/** Reads the whole response, and waits for it for some time. */
function firstLineOf(port: number, request: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let line = '';
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setTimeout(15_000);
  socket.on('data', (text: string) => {
    if (line === '') line = text.slice(0, text.indexOf('\r\n'));
  });
  socket.on('error', () => {}).on('timeout', () => socket.destroy());
  socket.on('close', () => resolve(line));
  socket.write(request.replace('\r\nhost: a\r\n', '\r\nhost: a\r\nconnection: close\r\n'));
  return promise;
}
