/** What an operation may ask for, and that nothing is done for whoever may not ask: over every transport. */
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { openHouse } from './house.ts';
import { largeTransports, transports } from './transports.ts';

const each = Object.entries(transports);
const times = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));
const aliases = (count: number, field: string) => times(count, (index) => `a${index}: ${field}`).join(' ');

const entities = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
const logs = 'query ($ids: [ID!]!) { viberLogs(requestIds: $ids) { __typename } }';
const viberLog = { __typename: 'ViberLog', requestId: 'recipients-1' };

describe.each(each)('over %s', (_name, ask) => {
  it.each([
    ['ids in one list', logs, { ids: times(101, () => 'recipients-1') }],
    [
      'ids in several lists',
      `query ($ids: [ID!]!) { ${aliases(11, 'viberLogs(requestIds: $ids) { __typename }')} }`,
      { ids: times(10, () => 'a') },
    ],
    [
      'ids in the document',
      `{ ${aliases(11, `viberLogs(requestIds: [${times(10, () => '"a"')}]) { __typename }`)} }`,
      {},
    ],
    [
      'ids in a default',
      `query ($ids: [ID!] = [${times(101, () => '"a"')}]) { viberLogs(requestIds: $ids) { __typename } }`,
      {},
    ],
    [
      'ids in fragments',
      `{ ...F } fragment F on Query { ... { ${aliases(11, `viberLogs(requestIds: [${times(10, () => '"a"')}]) { __typename }`)} } }`,
      {},
    ],
    ['representations', entities, { r: times(101, () => viberLog) }],
    ['representations of handles', entities, { r: times(101, () => ({ __typename: 'ViberRequest', requestId: 'a' })) }],
    [
      'representations under aliases',
      `query ($r: [_Any!]!) { ${aliases(11, '_entities(representations: $r) { __typename }')} }`,
      { r: times(10, () => viberLog) },
    ],
    ['what is no representation at all', entities, { r: times(101, () => 1) }],
    [
      'ids and representations together',
      'query ($ids: [ID!]!, $r: [_Any!]!) { viberLogs(requestIds: $ids) { __typename } _entities(representations: $r) { __typename } }',
      { ids: times(51, () => 'a'), r: times(50, () => viberLog) },
    ],
  ])('too many %s are refused, duplicates included', async (_what, query, variables) => {
    await using house = await openHouse({ settings: { MAX_ITEMS_PER_OPERATION: '100', MAX_REQUEST_IDS: '1000' } });
    const { status = 400, body } = await ask(house, { query, variables });
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'MAX_ITEMS_LIMIT', limit: 100 } }] });
    expect([status, body.data]).toEqual([400, undefined]);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('as many items as are allowed are answered, and what is skipped does not count', async () => {
    await using house = await openHouse({ settings: { MAX_ITEMS_PER_OPERATION: '4' } });
    const query = `query ($ids: [ID!]!, $no: Boolean = false) {
      viberLogs(requestIds: $ids) { __typename }
      b: viberLogs(requestIds: $ids) @include(if: $no) { __typename }
    }`;
    const { body } = await ask(house, { query, variables: { ids: times(4, () => 'recipients-1') } });
    expect(body).toEqual({ data: { viberLogs: times(4, () => ({ __typename: 'ViberLog' })) } });
  });

  it.each([
    ['a number', 1],
    ['a text', 'ViberLog'],
    ['a list', [viberLog]],
    ['an object without a __typename', { requestId: 'a' }],
    ['an object whose __typename is a number', { __typename: 1, requestId: 'a' }],
    ['an empty object', {}],
  ])('%s among representations refuses the operation', async (_what, bad) => {
    await using house = await openHouse();
    const { status = 400, body } = await ask(house, { query: entities, variables: { r: [viberLog, bad] } });
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect([status, body.data, body.errors.length]).toEqual([400, undefined, 1]);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it.each([
    ['no requestId', { __typename: 'ViberLog' }],
    ['a requestId that is null', { __typename: 'ViberLog', requestId: null }],
    ['a requestId that is empty', { __typename: 'ViberLog', requestId: '' }],
    ['a requestId that is a number', { __typename: 'ViberLog', requestId: 1 }],
    ['a requestId that is a list', { __typename: 'ViberLog', requestId: ['recipients-1'] }],
    ['a requestId that is an empty object', { __typename: 'ViberLog', requestId: {} }],
    ['a requestId that cannot be made a text', { __typename: 'ViberLog', requestId: { toString: 1 } }],
    ['a handle without a requestId', { __typename: 'ViberRequest' }],
    ['a message without a requestId', { __typename: 'ViberMessage', msgId: 'm1' }],
    ['a message without a msgId', { __typename: 'ViberMessage', requestId: 'recipients-1' }],
    ['a message whose msgId is a number', { __typename: 'ViberMessage', requestId: 'recipients-1', msgId: 1 }],
    [
      'a message whose msgId cannot be made a text',
      { __typename: 'ViberMessage', requestId: 'a', msgId: { toString: 1 } },
    ],
    ['an unknown type', { __typename: 'Nope', requestId: 'a' }],
    ['a type named as a property of all objects', { __typename: 'constructor', requestId: 'a' }],
  ])('a representation with %s fails alone', async (_what, bad) => {
    await using house = await openHouse();
    const { body } = await ask(house, { query: entities, variables: { r: [bad, viberLog] } });
    expect(body.data).toEqual({ _entities: [null, { __typename: 'ViberLog' }] });
    expect(body.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(house.sandbox.callCount()).toBe(1);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('without a token each field that reads a log fails once, and a field that reads none is answered', async () => {
    await using house = await openHouse();
    const query = `query ($ids: [ID!]!) {
      a: viberLogs(requestIds: $ids) { __typename }
      b: viberLogs(requestIds: $ids) { __typename }
      c: viberLog(requestId: "a") { __typename }
      __typename
    }`;
    const { body } = await ask(house, {
      query,
      variables: { ids: times(50, (index) => `id-${index}`) },
      authorization: null,
    });
    expect(body.data).toEqual({ a: null, b: null, c: null, __typename: 'Query' });
    expect(body.errors.map(({ path }: { path: unknown }) => path).toSorted()).toEqual([['a'], ['b'], ['c']]);
    for (const { extensions } of body.errors) expect(extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    ['logs', viberLog],
    ['handles', { __typename: 'ViberRequest', requestId: 'a' }],
    ['keys that are invalid', { __typename: 'ViberLog' }],
  ])('without a token representations of %s are not looked at', async (_what, representation) => {
    await using house = await openHouse();
    const { body } = await ask(house, {
      query: entities,
      variables: { r: times(50, () => representation) },
      authorization: null,
    });
    expect(body).toMatchObject({
      data: null,
      errors: [{ path: ['_entities'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(body.errors).toHaveLength(1);
  });

  it('a null inside a list, from a variable with a default, fails the field and nothing else', async () => {
    await using house = await openHouse();
    const query = 'query ($a: ID = "x") { viberLogs(requestIds: [$a]) { __typename } __typename }';
    const { body } = await ask(house, { query, variables: { a: null } });
    expect(body).toMatchObject({ data: { viberLogs: null, __typename: 'Query' }, errors: [{ path: ['viberLogs'] }] });
    expect(house.logged.join()).not.toContain('unexpected');
  });
});

describe.each(largeTransports)('over %s', (_name, ask) => {
  it.each([
    [
      'under 30 aliases',
      `query ($r: [_Any!]!) { ${aliases(30, '_entities(representations: $r) { __typename }')} }`,
      times(48_000, () => 1),
    ],
    [
      'that are objects',
      `query ($r: [_Any!]!) { ${aliases(30, '_entities(representations: $r) { __typename }')} }`,
      times(30_000, () => ({})),
    ],
    [
      'of ids',
      `query ($r: [ID!]!) { ${aliases(30, 'viberLogs(requestIds: $r) { __typename }')} }`,
      times(24_000, () => 'a'),
    ],
    [
      'of ids that are numbers',
      `query ($r: [ID!]!) { ${aliases(30, 'viberLogs(requestIds: $r) { __typename }')} }`,
      times(48_000, () => 1),
    ],
  ])('100 KB of items %s are refused without a token, and without work', async (_what, query, r) => {
    await using house = await openHouse();
    const before = process.cpuUsage();
    const { bytes, body } = await ask(house, { query, variables: { r }, authorization: null });
    const { user, system } = process.cpuUsage(before);
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'MAX_ITEMS_LIMIT' } }] });
    expect(bytes).toBeLessThan(1000);
    // Milliseconds by themselves; item by item it was minutes.
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

it('a message is found again among 20 000, for 500 representations by one call and in little time', async () => {
  const messages = times(20_000, (index) => ({ ...message, msg_id: `m${index}`, recipient: `+${index}` }));
  await using fake = await openFakeUpstream((requestId) =>
    http('200 OK', log(requestId, [...messages, { ...message, msg_id: 'm7' }])),
  );
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  const query =
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ViberMessage { msgId recipient requestId } } }';
  const r = times(500, (index) => ({ __typename: 'ViberMessage', requestId: 'large', msgId: `m${index * 41}` }));
  const before = process.cpuUsage();
  const { body } = await house.ask(query, { variables: { r } });
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  expect(body.errors).toBeUndefined();
  const found = times(500, (index) => index * 41).map((index) =>
    index < 20_000 ? { msgId: `m${index}`, recipient: `+${index}`, requestId: 'large' } : null,
  );
  expect(body.data._entities).toEqual(found);
  expect(fake.asked).toEqual(['large']);
});

it('of two messages with one id the first is found', async () => {
  await using fake = await openFakeUpstream((requestId) =>
    http('200 OK', log(requestId, [message, { ...message, recipient: '+2' }])),
  );
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ViberMessage { recipient } } }';
  const r = [{ __typename: 'ViberMessage', requestId: 'a', msgId: 'm1' }];
  expect((await house.ask(query, { variables: { r } })).body.data._entities).toEqual([
    { recipient: message.recipient },
  ]);
});
