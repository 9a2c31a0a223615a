/** Every response carries its request id: that of the client where it is valid, also if the gateway refuses the request. */
import { expect, it } from 'vitest';
import { oneLog, openHouse } from './house.ts';
import { sendRaw } from './raw-http.ts';

const id = 'X-Request-Id: call-7';
const host = 'Host: gateway';
const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const webSocket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
const version = 'Sec-WebSocket-Version: 13';
const json = 'Content-Type: application/json';

function post(body: string, ...headers: string[]): string {
  return head('POST /graphql HTTP/1.1', host, id, `Content-Length: ${body.length}`, ...headers) + body;
}

const requests: [what: string, bytes: string, status: number][] = [
  ['/', head('GET / HTTP/1.1', host, id), 200],
  ['/health', head('GET /health HTTP/1.1', host, id), 200],
  ['/ready', head('GET /ready HTTP/1.1', host, id), 200],
  ['another path', head('GET /other HTTP/1.1', host, id), 404],
  ['no Host', head('GET /health HTTP/1.1', id), 400],
  ['a wrong target', head('GET http:// HTTP/1.1', host, id), 400],
  ['OPTIONS *', head('OPTIONS * HTTP/1.1', host, id), 204],
  ['a preflight', head('OPTIONS /graphql HTTP/1.1', host, id), 403],
  ['a tunnel', head('CONNECT a:1 HTTP/1.1', host, id), 405],
  ['an expectation', head('GET /health HTTP/1.1', host, id, 'Expect: wonders'), 417],
  ['another method', head('DELETE /graphql HTTP/1.1', host, id), 403],
  ['a query', post('{"query":"{ __typename }"}', json), 200],
  ['no JSON', post('{', json), 400],
  ['another media type', post('{}', 'Content-Type: text/xml'), 415],
  ['no media type to accept', post('{"query":"{ __typename }"}', json, 'Accept: image/png'), 406],
  ['a WebSocket', head('GET /graphql HTTP/1.1', host, id, ...webSocket, version), 101],
  ['a WebSocket of another version', head('GET /graphql HTTP/1.1', host, id, ...webSocket, `${version}0`), 426],
  ['half a handshake', head('GET /graphql HTTP/1.1', host, id, ...webSocket), 400],
  ['a WebSocket of another origin', head('GET /graphql HTTP/1.1', host, id, 'Origin: x', ...webSocket, version), 403],
];

it.each(requests)('The response has the id of the request: %s', async (_what, bytes, status) => {
  await using house = await openHouse();
  const reply = await sendRaw(house.url, bytes);
  expect([reply.status, reply.headers['x-request-id']]).toEqual([status, 'call-7']);
});

it.each([
  ['bytes that are no HTTP', 'nonsense\r\n\r\n'],
  ['headers that are too large', head('GET / HTTP/1.1', host, id, `X: ${'x'.repeat(20_000)}`)],
])('What cannot be read has a new id: %s', async (_what, bytes) => {
  await using house = await openHouse();
  expect((await sendRaw(house.url, bytes)).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('A stream of events has the id of its request', async () => {
  await using house = await openHouse();
  const query = oneLog.replace('query', 'subscription');
  const headers = { accept: 'text/event-stream', 'x-request-id': 'call-7' };
  const response = await house.stream(query, { variables: { requestId: 'recipients-2' }, headers });
  expect(response.headers.get('content-type')).toMatch('text/event-stream');
  expect(response.headers.get('x-request-id')).toBe('call-7');
  await response.text();
});
