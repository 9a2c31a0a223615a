/** How many errors a response has, how long they are, and what is in them: over every transport. */
import { describe, expect, it } from 'vitest';
import { openHouse } from './house.ts';
import { largeTransports, type Outcome, transports } from './transports.ts';

const times = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));
const repeat = (count: number, text: (index: number) => string) => times(count, text).join(' ');

const logs = 'query ($ids: [ID!]!) { viberLogs(requestIds: $ids) { __typename } }';
const production = { NODE_ENV: 'production' };

/** What holds of every error, whatever it is. */
function expectBounded({ body }: Outcome, most: number): void {
  expect(body.errors.length).toBeGreaterThan(0);
  expect(body.errors.length).toBeLessThanOrEqual(most);
  for (const { message, locations = [], extensions } of body.errors) {
    expect(message.length).toBeLessThanOrEqual(300);
    expect(locations.length).toBeLessThanOrEqual(10);
    expect(extensions.code).toMatch(/^[A-Z_]+$/);
    const { code: _code, ...numbers } = extensions;
    for (const value of Object.values(numbers)) expect(value).toBeTypeOf('number');
  }
}

const wrongDocuments: [string, string][] = [
  ['10 unknown directives', `{ __typename ${repeat(10, (i) => `@d${i}`)} }`],
  ['30 unknown directives', `{ __typename ${repeat(30, () => '@d')} }`],
  ['200 unknown fields', `{ ${repeat(200, (i) => `f${i}`)} }`],
  ['200 unknown fields with long names', `{ ${repeat(200, (i) => `f${i}_${'x'.repeat(40)}`)} }`],
  ['100 unused variables', `query Q${'x'.repeat(200)}(${repeat(100, (i) => `$v${i}: Int`)}) { __typename }`],
  ['100 unknown variables', `{ viberLogs(requestIds: [${repeat(100, (i) => `$v${i}`)}]) { __typename } }`],
  ['100 unknown fragments', `{ ${repeat(100, (i) => `...F${i}`)} }`],
  ['100 arguments that do not fit', `{ viberLogs(requestIds: [${repeat(100, () => '1.5')}]) { __typename } }`],
  ['100 unknown arguments', `{ viberLog(${repeat(100, (i) => `a${i}: 1`)}) { __typename } }`],
];

