/** Many followers of one log: what they share, and what they must not. */
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createViberLogSchema } from '../src/graphql/schema.ts';
import { http, log, message, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type Event, type House, openHouse } from './house.ts';
import { randomSubscription } from './random-queries.ts';
import { connect } from './websocket-client.ts';

const quick = { LIVE_MIN_INTERVAL_SECONDS: '0.02', LIVE_MAX_INTERVAL_SECONDS: '0.05', UPSTREAM_MAX_RETRIES: '0' };

/** By which the fast path takes a subscription, and by which Yoga does. */
const ways = { fast: 'text/event-stream', yoga: 'text/event-stream, text/html;q=0.1' };

type Asked = { query: string; variables?: object; operationName?: string };

/** All events until the stream completes, as they came. */
async function eventsOf(
  { url }: { url: string },
  asked: Asked,
  accept = ways.fast,
  token = 'sandbox-token',
): Promise<Event[]> {
  const headers = { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(asked) });
  const text = await response.text();
  expect(text.endsWith('event: complete\ndata:\n\n'), text).toBe(true);
  return [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, json = '']) => JSON.parse(json));
}

/** What is refused before it begins is an `error` there, and an event with errors here. */
async function eventsByWebSocket(house: House, { query, variables = {}, operationName }: Asked): Promise<Event[]> {
  await using client = await connect(house);
  const payload = { query, variables, operationName };
  client.say({ id: 'é', type: 'subscribe', payload });
  const last = () => client.messages.at(-1);
  await expect.poll(() => last()?.type, { timeout: 5000 }).toMatch(/complete|error/);
  if (last().type === 'error') return [{ errors: last().payload }];
  return client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload);
}

const one = { ...message, msg_id: 'm1', country: 'AE', status: 'sent' };
const two = { ...message, msg_id: 'm2', country: 'DE', status: 'sent' };
const delivered = { status: 'delivered' };
const states = [
  [one, two],
  [{ ...one, ...delivered }, two],
  [
    { ...one, ...delivered },
    { ...two, ...delivered },
  ],
];

