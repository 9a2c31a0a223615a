/** What a plan answers is what graphql-js answers: the same queries, made up at random, by both. */
import { buildSchema, graphql, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Cancellation } from '../src/d7/cancellation.ts';
import { createDocumentCache } from '../src/graphql/document-cache.ts';
import { createSubgraphSchema } from '../src/graphql/federation.ts';
import { JsonWriter } from '../src/graphql/response/json-writer.ts';
import { http, log as logBody, message as oneMessage, openFakeUpstream } from './fake-upstream.ts';
import { type House, oneLog, openHouse } from './house.ts';
import { filtered, type OracleLog, type OracleMessage, type OraclePage, paged, summarized } from './log-oracle.ts';
import { type QuerySource, randomQuery } from './random-queries.ts';

const { schema: subgraph } = createSubgraphSchema();

type ReferenceLog = { __typename: string; messages: (page: OraclePage) => OracleMessage[] };
type Representation = { __typename: string; requestId?: unknown; msgId?: string };

async function post(house: House, body: string, accept: string) {
  const headers = { 'content-type': 'application/json', accept, authorization: 'Bearer sandbox-token' };
  return (await fetch(house.url, { method: 'POST', headers, body })).json() as Promise<{
    errors?: { path: unknown[] }[];
    data?: unknown;
  }>;
}

/** Failures come in the order in which they come. */
const sorted = ({ errors, ...rest }: Awaited<ReturnType<typeof post>>) => ({
  ...rest,
  errors: errors?.toSorted((one, other) => JSON.stringify(one.path).localeCompare(JSON.stringify(other.path))),
});

/** The fields with arguments, by the oracle. */
function withViews(log: OracleLog & { messages?: OracleMessage[] }) {
  const { messages: all } = log;
  if (all === undefined) return log;
  return {
    ...log,
    summary: ({ filter }: OraclePage) => summarized(log, filter),
    messages: ({ filter }: OraclePage) => filtered(all, filter),
    messagesConnection: (page: OraclePage) => paged(all, page),
  };
}

/** What graphql-js makes of a query by itself, from whole logs as objects: it shares no code with what writes a log's rows. */
async function createReference(house: House) {
  const schema = buildSchema(printSchema(subgraph));
  const ids = ['recipients-2', 'scheduled', 'missing', 'unknown-status'];
  const replies = await Promise.all(ids.map((requestId) => house.ask(oneLog, { variables: { requestId } })));
  const logs = new Map(ids.map((requestId, index) => [requestId, withViews(replies[index]?.body.data.viberLog)]));
  const viberLog = ({ requestId }: { requestId: string }) => logs.get(requestId.trim()) ?? null;
  const viberLogs = ({ requestIds }: { requestIds: string[] }) =>
    requestIds.map((requestId) => viberLog({ requestId }));
  const entities = ({ representations }: { representations: Representation[] }) => representations.map(entity);

  function entity({ __typename, requestId, msgId }: Representation) {
    if (typeof requestId !== 'string') return null;
    if (__typename === 'ViberRequest') return { __typename, requestId, log: viberLog({ requestId }) };
    const log = viberLog({ requestId }) as ReferenceLog | null;
    if (log?.__typename !== 'ViberLog') return null;
    if (__typename === 'ViberLog') return log;
    const message = log.messages({}).find((one) => one.msgId === msgId);
    return __typename === 'ViberMessage' && message ? { __typename, ...message } : null;
  }

  return async (source: string, variableValues: Record<string, unknown>) => {
    const { data } = await graphql({
      schema,
      source,
      variableValues,
      rootValue: { viberLog, viberLogs, _entities: entities },
    });
    return JSON.parse(JSON.stringify(data ?? null));
  };
}

/** `RANDOM_QUERIES=50000` runs more of them, `QUERY_SEED` others. */
const runs = Number(process.env.RANDOM_QUERIES ?? 400);
const firstSeed = Number(process.env.QUERY_SEED ?? 1);

const ids = ['recipients-2', 'scheduled', 'missing', 'unknown-status', 'error-402'];
const messageIds = ['0', '1'].map((end) => `7053a678-75fe-11ed-9e31-00000000000${end}`);
const cursors = messageIds.map((msgId) => Buffer.from(`0:${msgId}`).toString('base64url'));
const source = { schema: subgraph, ids, texts: ['a', 'AE', '', '50', ...cursors] };

