/** Clients that do not read, that ask faster than they are answered, or that are too many: none of them holds memory for long. */
import { existsSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { type House, liveLog, oneLog, openHouse, patient } from './house.ts';
import { memoryOf, start, urlOf } from './process.ts';
import { connect } from './websocket-client.ts';

/** Some 20 MB: more than the kernel takes for a connection that nobody reads. */
const large = { requestId: 'recipients-100000' };
const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

function posted(query: string, variables: object, ...headers: string[]): string {
  const body = JSON.stringify({ query, variables });
  const all = ['Host: x', 'Authorization: Bearer sandbox-token', 'Content-Type: application/json', ...headers];
  return `POST /graphql HTTP/1.1\r\n${all.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A socket that is not read. That the other side has destroyed it is known by writing to it. */
function openUnread({ url }: { url: string }, bytes: string) {
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname).on('error', () => {});
  socket.pause();
  const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
  socket.write(bytes);
  // Between requests an empty line means nothing (RFC 9112, section 2.2).
  const writing = setInterval(() => socket.write('\r\n'), 50);
  socket.once('close', () => clearInterval(writing));
  return { socket, closed };
}

/** A WebSocket that asks for a large log and reads nothing more. It knows by its pings that the other side has closed it. */
async function openUnreadWebSocket(house: House) {
  const { socket, closed, say } = await connect(house);
  socket.on('error', () => {});
  socket.pause();
  say({ id: '1', type: 'subscribe', payload: { query: oneLog, variables: large } });
  const pinging = setInterval(() => socket.ping(), 50);
  socket.once('close', () => clearInterval(pinging));
  return { socket, closed: closed.catch(() => {}) };
}

async function expectWell(house: House): Promise<void> {
  expect((await house.ask('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  expect(house.logged.join()).not.toContain('unexpected');
}

const settings = {
  CLIENT_STALL_SECONDS: '0.6',
  OPERATION_TIMEOUT_SECONDS: '30',
  UPSTREAM_MAX_BODY_BYTES: '67108864',
};

describe('a client that does not read', () => {
  it.each([
    ['by the fast path', posted(oneLog, large)],
    ['through Yoga', posted(oneLog, large, 'Accept: application/json, text/html;q=0.1')],
    ['as an event stream', posted(oneLog, large, 'Accept: text/event-stream')],
    ['of a subscription', posted(liveLog, large, 'Accept: text/event-stream')],
  ])('A client does not read its response', async (...[, bytes]) => {
    await using house = await openHouse({ settings });
    const { closed } = openUnread(house, bytes);
    await closed;
    await expectWell(house);
  });

  it('of a WebSocket is disconnected by this limit, and not by the pings that it leaves unanswered', async () => {
    await using patientHouse = await openHouse({ settings: { ...settings, CLIENT_STALL_SECONDS: '600' } });
    const spared = await openUnreadWebSocket(patientHouse);
    await using house = await openHouse({ settings });
    const stalled = await openUnreadWebSocket(house);
    await stalled.closed;
    // It connected first: pings alone would have disconnected it first.
    expect(spared.socket.readyState).toBe(WebSocket.OPEN);
    spared.socket.terminate();
    await expectWell(house);
  });

  it('but steadily reads a large response slowly gets the whole of it', async () => {
    await using house = await openHouse({ settings });
    const { hostname, port } = new URL(house.url);
    for (const accept of ['application/json', 'application/json, text/html;q=0.1']) {
      const socket = connectTcp(Number(port), hostname);
      const startedMs = performance.now();
      socket.write(posted(oneLog, large, `Accept: ${accept}`, 'Connection: close'));
      let bytes = 0;
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        socket.pause();
        setTimeout(() => socket.resume(), 12);
      });
      await new Promise((resolve) => socket.once('close', resolve));
      expect(bytes).toBeGreaterThan(15_000_000);
      // Slower than the limit on a stall, by far: so it was not the kernel that took it all.
      expect(performance.now() - startedMs).toBeGreaterThan(2000);
    }
  }, 60_000);

  it('A client leaves too much unread', async () => {
    await using house = await openHouse({
      settings: { ...settings, CLIENT_STALL_SECONDS: '600', MAX_UNREAD_BYTES_PER_CLIENT: '1000000' },
    });
    await openUnread(house, posted(oneLog, large)).closed;
    await (await openUnreadWebSocket(house)).closed;
    await expectWell(house);
  });
});

describe('over one connection', () => {
  /** Answers the ids that are let go, and holds the others. */
  async function openHolding() {
    const held: (() => void)[] = [];
    const fake = await openFakeUpstream((id) => (socket: Socket) => {
      held.push(() => socket.write(http('200 OK', log(id))));
    });
    return { fake, held };
  }

  it('A client sends WebSocket operations faster than it gets results', async () => {
    const { fake, held } = await openHolding();
    await using _ = fake;
    await using house = await openHouse({
      settings: { ...patient, D7_BASE_URL: fake.url, MAX_OPERATIONS_PER_WEBSOCKET: '3' },
    });
    await using client = await connect(house);
    const ids = Array.from({ length: 20 }, (_unused, index) => `id-${index}`);
    for (const id of ids) {
      client.say({ id, type: 'subscribe', payload: { query: oneLog, variables: { requestId: id } } });
    }
    // A subscription of another client is begun, and so would be the fourth query.
    await using other = await connect(house);
    other.say({ id: '1', type: 'subscribe', payload: { query: oneLog, variables: { requestId: 'other' } } });
    await expect.poll(() => fake.asked).toContain('other');
    expect(fake.asked.filter((id) => id !== 'other')).toEqual(ids.slice(0, 3));
    const answering = setInterval(() => held.shift()?.(), 5);
    await expect.poll(() => client.messages.filter(({ type }) => type === 'complete')).toHaveLength(20);
    clearInterval(answering);
    const results = client.messages.filter(({ type }) => type === 'next');
    expect(results.map(({ payload }) => payload.errors).filter(Boolean)).toEqual([]);
    expect(fake.asked.filter((id) => id !== 'other')).toEqual(ids);
  });

  it('subscriptions do not count among the operations in flight', async () => {
    await using house = await openHouse({ settings: { MAX_OPERATIONS_PER_WEBSOCKET: '1' } });
    await using client = await connect(house);
    for (const id of ['a', 'b', 'c']) {
      client.say({ id, type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
    }
    await expect.poll(() => new Set(client.messages.map(({ id }) => id))).toEqual(new Set([undefined, 'a', 'b', 'c']));
    expect((await client.run('{ __typename }'))[0].payload).toEqual({ data: { __typename: 'Query' } });
    client.say({ id: 'a', type: 'complete' });
    expect((await client.run(oneLog, { requestId: 'missing' }))[0].payload.errors).toBeUndefined();
  });

  it('operations that fail leave no trace in the count', async () => {
    await using house = await openHouse({ settings: { MAX_OPERATIONS_PER_WEBSOCKET: '1' } });
    await using client = await connect(house);
    for (const query of ['', '{', '{ nope }', 'query A { a: __typename } query B { b: __typename }', oneLog, liveLog]) {
      for (let time = 0; time < 3; time += 1) await client.run(query);
    }
    expect((await client.run('{ __typename }'))[0].payload).toEqual({ data: { __typename: 'Query' } });
  });

  it('pings of a client that reads are all answered', async () => {
    await using house = await openHouse();
    await using client = await connect(house);
    let pongs = 0;
    client.socket.on('pong', () => {
      pongs += 1;
    });
    for (let count = 0; count < 20_000; count += 1) client.socket.ping('x'.repeat(100));
    await expect.poll(() => pongs).toBe(20_000);
    expect((await client.run('{ __typename }'))[0].payload).toEqual({ data: { __typename: 'Query' } });
  });

  it('requests sent ahead begin when the response before them is read', async () => {
    const { fake, held } = await openHolding();
    await using _ = fake;
    await using house = await openHouse({ settings: { ...patient, D7_BASE_URL: fake.url } });
    const requests = ['a', 'b', 'c'].map((requestId) => posted(oneLog, { requestId }));
    const { socket } = openUnread(house, requests.join(''));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    for (const [index, requestId] of ['a', 'b', 'c'].entries()) {
      await expect.poll(() => fake.asked).toHaveLength(index + 1);
      held.shift()?.();
      socket.resume();
      await expect.poll(() => text).toContain(`"requestId":"${requestId}"`);
    }
    socket.destroy();
  });

  it('A client pipelines too many requests', async () => {
    const { fake, held } = await openHolding();
    await using _ = fake;
    await using house = await openHouse({
      settings: { ...patient, D7_BASE_URL: fake.url, MAX_PIPELINED_REQUESTS: '2' },
    });
    const requests = ['a', 'b', 'c', 'd', 'e'].map((requestId) => posted(oneLog, { requestId }));
    const { socket, closed } = openUnread(house, requests.join(''));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.resume();
    const answering = setInterval(() => held.shift()?.(), 5);
    await closed;
    clearInterval(answering);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200', '200', '429']);
    expect(text).toContain('"code":"TOO_MANY_REQUESTS"');
    expect(fake.asked).toEqual(['a', 'b', 'c']);
  });
});

describe('connections', () => {
  it('Too many clients connect', async () => {
    await using house = await openHouse({ settings: { MAX_CONNECTIONS: '3' } });
    const { hostname, port } = new URL(house.url);
    const open = () => connectTcp(Number(port), hostname).on('error', () => {});
    const isOpen = async (socket: Socket) => {
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
      return new Promise((resolve) => {
        socket.once('data', () => resolve(true)).once('close', () => resolve(false));
      });
    };
    const first = [open(), open(), open()];
    for (const socket of first) expect(await isOpen(socket)).toBe(true);
    expect(await isOpen(open())).toBe(false);
    first[0]?.destroy();
    await expect.poll(() => isOpen(open())).toBe(true);
    for (const socket of first) socket.destroy();
  });

  it('A client does not answer the close of its WebSocket', async () => {
    await using house = await openHouse();
    const { hostname, port } = new URL(house.url);
    const head = ['GET /graphql HTTP/1.1', 'Host: x', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...handshake];
    const socket = connectTcp({ port: Number(port), host: hostname, allowHalfOpen: true }).on('error', () => {});
    const ended = new Promise((resolve) => socket.once('end', resolve));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    // It says nothing at all: 3 seconds to begin, 2 to answer the close frame.
    socket.write(`${[...head, 'Sec-WebSocket-Protocol: graphql-transport-ws'].join('\r\n')}\r\n\r\n`);
    await ended;
    expect(text).toContain('101 Switching Protocols');
    expect(text).toContain('Connection initialisation timeout');
    socket.destroy();
  }, 15_000);
});

describe.skipIf(!existsSync('/proc/self/status'))('memory (told by Linux only)', () => {
  const variables = { requestId: 'recipients-10000' };
  const query300 = (client: Awaited<ReturnType<typeof connect>>) => {
    for (let id = 0; id < 300; id += 1) {
      client.say({ id: String(id), type: 'subscribe', payload: { query: oneLog, variables } });
    }
  };

  it('is bounded beside clients that read nothing of very much', async () => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: sandbox.url, CLIENT_STALL_SECONDS: '2' });
    const url = await urlOf(gateway);
    const client = await connect({ url });
    client.socket.on('error', () => {});
    client.socket.pause();
    query300(client);
    const pinging = setInterval(() => client.socket.ping(), 50);
    const unread = Array.from({ length: 100 }, () => openUnread({ url }, posted(oneLog, variables).repeat(8)));
    // Meanwhile another one is answered.
    expect(await askBeside(url)).toEqual({ data: { __typename: 'Query' } });
    await Promise.all([...unread.map(({ closed }) => closed), client.closed.catch(() => {})]);
    clearInterval(pinging);
    expect(await askBeside(url)).toEqual({ data: { __typename: 'Query' } });
    expect(memoryOf(gateway).mostMb).toBeLessThan(700);
  }, 160_000);

  it('is bounded beside a client that asks for much and reads all of it', async () => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: sandbox.url });
    await using client = await connect({ url: await urlOf(gateway) });
    query300(client);
    const answered = () => client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload);
    await expect.poll(() => answered().length, { timeout: 150_000 }).toBe(300);
    expect(answered().filter(({ errors }) => errors)).toEqual([]);
    expect(memoryOf(gateway).mostMb).toBeLessThan(500);
  }, 160_000);
});

async function askBeside(url: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' })).json();
}
