/** Variables, representations and operation names that only some clients send: the same response over every transport. */
import { describe, expect, it, vi } from 'vitest';
import { liveLog, openHouse } from './house.ts';
import { type Call, transports } from './transports.ts';
import { connect } from './websocket-client.ts';

const ways = Object.entries(transports);
const streams = ways.filter(([name]) => name === 'server-sent events' || name === 'WebSocket');
const code = 'BAD_USER_INPUT';
const log = '{ ... on ViberLog { requestId } }';
const good = `good: viberLog(requestId: "recipients-1") ${log}`;
const goodData = { good: { requestId: 'recipients-1' } };

/** Three times: the fast path prepares the query, and then finds it prepared. */
async function bodiesOf(call: Call, [name, transport]: (typeof ways)[number]) {
  await using house = await openHouse();
  const bodies = [];
  for (let time = 0; time < (name.includes('fast path') ? 3 : 1); time += 1) {
    bodies.push((await transport(house, call)).body);
  }
  expect(house.logged.join()).not.toContain('unexpected');
  return bodies;
}

describe('A null for a nullable variable with a default fails its field alone', () => {
  // The default is for a variable that is not sent (specification of October 2021, section 6.4.1).
  it.each<[string, string, unknown, (string | number)[]]>([
    // graphql/graphql-spec#359
    ['in an argument', `query ($v: ID = "a") { bad: viberLog(requestId: $v) ${log} ${good} }`, null, ['bad']],
    ['in a list', `query ($v: [ID!] = []) { bad: viberLogs(requestIds: $v) ${log} ${good} }`, null, ['bad']],
    ['in an item', `query ($v: ID = "a") { bad: viberLogs(requestIds: [$v]) ${log} ${good} }`, null, ['bad']],
    // rmosolgo/graphql-ruby#5633
    [
      'in @skip',
      `query ($v: Boolean = true) { bad: viberLog(requestId: "a") @skip(if: $v) ${log} ${good} }`,
      null,
      ['bad'],
    ],
    [
      'in @include, after the others',
      `query ($v: Boolean = true) { ${good} bad: viberLog(requestId: "a") @include(if: $v) ${log} }`,
      null,
      ['bad'],
    ],
    [
      'in @include of a fragment',
      `query ($v: Boolean = true) { ...Bad @include(if: $v) ${good} } fragment Bad on Query { bad: viberLog(requestId: "a") ${log} }`,
      null,
      ['bad'],
    ],
    [
      'in @skip of an inline fragment',
      `query ($v: Boolean = true) { ... @skip(if: $v) { bad: viberLog(requestId: "a") ${log} } ${good} }`,
      null,
      ['bad'],
    ],
    [
      'in @include of one of two selections',
      `query ($v: Boolean = true) { bad: viberLog(requestId: "a") ${log} bad: viberLog(requestId: "a") @include(if: $v) ${log} ${good} }`,
      null,
      ['bad'],
    ],
    [
      'in @include of a nested field',
      `query ($v: Boolean = true) { bad: viberLog(requestId: "recipients-1") { ... on ViberLog { channel @include(if: $v) } } ${good} }`,
      null,
      ['bad'],
    ],
    [
      'in @include of a field of each message',
      `query ($v: Boolean = true) { bad: viberLog(requestId: "recipients-1") { ... on ViberLog { messages { status @include(if: $v) } } } ${good} }`,
      null,
      ['bad', 'messages'],
    ],
    [
      'in @skip of a field of one item',
      `query ($v: Boolean = true) { bad: viberLogs(requestIds: ["recipients-1", "missing"]) { __typename ... on ViberLog { channel @skip(if: $v) } } ${good} }`,
      [null, { __typename: 'NotFound' }],
      ['bad', 0],
    ],
  ])('%s', async (_where, query, bad, path) => {
    for (const way of ways) {
      for (const body of await bodiesOf({ query, variables: { v: null } }, way)) {
        expect(body, way[0]).toEqual({
          data: { bad, ...goodData },
          errors: [{ message: expect.any(String), locations: expect.any(Array), path, extensions: { code } }],
        });
        const keys = query.startsWith('query ($v: Boolean = true) { good') ? ['good', 'bad'] : ['bad', 'good'];
        expect(Object.keys(body.data), way[0]).toEqual(keys);
      }
    }
  });

  it('and the response, if the field may not be null', async () => {
    const query = `query ($v: Boolean = true) { bad: __typename @include(if: $v) ${good} }`;
    for (const way of ways) {
      for (const body of await bodiesOf({ query, variables: { v: null } }, way)) {
        expect(body, way[0]).toMatchObject({ data: null, errors: [{ path: ['bad'], extensions: { code } }] });
      }
    }
  });

  it.each(streams)('and a subscription, before it begins (%s)', async (...way) => {
    for (const query of [
      `subscription ($v: ID = "a") { viberLog(requestId: $v) ${log} }`,
      `subscription ($v: Boolean = true) { viberLog(requestId: "moving") @include(if: $v) ${log} }`,
      `subscription ($v: Boolean = true) { viberLog(requestId: "moving") { ... on ViberLog { channel @skip(if: $v) } } }`,
    ]) {
      const [body] = await bodiesOf({ query, variables: { v: null } }, way);
      expect(body.errors, query).toHaveLength(1);
      expect(body.errors[0].extensions, query).toEqual({ code });
    }
  });
});