const good: Representation[] = [...ids, ' recipients-2 ', '../a'].flatMap((requestId) => [
  { __typename: 'ViberRequest', requestId },
  { __typename: 'ViberLog', requestId },
  ...[...messageIds, 'unknown'].map((msgId) => ({ __typename: 'ViberMessage', requestId, msgId })),
]);
/** Other keys mean nothing here, and routers send them. */
const withMore = good.map((one, index) => ({ id: index, msgId: 'm', more: { requestId: ['a', null] }, ...one }));
const bad: Representation[] = [
  { __typename: 'NotFound', requestId: 'recipients-2' },
  { __typename: 'ViberLog' },
  { __typename: 'ViberLog', requestId: { a: 1 } },
  { __typename: 'ViberMessage', requestId: 'recipients-2' },
];

const sources: [string, QuerySource][] = [
  ['any query', { ...source, without: ['fetchedAt', '_entities', '_service'] }],
  [
    'any entities',
    { ...source, representations: [...good, ...withMore], without: ['fetchedAt', '_service', 'viberLogs'] },
  ],
  [
    'entities that may be none',
    { ...source, representations: [...good, ...bad], without: ['fetchedAt', '_service', 'viberLog', 'viberLogs'] },
  ],
];

describe('a plan', () => {
  it.each(sources)(
    'answers %s that the schema allows as graphql-js does',
    async (_what, querySource) => {
      const limits = { MAX_ALIASES: '1000', MAX_DIRECTIVES: '1000', MAX_REPEATED_FIELDS: '1000', MAX_DEPTH: '100' };
      await using house = await openHouse({ settings: { BREAKER_MIN_CALLS: '10000', ...limits } });
      const reference = await createReference(house);
      let withData = 0;
      for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
        const random = randomQuery(querySource, seed);
        const body = JSON.stringify(random);
        const executed = sorted(await post(house, body, 'application/json, text/html;q=0.1'));
        const context = `seed ${seed}: ${body}`;
        // As text, since the order of fields counts.
        expect(JSON.stringify(sorted(await post(house, body, 'application/json'))), context).toBe(
          JSON.stringify(executed),
        );
        if (!('data' in executed)) continue;
        withData += 1;
        expect(executed.data, context).toEqual(await reference(random.query, random.variables));
      }
      // The others are refused for their cost.
      expect(withData).toBeGreaterThan(runs * 0.9);
    },
    60_000 + runs * 100,
  );
});

it('letters of all languages come as they are, by both ways', async () => {
  const odd = { ...oneMessage, recipient: 'é😀\u2028"\\' };
  await using fake = await openFakeUpstream((requestId) => http('200 OK', logBody(requestId, [odd])));
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  const body = JSON.stringify({ query: '{ viberLog(requestId: "a") { ... on ViberLog { messages { recipient } } } }' });
  for (const accept of ['application/json', 'application/json, text/html;q=0.1']) {
    expect(await post(house, body, accept)).toEqual({
      data: { viberLog: { messages: [{ recipient: odd.recipient }] } },
    });
  }
});

describe('a document', () => {
  it('is kept when it comes for the second time', () => {
    const cache = createDocumentCache<object>();
    const [first, second] = [{}, {}];
    expect(cache.set('{ a }', first)).toBe(false);
    expect(cache.get('{ a }')).toBeUndefined();
    expect(cache.set('{ a }', second)).toBe(true);
    expect(cache.get('{ a }')).toBe(second);
  });
});

describe('a writer', () => {
  it('forgets what was written of an answer that broke off', () => {
    const out = new JsonWriter();
    out.text('{"data":{"recipient":"+9715');
    out.begin();
    out.text('{}');
    expect(out.take()).toBe('{}');
  });

  it.each([1, 1000, 20_000, 40_000, 100_000])(
    'writes %i tokens as they come, in the order in which they come',
    (count) => {
      const out = new JsonWriter();
      out.begin();
      for (let index = 0; index < count; index += 1) out.token(Buffer.from(`${index},`));
      const taken = out.take();
      const text = typeof taken === 'string' ? taken : taken.toString('latin1');
      expect(text).toBe(Array.from({ length: count }, (_, index) => `${index},`).join(''));
    },
  );
});

describe('a cancellation', () => {
  it('is one for each signal, however many operations come with it', () => {
    const { signal } = new AbortController();
    expect(Cancellation.from(signal)).toBe(Cancellation.from(signal));
  });

  it('calls each listener once, and a removed listener never', () => {
    const called: string[] = [];
    const cancellation = new Cancellation();
    const [stays, leaves] = ['stays', 'leaves'].map((name) => ({ onCancelled: () => called.push(name) }));
    for (const listener of [stays, leaves]) cancellation.addListener(listener as { onCancelled: () => number });
    cancellation.removeListener(leaves as { onCancelled: () => number });
    cancellation.cancel();
    cancellation.cancel();
    expect([called, cancellation.isCancelled]).toEqual([['stays'], true]);
  });
});
