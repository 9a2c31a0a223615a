/** Media types and content codings of requests and responses, as RFC 9110 defines them. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type House, liveLog, openHouse } from './house.ts';

const body = '{"query":"{ __typename }"}';
const json = 'application/json; charset=utf-8';
const graphqlResponse = 'application/graphql-response+json; charset=utf-8';
const events = 'text/event-stream';

function post(house: House, headers: Record<string, string>, sent: string | Uint8Array<ArrayBuffer> = body) {
  return fetch(house.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: sent });
}

it.each([
  // micronaut-projects/micronaut-graphql#7
  'Application/JSON',
  'application/json ; charset=utf-8',
  'APPLICATION/JSON\t;Charset="utf-8"',
  'application/json;',
  'application/graphql+json',
])('A body of this type is JSON: %s', async (contentType) => {
  await using house = await openHouse();
  for (const accept of ['application/json', 'application/json, text/html;q=0.1']) {
    const response = await post(house, { 'content-type': contentType, accept });
    expect([response.status, await response.json()]).toEqual([200, { data: { __typename: 'Query' } }]);
  }
  const response = await post(house, { 'content-type': contentType, accept: events });
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"Query"')]);
});

it.each(['text/json', 'application/jsonp', 'application/json-patch+json', 'json'])(
  'A body of this type is refused with a code: %s',
  async (contentType) => {
    await using house = await openHouse();
    for (const accept of ['application/json', 'application/json, text/html;q=0.1', events]) {
      const response = await post(house, { 'content-type': contentType, accept });
      expect(response.status).toBe(415);
      expect((await response.json()).errors[0].extensions.code).toBe('UNSUPPORTED_MEDIA_TYPE');
    }
  },
);

it.each([
  // apollographql/router#9977
  ['application/graphql-response+json;q=0.9, application/json', json],
  ['application/json;q=0.9, application/graphql-response+json', graphqlResponse],
  ['application/json;q=0.1, application/graphql-response+json;q=0.2', graphqlResponse],
  ['application/json, application/graphql-response+json', json],
  ['application/graphql-response+json, application/json', graphqlResponse],
  ['APPLICATION/JSON ; Q=0.5', json],
  ['application/json;q=0, */*', graphqlResponse],
  ['application/graphql-response+json;q=0, application/*', json],
  ['application/*;q=0.5, application/json;q=0.1', graphqlResponse],
  ['text/html, */*;q=0.1', json],
  ['application/json;charset=iso-8859-1, application/graphql-response+json', graphqlResponse],
  ['application/json;q=0.5, text/event-stream', events],
  ['application/json, text/event-stream', json],
  ['text/event-stream, */*', json],
])('The response is of the type that the client wants most: %s', async (accept, contentType) => {
  await using house = await openHouse();
  const response = await post(house, { accept });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
  await response.text();
});

it.each(['application/json;q=0', 'text/html', 'image/*', 'application/json;charset=utf-16'])(
  'Nothing is acceptable to the client: %s',
  async (accept) => {
    await using house = await openHouse();
    const response = await post(house, { accept });
    expect(response.status).toBe(406);
    expect((await response.json()).errors[0].extensions.code).toBe('NOT_ACCEPTABLE');
  },
);

it('A subscription is refused to a client that weights event streams with zero', async () => {
  await using house = await openHouse();
  const sent = JSON.stringify({ query: liveLog, variables: { requestId: 'moving' } });
  const response = await post(house, { accept: 'application/json, text/event-stream;q=0' }, sent);
  expect(response.status).toBe(406);
  expect((await response.json()).errors[0].extensions.code).toBe('NOT_ACCEPTABLE');
});

it.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html; charset=utf-8'],
  ['application/json, text/html;q=0.1', json],
])('GraphiQL is for a client that wants a page most: %s', async (accept, contentType) => {
  await using house = await openHouse();
  const headers = { accept, 'apollo-require-preflight': '1', authorization: 'Bearer sandbox-token' };
  const response = await fetch(`${house.url}?query={__typename}`, { headers });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
  await response.arrayBuffer();
});

// graphql-hive/graphql-yoga (requests)
it.each([
  ['gzip', gzipSync(body)],
  ['GZIP', gzipSync(body)],
  ['deflate', deflateSync(body)],
  ['br', brotliCompressSync(body)],
  ['gzip, identity', gzipSync(body)],
  ['nonsense', Buffer.from(body)],
])('A compressed body is refused, and how to send it: %s', async (coding, sent) => {
  await using house = await openHouse({ settings: { CORS_ORIGINS: 'https://app.example' } });
  const origin = 'https://app.example';
  for (const accept of ['application/json', events]) {
    const response = await post(house, { 'content-encoding': coding, origin, accept }, new Uint8Array(sent));
    expect(response.status).toBe(415);
    expect(response.headers.get('accept-encoding')).toBe('identity');
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    const text = await response.text();
    expect(text).toContain('"code":"UNSUPPORTED_MEDIA_TYPE"');
    expect(text).toContain('Content-Encoding');
  }
  expect((await house.ask('{ __typename }')).status).toBe(200);
});

it('A body that names the coding identity is not compressed', async () => {
  await using house = await openHouse();
  expect((await post(house, { 'content-encoding': 'Identity' })).status).toBe(200);
});
