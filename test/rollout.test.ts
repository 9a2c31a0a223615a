/** Two replicas behind a real nginx, each stopped and started anew under load: no response fails, and subscribers come back by themselves. */
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { freePort } from './free-port.ts';
import { oneLog } from './house.ts';
import { nginxWanted, openNginx } from './nginx.ts';
import { type Running, start, urlOf } from './process.ts';

const authorization = 'Bearer anna';
const follow = `subscription Follow($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { requestId channel } } }`;

/** A log that can still change, and whose channel says when it was read. */
const logSaying = (id: string, channel: string) =>
  http('200 OK', JSON.stringify({ ...JSON.parse(log(id, [message])), channel }));

type Followed = { data?: { viberLog?: { requestId: string; channel: string } } | null };

describe.runIf(nginxWanted)('two replicas behind nginx (needs nginx: apt-get install nginx)', () => {
  it('are replaced one after the other, and no response fails', async () => {
    let channel = 'before';
    await using fake = await openFakeUpstream((id) => logSaying(id, channel));
    const ports = [await freePort(), await freePort()];
    const startReplica = (port: number): Running =>
      start('src/main.ts', {
        PORT: String(port),
        D7_BASE_URL: fake.url,
        LIVE_MAX_INTERVAL_SECONDS: '1',
        DRAIN_DELAY_SECONDS: '3',
        TRUSTED_PROXIES: '127.0.0.1',
      });
    await using stack = new AsyncDisposableStack();
    const replicas = ports.map((port) => stack.use(startReplica(port)));
    const urls = await Promise.all(replicas.map(urlOf));
    await using proxy = await openNginx(urls);

    const subscribers = [...subscribersOverEvents(proxy.url), ...subscribersOverWebSocket(proxy.url)];
    await expect.poll(() => subscribers.map(({ last }) => last())).toEqual(subscribers.map(({ id }) => `${id} before`));

    const load = loadOn(proxy.url);
    for (const [index, port] of ports.entries()) {
      const old = replicas[index] as Running;
      const ready = new URL('/ready', urls[index]);
      old.child.kill('SIGTERM');
      await expect.poll(async () => (await fetch(ready)).status).toBe(503);
      expect(await old.ended).toEqual([0, null]);
      await urlOf(stack.use(startReplica(port)));
    }
    channel = 'after';
    await expect
      .poll(() => subscribers.map(({ last }) => last()), { timeout: 15_000 })
      .toEqual(subscribers.map(({ id }) => `${id} after`));
    const { replies, wrong } = await load.stop();
    expect(wrong).toEqual([]);
    expect(replies).toBeGreaterThan(100);
    expect(subscribers.map(({ fault }) => fault()).filter(Boolean)).toEqual([]);
    for (const { close } of subscribers) await close();
  }, 60_000);
});

/** Clients that ask one log after the other, each a new one. */
function loadOn(url: string) {
  const wrong: unknown[] = [];
  let replies = 0;
  let isOver = false;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let turn = 0; !isOver; turn += 1) {
      const requestId = `log-${client}-${turn}`;
      const headers = { 'content-type': 'application/json', authorization };
      const body = JSON.stringify({ query: oneLog, variables: { requestId } });
      const response = await fetch(url, { method: 'POST', headers, body }).catch((error: Error) => error);
      const text = response instanceof Error ? response.message : await response.text();
      replies += 1;
      if (!text.includes(`"requestId":"${requestId}"`) || text.includes('"errors"')) wrong.push({ requestId, text });
    }
  });
  const stop = async () => {
    isOver = true;
    await Promise.all(clients);
    return { replies, wrong };
  };
  return { stop };
}

type Subscriber = { id: string; last: () => string; fault: () => unknown; close: () => unknown };

type Sink = { next: (event: Followed) => void; error: (error: unknown) => void; complete: () => void };

const count = 4;

function subscriber(id: string, subscribe: (sink: Sink) => void, close: () => unknown): Subscriber {
  let last = '';
  let fault: unknown;
  let isClosed = false;
  subscribe({
    next: ({ data }) => {
      last = `${data?.viberLog?.requestId} ${data?.viberLog?.channel}`;
    },
    error: (error) => {
      fault ??= error;
    },
    complete: () => {
      if (!isClosed) fault ??= 'completed';
    },
  });
  const end = () => {
    isClosed = true;
    return close();
  };
  return { id, last: () => last, fault: () => fault, close: end };
}

/** The client of graphql-sse as it is: it tries again by itself. */
function subscribersOverEvents(url: string): Subscriber[] {
  return Array.from({ length: count }, (_, index) => {
    const client = createSseClient({ url, headers: { authorization } });
    const id = `sse-${index}`;
    return subscriber(
      id,
      (sink) => client.subscribe({ query: follow, variables: { requestId: id } }, sink as never),
      () => client.dispose(),
    );
  });
}

/** The client of graphql-ws as it is. */
function subscribersOverWebSocket(url: string): Subscriber[] {
  return Array.from({ length: count }, (_, index) => {
    const client = createWsClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
    });
    const id = `ws-${index}`;
    return subscriber(
      id,
      (sink) => client.subscribe({ query: follow, variables: { requestId: id } }, sink as never),
      () => client.dispose(),
    );
  });
}
