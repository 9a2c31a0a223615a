/** An operation that fails over WebSocket fails alone: its client keeps its connection, and its subscriptions. */
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openBroken } from './broken-gateway.ts';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { liveLog, oneLog, openHouse } from './house.ts';
import { connect } from './websocket-client.ts';

type Client = Awaited<ReturnType<typeof connect>>;
type Payload = Record<string, unknown>;

/** The first message about an operation, and its code. */
async function failureOf(client: Client, payload: Payload, id = String(Math.random())) {
  client.say({ id, type: 'subscribe', payload });
  const about = () => client.messages.find((message) => message.id === id);
  await expect.poll(about, { interval: 5 }).toBeDefined();
  const { type, payload: told } = about();
  const [error] = type === 'error' ? told : told.errors;
  return { type, code: error.extensions.code, message: error.message };
}

async function expectConnected(client: Client): Promise<void> {
  const [next] = await client.run('{ __typename }');
  expect(next.payload).toEqual({ data: { __typename: 'Query' } });
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
}

const withDefault = 'query ($id: ID = "recipients-1") { viberLog(requestId: $id) { __typename } }';
const liveWithDefault = withDefault.replace('query', 'subscription');
const include = 'query ($a: Boolean = true) { __typename @include(if: $a) }';
const two = 'query A { a: __typename } query B { b: __typename }';
const strange = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';

describe('a failing operation over WebSocket', () => {
  it.each<[string, Payload, string]>([
    ['an empty query', { query: '' }, 'GRAPHQL_PARSE_FAILED'],
    ['a query of spaces', { query: '  \n' }, 'GRAPHQL_PARSE_FAILED'],
    ['a query of a comment', { query: '#' }, 'GRAPHQL_PARSE_FAILED'],
    ['null for an argument that has a default', { query: withDefault, variables: { id: null } }, 'BAD_USER_INPUT'],
    ['the same of a subscription', { query: liveWithDefault, variables: { id: null } }, 'BAD_USER_INPUT'],
    ['null for a directive that has a default', { query: include, variables: { a: null } }, 'BAD_USER_INPUT'],
    ['no variables where one is needed', { query: oneLog, variables: null }, 'BAD_USER_INPUT'],
    ['a variable of a wrong type', { query: oneLog, variables: { requestId: [[{}]] } }, 'BAD_USER_INPUT'],
    ['the same of a subscription', { query: liveLog, variables: { requestId: {} } }, 'BAD_USER_INPUT'],
    ['entities that are none', { query: strange, variables: { r: [1, null, {}] } }, 'BAD_USER_INPUT'],
    ['an unknown operation', { query: two, operationName: 'C' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['no operation of two', { query: two }, 'OPERATION_RESOLUTION_FAILURE'],
    ['an empty operation name', { query: two, operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['only a fragment', { query: 'fragment F on Query { __typename }' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['a mutation', { query: 'mutation { a }' }, 'BAD_USER_INPUT'],
    ['nothing but brackets', { query: '['.repeat(20_000) }, 'MAX_TOKENS_LIMIT'],
  ])('An operation over WebSocket fails: %s', async (_what, payload, code) => {
    await using house = await openHouse();
    await using client = await connect(house);
    client.say({ id: 'live', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
    await expect.poll(() => client.messages.filter(({ id }) => id === 'live')).toHaveLength(1);
    for (let time = 0; time < 4; time += 1) {
      const failure = await failureOf(client, payload);
      // Validation has more to say of some.
      expect([code, 'GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED']).toContain(failure.code);
    }
    await expectConnected(client);
    const live = client.messages.filter(({ id }) => id === 'live').map(({ type }) => type);
    expect(new Set(live)).toEqual(new Set(['next']));
    expect(house.logged.join()).not.toContain('unexpected');
  });

  const deep = `${'['.repeat(9000)}${']'.repeat(9000)}`;
  it.each([
    ['headers that are none', '{"headers":1}'],
    ['headers that are a list', '{"headers":["authorization"]}'],
    ['a token that is an object', '{"headers":{"authorization":{"toString":1}}}'],
    ['a token that is nested deep', `{"headers":{"authorization":${deep}}}`],
  ])('is answered with odd extensions: %s', async (_what, extensions) => {
    await using house = await openHouse();
    await using client = await connect(house, { init: {} });
    const payload = `{"query":"{ viberLog(requestId: \\"a\\") { __typename } }","extensions":${extensions}}`;
    client.socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`);
    await expect.poll(() => client.messages.find(({ id }) => id === '1')).toBeDefined();
    const { payload: told } = client.messages.find(({ id }) => id === '1');
    expect(told.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    await expectConnected(client);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it.each<[string, unknown]>([
    ['a query that is no text', { query: 1 }],
    ['no query', {}],
    ['an operation name that is no text', { query: two, operationName: [] }],
    ['variables that are a list', { query: two, variables: [] }],
    ['extensions that are no object', { query: two, extensions: 1 }],
    ['no payload', null],
  ])('is against the protocol, which ends the connection: %s', async (_what, payload) => {
    await using house = await openHouse();
    const client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload });
    expect(await client.closed).toBe(4400);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('one of two operations is run by its name', async () => {
    await using house = await openHouse();
    await using client = await connect(house);
    client.say({ id: '1', type: 'subscribe', payload: { query: two, operationName: 'B' } });
    await expect.poll(() => client.messages.at(-1)?.type).toBe('complete');
    expect(client.messages.at(-2)).toMatchObject({ type: 'next', payload: { data: { b: 'Query' } } });
  });

  it('a subscription that fails in its middle ends with its code', async () => {
    let asked = 0;
    await using fake = await openFakeUpstream((id) => {
      asked += 1;
      return asked === 1 ? http('200 OK', log(id)) : http('403 No', '');
    });
    await using house = await openHouse({
      settings: { D7_BASE_URL: fake.url, LIVE_MIN_INTERVAL_SECONDS: '0.05', LIVE_MAX_INTERVAL_SECONDS: '0.1' },
    });
    await using client = await connect(house);
    const told = await client.run(liveLog, { requestId: 'a' });
    expect(told.map(({ type }) => type)).toEqual(['next', 'next', 'complete']);
    expect(told[1].payload.errors[0].extensions.code).toBe('FORBIDDEN');
    await expectConnected(client);
  });

  it.each(['operation', 'attempt'] as const)(
    'a bug of ours ends no connection, and shows nothing: %s',
    async (event) => {
      await using broken = await openBroken(event);
      await using client = await connect(broken);
      client.say({ id: 'live', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
      for (const [query, variables] of [
        [oneLog, { requestId: 'recipients-1' }],
        ['{', {}],
        [oneLog, {}],
        [two, {}],
      ] as const) {
        const failure = await failureOf(client, { query, variables });
        expect(JSON.stringify(failure)).not.toContain('secret');
        if (event === 'operation') expect(failure).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', type: 'error' });
      }
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
      expect(JSON.stringify(client.messages)).not.toMatch(/secret| {4}at /);
      expect(broken.logged.join()).toContain('unexpected error');
    },
  );
});
