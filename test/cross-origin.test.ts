/** Pages of other origins: which may send requests, and how a developer finds out why one may not. */
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { type House, openHouse } from './house.ts';
import { sendRaw } from './raw-http.ts';
import { connect } from './websocket-client.ts';

const app = 'https://app.example';
const listed = { settings: { CORS_ORIGINS: `${app}, http://localhost:5173` } };

function preflight(house: House, origin: string, headers = 'content-type') {
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': headers };
  return fetch(house.url, { method: 'OPTIONS', headers: { origin, ...asked } });
}

function handshake(house: House, host: string, origin: string) {
  const lines = [
    'GET /graphql HTTP/1.1',
    `Host: ${host}`,
    `Origin: ${origin}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  ];
  return sendRaw(house.url, `${lines.join('\r\n')}\r\n\r\n`);
}

const lines = (house: House, msg: string) =>
  house.logged.map((line) => JSON.parse(line)).filter((line) => line.msg.startsWith(msg));

it.each([
  // grafana/grafana#36822
  ['a:443', 'https://a', 101],
  ['a', 'https://a:443', 101],
  ['a:80', 'http://a', 101],
  ['A.Example', 'https://a.example', 101],
  ['a', 'HTTPS://A', 101],
  ['gateway', 'https://App.Example:443', 101],
  ['a:80', 'https://a', 403],
  ['a:443', 'http://a', 403],
  ['a:444', 'https://a', 403],
  ['a', 'https://a.evil', 403],
  ['null', 'null', 403],
])('A WebSocket to Host %s from a page of %s: %d', async (host, origin, status) => {
  await using house = await openHouse(listed);
  expect((await handshake(house, host, origin)).status).toBe(status);
});

it.each([app, 'https://APP.example', 'https://app.example:443', 'HTTPS://app.example'])(
  'A listed origin is listed in every spelling: %s',
  async (origin) => {
    await using house = await openHouse(listed);
    const response = await preflight(house, origin);
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const { headers } = await house.ask('{ __typename }', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  },
);

it('A page may send the name and the version of its client, and the log has the name', async () => {
  // apollographql/apollo-client#4164
  await using house = await openHouse(listed);
  const names = ['apollographql-client-name', 'apollographql-client-version'];
  const allowed = (await preflight(house, app, names.join())).headers.get('access-control-allow-headers')?.split(', ');
  expect(allowed).toEqual(expect.arrayContaining(names));
  const name = 'apollographql-client-name';
  // The fast path, and Yoga.
  await house.ask('{ __typename }', { headers: { [name]: 'web' } });
  await house.ask('{ __typename }', { headers: { origin: app, [name]: 'web' } });
  await house.ask('{ __typename }', { headers: { [name]: 'x'.repeat(1000) } });
  await house.ask('{ __typename }', { headers: { [name]: 'caf\u00e9' } });
  await using client = await connect(house, { headers: { [name]: 'worker' } });
  await client.run('{ __typename }');
  const logged = () => lines(house, 'operation').map(({ clientName }) => clientName);
  await expect.poll(logged).toEqual(['web', 'web', 'x'.repeat(64), undefined, 'worker']);
});

it.each([
  [{ settings: {} }, 'https://evil.example', null],
  [listed, 'https://evil.example', 'Origin'],
  [listed, 'https://app.example.evil', 'Origin'],
  [listed, 'null', 'Origin'],
])('A preflight of an origin that is not listed names it: %j %s', async (options, origin, vary) => {
  await using house = await openHouse(options);
  const response = await preflight(house, origin);
  const { errors } = await response.json();
  expect([response.status, errors[0].extensions.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
  expect(errors[0].message).toContain(`${origin} `);
  expect(errors[0].message).toContain('CORS_ORIGINS');
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(response.headers.get('vary')).toBe(vary);
  // Once a second, however many there are.
  await preflight(house, origin);
  expect(lines(house, 'origin refused')).toMatchObject([{ origin }]);
});

it('A WebSocket of an origin that is not listed is refused likewise', async () => {
  await using house = await openHouse(listed);
  const { status, body } = await handshake(house, 'gateway', 'https://evil.example');
  expect([status, JSON.parse(body).errors[0]]).toEqual([
    403,
    { message: expect.stringContaining('https://evil.example'), extensions: { code: 'ORIGIN_NOT_ALLOWED' } },
  ]);
  expect(lines(house, 'origin refused')).toMatchObject([{ origin: 'https://evil.example' }]);
});

it.each(['[', 'x'.repeat(5000), 'a\u00e9'])('An origin that is none is not repeated: %#', async (origin) => {
  await using house = await openHouse();
  const { body } = await handshake(house, 'gateway', origin);
  expect(JSON.parse(body).errors[0].message.length).toBeLessThan(200);
  expect(house.logged.join().length).toBeLessThan(500);
});

it.each(['http://localhost:5173/', `${app},http://localhost:5173/`])(
  'A slash after an origin in CORS_ORIGINS is named: %s',
  (CORS_ORIGINS) => {
    expect(() => readConfig({ CORS_ORIGINS })).toThrow('http://localhost:5173/ has a slash too many');
  },
);

it.each(['http://localhost:5173/app', 'localhost:5173', '*'])('CORS_ORIGINS may not be %s', (CORS_ORIGINS) => {
  expect(() => readConfig({ CORS_ORIGINS })).toThrow(/^(?!.*slash).*CORS_ORIGINS: expected origins/s);
});
