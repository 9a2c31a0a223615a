/** What a plan answers is what graphql-js answers: the same queries, made up at random, by both. */
import fc from 'fast-check';
import { buildSchema, graphql, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Cancellation } from '../src/d7/cancellation.ts';
import { createDocumentCache } from '../src/graphql/document-cache.ts';
import { plannedFields } from '../src/graphql/fast-path/execution-plan.ts';
import { JsonWriter } from '../src/graphql/response/json-writer.ts';
import { createViberLogSchema, viberLogTypeDefs } from '../src/graphql/schema.ts';
import { http, log as logBody, message as oneMessage, openFakeUpstream } from './fake-upstream.ts';
import { type House, oneLog, openHouse } from './house.ts';

/** `head` with a condition or without one, and with a selection of its own where it has one. */
const condition = fc.constantFrom('', '', '', '@include(if: $yes)', '@skip(if: $yes)', '@include(if: $no)');
const leafOf = (head: fc.Arbitrary<string>) => fc.tuple(head, condition).map((parts) => parts.join(' '));
const nodeOf = (head: string, inner: fc.Arbitrary<string>) =>
  fc.tuple(condition, inner).map(([decides, selected]) => `${head} ${decides} { ${selected} }`);
const several = (...kinds: fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 4 }).map((all) => all.join(' '));
/** An alias tells the field, so that two fields of one name are never in each other's way. */
const field = (names: readonly string[]) =>
  leafOf(
    fc
      .tuple(fc.constantFrom('__typename', ...names), fc.constantFrom('', '', 'a_', 'b_'))
      .map(([name, alias]) => (alias ? `${alias}${name}: ${name}` : name)),
  );

const messageField = field(plannedFields.ViberMessage);
const message = several(messageField, nodeOf('... on ViberMessage', messageField), leafOf(fc.constant('...Message')));
const logField = field(plannedFields.ViberLog.filter((name) => name !== 'messages' && name !== 'fetchedAt'));
const log = several(
  logField,
  nodeOf('messages', message),
  nodeOf('m: messages', message),
  leafOf(fc.constant('...Log')),
);
const result = several(
  nodeOf('... on ViberLog', log),
  nodeOf('... on NotFound', field(plannedFields.NotFound)),
  nodeOf('... on Error', field(['code', 'message'])),
  leafOf(fc.constant('__typename')),
  leafOf(fc.constant('...Log')),
);
const root = several(
  leafOf(fc.constant('__typename')),
  nodeOf('viberLog(requestId: $one)', result),
  nodeOf('other: viberLog(requestId: "missing")', result),
  nodeOf('failing: viberLog(requestId: "error-402")', result),
  nodeOf('viberLogs(requestIds: $several)', result),
);
/** In a valid query each variable and each fragment is used. */
const usesAll = `
  u: viberLog(requestId: $one) @skip(if: $yes) { ...Log }
  v: viberLogs(requestIds: $several) @include(if: $no) { __typename }
`;
const fragments = `
  fragment Log on ViberLog { channel messages { ...Message } }
  fragment Message on ViberMessage { status msgId }
`;
const query = root.map(
  (fields) =>
    `query Q($one: ID!, $several: [ID!]!, $yes: Boolean!, $no: Boolean = false) { ${fields} ${usesAll} } ${fragments}`,
);

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

/** What graphql-js makes of a query by itself, from whole logs as objects: it shares no code with what writes a log's rows. */
async function createReference(house: House) {
  const schema = buildSchema(viberLogTypeDefs().join('\n'));
  const ids = ['recipients-2', 'scheduled', 'missing', 'unknown-status'];
  const replies = await Promise.all(ids.map((requestId) => house.ask(oneLog, { variables: { requestId } })));
  const logs = new Map(ids.map((requestId, index) => [requestId, replies[index]?.body.data.viberLog]));
  const viberLog = ({ requestId }: { requestId: string }) => logs.get(requestId) ?? null;
  const viberLogs = ({ requestIds }: { requestIds: string[] }) =>
    requestIds.map((requestId) => viberLog({ requestId }));
  return async (source: string, variableValues: Record<string, unknown>) => {
    const { data } = await graphql({ schema, source, variableValues, rootValue: { viberLog, viberLogs } });
    return JSON.parse(JSON.stringify(data ?? null));
  };
}

describe('a plan', () => {
  it('answers any query as graphql-js does', async () => {
    await using house = await openHouse({
      settings: { BREAKER_MIN_CALLS: '1000', MAX_ALIASES: '1000', MAX_DIRECTIVES: '1000', MAX_DEPTH: '100' },
    });
    const reference = await createReference(house);
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(query, fc.boolean(), fc.boolean(), async (text, yes, no) => {
        const variables = { one: 'recipients-2', several: ['scheduled', 'missing', 'unknown-status'], yes, no };
        const body = JSON.stringify({ query: text, variables });
        const long = sorted(await post(house, body, 'application/json, text/html;q=0.1'));
        if ('data' in long) {
          answered += 1;
          expect(long.data).toEqual(await reference(text, variables));
        }
        expect(sorted(await post(house, body, 'application/json'))).toEqual(long);
      }),
      { numRuns: 300 },
    );
    expect(answered).toBeGreaterThan(280);
  }, 60_000);

  it.each(Object.entries(plannedFields))('knows every field of %s', (typeName, fields) => {
    const type = createViberLogSchema().getType(typeName);
    if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
    expect(fields.toSorted()).toEqual(Object.keys(type.getFields()).toSorted());
  });
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
