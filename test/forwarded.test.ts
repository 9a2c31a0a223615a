/** What proxies report of a client: whom the gateway believes, and what it compares the origin of a WebSocket with. */
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { openHouse } from './house.ts';
import { sendRaw } from './raw-http.ts';

const page = 'https://app.example';

/** The status of a handshake from `page` to a gateway that knows itself as `gateway`. */
async function handshake(trusted: string, headers: readonly string[]): Promise<number> {
  await using house = await openHouse({ settings: { TRUSTED_PROXIES: trusted } });
  const lines = [
    'GET /graphql HTTP/1.1',
    'Host: gateway:4000',
    `Origin: ${page}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    ...headers,
  ];
  return (await sendRaw(house.url, `${lines.join('\r\n')}\r\n\r\n`)).status;
}

const host = 'X-Forwarded-Host: app.example';

it.each([
  ['nobody is trusted', '', [host], 403],
  ['another address is trusted', '10.0.0.0/8, ::1', [host], 403],
  ['the peer is trusted', '127.0.0.1', [host], 101],
  ['the network of the peer is trusted', '10.0.0.0/8, 127.0.0.0/8', [host], 101],
  ['a trusted proxy reports nothing', '127.0.0.1', [], 403],
  ['the scheme is that of the page', '127.0.0.1', [host, 'X-Forwarded-Proto: https'], 101],
  ['the scheme is another one', '127.0.0.1', [host, 'X-Forwarded-Proto: http'], 403],
  ['the port is another one', '127.0.0.1', ['X-Forwarded-Host: app.example:8443'], 403],
  ['the host is none', '127.0.0.1', ['X-Forwarded-Host: app.example/'], 403],
  ['the standard header', '127.0.0.1', ['Forwarded: for=192.0.2.1;host=app.example;proto=https'], 101],
  [
    'its names in any case, and quotes',
    '127.0.0.1',
    ['Forwarded: For="[2001:db8::1]:4711" ; HOST="app.\\example"'],
    101,
  ],
  ['a comma in quotes', '127.0.0.1', ['Forwarded: for="_a,b";host=app.example'], 101],
  ['an invalid header', '127.0.0.1', ['Forwarded: for=192.0.2.1;host=app.example;'], 403],
  ['both kinds that agree', '127.0.0.1', [host, 'Forwarded: host=app.example'], 101],
  ['both kinds that differ', '127.0.0.1', [host, 'Forwarded: host=evil.example'], 403],
])('%s', async (_case, trusted, headers, status) => {
  expect(await handshake(trusted, headers)).toBe(status);
});

it('A client forges the headers of a proxy', async () => {
  const forged = [
    host,
    'X-Forwarded-Proto: https',
    'X-Forwarded-For: 10.0.0.1',
    'Forwarded: for=10.0.0.1;host=app.example',
  ];
  expect(await handshake('10.0.0.0/8', forged)).toBe(403);
});

const chain = (clients: string, hosts: string) => [`X-Forwarded-For: ${clients}`, `X-Forwarded-Host: ${hosts}`];

it.each([
  ['the last proxy alone is trusted', '127.0.0.1', chain('192.0.2.1, 10.1.1.1', 'app.example, inner'), 403],
  ['both are trusted', '127.0.0.1, 10.0.0.0/8', chain('192.0.2.1, 10.1.1.1', 'app.example, inner'), 101],
  ['the client wrote the first item', '127.0.0.1, 10.0.0.0/8', chain('192.0.2.1', 'app.example, inner'), 403],
  ['a proxy without a name', '127.0.0.1', ['Forwarded: host=app.example, for=unknown;host=inner'], 403],
  ['the standard header', '127.0.0.1, ::/0', ['Forwarded: host=app.example, for="[2001:db8::1]";host=inner'], 101],
  [
    'only the first proxy reports a host',
    '127.0.0.1, 10.0.0.0/8',
    [...chain('192.0.2.1, 10.1.1.1:80', 'app.example')],
    101,
  ],
])('of several proxies, %s', async (_case, trusted, headers, status) => {
  expect(await handshake(trusted, headers)).toBe(status);
});

it.each(['127.0.0.1', '10.0.0.0/8, fd00::/8', '::ffff:10.0.0.1', '0.0.0.0/0'])('TRUSTED_PROXIES may be %s', (value) => {
  expect(readConfig({ TRUSTED_PROXIES: value }).webSockets.trustedProxies).not.toBeNull();
});

it.each(['proxy.example', '10.0.0.0/33', '::/129', '10.0.0.1:80', '10.0.0.0/8,', '10.0.0.0/', '*'])(
  'TRUSTED_PROXIES may not be %s',
  (value) => {
    expect(() => readConfig({ TRUSTED_PROXIES: value })).toThrow('TRUSTED_PROXIES: expected addresses and networks');
  },
);
