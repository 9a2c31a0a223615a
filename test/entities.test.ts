/** Entities by a plan, and through graphql-js: alike to the letter, and within the same limits. */
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { executionPlanOf } from '../src/graphql/fast-path/execution-plan.ts';
import { askedBy } from '../src/graphql/fast-path/plan-executor.ts';
import { createSubgraphSchema } from '../src/graphql/federation.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, openHouse } from './house.ts';

const schema = createSubgraphSchema();
const times = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, i) => make(i));
const request = (requestId: string) => ({ __typename: 'ViberRequest', requestId });
const viberLog = (requestId: string) => ({ __typename: 'ViberLog', requestId });
const viberMessage = (requestId: string, msgId: string) => ({ __typename: 'ViberMessage', requestId, msgId });

const head = 'query ($representations: [_Any!]!)';
const entities = (selection: string) => `${head} { _entities(representations: $representations) { ${selection} } }`;

/** As the routers write it. */
const ofRouters: [string, string][] = [
  [
    'Apollo Router',
    'query Orders__viber_log__1($representations: [_Any!]!) { _entities(representations: $representations) { ..._generated_onViberRequest2_0 } } fragment _generated_onViberRequest2_0 on ViberRequest { log { __typename ... on ViberLog { channel } ... on NotFound { code } } }',
  ],
  [
    'Apollo Gateway',
    'query($representations:[_Any!]!){_entities(representations:$representations){...on ViberLog{totalRecipients summary{messages delivered}}}}',
  ],
  [
    'Hive Gateway',
    'query Orders($representations: [_Any!]!) { __typename _entities(representations: $representations) { __typename ... on ViberMessage { recipient status } } }',
  ],
  [
    'Mercurius',
    'query EntitiesQuery($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on ViberLog { requestId messages { msgId } } } }',
  ],
];

function planOf(query: string, variables: Record<string, unknown>) {
  const document = parse(query);
  expect(validate(schema.schema, document)).toEqual([]);
  const plan = executionPlanOf(schema, document, undefined, variables);
  return plan && askedBy(plan, variables);
}

describe('a query has a plan', () => {
  it.each(ofRouters)('as %s sends it', (_router, query) => {
    const representations = [request('a'), viberLog('b'), viberMessage('c', 'm')];
    expect(planOf(query, { representations })?.at(-1)).toEqual([
      { typeName: 'ViberRequest', requestId: 'a' },
      { typeName: 'ViberLog', requestId: 'b' },
      { typeName: 'ViberMessage', requestId: 'c', msgId: 'm' },
    ]);
  });

  it.each<[string, unknown]>([
    ['a type that is no entity', { __typename: 'NotFound', requestId: 'a' }],
    ['an unknown type', { __typename: 'toString', requestId: 'a' }],
    ['no type', { requestId: 'a' }],
    ['no id', { __typename: 'ViberLog' }],
    ['an id that is a number', { __typename: 'ViberRequest', requestId: 1 }],
    ['no id of a message', { __typename: 'ViberMessage', requestId: 'a' }],
    ['what is no object', 'ViberLog'],
  ])('but graphql-js executes it where a representation has %s', (_what, bad) => {
    expect(planOf(entities('__typename'), { representations: [viberLog('a'), bad] })).toBeNull();
  });
});

const paths = { fast: 'application/json', yoga: 'application/json, text/html;q=0.1' };
/** 0 where none is counted. */
const leftIn = (rate: string | null) => Number(/;r=(\d+)/.exec(rate ?? '')?.[1] ?? 0);

type Asked = { query: string; variables?: object; authorization?: string | null; operationName?: string };

