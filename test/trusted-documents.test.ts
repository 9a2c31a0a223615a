/** Requests that name their document: trusted documents, and automatic persisted queries (APQ). */
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { type House, liveLog, oneLog, openHouse } from './house.ts';
import { type Call, type Transport, transports } from './transports.ts';
import { connect } from './websocket-client.ts';

const ways: [string, Transport][] = Object.entries(transports);
const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
const hashed = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const sha256 = (text: string) => hashed('sha256', text);

const short = 'query Short($requestId: ID!) { viberLog(requestId: $requestId) { __typename } }';
const several = 'query A { a: __typename } query B { b: __typename }';
const trusted = [short, several, oneLog, liveLog];
const other = '{ __typename }';

const apollo = (operations: unknown[]) => ({ format: 'apollo-persisted-query-manifest', version: 1, operations });
const byHash = (algorithm: string) => Object.fromEntries(trusted.map((text) => [hashed(algorithm, text), text]));
const manifests = {
  'graphql-codegen': byHash('sha1'),
  'graphql-codegen, SHA-256': byHash('sha256'),
  Relay: byHash('md5'),
  Apollo: apollo(trusted.map((body, index) => ({ id: sha256(body), name: `N${index}`, type: 'query', body }))),
  'Apollo, ids of its own': apollo(
    trusted.map((body, index) => ({ id: `op-${index}`, name: 'N', type: 'query', body })),
  ),
};
/** The id of the first document. */
const idIn: Record<string, string> = {
  'graphql-codegen': hashed('sha1', short),
  'graphql-codegen, SHA-256': sha256(short),
  Relay: hashed('md5', short),
  Apollo: sha256(short),
  'Apollo, ids of its own': 'op-0',
};

let files = 0;
function fileOf(content: unknown): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function openTrusting(manifest: unknown = manifests.Relay, settings: Record<string, string> = {}): Promise<House> {
  return openHouse({ settings: { TRUSTED_DOCUMENTS: fileOf(manifest), ...settings } });
}

const persisted = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});
const forms: Record<string, (id: string) => Record<string, unknown>> = {
  'extensions.persistedQuery': (id) => persisted(id),
  documentId: (documentId) => ({ documentId }),
  id: (id) => ({ id }),
  doc_id: (id) => ({ doc_id: id }),
};
const variables = { requestId: 'missing' };
const notFound = { data: { viberLog: { __typename: 'NotFound' } } };
const codesOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions: { code } }) => code);

/** The same by every transport, the second time as well: then a query is found in another way. */
async function expectByAll(house: House, call: Call, expected: unknown, status = 200): Promise<void> {
  for (const [name, ask] of ways) {
    for (let time = 1; time <= 2; time += 1) {
      const answer = await ask(house, call);
      expect(answer.body, `${name}, time ${time}`).toEqual(expected);
      if (name !== 'WebSocket' && name !== 'server-sent events') expect(answer.status, name).toBe(status);
    }
  }
}

const failedWith = (code: string) => ({
  errors: [{ message: expect.any(String), extensions: { code } }],
});

describe.each(Object.entries(manifests))('a trusted document of %s', (tool, manifest) => {
  it.each(['on', 'off'])('runs by its id in each form, over every transport, with FAST_PATH=%s', async (FAST_PATH) => {
    await using house = await openTrusting(manifest, { FAST_PATH });
    for (const named of Object.values(forms)) {
      await expectByAll(house, { variables, more: named(idIn[tool] as string) }, notFound);
    }
  });
});

