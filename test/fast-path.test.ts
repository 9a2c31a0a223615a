/** The short way answers what the long way answers: the same requests by both, compiled and not, to the letter. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type House, oneLog, openHouse, severalLogs } from './house.ts';

/** A media type that only the long way answers in, and one that both do: the answers are the same JSON. */
const ways = { short: 'application/json', long: 'application/json, text/html;q=0.1' };

async function post(house: House, body: string, accept: string, contentType = 'application/json') {
  const headers = { 'content-type': contentType, accept, authorization: 'Bearer sandbox-token' };
  const response = await fetch(house.url, { method: 'POST', headers, body });
  const text = await response.text();
  const json = text === '' ? null : JSON.parse(text.replaceAll(/"fetchedAt":"[^"]+"/g, '"fetchedAt":""'));
  const { status } = response;
  const names = ['content-type', 'cache-control', 'x-content-type-options', 'access-control-allow-origin'];
  return { status, json, headers: names.map((name) => response.headers.get(name)) };
}

const asked = (query: string, variables?: object, more: object = {}) => JSON.stringify({ query, variables, ...more });
const fragments = `
  query Several($requestId: ID!, $with: Boolean!) {
    first: viberLog(requestId: $requestId) { ...Log }
    second: viberLog(requestId: "missing") { ...Log ... on Error { message } }
    third: viberLog(requestId: "error-402") { __typename }
  }
  fragment Log on ViberLog { id: requestId channel @include(if: $with) messages { scheduleTime status @skip(if: $with) } }
`;

describe('by the short way and the long way', () => {
  it.each<[string, string]>([
    ['a log', asked(oneLog, { requestId: 'recipients-3' })],
    ['a log with a time', asked(oneLog, { requestId: 'scheduled' })],
    ['a missing log', asked(oneLog, { requestId: 'missing' })],
    ['an error of D7', asked(oneLog, { requestId: 'error-429' })],
    ['an id that cannot be one', asked(oneLog, { requestId: '..' })],
    ['a number as an id', asked(oneLog, { requestId: 7 })],
    ['several logs', asked(severalLogs, { requestIds: ['recipients-1', 'missing', 'error-500', 'recipients-1'] })],
    ['fragments, aliases and directives', asked(fragments, { requestId: 'recipients-2', with: true })],
    ['the same without', asked(fragments, { requestId: 'recipients-2', with: false })],
    ['introspection', asked('{ __schema { queryType { name } types { name kind } } __typename }')],
    ['one of two operations', asked('query A { __typename } query B { b: __typename }', {}, { operationName: 'B' })],
    ['none of two operations', asked('query A { __typename } query B { __typename }')],
    ['an operation that is not there', asked('query A { __typename }', {}, { operationName: 'B' })],
    [
      'an operation name that runs on into the document',
      asked('query B { b: __typename }', {}, { operationName: 'A\nquery A { __typename }' }),
    ],
    ['variables that are null', JSON.stringify({ query: '{ __typename }', variables: null, operationName: null })],
    ['variables that do not fit', asked(oneLog, { requestId: { a: 1 } })],
    ['variables that are missing', asked(oneLog)],
    ['variables that are a list', asked(oneLog, [])],
    ['extensions', asked('{ __typename }', {}, { extensions: {} })],
    ['extensions that are a number', asked('{ __typename }', {}, { extensions: 1 })],
    ['a parameter that is none', asked('{ __typename }', {}, { nope: 1 })],
    ['a query that is no text', JSON.stringify({ query: 1 })],
    ['no query', '{}'],
    ['no JSON', '{"query"'],
    ['nothing', ''],
    ['null', 'null'],
    ['a batch', `[${asked('{ __typename }')}]`],
    ['what is no GraphQL', asked('{')],
    ['what does not fit the schema', asked('{ nope }')],
    ['a mutation', asked('mutation { nope }')],
    ['a subscription', asked('subscription { viberLog(requestId: "recipients-1") { __typename } }')],
    ['too many tokens', asked(`{ ${'__typename '.repeat(1001)}}`)],
    ['too many aliases', asked(`{ ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} }`)],
    ['too many logs', asked(severalLogs, { requestIds: Array.from({ length: 101 }, (_, index) => `id-${index}`) })],
    [
      'entities',
      asked('{ _entities(representations: [{ __typename: "ViberLog", requestId: "recipients-1" }]) { __typename } }'),
    ],
  ])('%s is answered alike, from the first time to the fifth', async (_what, body) => {
    await using house = await openHouse({ settings: { BREAKER_MIN_CALLS: '1000', UPSTREAM_MAX_RETRIES: '0' } });
    const long = await post(house, body, ways.long);
    for (let time = 1; time <= 5; time += 1) expect(await post(house, body, ways.short), `time ${time}`).toEqual(long);
    const lines = house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    const told = lines.map(({ operationName, codes }) => ({ operationName, codes }));
    // Each has its line in the log, and all of them say the same.
    expect(told).toHaveLength(lines.length === 0 ? 0 : 6);
    expect(new Set(told.map((line) => JSON.stringify(line))).size).toBeLessThanOrEqual(1);
  });

  it.each([
    '*/*',
    'application/json',
    'application/json, text/plain, */*',
    'application/graphql-response+json',
    'application/graphql-response+json,application/json;q=0.9',
    'application/graphql-response+json, application/json',
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    'application/json, application/graphql-response+json',
    'application/graphql-response+json, application/json, multipart/mixed',
    'application/json;q=0.9, application/graphql-response+json',
    'text/event-stream',
    'text/html',
  ])('an answer is of the type that a client accepts: %s', async (accept) => {
    await using house = await openHouse();
    for (const requestId of ['recipients-1', 'missing', 'error-402']) {
      const body = asked(oneLog, { requestId });
      // A spelling of the content type that the short way does not take.
      const byLongWay = () => post(house, body, accept, 'application/json;charset=UTF-8').catch(String);
      expect(await post(house, body, accept).catch(String)).toEqual(await byLongWay());
    }
  });

  it.each([
    ['a query', asked(oneLog, { requestId: 'silent' })],
    ['what does not fit the schema', asked('{ nope }')],
    ['a large document that does not', asked(`{ ${'nope '.repeat(900)}}`)],
    ['a subscription', asked('subscription { viberLog(requestId: "moving") { __typename } }')],
    ['half a body', asked('{ __typename }').slice(0, 10)],
  ])('a client that goes away at once does no harm: %s', async (_what, body) => {
    await using house = await openHouse();
    const { port } = new URL(house.url);
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer sandbox-token\r\ncontent-length: ${Math.max(Buffer.byteLength(body), 50)}\r\n\r\n`;
    for (let time = 0; time < 50; time += 1) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      socket.write(head + body, () => (time % 2 ? socket.destroy() : socket.resetAndDestroy()));
      await once(socket, 'close');
    }
    expect((await house.ask('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('a request of a listed origin has the headers that its browser needs', async () => {
    const origin = 'https://app.example.com';
    await using house = await openHouse({ settings: { CORS_ORIGINS: origin } });
    const { headers } = await house.ask('{ __typename }', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  });
});