/** The first state until so many followers know it, and then one after the other. */
async function openMoving(states: readonly object[][]) {
  let hasBegun = false;
  let state = 0;
  const says = (id: string): Says => {
    if (hasBegun && state < states.length - 1) state += 1;
    return http('200 OK', log(id, states[state] as object[]));
  };
  const fake = await openFakeUpstream(says);
  const house = await openHouse({ settings: { ...quick, METRICS_PORT: '0', D7_BASE_URL: fake.url } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  async function beginWith(count: number): Promise<void> {
    await expect.poll(() => eventCountOf(house), { timeout: 5000 }).toBe(count);
    hasBegun = true;
  }
  return { house, beginWith, [Symbol.asyncDispose]: close };
}

async function metricsOf({ metricsUrl }: House): Promise<string> {
  return (await fetch(metricsUrl as string)).text();
}

async function eventCountOf(house: House): Promise<number> {
  return Number(/^graphql_server_subscription_events_total (\d+)$/m.exec(await metricsOf(house))?.[1]);
}

const inSummary = 'viberLog(requestId: $id) { ... on ViberLog { summary { delivered } } }';
const asked: Record<string, { asked: Asked; told: unknown[] }> = {
  'a list': {
    asked: { query: 'subscription { viberLog(requestId: "a") { ... on ViberLog { messages { msgId status } } } }' },
    told: [
      ['SENT', 'SENT'],
      ['DELIVERED', 'SENT'],
      ['DELIVERED', 'DELIVERED'],
    ].map(([first, second]) => ({
      viberLog: {
        messages: [
          { msgId: 'm1', status: first },
          { msgId: 'm2', status: second },
        ],
      },
    })),
  },
  'a filter': {
    asked: {
      query: `subscription ($in: String!) {
        viberLog(requestId: "a") { ... on ViberLog { messages(filter: { country: [$in] }) { status } } } }`,
      variables: { in: 'DE' },
    },
    told: ['SENT', 'DELIVERED'].map((status) => ({ viberLog: { messages: [{ status }] } })),
  },
  'the same with another variable': {
    asked: {
      query: `subscription ($in: String!) {
        viberLog(requestId: "a") { ... on ViberLog { messages(filter: { country: [$in] }) { status } } } }`,
      variables: { in: 'FR' },
    },
    told: [{ viberLog: { messages: [] } }],
  },
  'an alias': {
    asked: { query: 'subscription { log: viberLog(requestId: "a") { ... on ViberLog { all: summary { sent } } } }' },
    told: [2, 1, 0].map((sent) => ({ log: { all: { sent } } })),
  },
  'one of two operations': {
    asked: {
      query: `subscription One($id: ID!) { ${inSummary} } subscription Two($id: ID!) { x: ${inSummary} }`,
      variables: { id: 'a' },
      operationName: 'One',
    },
    told: [0, 1, 2].map((count) => ({ viberLog: { summary: { delivered: count } } })),
  },
  'the other one': {
    asked: {
      query: `subscription One($id: ID!) { ${inSummary} } subscription Two($id: ID!) { x: ${inSummary} }`,
      variables: { id: 'a' },
      operationName: 'Two',
    },
    told: [0, 1, 2].map((count) => ({ x: { summary: { delivered: count } } })),
  },
  'what a variable includes': {
    asked: {
      query:
        'subscription ($is: Boolean!) { viberLog(requestId: "a") { __typename ... on ViberLog @include(if: $is) { requestId } } }',
      variables: { is: true },
    },
    told: [{ viberLog: { __typename: 'ViberLog', requestId: 'a' } }],
  },
  'what it leaves out': {
    asked: {
      query:
        'subscription ($is: Boolean!) { viberLog(requestId: "a") { __typename ... on ViberLog @include(if: $is) { requestId } } }',
      variables: { is: false },
    },
    told: [{ viberLog: { __typename: 'ViberLog' } }],
  },
};

describe('followers of one log, each with its own question, get their own events', () => {
  const names = Object.keys(asked);
  const questions = names.map((name) => (asked[name] as (typeof asked)[string]).asked);
  const told = names.map((name) => (asked[name] as (typeof asked)[string]).told);

  it.each(['server-sent events', 'WebSocket'])('over %s', async (transport) => {
    await using moving = await openMoving(states);
    const { house, beginWith } = moving;
    // Three of each: what comes for the second time is kept, and what is kept is shared.
    const all = [...questions, ...questions, ...questions];
    const following = all.map((question) =>
      transport === 'WebSocket' ? eventsByWebSocket(house, question) : eventsOf(house, question),
    );
    await beginWith(all.length);
    const events = await Promise.all(following);
    expect(events.map((one) => one.map(({ data, errors }) => errors ?? data))).toEqual([...told, ...told, ...told]);
  });
});

it('followers with different tokens share nothing', async () => {
  const tokens = ['anna', 'bert', 'anna', 'bert', 'anna', 'bert'];
  await using house = await openHouse({ settings: quick, sandbox: { tokens: ['anna', 'bert'] } });
  const question = { query: 'subscription { viberLog(requestId: "account") { ... on ViberLog { channel } } }' };
  const events = await Promise.all(tokens.map((token) => eventsOf(house, question, ways.fast, token)));
  const channels = events.map(([first]) => first?.data.viberLog.channel);
  expect(channels).toEqual(tokens.map((token) => `viber-account-${['anna', 'bert'].indexOf(token)}`));
});

it('A log with many followers changes', async () => {
  await using moving = await openMoving(states);
  const { house, beginWith } = moving;
  await using client = await connect(house);
  const ids = Array.from({ length: 700 }, (_, index) => String(index));
  const query = `subscription ($id: ID!) { ${inSummary} }`;
  for (const id of ids) client.say({ id, type: 'subscribe', payload: { query, variables: { id: 'a' } } });
  await beginWith(ids.length);
  const completed = () => client.messages.filter(({ type }) => type === 'complete').length;
  await expect.poll(completed, { timeout: 10_000 }).toBe(ids.length);
  const told = Map.groupBy(client.messages, ({ id }) => id);
  for (const id of ids) {
    const counts = told.get(id)?.map(({ payload }) => payload?.data.viberLog.summary.delivered);
    expect(counts, id).toEqual([0, 1, 2, undefined]);
  }
});

it('a follower that joins late is told the present state at once, and then what the others are told', async () => {
  await using moving = await openMoving(states);
  const { house, beginWith } = moving;
  const question = { query: `subscription ($id: ID!) { ${inSummary} }`, variables: { id: 'a' } };
  const early = [eventsOf(house, question), eventsOf(house, question)];
  await expect.poll(() => eventCountOf(house)).toBe(2);
  const late = eventsOf(house, question);
  await beginWith(3);
  const events = await Promise.all([...early, late]);
  for (const one of events) expect(one.map(({ data }) => data.viberLog.summary.delivered)).toEqual([0, 1, 2]);
});

it('each follower is told why a log cannot be followed any more', async () => {
  await using fake = await openFakeUpstream((id, count) =>
    count === 1 ? http('200 OK', log(id, [one])) : http('403 No', ''),
  );
  await using house = await openHouse({ settings: { ...quick, D7_BASE_URL: fake.url } });
  const question = { query: 'subscription { x: viberLog(requestId: "a") { __typename } }' };
  for (const accept of [ways.fast, ways.yoga]) {
    const events = await Promise.all([1, 2, 3].map(() => eventsOf(house, question, accept)));
    const last = { path: ['x'], extensions: { code: 'FORBIDDEN' }, locations: [{ line: 1, column: 16 }] };
    for (const told of events) {
      expect(told.at(-1)).toMatchObject({ data: { x: null }, errors: [last] });
    }
  }
});

it('a subscription whose only field is left out, or whose condition is null, is answered by both ways alike', async () => {
  await using house = await openHouse({ settings: quick });
  const field = 'viberLog(requestId: "recipients-1")';
  const questions = [
    { query: `subscription ($no: Boolean!) { ${field} @include(if: $no) { __typename } }`, variables: { no: false } },
    {
      query: `subscription ($no: Boolean = true) { ${field} @include(if: $no) { __typename } }`,
      variables: { no: null },
    },
    { query: `subscription ($id: ID = "a") { viberLog(requestId: $id) { __typename } }`, variables: { id: null } },
  ];
  for (const question of questions) {
    const [fast, yoga] = [await eventsOf(house, question), await eventsOf(house, question, ways.yoga)];
    expect(fast).toEqual(yoga);
    expect(fast[0]?.errors).toHaveLength(1);
  }
});

/** `RANDOM_SUBSCRIPTIONS=5000` runs more of them, `QUERY_SEED` others. */
const runs = Number(process.env.RANDOM_SUBSCRIPTIONS ?? 150);
const firstSeed = Number(process.env.QUERY_SEED ?? 1);

it(
  'any subscription that the schema allows gets the events that graphql-js makes',
  async () => {
    const limits = { MAX_ALIASES: '1000', MAX_DIRECTIVES: '1000', MAX_REPEATED_FIELDS: '1000', MAX_DEPTH: '100' };
    const soon = { LIVE_NOT_FOUND_SECONDS: '0.01', LIVE_FAILURE_SECONDS: '0.01', BREAKER_MIN_CALLS: '10000' };
    await using house = await openHouse({ settings: { ...quick, ...limits, ...soon } });
    const { schema } = createViberLogSchema();
    const ids = ['recipients-2', 'recipients-3', 'missing', 'error-402'];
    const cursors = ['0', '1'].map((end) => `0:7053a678-75fe-11ed-9e31-00000000000${end}`);
    const texts = ['a', 'AE', '', '50', ...cursors.map((cursor) => Buffer.from(cursor).toString('base64url'))];
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const random = randomSubscription({ schema, ids, texts, without: ['fetchedAt'] }, seed);
      const [yoga, ...fast] = await Promise.all([
        eventsOf(house, random, ways.yoga),
        eventsOf(house, random),
        eventsOf(house, random),
        eventsByWebSocket(house, random),
      ]);
      expect(yoga).not.toEqual([]);
      for (const events of fast) expect(events, `seed ${seed}: ${JSON.stringify(random)}`).toEqual(yoga);
    }
  },
  60_000 + runs * 200,
);

it('a subscription whose id was that of another one ends with its connection', async () => {
  await using fake = await openFakeUpstream((id) => http('200 OK', log(id, [one])));
  await using house = await openHouse({ settings: { ...quick, METRICS_PORT: '0', D7_BASE_URL: fake.url } });
  const client = await connect(house);
  const payload = { query: 'subscription { viberLog(requestId: "a") { __typename } }' };
  const following = async () => /^gateway_subscriptions (\d+)$/m.exec(await metricsOf(house))?.[1];
  client.say({ id: '1', type: 'subscribe', payload });
  await expect.poll(() => eventCountOf(house)).toBe(1);
  const { _socket: tcp } = client.socket as unknown as { _socket: Socket };
  // In one packet.
  tcp.cork();
  client.say({ id: '1', type: 'complete' });
  client.say({ id: '1', type: 'subscribe', payload });
  tcp.uncork();
  await expect.poll(() => eventCountOf(house)).toBe(2);
  await client[Symbol.asyncDispose]();
  await expect.poll(following).toBe('0');
});