describe('with trusted documents', () => {
  it.each([
    ['the hash of GraphQL over HTTP', { more: { documentId: `sha256:${sha256(short)}` } }],
    ['its text', { query: short }],
    ['its text and its hash', { query: short, more: persisted(sha256(short)) }],
    ['an empty query and its id', { query: '', more: { doc_id: hashed('md5', short) } }],
    ['two of its ids', { more: { ...persisted(sha256(short)), id: hashed('md5', short) } }],
  ] satisfies [string, Call][])('one runs by %s', async (_what, call) => {
    await using house = await openTrusting();
    await expectByAll(house, { variables, ...call }, notFound);
    const lines = house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    expect(lines).toHaveLength(ways.length * 2);
    for (const line of lines) expect(line).toMatchObject({ operationName: 'Short' });
  });

  it('a subscription runs by its id', async () => {
    await using house = await openTrusting();
    await using client = await connect(house);
    const payload = { documentId: sha256(liveLog), variables: { requestId: 'recipients-1' } };
    client.say({ id: '1', type: 'subscribe', payload });
    await expect.poll(() => client.messages.find(({ id }) => id === '1')?.type).toBe('next');
  });

  it('one of several operations runs by its name', async () => {
    await using house = await openTrusting();
    for (const [operationName, data] of Object.entries({ A: { a: 'Query' }, B: { b: 'Query' } })) {
      await expectByAll(house, { operationName, more: { id: sha256(several) } }, { data });
    }
    const outcome = await transports['POST by the fast path'](house, { more: { id: sha256(several) } });
    expect(codesOf(outcome.body)).toEqual(['OPERATION_RESOLUTION_FAILURE']);
  });

  it.each<[string, Call]>([
    ['another one', { query: other }],
    ['one with a space more', { query: `${short} ` }],
    ['what is no GraphQL', { query: '{' }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['what a router asks', { query: '{ _service { sdl } }' }],
    ['another one and its hash', { query: other, more: persisted(sha256(other)) }],
    ['another one and a trusted id', { query: other, more: { id: sha256(short) } }],
  ])('A request has a document that is not trusted: %s', async (_what, call) => {
    await using house = await openTrusting();
    await expectByAll(house, { variables, ...call }, failedWith('TRUSTED_DOCUMENT_REQUIRED'), 400);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it.each<[string, Record<string, unknown>]>([
    ['its hash', persisted(sha256(other))],
    ['the hash in capitals', persisted(sha256(short).toUpperCase())],
    ['an id', { doc_id: '__proto__' }],
  ])('A request names a document that is not known: %s', async (_what, more) => {
    await using house = await openTrusting();
    await expectByAll(house, { variables, more }, failedWith('PERSISTED_QUERY_NOT_FOUND'));
  });

  it.each<[string, Call]>([
    ['ids of two', { more: { id: sha256(short), doc_id: sha256(oneLog) } }],
    ['the text of one, the id of another', { query: short, more: { id: sha256(oneLog) } }],
  ])('A request names another document than it has: %s', async (_what, call) => {
    await using house = await openTrusting();
    await expectByAll(house, { variables, ...call }, failedWith('PERSISTED_QUERY_HASH_MISMATCH'), 400);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('a hash of another version is not looked for', async () => {
    await using house = await openTrusting();
    await expectByAll(house, { more: persisted(sha256(several), 2) }, failedWith('PERSISTED_QUERY_NOT_SUPPORTED'));
  });

  it('a document of another media type, or of a batch, does not run', async () => {
    await using house = await openTrusting();
    const authorization = 'Bearer sandbox-token';
    for (const [type, body] of Object.entries({
      'application/graphql': other,
      'application/x-www-form-urlencoded': new URLSearchParams({ query: other }).toString(),
      'application/graphql+json': JSON.stringify({ query: other }),
    })) {
      const headers = { 'content-type': type, authorization };
      const response = await fetch(house.url, { method: 'POST', headers, body });
      expect(codesOf(await response.json()), type).toEqual(['TRUSTED_DOCUMENT_REQUIRED']);
    }
    const headers = { 'content-type': 'application/json', authorization };
    const batch = await fetch(house.url, { method: 'POST', headers, body: JSON.stringify([{ query: other }]) });
    expect(codesOf(await batch.json())).toEqual(['BAD_REQUEST']);
  });

  it('a page of another origin still needs a preflight', async () => {
    await using house = await openTrusting();
    const response = await fetch(`${house.url}?documentId=${sha256(short)}&variables=${JSON.stringify(variables)}`);
    expect([response.status, codesOf(await response.json())]).toEqual([403, ['CSRF_PREVENTED']]);
  });
});

describe('a parameter of another type', () => {
  const odd = [5, {}, [1], { version: 1, sha256Hash: 5 }];
  it.each([
    ['without trusted documents', {}],
    ['with trusted documents', { TRUSTED_DOCUMENTS: fileOf(manifests.Relay) }],
  ])('is refused, and no fault of the gateway, %s', async (_what, settings) => {
    await using house = await openHouse({ settings });
    for (const value of odd) {
      for (const more of [
        { extensions: value },
        { extensions: { persistedQuery: value } },
        ...['documentId', 'id', 'doc_id'].map((name) => ({ [name]: value })),
      ]) {
        const answers = await Promise.all(
          ways.filter(([name]) => name !== 'WebSocket').map(([, ask]) => ask(house, { variables, more })),
        );
        for (const { status, body } of answers) {
          expect(status, JSON.stringify(more)).toBeLessThan(500);
          expect(codesOf(body), JSON.stringify(more)).toHaveLength(1);
          expect(codesOf(body), JSON.stringify(more)).not.toEqual(['INTERNAL_SERVER_ERROR']);
        }
      }
    }
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('over WebSocket ends its operation, or the connection as other malformed messages do', async () => {
    await using house = await openTrusting();
    for (const more of [...odd.map((documentId) => ({ documentId })), ...odd.map((one) => ({ extensions: one }))]) {
      await using client = await connect(house);
      client.say({ id: '1', type: 'subscribe', payload: { variables, ...more } });
      const failed = () => client.messages.some(({ id, type }) => id === '1' && type === 'error');
      const isClosed = () => client.socket.readyState === client.socket.CLOSED;
      await expect.poll(() => failed() || isClosed(), { interval: 5, message: JSON.stringify(more) }).toBe(true);
    }
    expect(house.logged.join()).not.toContain('unexpected');
  });
});

describe('a manifest', () => {
  it.each<[string, unknown, RegExp]>([
    ['is not there', null, /the file cannot be read: ENOENT/],
    ['is not JSON', '{"secret', /the file is not JSON/],
    ['is a list', [], /the file has another format/],
    ['is of another tool', { a: { b: 1 } }, /the file has another format/],
    ['is of another version', { ...apollo([]), version: 2 }, /the file has another format/],
    ['has no documents', {}, /the file has no documents/],
    ['has no operations', apollo([]), /the file has no documents/],
    ['has a document without an id', apollo([{ body: other }, null]), /a document has no id/],
    ['has an id without a document', { a: other, b: 5 }, /"b" has no document/],
    ['has a wrong hash', { [sha256(short)]: oneLog }, /is not the SHA-256 of its document/],
    ['has a wrong hash with a prefix', { 'sha256:a': oneLog }, /"sha256:a" is not the SHA-256 of its document/],
    [
      'has two documents for an id',
      apollo([
        { id: 'a', body: short },
        { id: 'a', body: oneLog },
      ]),
      /"a" has two documents/,
    ],
    ['is too large', { a: `#${' '.repeat(16 * 1024 ** 2)}` }, /may have 16777216/],
  ])('that %s is reported with all other faults', (_what, content, fault) => {
    const path = content === null ? join(folder, 'none.json') : fileOf(content);
    const read = () => readConfig({ PORT: 'http', TRUSTED_DOCUMENTS: path });
    expect(read).toThrow(/PORT: expected a whole number/);
    expect(read).toThrow(fault);
    expect(read).toThrow(/ {2}TRUSTED_DOCUMENTS: /);
    expect(read).not.toThrow(/secret/);
  });

  it('that is a device or a folder is reported, and not read', () => {
    for (const path of ['/dev/zero', folder]) {
      expect(() => readConfig({ TRUSTED_DOCUMENTS: path })).toThrow(/this is not a file/);
    }
  });

  it('has no document that the schema or a limit refuses', async () => {
    const manifest = {
      a: '{',
      b: '{ nope }',
      c: `{ ${'x: __typename '.repeat(400)}}`,
      d: several,
      e: '{ _service { sdl } }',
    };
    const opening = openTrusting(manifest, { INTROSPECTION: 'off' });
    await expect(opening).rejects.toThrow(
      /^Wrong settings in the environment:\n( {2}TRUSTED_DOCUMENTS: "[abce]" is not valid: .+\n?){4}$/,
    );
  });
});

describe('without trusted documents', () => {
  const call = (query: string, hash = sha256(query)): Call => ({ query, variables, more: persisted(hash) });
  const named = (query: string): Call => ({ variables, more: persisted(sha256(query)) });

  it.each(ways)('a client registers a document by %s, and all transports find it', async (_way, ask) => {
    await using house = await openHouse();
    await expectByAll(house, named(short), failedWith('PERSISTED_QUERY_NOT_FOUND'));
    expect((await ask(house, call(short))).body).toEqual(notFound);
    await expectByAll(house, named(short), notFound);
    await expectByAll(house, { variables, more: { documentId: `sha256:${sha256(short)}` } }, notFound);
  });

  it('the message is the one that clients look for', async () => {
    await using house = await openHouse();
    const { body } = await transports.GET(house, named(short));
    expect(body.errors[0].message).toBe('PersistedQueryNotFound');
  });

  it.each(ways)('a document with another hash is neither run nor registered, by %s', async (_way, ask) => {
    await using house = await openHouse();
    const { body } = await ask(house, call(short, sha256(oneLog)));
    expect(codesOf(body)).toEqual(['PERSISTED_QUERY_HASH_MISMATCH']);
    await expectByAll(house, named(oneLog), failedWith('PERSISTED_QUERY_NOT_FOUND'));
    expect(house.sandbox.callCount()).toBe(0);
  });

  it.each(ways)('a document that is not valid is not registered, by %s', async (_way, ask) => {
    await using house = await openHouse();
    for (const query of ['{', '{ nope }']) {
      const { body } = await ask(house, call(query));
      expect(codesOf(body)?.[0]).toMatch(/^GRAPHQL_/);
      expect(codesOf((await ask(house, named(query))).body)).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    }
  });

  it('APQ_MAX_BYTES=0 registers nothing', async () => {
    await using house = await openHouse({ settings: { APQ_MAX_BYTES: '0' } });
    await expectByAll(house, call(short), notFound);
    await expectByAll(house, named(short), failedWith('PERSISTED_QUERY_NOT_SUPPORTED'));
  });

  it.each(['id', 'doc_id'])('%s is no parameter: a document that nobody can register has none', async (name) => {
    await using house = await openHouse();
    const { status, body } = await transports['POST by the fast path'](house, { query: other, more: { [name]: 'a' } });
    expect([status, codesOf(body)]).toEqual([400, ['BAD_REQUEST']]);
  });

  const room = { settings: { APQ_MAX_BYTES: '8192' }, sandbox: { tokens: ['anna', 'bert'] } };
  const documentOf = (name: string, index: number) =>
    `query ${name}${index}($requestId: ID!) { viberLog(requestId: $requestId) { __typename } }`;
  const register = (house: House, name: string, count: number, authorization: string | null) =>
    askAll(
      house,
      Array.from({ length: count }, (_, index) => call(documentOf(name, index))),
      authorization,
    );
  const askAll = async (house: House, calls: Call[], authorization: string | null) => {
    const bodies = [];
    for (const one of calls) bodies.push((await transports.GET(house, { ...one, authorization })).body);
    return bodies;
  };
  const foundOf = async (house: House, name: string, count: number) => {
    const calls = Array.from({ length: count }, (_, index) => named(documentOf(name, index)));
    const codes = (await askAll(house, calls, 'Bearer bert')).map(codesOf);
    return codes.filter((code) => !code?.includes('PERSISTED_QUERY_NOT_FOUND')).length;
  };

  it('registered documents are bounded in bytes: the least recently used go first', async () => {
    await using house = await openHouse(room);
    await register(house, 'Many', 20, 'Bearer anna');
    const found = await foundOf(house, 'Many', 20);
    expect(found).toBeGreaterThan(5);
    expect(found).toBeLessThan(15);
    expect(codesOf((await transports.GET(house, named(documentOf('Many', 0)))).body)).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
  });

  it.each<[string, (index: number) => string | null]>([
    ['with a token', () => 'Bearer anna'],
    ['without one', () => null],
    ['with invented ones', (index) => `Bearer invented-${index}`],
  ])('A caller registers documents without end: %s', async (_who, authorizationOf) => {
    await using house = await openHouse(room);
    await register(house, 'Few', 3, 'Bearer bert');
    for (let index = 0; index < 25; index += 1) {
      await transports.GET(house, { ...call(documentOf('Hostile', index)), authorization: authorizationOf(index) });
    }
    expect(await foundOf(house, 'Few', 3)).toBe(3);
    expect(await foundOf(house, 'Hostile', 25)).toBeLessThan(12);
  });

  it('a document of a subscription is its user’s own', async () => {
    await using house = await openHouse(room);
    await using client = await connect(house, { init: { authorization: 'Bearer bert' } });
    const query = 'subscription ($requestId: ID!) { viberLog(requestId: $requestId) { __typename } }';
    const payload = { query, variables: { requestId: 'recipients-1' }, ...persisted(sha256(query)) };
    client.say({ id: '1', type: 'subscribe', payload });
    await expect.poll(() => client.messages.find(({ id }) => id === '1')?.type).toBe('next');
    await register(house, 'Hostile', 25, null);
    expect(codesOf((await transports.GET(house, named(query))).body)).toEqual(['NOT_ACCEPTABLE']);
  });

  it('a document that comes without a token first is its user’s own later', async () => {
    await using house = await openHouse(room);
    await register(house, 'Few', 3, null);
    expect(await foundOf(house, 'Few', 3)).toBe(3);
    await register(house, 'Hostile', 25, null);
    expect(await foundOf(house, 'Few', 3)).toBe(3);
  });
});