describe.each(Object.entries(transports))('over %s', (_name, ask) => {
  it.each(wrongDocuments)(
    'a document with %s has five errors, the last of which counts the others',
    async (_what, query) => {
      await using house = await openHouse({ settings: production });
      const outcome = await ask(house, { query, authorization: null });
      expectBounded(outcome, 5);
      const { errors } = outcome.body;
      expect(errors).toHaveLength(5);
      const { message, extensions } = errors[4];
      expect(extensions).toEqual({ code: 'TOO_MANY_ERRORS', omitted: expect.any(Number) });
      expect(extensions.omitted).toBeGreaterThan(4);
      expect(message).toContain(String(extensions.omitted));
      for (const { extensions } of errors.slice(0, 4)) expect(extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(outcome.bytes).toBeLessThan(5000);
    },
  );

  it('a document with four errors has these, and nothing is left out', async () => {
    await using house = await openHouse();
    const { body } = await ask(house, { query: '{ f1 f2 f3 f4 }' });
    expect(body.errors.map(({ extensions }: { extensions: unknown }) => extensions)).toEqual(
      times(4, () => ({ code: 'GRAPHQL_VALIDATION_FAILED' })),
    );
  });

  it('an operation that fails in 200 places has 100 errors, the last of which counts the others', async () => {
    await using house = await openHouse({ settings: { MAX_REQUEST_IDS: '200' } });
    const outcome = await ask(house, { query: logs, variables: { ids: times(200, () => '..') } });
    expectBounded(outcome, 100);
    const { data, errors } = outcome.body;
    expect(data.viberLogs).toEqual(times(200, () => null));
    expect(errors[98]).toMatchObject({ path: ['viberLogs', 98], extensions: { code: 'BAD_USER_INPUT' } });
    expect(errors[99]).toEqual({
      message: '101 more errors were omitted.',
      extensions: { code: 'TOO_MANY_ERRORS', omitted: 101 },
    });
  });

  it('variables that do not fit have short errors with a code', async () => {
    await using house = await openHouse({ settings: production });
    const outcome = await ask(house, { query: logs, variables: { ids: times(60, () => ({ a: 'x'.repeat(100) })) } });
    expectBounded(outcome, 100);
    expect(outcome.body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });

  it('a field that stands in 20 places has ten of them in its error', async () => {
    await using house = await openHouse();
    const outcome = await ask(house, { query: `{ ${repeat(20, () => 'viberLog(requestId: "..") { __typename }')} }` });
    expectBounded(outcome, 1);
    expect(outcome.body.errors[0].locations).toHaveLength(10);
  });

  it.each([
    ['a log that fails', 'viberLog(requestId: "error-402") { __typename }', 'INSUFFICIENT_CREDIT'],
    ['an id that cannot be one', 'viberLog(requestId: "..") { __typename }', 'BAD_USER_INPUT'],
  ])('%s has the same error, whichever way it goes', async (_what, field, code) => {
    await using house = await openHouse();
    const { body } = await ask(house, { query: `{ ${field} }` });
    expect(body).toEqual({
      errors: [
        { message: expect.any(String), locations: [{ line: 1, column: 3 }], path: ['viberLog'], extensions: { code } },
      ],
      data: { viberLog: null },
    });
  });
});

describe.each(largeTransports)('over %s', (_name, ask) => {
  it.each([
    ['a text of 60 KB where none belongs', `{ a "${'x'.repeat(60_000)}" }`, {}],
    ['a text of 60 KB as a number', `{ viberLog(requestId: { a: "${'x'.repeat(60_000)}" }) { __typename } }`, {}],
    ['a variable of 60 KB that does not fit', logs, { ids: [{ a: 'x'.repeat(60_000) }] }],
    ['a key of 60 KB that does not fit', logs, { ids: { ['x'.repeat(60_000)]: 1 } }],
    ['a name of 60 KB', `{ ${'x'.repeat(60_000)} }`, {}],
  ])('%s is not repeated', async (_what, query, variables) => {
    await using house = await openHouse({ settings: production });
    const outcome = await ask(house, { query, variables, authorization: null });
    expectBounded(outcome, 5);
    expect(outcome.bytes).toBeLessThan(3000);
  });
});

describe.each(Object.entries(transports))('over %s, as the operator sets it', (_name, ask) => {
  const settings = {
    MAX_ERRORS: '7',
    MAX_DOCUMENT_ERRORS: '3',
    MAX_ERROR_MESSAGE_LENGTH: '60',
    MAX_ERROR_LOCATIONS: '2',
    MAX_REQUEST_IDS: '200',
  };

  it('errors are as many and as long', async () => {
    await using house = await openHouse({ settings });
    const ofDocument = await ask(house, { query: `{ ${repeat(9, (i) => `f${i}_${'x'.repeat(90)}`)} }` });
    expect(ofDocument.body.errors).toHaveLength(3);
    expect(ofDocument.body.errors[0].message).toMatch(/^.{59}…$/);
    const ofIds = await ask(house, { query: logs, variables: { ids: times(20, () => '..') } });
    expect(ofIds.body.errors).toHaveLength(7);
    const ofPlaces = await ask(house, { query: `{ ${repeat(9, () => 'viberLog(requestId: "..") { __typename }')} }` });
    expect(ofPlaces.body.errors[0].locations).toHaveLength(2);
  });
});

it.each([
  ['a log that fails', 'error-403', 'FORBIDDEN'],
  ['an id that cannot be one', '..', 'BAD_USER_INPUT'],
])('an event of a subscription to %s has a code', async (_what, requestId, code) => {
  await using house = await openHouse();
  const query = `subscription { viberLog(requestId: "${requestId}") { __typename } }`;
  for (const name of ['server-sent events', 'WebSocket'] as const) {
    const { body } = await transports[name](house, { query });
    expect(body.errors).toMatchObject([{ extensions: { code } }]);
    expect(body.errors[0].extensions).toEqual({ code });
  }
});

/** What graphql-cop looks for, by its own requests; each answers true where it would report something. */
describe('a scanner finds nothing in production', () => {
  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  type Found = (json: any, text: string) => boolean;
  const json = { 'content-type': 'application/json' };
  const posted = (query: unknown) => ({ method: 'POST', headers: json, body: JSON.stringify(query) });
  const asked = (query: string) => posted({ query });
  const inUrl = (query: string) => `?${new URLSearchParams({ query })}`;

  it.each<[string, string, RequestInit, Found]>([
    [
      '101 aliases',
      '',
      asked(`query cop { ${repeat(101, (i) => `alias${i}:__typename`)} }`),
      ({ data }) => data?.alias100 !== undefined,
    ],
    [
      '10 operations in one request',
      '',
      posted(times(10, () => ({ query: 'query cop { __typename }' }))),
      (body) => body.length >= 10,
    ],
    [
      '10 directives',
      '',
      asked(`query cop { __typename ${repeat(10, () => '@aa')} }`),
      ({ errors }) => errors?.length === 10,
    ],
    [
      '10 other directives',
      '',
      asked(`query cop { __typename ${repeat(10, (i) => `@aa${i}`)} }`),
      ({ errors }) => errors?.length >= 10,
    ],
    [
      'introspection in circles',
      '',
      asked('query cop { __schema { types { fields { type { fields { type { fields { type { name } } } } } } } }'),
      ({ data }) => data?.__schema !== undefined,
    ],
    [
      '500 times one field',
      '',
      asked(`query cop { ${repeat(500, () => '__typename')} }`),
      ({ data }) => data !== undefined,
    ],
    [
      'suggestions',
      '',
      asked('query cop { __schema { directive } viberLo }'),
      (_body, text) => /did you mean/i.test(text),
    ],
    [
      'introspection',
      '',
      asked('query cop { __schema { types { name } } }'),
      ({ data }) => data?.__schema !== undefined,
    ],
    [
      'the schema of the subgraph',
      '',
      asked('query cop { _service { sdl } }'),
      ({ data }) => data?._service !== undefined,
    ],
    ['queries by GET', inUrl('query cop {__typename}'), {}, ({ data }) => data?.__typename !== undefined],
    ['mutations by GET', inUrl('mutation cop {__typename}'), {}, ({ data }) => data?.__typename !== undefined],
    [
      'queries of a form',
      '',
      { method: 'POST', body: new URLSearchParams({ query: 'query cop { __typename }' }) },
      ({ data }) => data !== undefined,
    ],
    ['a trace', '', asked('query cop { __typename }'), (_body, text) => /tracing/.test(text)],
    ['unhandled errors', '', asked('qwerty cop { abc }'), (_body, text) => /exception|stack|\.ts|\.js/.test(text)],
    ['what is no query', '', posted({ query: 1 }), (_body, text) => /exception|stack|\.ts|\.js/.test(text)],
  ])('by %s', async (_what, search, request, found) => {
    await using house = await openHouse({ settings: production });
    const response = await fetch(`${house.url}${search}`, request);
    const text = await response.text();
    expect(response.status).toBeLessThan(500);
    expect(found(JSON.parse(text), text)).toBe(false);
  });

  it('by a page for people', async () => {
    await using house = await openHouse({ settings: production });
    const response = await fetch(house.url, { headers: { accept: 'text/html' } });
    expect(await response.text()).not.toMatch(/graphiql|playground/i);
  });
});