it.each(streams)('A subscription whose only field is skipped has its code (%s)', async (...way) => {
  const query = `subscription ($v: Boolean!) { viberLog(requestId: "moving") @skip(if: $v) ${log} }`;
  const [body] = await bodiesOf({ query, variables: { v: true } }, way);
  expect(body.errors[0].extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED)$/);
});

describe('An invalid representation fails alone', () => {
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) { __typename ... on ViberLog { requestId } }
  }`;
  const valid = { __typename: 'ViberLog', requestId: 'recipients-1' };

  it.each<object>([
    { __typename: 'ViberLog', requestId: {} },
    { __typename: 'ViberRequest', requestId: { toString: 1 } },
    { __typename: 'ViberLog', requestId: { toString: 1 } },
    { __typename: 'ViberLog', requestId: 1e19 },
    { __typename: 'ViberMessage', requestId: 'recipients-1' },
    { __typename: 'ViberMessage', requestId: 'recipients-1', msgId: null },
    { __typename: 'ViberMessage', requestId: 'recipients-1', msgId: { toString: 1 } },
    { __typename: 'toString', requestId: 'recipients-1' },
  ])('%j', async (invalid) => {
    for (const way of ways) {
      const [body] = await bodiesOf({ query, variables: { representations: [invalid, valid] } }, way);
      expect(body.data, way[0]).toEqual({ _entities: [null, valid] });
      expect(body.errors, way[0]).toMatchObject([{ path: ['_entities', 0], extensions: { code } }]);
    }
  });
});

describe('An id that is sent as a JSON number', () => {
  // dagster-io/dagster#26757: JavaScript rounds it.
  it.each([1e19, 2 ** 53, -(2 ** 53), 1e300])('beyond 2^53 is not another id: %d', async (id) => {
    for (const way of ways) {
      await using house = await openHouse();
      for (const call of [
        { query: 'query ($v: ID!) { viberLog(requestId: $v) { __typename } }', variables: { v: id } },
        { query: 'query ($v: [ID!]!) { viberLogs(requestIds: $v) { __typename } }', variables: { v: ['a', id] } },
      ]) {
        expect((await way[1](house, call)).body.errors, way[0]).toMatchObject([{ extensions: { code } }]);
      }
      expect(house.sandbox.callCount(), way[0]).toBe(0);
    }
  });

  it.each([
    [
      'a smaller number',
      'query ($v: ID!) { viberLog(requestId: $v) { __typename } }',
      9007199254740991,
      '9007199254740991',
    ],
    ['a literal', '{ viberLog(requestId: 12345678901234567890) { __typename } }', undefined, '12345678901234567890'],
  ])('is asked for as it is: %s', async (_what, query, v, requestId) => {
    await using house = await openHouse();
    await transports['POST by the fast path'](house, { query, variables: { v } });
    expect(house.sandbox.calls.map((call) => call.requestId)).toEqual([requestId]);
  });
});

describe('A document of several operations', () => {
  const query = `query A { a: __typename } query B { b: __typename } subscription C { viberLog(requestId: "moving") ${log} }`;

  it('is executed by the name of one of them', async () => {
    for (const way of ways) {
      const bodies = await bodiesOf({ query, operationName: 'B' }, way);
      for (const body of bodies) expect(body, way[0]).toEqual({ data: { b: 'Query' } });
    }
  });

  it('is refused without a name, or with another one', async () => {
    for (const way of ways) {
      for (const call of [{ query }, { query, operationName: 'D' }]) {
        const bodies = await bodiesOf(call, way);
        for (const body of bodies) {
          expect(body.errors, way[0]).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
        }
      }
    }
  });

  it('takes the fast path', async () => {
    await using house = await openHouse({ settings: { FAST_PATH: 'on' } });
    // The fast path makes one for Yoga where it does not execute the query itself.
    const requests = vi.spyOn(globalThis, 'Request');
    await transports['POST by the fast path'](house, { query, operationName: 'B' });
    expect(requests).not.toHaveBeenCalled();
    requests.mockRestore();
  });
});

it('An operation name is not taken for a part of a cached document', async () => {
  // graphql/express-graphql#54: the name and the document together are the text of another document.
  const cached = 'query\n{ __typename }';
  const parts = { query: '\n{ __typename }', operationName: 'query' };
  for (const [name, transport] of ways) {
    await using house = await openHouse();
    for (let time = 0; time < 3; time += 1) {
      expect((await transport(house, { query: cached })).body).toEqual({ data: { __typename: 'Query' } });
    }
    for (let time = 0; time < 3; time += 1) {
      const { body } = await transport(house, parts);
      expect(body.errors, name).toMatchObject([{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }]);
    }
  }
});

// graphql-hive/graphql-yoga#374
it.each(['', ' ', '\n\t,\uFEFF', '# nothing', '# nothing\r\n  # at all\n'])(
  'A document without an operation is one that does not parse: %j',
  async (query) => {
    for (const way of ways) {
      for (const body of await bodiesOf({ query }, way)) {
        const error = { locations: [expect.any(Object)], extensions: { code: 'GRAPHQL_PARSE_FAILED' } };
        expect(body, way[0]).toEqual({ errors: [{ message: 'Syntax Error: Unexpected <EOF>.', ...error }] });
      }
    }
  },
);

it('A request without a query is not one with an empty query', async () => {
  await using house = await openHouse();
  const headers = { 'content-type': 'application/json', 'apollo-require-preflight': '1' };
  for (const body of ['{}', '{"query":null}', '{"variables":{}}']) {
    const response = await fetch(house.url, { method: 'POST', headers, body });
    expect(await response.json(), body).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  }
  for (const search of ['', '?', '?variables={}']) {
    const response = await fetch(`${house.url}${search}`, { headers });
    expect(await response.json(), search).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  }
});

it.each(['', ' ', '# nothing'])('A body of application/graphql is the document itself: %j', async (body) => {
  await using house = await openHouse();
  const headers = { 'content-type': 'application/graphql', 'apollo-require-preflight': '1' };
  const response = await fetch(house.url, { method: 'POST', headers, body });
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
});

it('An invalid operation over WebSocket ends alone, beside a subscription', async () => {
  // graphile/crystal#2080
  await using house = await openHouse();
  await using client = await connect(house);
  client.say({ id: 'live', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
  const eventCount = () => client.messages.filter(({ id, type }) => id === 'live' && type === 'next').length;
  await expect.poll(eventCount).toBe(1);
  const [empty] = await client.run('');
  expect([empty.type, empty.payload[0].extensions.code]).toEqual(['error', 'GRAPHQL_PARSE_FAILED']);
  for (const query of [
    `query ($v: ID = "a") { bad: viberLog(requestId: $v) ${log} ${good} }`,
    `query ($v: Boolean = true) { bad: viberLog(requestId: "a") @skip(if: $v) ${log} ${good} }`,
  ]) {
    const [next, complete] = await client.run(query, { v: null });
    expect(next.payload).toMatchObject({ data: { bad: null, ...goodData }, errors: [{ extensions: { code } }] });
    expect(complete.type).toBe('complete');
  }
  await expect.poll(eventCount, { timeout: 5000 }).toBeGreaterThan(1);
  expect(house.logged.join()).not.toContain('unexpected');
});

it('Every error of every event has a code, also in the log', async () => {
  const query = `subscription ($v: Boolean = true) { viberLog(requestId: "recipients-1") { ... on ViberLog { channel @skip(if: $v) } } }`;
  for (const [name, transport] of streams) {
    await using house = await openHouse();
    for (const call of [
      { query, variables: { v: null } },
      { query: liveLog, variables: { requestId: 'error-403' } },
      { query: liveLog, variables: { requestId: '..' } },
      { query: liveLog, variables: {} },
      { query: 'subscription {' },
      { query: 'subscription { nope }' },
    ]) {
      const { body } = await transport(house, call);
      const codes = body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code);
      expect(codes, `${name}: ${call.query}`).toEqual([expect.stringMatching(/^[A-Z_]+$/)]);
      const lines = () => house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
      await expect.poll(() => lines().at(-1)?.codes).toEqual(codes);
    }
  }
});

it.each(['toJSON', 'then', 'constructor', '__proto__', 'hasOwnProperty', 'length', 'kind'])(
  'An alias is only a name: %s',
  async (alias) => {
    const query = `{ ${alias}: viberLog(requestId: "recipients-1") { ... on ViberLog { ${alias}: messages { ${alias}: status } } } }`;
    for (const way of ways) {
      for (const body of await bodiesOf({ query }, way)) {
        const text = `{"${alias}":{"${alias}":[{"${alias}":"DELIVERED"}]}}`;
        expect(JSON.stringify(body.data), way[0]).toBe(text);
      }
    }
  },
);
