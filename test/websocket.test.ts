/** The second door: GraphQL over WebSocket. The same schema, limits, codes and callers as over HTTP. */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { type House, liveLog, oneLog, openHouse, patient } from './house.ts';
import { start, urlOf } from './process.ts';
import { expectNothingLeft, resources } from './resources.ts';
import { bearer, connect, protocol } from './websocket-client.ts';

describe('over WebSocket', () => {
  it('a query is answered as over HTTP', async () => {
    await using house = await openHouse();
    await using client = await connect(house);
    const [next, complete] = await client.run(oneLog, { requestId: 'recipients-2' });
    const { body } = await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    const fetchedAt = expect.any(String);
    expect(next.payload).toEqual({ data: { viberLog: { ...body.data.viberLog, fetchedAt } } });
    expect(complete.type).toBe('complete');
  });

  it('a log is followed until it is final', async () => {
    await using house = await openHouse({ sandbox: { now: () => performance.now() * 50 } });
    await using client = await connect(house);
    const told = await client.run(liveLog, { requestId: 'recipients-1' });
    expect(told.map(({ type }) => type)).toEqual(['next', 'complete']);
    expect(told[0].payload.data.viberLog.messages[0].status).toBe('DELIVERED');
  });

  it.each([
    ['an error of D7', oneLog, { requestId: 'error-402' }, 'next', 'INSUFFICIENT_CREDIT'],
    ['a followed log that is refused', liveLog, { requestId: 'error-403' }, 'next', 'FORBIDDEN'],
    ['an id that cannot be one', liveLog, { requestId: '..' }, 'next', 'BAD_USER_INPUT'],
    ['variables that do not fit', oneLog, {}, 'next', 'BAD_USER_INPUT'],
    ['what is no GraphQL', '{', {}, 'error', 'GRAPHQL_PARSE_FAILED'],
    ['what does not fit the schema', '{ nope }', {}, 'error', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many tokens', `{ ${'__typename '.repeat(1001)} }`, {}, 'error', 'MAX_TOKENS_LIMIT'],
    [
      'too many logs',
      'query ($ids: [ID!]!) { viberLogs(requestIds: $ids) { __typename } }',
      { ids: Array.from({ length: 101 }, (_, index) => `id-${index}`) },
      'next',
      'MAX_UPSTREAM_CALLS_LIMIT',
    ],
  ])('%s has its code, and nothing of HTTP about it', async (_what, query, variables, type, code) => {
    await using house = await openHouse();
    await using client = await connect(house);
    const [first] = await client.run(query, variables);
    expect(first.type).toBe(type);
    const [error] = type === 'error' ? first.payload : first.payload.errors;
    expect(error.extensions.code).toBe(code);
    expect(error.extensions.http).toBeUndefined();
    await expect.poll(() => operationLines(house)).toMatchObject([{ codes: [code] }]);
  });

  it('an operation that is not in its document has its code', async () => {
    await using house = await openHouse();
    await using client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload: { query: 'query A { __typename }', operationName: 'B' } });
    await expect.poll(() => client.messages.at(-1)?.type).toBe('error');
    expect(client.messages.at(-1)?.payload[0].extensions.code).toBe('OPERATION_RESOLUTION_FAILURE');
  });

  it.each([
    ['in connection_init, spelt like the header', { Authorization: 'Bearer anna' }, {}, 'viber-account-0'],
    ['in connection_init, in lower case', { authorization: 'Bearer bert' }, {}, 'viber-account-1'],
    ['in the request that opened it', {}, { authorization: 'Bearer bert' }, 'viber-account-1'],
    ['in both, the same', { Authorization: 'Bearer anna' }, { authorization: 'Bearer anna' }, 'viber-account-0'],
  ])('the token comes %s', async (_where, init, headers, channel) => {
    await using house = await openHouse({ sandbox: { tokens: ['anna', 'bert'] } });
    await using client = await connect(house, { init, headers });
    const [next] = await client.run(oneLog, { requestId: 'account' });
    expect(next.payload.data.viberLog.channel).toBe(channel);
  });

  it.each([
    ['none', {}, {}],
    ['two that differ', { Authorization: 'Bearer anna' }, { authorization: 'Bearer bert' }],
    ['two spellings', { Authorization: 'Bearer anna', authorization: 'Bearer bert' }, {}],
    ['what is no text', { Authorization: { Bearer: 'anna' } }, {}],
  ])('a token is needed, and one: with %s D7 is not asked', async (_what, init, headers) => {
    await using house = await openHouse({ sandbox: { tokens: ['anna', 'bert'] } });
    await using client = await connect(house, { init, headers });
    for (const query of [oneLog, liveLog]) {
      const [next] = await client.run(query, { requestId: 'account' });
      expect(next.payload.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('what is under way when the client goes away is aborted', async () => {
    await using house = await openHouse({ settings: patient });
    const client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload: { query: oneLog, variables: { requestId: 'silent' } } });
    client.say({ id: '2', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'silent-2' } } });
    await expect.poll(() => house.sandbox.callCount()).toBe(2);
    client.socket.terminate();
    await expect.poll(() => house.sandbox.abortedCount()).toBe(2);
  });

  it('a client that has had enough of one stream is sent no more of it', async () => {
    await using house = await openHouse({ settings: { LIVE_MAX_SUBSCRIPTIONS: '1' } });
    await using client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
    await expect.poll(() => client.messages.filter(({ id }) => id === '1')).toHaveLength(1);
    client.say({ id: '1', type: 'complete' });
    // Its place is free for the next one.
    await expect
      .poll(async () => (await client.run(liveLog, { requestId: 'recipients-1' }))[0].payload.errors)
      .toBeUndefined();
  });

  it('A page of an unlisted origin opens a WebSocket', async () => {
    await using house = await openHouse({ settings: { CORS_ORIGINS: 'https://app.example.com' } });
    const headers = { origin: 'https://evil.example' };
    const socket = new WebSocket(house.url.replace('http', 'ws'), protocol, { headers });
    const [error] = await once(socket, 'error');
    expect(error.message).toContain('403');
  });

  it.each([
    ['no origin that is one', { origin: 'null' }, '/graphql', 403],
    ['its own origin, at another path', {}, '/other', 404],
  ])('nobody opens a WebSocket from %s', async (_what, headers, path, status) => {
    await using house = await openHouse();
    const socket = new WebSocket(new URL(path, house.url.replace('http', 'ws')), protocol, { headers });
    const [error] = await once(socket, 'error');
    expect(error.message).toContain(String(status));
  });

  it.each([
    ['its own', (house: House) => new URL(house.url).origin, ''],
    ['one that is listed', () => 'https://app.example.com', 'https://app.example.com'],
  ])('a page comes in from %s origin', async (_what, originOf, listed) => {
    await using house = await openHouse({ settings: { CORS_ORIGINS: listed } });
    await using client = await connect(house, { headers: { origin: originOf(house) } });
    expect((await client.run('{ __typename }'))[0].payload).toEqual({ data: { __typename: 'Query' } });
  });

  it.each([
    ['does not begin with connection_init', [{ id: '1', type: 'subscribe', payload: { query: '{ a }' } }], 4401],
    ['says what is no message', [{ type: 'nonsense' }], 4400],
    ['begins twice', [{ type: 'connection_init' }, { type: 'connection_init' }], 4429],
  ])('whoever %s is let go', async (_what, messages, code) => {
    await using house = await openHouse();
    const client = await connect(house, { init: null });
    for (const message of messages) client.say(message);
    expect(await client.closed).toBe(code);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('A client opens a WebSocket and sends nothing', async () => {
    await using house = await openHouse();
    const client = await connect(house, { init: null });
    expect(await client.closed).toBe(4408);
  });

  it('A client sends a WebSocket message that is too large', async () => {
    await using house = await openHouse();
    await using client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload: { query: ' '.repeat(110_000) } });
    expect(await client.closed).toBe(1009);
  });

  it('whoever speaks another protocol is let go', async () => {
    await using house = await openHouse();
    const socket = new WebSocket(house.url.replace('http', 'ws'), 'graphql-ws');
    const [error] = await once(socket, 'error');
    expect(error.message).toMatch(/subprotocol|4406/i);
  });

  it('A client leaves its WebSocket idle', async () => {
    await using house = await openHouse({ settings: { WEBSOCKET_IDLE_SECONDS: '0.2' } });
    await using busy = await connect(house);
    busy.say({ id: '1', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
    await expect.poll(() => busy.messages.length).toBeGreaterThan(1);
    const idle = await connect(house);
    expect(await idle.closed).toBe(1000);
    expect(busy.socket.readyState).toBe(WebSocket.OPEN);
    busy.say({ id: '1', type: 'complete' });
    expect(await busy.closed).toBe(1000);
  });

  it('whoever breaks off in the handshake does no harm', async () => {
    await using house = await openHouse();
    const { port } = new URL(house.url);
    const socket = new Socket().connect(Number(port), '127.0.0.1');
    socket.write('GET /other HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    socket.resetAndDestroy();
    expect((await house.ask('{ __typename }')).status).toBe(200);
  });

  it('nothing is left when all have gone', async () => {
    const before = resources();
    {
      await using house = await openHouse();
      const clients = await Promise.all(Array.from({ length: 20 }, () => connect(house)));
      for (const client of clients) {
        client.say({ id: '1', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
      }
      for (const { messages } of clients) await expect.poll(() => messages.length).toBeGreaterThan(1);
      expect(house.sandbox.callCount()).toBeLessThan(20);
      // Half of them say goodbye; the others are told to go by the gateway that stops.
      for (const { socket } of clients.slice(0, 10)) socket.close();
    }
    await expectNothingLeft(before);
  });

  it('clients are told to come back elsewhere when the gateway stops', async () => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: sandbox.url, SHUTDOWN_TIMEOUT_SECONDS: '60' });
    const client = createClient({
      url: (await urlOf(gateway)).replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: bearer,
      retryAttempts: 0,
    });
    const events = client.iterate({ query: liveLog, variables: { requestId: 'moving' } });
    await events.next();
    gateway.child.kill('SIGTERM');
    const told = async () => {
      for (;;) if ((await events.next()).done) return;
    };
    await expect(told()).rejects.toMatchObject({ code: 1001 });
    expect(await gateway.ended).toEqual([0, null]);
  });
});

function operationLines(house: House): unknown[] {
  return house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
}