async function post(house: House, { authorization = 'Bearer sandbox-token', ...body }: Asked, accept: string) {
  const headers = new Headers({ 'content-type': 'application/json', accept });
  if (authorization !== null) headers.set('authorization', authorization);
  const response = await fetch(house.url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = (await response.text()).replaceAll(/"fetchedAt":"[^"]+"/g, '"fetchedAt":""');
  return { status: response.status, text, rate: response.headers.get('ratelimit') };
}

const whole = `__typename
  ... on ViberLog { requestId channel fetchedAt summary { messages } messages { msgId } page: messagesConnection(first: 1) { nodes { msgId } } }
  ... on ViberMessage { requestId msgId status scheduleTime viberCost }
  ... on ViberRequest { id: requestId log { ...Log } again: log { ... on ViberLog { messages(filter: { status: [SENT] }) { msgId } } } }`;
const fragment = `fragment Log on ViberLogResult { __typename ... on ViberLog { channel summary { delivered } } ... on Error { message code } }`;
const msgId = '7053a678-75fe-11ed-9e31-000000000000';
const all = ['recipients-2', 'missing', 'error-402', 'scheduled', ' recipients-2 ', '../a', 'recipients-2'];

const calls: [string, Asked][] = [
  ...ofRouters.map(([router, query]): [string, Asked] => [
    `what ${router} asks`,
    { query, variables: { representations: [request('recipients-2'), viberLog('recipients-2'), viberLog('missing')] } },
  ]),
  ...[request, viberLog, (id: string) => viberMessage(id, msgId), (id: string) => viberMessage(id, 'unknown')].map(
    (entity, index): [string, Asked] => [
      `entities of one type (${index})`,
      { query: `${entities(whole)} ${fragment}`, variables: { representations: all.map(entity) } },
    ],
  ),
  [
    'aliases beside other fields',
    {
      query: `query Q($r: [_Any!]!, $s: [_Any!]!) { a: _entities(representations: $r) { ${whole} } viberLog(requestId: "scheduled") { ...Log } b: _entities(representations: $s) { ...Log ... on ViberRequest { __typename } } c: _entities(representations: $r) { __typename } __typename } ${fragment}`,
      variables: {
        r: [viberLog('recipients-2'), request('scheduled')],
        s: [request('a'), viberMessage('scheduled', 'm')],
      },
      operationName: 'Q',
    },
  ],
  [
    'literal representations',
    {
      query: `query ($id: String!) { _entities(representations: [{ __typename: "ViberLog", requestId: $id }, { __typename: "ViberRequest", requestId: "missing", more: [1] }]) { ...Log ... on ViberRequest { log { ...Log } } } } ${fragment}`,
      variables: { id: 'recipients-2' },
    },
  ],
  [
    'handles alone',
    { query: entities('... on ViberRequest { requestId }'), variables: { representations: [request('a')] } },
  ],
  ['no representations', { query: entities(whole) + fragment, variables: { representations: [] } }],
  [
    'one representation that is no list',
    { query: entities('__typename'), variables: { representations: viberLog('missing') } },
  ],
  ['null among them', { query: entities('__typename'), variables: { representations: [viberLog('missing'), null] } }],
  ['representations that are missing', { query: entities('__typename'), variables: {} }],
  [
    'a view that fails',
    {
      query: entities(
        '... on ViberLog { messagesConnection(first: 501) { totalCount } } ... on ViberRequest { log { ... on ViberLog { messagesConnection(after: "x") { totalCount } } } requestId }',
      ),
      variables: { representations: [viberLog('recipients-2'), request('recipients-2')] },
    },
  ],
  [
    'directives',
    {
      query: `query ($representations: [_Any!]!, $with: Boolean!) { _entities(representations: $representations) @skip(if: false) { ... on ViberLog @include(if: $with) { channel } ... on ViberRequest { log @skip(if: $with) { __typename } } __typename @include(if: false) } none: _entities(representations: $representations) @skip(if: $with) { __typename } }`,
      variables: { representations: [viberLog('recipients-2'), request('recipients-2')], with: true },
    },
  ],
  [
    'no token',
    {
      query: `query ($r: [_Any!]!) { viberLog(requestId: "a") { __typename } _entities(representations: $r) { __typename } }`,
      variables: { r: [request('a')] },
      authorization: null,
    },
  ],
  [
    'too many calls',
    { query: entities('__typename'), variables: { representations: times(101, (index) => request(`a${index}`)) } },
  ],
  [
    'too many items',
    {
      query: `query ($r: [_Any!]!) { a: _entities(representations: $r) { __typename } b: _entities(representations: $r) { __typename } }`,
      variables: { r: times(251, () => request('a')) },
    },
  ],
];

describe('both paths answer alike', () => {
  it.each(calls)('%s', async (_what, asked) => {
    const settings = { BREAKER_MIN_CALLS: '1000', UPSTREAM_MAX_RETRIES: '0', RATE_LIMIT_PER_CALLER: '1000000' };
    await using house = await openHouse({ settings });
    const { rate, ...byYoga } = await post(house, asked, paths.yoga);
    const lefts = [leftIn(rate)];
    for (let time = 1; time <= 3; time += 1) {
      const { rate, ...byPlan } = await post(house, asked, paths.fast);
      expect(byPlan, `time ${time}`).toEqual(byYoga);
      lefts.push(leftIn(rate));
    }
    // Each counts as many logs.
    const counted = (lefts.at(0) ?? 0) - (lefts.at(1) ?? 0);
    expect(lefts).toEqual(times(4, (index) => (lefts[0] ?? 0) - index * counted));
    // And has the same line in the log.
    const lines = house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    const told = lines.map(({ operationName, codes, caller }) => JSON.stringify({ operationName, codes, caller }));
    expect([told.length, new Set(told).size]).toEqual([4, 1]);
  });

  it.each(['10', '40', '70', '100', '130'])('with a budget of %s rows for what is computed', async (rows) => {
    await using house = await openHouse({ settings: { MAX_COMPUTED_ROWS_PER_OPERATION: rows } });
    const query = entities(
      '... on ViberLog { summary { messages } } ... on ViberRequest { log { ... on ViberLog { summary { messages } } } }',
    );
    for (const entity of [viberLog, request]) {
      const variables = { representations: [20, 21, 22, 20, 23].map((count) => entity(`recipients-${count}`)) };
      const byYoga = await post(house, { query, variables }, paths.yoga);
      expect(await post(house, { query, variables }, paths.fast)).toEqual(byYoga);
    }
  });
});

describe('a cached response of entities', () => {
  const settings = {
    CACHE_FINAL_TTL_SECONDS: '600',
    CACHE_LIVE_TTL_SECONDS: '0.3',
    CACHE_NOT_FOUND_TTL_SECONDS: '0.3',
  };
  const final = { ...message, status: 'delivered' };
  const noSuchLog = http('404 Not Found', JSON.stringify({ detail: { code: 'NONE', message: 'No such log.' } }));

  it.each<[string, object, (requestId: string) => Buffer]>([
    ['a missing log', viberLog('moving'), () => noSuchLog],
    ['a missing log of a request', request('moving'), () => noSuchLog],
    ['a message of a missing log', viberMessage('moving', 'm2'), () => noSuchLog],
    [
      'a missing message',
      viberMessage('moving', 'm2'),
      (id) => http('200 OK', log(id, [{ ...message, status: 'sent' }])),
    ],
  ])('is not valid any more when %s is there', async (_what, moving, before) => {
    let isThere = false;
    await using fake = await openFakeUpstream((id) =>
      id === 'final' || isThere ? http('200 OK', log(id, [final, { ...final, msg_id: 'm2' }])) : before(id),
    );
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...settings } });
    const query = entities(
      '... on ViberLog { channel } ... on ViberMessage { msgId } ... on ViberRequest { log { ... on ViberLog { channel } } }',
    );
    const variables = { representations: [viberLog('final'), moving] };
    const ask = async () => (await post(house, { query, variables }, paths.fast)).text;
    const first = await ask();
    // By now both results and the response are cached.
    for (let time = 1; time <= 3; time += 1) expect(await ask()).toBe(first);
    isThere = true;
    await expect.poll(ask).not.toBe(first);
    expect(fake.asked.filter((id) => id === 'final')).toEqual(['final']);
  });

  it('is one for each entity, and for each token', async () => {
    await using house = await openHouse({ settings, sandbox: { tokens: ['anna', 'bert'] } });
    const query = entities(
      '__typename ... on ViberLog { channel } ... on ViberRequest { requestId log { __typename } }',
    );
    const ask = async (one: object, authorization: string) =>
      (await post(house, { query, variables: { representations: [one] }, authorization }, paths.fast)).text;
    const asked = [viberLog('account'), request('account'), request(' account '), viberMessage('account', 'none')];
    const texts = new Set<string>();
    for (let time = 1; time <= 4; time += 1) {
      for (const one of asked) for (const name of ['anna', 'bert']) texts.add(await ask(one, `Bearer ${name}`));
    }
    // Of ViberLog one for each account, and one for each of the others.
    expect(texts.size).toBe(5);
  });
});
