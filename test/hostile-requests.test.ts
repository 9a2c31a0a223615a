/** Requests that nobody should send: each is answered 4xx with a code, and nothing of the gateway's inside is shown. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openBroken } from './broken-gateway.ts';
import { findCommand } from './commands.ts';
import { type House, openHouse } from './house.ts';
import { type RawReply, sendRaw } from './raw-http.ts';

const production = { settings: { NODE_ENV: 'production' } };
const host = 'Host: gateway.example';
const json = 'Content-Type: application/json';
const noPreflight = 'Apollo-Require-Preflight: 1';
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const version = 'Sec-WebSocket-Version: 13';
const webSocket = ['Connection: Upgrade', 'Upgrade: websocket'];
const typename = '{"query":"{ __typename }"}';

function head(line: string, ...headers: string[]): string {
  return `${[line, ...headers].join('\r\n')}\r\n\r\n`;
}

function post(body: string, target = '/graphql', ...headers: string[]): string {
  return head(`POST ${target} HTTP/1.1`, host, `Content-Length: ${Buffer.byteLength(body)}`, ...headers) + body;
}

function codeOf({ body }: RawReply): unknown {
  return JSON.parse(body).errors[0].extensions.code;
}

function expectNothingShown({ text }: RawReply): void {
  expect(text).not.toMatch(/ {4}at |node_modules|file:\/\/|node:|\.ts:/);
}

async function expectWell(house: House): Promise<void> {
  expect((await house.ask('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  expect(house.logged.join()).not.toContain('unexpected');
}

async function expectRefusal(house: House, bytes: string, status: number, code: string): Promise<void> {
  const reply = await sendRaw(house.url, bytes);
  expect([reply.status, codeOf(reply)]).toEqual([status, code]);
  expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expectNothingShown(reply);
}

const brokenTargets: [string, number, string][] = [
  ['//', 404, 'NOT_FOUND'],
  ['//:99999/', 404, 'NOT_FOUND'],
  ['///graphql', 404, 'NOT_FOUND'],
  ['/[', 404, 'NOT_FOUND'],
  ['/%', 404, 'NOT_FOUND'],
  ['/other/graphql', 404, 'NOT_FOUND'],
  ['/other?/graphql', 404, 'NOT_FOUND'],
  ['/graphql/..', 404, 'NOT_FOUND'],
  ['*', 400, 'BAD_REQUEST'],
  ['http://', 400, 'BAD_REQUEST'],
  ['http:///graphql', 400, 'BAD_REQUEST'],
  ['http://[/graphql', 400, 'BAD_REQUEST'],
  ['http://:80/graphql', 400, 'BAD_REQUEST'],
  ['http://a:99999/graphql', 400, 'BAD_REQUEST'],
  ['http://user:password@a/graphql', 400, 'BAD_REQUEST'],
  ['http://a|b/graphql', 400, 'BAD_REQUEST'],
  ['ftp://a/graphql', 400, 'BAD_REQUEST'],
  ['graphql', 400, 'BAD_REQUEST'],
  ['a:80', 400, 'BAD_REQUEST'],
  ['/graphql#a', 400, 'BAD_REQUEST'],
];

const upgrades = [
  ['plain', []],
  ['as an upgrade to x', ['Connection: Upgrade', 'Upgrade: x']],
  ['as a WebSocket', [...webSocket, key, version]],
] as const;

describe('a request target', () => {
  it.each([...brokenTargets])('A request target is invalid: %s', async (target, status, code) => {
    await using house = await openHouse(production);
    for (const [, headers] of upgrades) {
      await expectRefusal(house, head(`GET ${target} HTTP/1.1`, host, ...headers), status, code);
    }
    await expectRefusal(house, post(typename, target, json), status, code);
    await expectWell(house);
  });

  it.each(['http://gateway.example/graphql', 'HTTP://other.example:8080/graphql', 'https://[::1]:1/graphql'])(
    'in absolute-form is answered: %s',
    async (target) => {
      await using house = await openHouse(production);
      const data = { data: { __typename: 'Query' } };
      const get = head(`GET ${target}?query={__typename} HTTP/1.1`, host, noPreflight);
      expect(JSON.parse((await sendRaw(house.url, get)).body)).toEqual(data);
      expect(JSON.parse((await sendRaw(house.url, post(typename, target, json))).body)).toEqual(data);
      const probe = head(`GET ${target.replace('graphql', 'health')} HTTP/1.1`, host);
      expect((await sendRaw(house.url, probe)).status).toBe(200);
      const socket = head(`GET ${target} HTTP/1.1`, host, ...webSocket, key, version);
      expect((await sendRaw(house.url, socket)).status).toBe(101);
    },
  );

  it('that means the server as a whole is answered with what it can do', async () => {
    await using house = await openHouse(production);
    const reply = await sendRaw(house.url, head('OPTIONS * HTTP/1.1', host));
    expect([reply.status, reply.headers.allow]).toEqual([204, 'GET, POST, OPTIONS']);
  });
});

describe('the header Host', () => {
  const broken = [
    ['Host: a b'],
    ['Host: ['],
    ['Host: [::1'],
    ['Host: [::g]'],
    ['Host: foo|bar'],
    ['Host: a/b'],
    ['Host: a@b'],
    ['Host: http://a'],
    ['Host: a:b'],
    ['Host: a:99999'],
    ['Host: a,b c'],
    ['Host: \u00e4'],
    ['Host: %zz'],
    [`Host: ${'a'.repeat(1000)}`],
    ['Host: a', 'Host: a'],
    ['Host: a', 'hOST: b'],
    [],
  ];

  it.each([...broken.map((headers) => [headers] as const)])(
    'The header Host is missing, repeated or invalid: %s',
    async (headers) => {
      await using house = await openHouse(production);
      const length = `Content-Length: ${typename.length}`;
      for (const [, more] of upgrades) {
        const get = head('GET /graphql?query={__typename} HTTP/1.1', ...headers, noPreflight, ...more);
        await expectRefusal(house, get, 400, 'BAD_REQUEST');
      }
      for (const target of ['/graphql', 'http://good.example/graphql']) {
        const fast = head(`POST ${target} HTTP/1.1`, ...headers, json, length) + typename;
        await expectRefusal(house, fast, 400, 'BAD_REQUEST');
      }
      await expectRefusal(house, head('GET /health HTTP/1.1', ...headers), 400, 'BAD_REQUEST');
      await expectWell(house);
    },
  );

  it.each(['Host:', 'Host: localhost', 'Host: a_b.example:', 'Host: [::1]:4000', 'Host: 1.2.3.4.5', 'Host: a%20b'])(
    'is taken in every valid form, on every way: %s',
    async (header) => {
      await using house = await openHouse(production);
      const get = head('GET /graphql?query={__typename} HTTP/1.1', header, noPreflight);
      const posted = head('POST /graphql HTTP/1.1', header, json, `Content-Length: ${typename.length}`) + typename;
      for (const bytes of [get, posted]) expect((await sendRaw(house.url, bytes)).status).toBe(200);
    },
  );

  it('may be missing in HTTP/1.0', async () => {
    await using house = await openHouse(production);
    const get = head('GET /graphql?query={__typename} HTTP/1.0', noPreflight);
    expect((await sendRaw(house.url, get)).status).toBe(200);
  });
});

describe('an upgrade', () => {
  it.each([
    ['HTTP/2, as curl and Java ask', 'h2c'],
    ['TLS', 'TLS/1.0'],
    ['what nobody knows', 'x'],
    ['a WebSocket of a version', 'websocket/9'],
    ['one of two', 'h2c, websocket'],
  ])('A client requests another protocol: %s', async (_what, protocol) => {
    await using house = await openHouse(production);
    const upgrade = ['Connection: Upgrade, HTTP2-Settings', `Upgrade: ${protocol}`, 'HTTP2-Settings: AAMAAABk'];
    const reply = await sendRaw(house.url, post(typename, '/graphql', json, ...upgrade));
    expect(JSON.parse(reply.body)).toEqual({ data: { __typename: 'Query' } });
    expect((await sendRaw(house.url, head('GET /health HTTP/1.1', host, ...upgrade))).status).toBe(200);
    await expectRefusal(house, head('GET /other HTTP/1.1', host, ...upgrade), 404, 'NOT_FOUND');
  });

  it('to a WebSocket is ignored where GraphQL is not, and where HTTP/1.0 is spoken', async () => {
    await using house = await openHouse(production);
    const handshake = [host, ...webSocket, key, version];
    expect((await sendRaw(house.url, head('GET /health HTTP/1.1', ...handshake))).status).toBe(200);
    await expectRefusal(house, head('GET /other HTTP/1.1', ...handshake), 404, 'NOT_FOUND');
    const old = head('GET /graphql?query={__typename} HTTP/1.0', ...handshake, noPreflight);
    expect((await sendRaw(house.url, old)).status).toBe(200);
    const posted = await sendRaw(house.url, post(typename, '/graphql', json, ...webSocket, key, version));
    expect(JSON.parse(posted.body)).toEqual({ data: { __typename: 'Query' } });
  });

  it.each<[string, string[], number, string]>([
    ['no key', [version], 400, 'BAD_REQUEST'],
    ['an empty key', ['Sec-WebSocket-Key:', version], 400, 'BAD_REQUEST'],
    ['a short key', ['Sec-WebSocket-Key: abc', version], 400, 'BAD_REQUEST'],
    ['no version', [key], 400, 'BAD_REQUEST'],
    ['another version', [key, 'Sec-WebSocket-Version: 7'], 426, 'UPGRADE_REQUIRED'],
    ['no number as its version', [key, 'Sec-WebSocket-Version: x'], 426, 'UPGRADE_REQUIRED'],
    ['protocols that are no list', [key, version, 'Sec-WebSocket-Protocol: ,,'], 400, 'BAD_REQUEST'],
    ['an origin that is not listed', [key, version, 'Origin: https://evil.example'], 403, 'ORIGIN_NOT_ALLOWED'],
    ['an origin that is none', [key, version, 'Origin: ['], 403, 'ORIGIN_NOT_ALLOWED'],
  ])('A WebSocket handshake is invalid: %s', async (_what, headers, status, code) => {
    await using house = await openHouse(production);
    await expectRefusal(house, head('GET /graphql HTTP/1.1', host, ...webSocket, ...headers), status, code);
    await expectWell(house);
  });

  const curl = findCommand('curl');
  const run = promisify(execFile);
  it.skipIf(!curl)('to HTTP/2 that curl asks for is ignored (needs curl)', async () => {
    await using house = await openHouse(production);
    const asks = ['--http2', '-s', '-w', ' %{http_code}'];
    const { stdout } = await run('curl', [...asks, house.url, '-H', json, '-d', typename]);
    expect(stdout).toBe('{"data":{"__typename":"Query"}} 200');
    const probe = await run('curl', [...asks, new URL('/health', house.url).href]);
    expect(probe.stdout).toBe('{"ok":true} 200');
  });
});

describe('what cannot be read', () => {
  const formed = 'Content-Type: application/x-www-form-urlencoded';
  const get = (query: string) => head(`GET /graphql?${query} HTTP/1.1`, host, noPreflight);

  it.each<[string, string, number, string]>([
    ['variables that are no JSON', get('query={__typename}&variables=['), 400, 'BAD_REQUEST'],
    ['variables that are no object', get('query={__typename}&variables=1'), 400, 'BAD_REQUEST'],
    ['extensions that are no JSON', get('query={__typename}&extensions={'), 400, 'BAD_REQUEST'],
    [
      'a form with broken variables',
      post('query={a}&variables=[', '/graphql', formed, noPreflight),
      400,
      'BAD_REQUEST',
    ],
    ['a null', post('null', '/graphql', json), 400, 'BAD_REQUEST'],
    ['half a body of JSON', post('{"query"', '/graphql', json), 400, 'BAD_REQUEST'],
    ['JSON of another charset', post('{"query"', '/graphql', `${json}; charset=x`), 400, 'BAD_REQUEST'],
    ['a body of no type', post(typename, '/graphql', noPreflight), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a body of an odd type',
      post(typename, '/graphql', 'Content-Type: ;;/', noPreflight),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a multipart body',
      post('--x', '/graphql', 'Content-Type: multipart/form-data; boundary=x', noPreflight),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['an Accept that nothing is in', post(typename, '/graphql', json, 'Accept: ;;,,/'), 406, 'NOT_ACCEPTABLE'],
    ['an Accept of images', post(typename, '/graphql', json, 'Accept: image/png'), 406, 'NOT_ACCEPTABLE'],
    ['another method', head('PUT /graphql HTTP/1.1', host, noPreflight), 405, 'BAD_REQUEST'],
    ['a tunnel', head('CONNECT other.example:443 HTTP/1.1', host), 405, 'BAD_REQUEST'],
    ['an expectation', post(typename, '/graphql', json, 'Expect: more'), 417, 'BAD_REQUEST'],
    ['bytes', '\u0000\u0001\r\n\r\n', 400, 'BAD_REQUEST'],
    ['two lengths', post(typename, '/graphql', json, 'Content-Length: 1'), 400, 'BAD_REQUEST'],
    ['a length and chunks', post(typename, '/graphql', json, 'Transfer-Encoding: chunked'), 400, 'BAD_REQUEST'],
    ['the first bytes of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
    ['HTTP/3.7', head('GET /graphql HTTP/3.7', host), 400, 'BAD_REQUEST'],
    [
      'headers of 20 KB',
      head('GET /graphql HTTP/1.1', host, `X: ${'x'.repeat(20_000)}`),
      431,
      'REQUEST_HEADER_FIELDS_TOO_LARGE',
    ],
  ])('A request cannot be parsed: %s', async (_what, bytes, status, code) => {
    await using house = await openHouse(production);
    await expectRefusal(house, bytes, status, code);
    await expectWell(house);
  });
});

describe('variables that do not fit an argument', () => {
  it.each([
    ['viberLog(requestId: $v) { __typename }', 'ID = "a"'],
    ['viberLogs(requestIds: $v) { __typename }', '[ID!] = []'],
    ['__typename @include(if: $v)', 'Boolean = true'],
  ])('are the fault of the client on every way, null beside a default too: %s', async (field, type) => {
    await using house = await openHouse(production);
    const query = `query ($v: ${type}) { ${field} }`;
    const body = JSON.stringify({ query, variables: { v: null } });
    const search = new URLSearchParams({ query, variables: '{"v":null}' });
    const ways = [
      post(body, '/graphql', json),
      post(body, '/graphql', json, 'Accept: application/json, text/html;q=0.1'),
      head(`GET /graphql?${search} HTTP/1.1`, host, noPreflight),
    ];
    for (const bytes of ways) {
      for (let time = 0; time < 3; time += 1) expect(codeOf(await sendRaw(house.url, bytes))).toBe('BAD_USER_INPUT');
    }
    await expectWell(house);
  });
});

describe('a bug of ours', () => {
  it.each(['development', 'test', 'production'])('shows nothing of itself on any way (%s)', async (NODE_ENV) => {
    await using broken = await openBroken('operation', { NODE_ENV });
    const gets = [noPreflight, `${noPreflight}\r\nAccept: text/event-stream`];
    const requests = [
      ...gets.map((headers) => head('GET /graphql?query={__typename} HTTP/1.1', host, headers)),
      post(typename, '/graphql', json),
      post(typename, '/graphql', `${json}; charset=utf8`),
      post('{', '/graphql', json),
    ];
    for (const bytes of requests) {
      const reply = await sendRaw(broken.url, bytes);
      expect([reply.status, codeOf(reply)]).toEqual([500, 'INTERNAL_SERVER_ERROR']);
      expectNothingShown(reply);
      expect(reply.text).not.toContain('secret');
      expect(reply.headers['x-request-id']).toBeDefined();
    }
    expect(broken.logged.join()).toContain('"name":"TypeError"');
    expect(broken.logged.join()).not.toMatch(/secret| {4}at /);
  });
});

describe('a refused connection', () => {
  it.each([
    ['bytes that are no HTTP', 'nonsense\r\n\r\n'],
    ['a WebSocket without a key', head('GET /graphql HTTP/1.1', host, ...webSocket, version)],
    ['a WebSocket of another origin', head('GET /graphql HTTP/1.1', host, 'Origin: x', ...webSocket, key, version)],
    ['a tunnel', head('CONNECT a:1 HTTP/1.1', host)],
    ['an invalid Host', head('GET / HTTP/1.1', 'Host: [')],
  ])('A refused client keeps its half of the connection open', async (...[, bytes]) => {
    await using house = await openHouse(production);
    const { hostname, port } = new URL(house.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    // Neither reads nor closes its side, and goes on sending.
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    socket.write(bytes);
    const sending = setInterval(() => socket.write('x'), 50);
    const startedMs = performance.now();
    await closed;
    clearInterval(sending);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
