/**
 * 20 000 request heads, composed of valid and broken parts, against a gateway in a process of its own: none is answered 5xx, none shows
 * where the gateway's code lies, and it answers well at the end. `FUZZ_SEED=7 npm test -- fuzz` repeats a run.
 */
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { type Running, start, urlOf } from './process.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000);
const heads = 20_000;
const parallel = 48;
/** What is no whole request is not answered: then the client leaves. */
const longestWaitMs = 150;

const query = '{"query":"{ __typename }"}';
const strange = [
  '',
  ' ',
  '\t',
  '\u0000',
  '\u007f',
  '\u00e4',
  '[',
  ']',
  '{',
  '|',
  '\\',
  '"',
  '%',
  '%zz',
  ',',
  ';',
  '//',
  '\r',
  'x'.repeat(300),
];

const methods = [
  'GET',
  'POST',
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
  'CONNECT',
  'PRI',
  'get',
  'G T',
  'QUERY',
  '',
];
const targets = [
  '/graphql',
  '/graphql',
  '/graphql?query={__typename}',
  '/graphql?query={__typename}&variables=[',
  '/graphql?query=%7B__typename%7D&extensions=%7B',
  '/graphql?query=',
  '/graphql/',
  '/graphql#x',
  '/health',
  '/ready?x',
  '/',
  '//',
  '//:99999/',
  '/../graphql',
  '/%',
  '*',
  '',
  'http://',
  'http://a/graphql',
  'http://a:b/graphql',
  'http://[/graphql',
  'https://[::1]/graphql?query={__typename}',
  'ws://a/graphql',
  'a:80',
  'graphql',
];
const versions = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/9.9',
  'http/1.1',
  'HTTP/1',
  'HTTP/1.1 x',
  '',
];
/** The first of each is what a good client sends. */
const headers: Record<string, readonly string[]> = {
  Host: ['a', 'localhost:4000', '[::1]', '[', 'a b', 'a|b', 'a:99999', 'a/b', '', '1.2.3.4.5', 'a%'],
  Connection: ['close', 'keep-alive', 'Upgrade', 'Upgrade, HTTP2-Settings', 'x', ''],
  Upgrade: ['websocket', 'h2c', 'WebSocket', 'x', 'h2c, websocket', ''],
  'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'x', '', '='.repeat(24)],
  'Sec-WebSocket-Version': ['13', '8', '7', '99999999999999999999', 'x', ''],
  'Sec-WebSocket-Protocol': ['graphql-transport-ws', 'graphql-ws', ',', 'a b', 'a,a', ''],
  'Sec-WebSocket-Extensions': ['permessage-deflate', ';', 'permessage-deflate; x="', ''],
  'Content-Type': [
    'application/json',
    'application/json; charset=utf-8',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'text/plain',
    ';',
    '',
  ],
  'Content-Length': [String(query.length), '0', '1', '5', '99999999', '-1', 'x', '1, 1', '9'.repeat(30), ''],
  'Content-Encoding': ['identity', 'gzip', 'x', ''],
  'Transfer-Encoding': ['chunked', 'gzip', 'gzip, chunked', 'identity', 'chunked, chunked', ''],
  Accept: [
    'application/json',
    '*/*',
    'text/event-stream',
    'multipart/mixed',
    'text/html',
    'image/png',
    ';,;',
    'a/b/c',
    '',
  ],
  'Accept-Encoding': ['gzip', 'x;q=;', ''],
  Authorization: ['Bearer sandbox-token', 'Bearer', 'Basic x', 'Bearer a b', ''],
  Origin: ['http://a', 'null', 'https://evil.example', '[', 'http://[', ''],
  Expect: ['100-continue', 'x', ''],
  'Apollo-Require-Preflight': ['1'],
  'X-Request-Id': ['id-1', 'a b', 'x'.repeat(80), ''],
  Traceparent: ['00-0123456789abcdef0123456789abcdef-0123456789abcdef-01', 'x', ''],
  'Cache-Control': ['no-cache', ',', ''],
  Cookie: ['a=b', '=;', ''],
};
const bodies = [
  query,
  query,
  '',
  '{"query":""}',
  '{"query":1}',
  '{"query":"{"}',
  '{"query":"{ __typename }","variables":[]}',
  'null',
  '[]',
  '{',
  '{ __typename }',
  'query={__typename}',
  'variables=[',
  '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{\r\n--x--',
  '1a\r\n{"query":"{ __typename }"}\r\n0\r\n\r\n',
  'zz\r\n',
  '\u0000\u00ff',
  'GET /graphql HTTP/1.1\r\n\r\n',
];

type Random = () => number;

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(start: number): Random {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <Item>(random: Random, items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;

/** Its parts are each good in most heads, or the first broken one would be all that is ever looked at. */
function composeHead(random: Random): string {
  const goodness = pick(random, [0.6, 0.9, 0.97]);
  const one = (items: readonly string[]) => (random() < goodness ? (items[0] as string) : pick(random, items));
  const isUpgrade = random() < 0.35;
  const names = new Set(['Host', 'Content-Type', 'Content-Length']);
  if (isUpgrade)
    for (const name of ['Connection', 'Upgrade', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']) names.add(name);
  for (const name of Object.keys(headers)) if (random() < 0.12) names.add(name);
  if (isUpgrade || random() < 0.3) for (const name of ['Content-Type', 'Content-Length']) names.delete(name);

  const lines = [...names].filter(() => random() < 0.97).map((name) => `${name}: ${one(headers[name] ?? [''])}`);
  if (isUpgrade) lines.push(`Connection: ${one(['Upgrade', 'close', 'x'])}`);
  if (random() < 0.05) lines.push(pick(random, lines) ?? 'x');
  if (random() < 0.05) lines.push(`${pick(random, strange)}: ${pick(random, strange)}`);
  if (random() < 0.03) lines.push(`X-Large: ${'x'.repeat(17_000)}`);
  const method = isUpgrade ? one(['GET', 'POST', 'HEAD', 'CONNECT']) : pick(random, methods);
  const target = pick(random, targets) + (random() < 0.1 ? pick(random, strange) : '');
  const start = `${method} ${target} ${one(versions)}`;
  const end = random() < 0.02 ? '\n\n' : '\r\n\r\n';
  const body = isUpgrade && random() < 0.7 ? pick(random, strange) : one(bodies);
  return [start, ...lines].join('\r\n') + end + body;
}

/** All that is said to these bytes, until the connection ends or is silent for a while. */
function answerTo(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const leave = () => socket.destroy();
    socket.setTimeout(longestWaitMs, leave);
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      // Whatever is answered is answered by now: nobody waits for the end of a connection that is kept.
      socket.setTimeout(10, leave);
    });
    socket.on('error', () => {}).once('close', () => resolve(text));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

function faultIn(answer: string): string | undefined {
  if (/^HTTP\/1\.1 5\d\d/m.test(answer)) return 'a status 5xx';
  if (/ {4}at |node_modules|file:\/\/|node:internal|\.ts:\d/.test(answer)) return 'a stack or a path';
  if (answer !== '' && !answer.startsWith('HTTP/1.1 ')) return 'what is no HTTP';
  return undefined;
}

async function expectWell(gateway: Running, url: string): Promise<void> {
  const headersOfJson = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers: headersOfJson, body: query });
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  expect(gateway.child.exitCode).toBeNull();
  expect(gateway.written()).not.toMatch(/unexpected error| {4}at /);
}

it(`no request is too odd for the gateway (FUZZ_SEED=${seed})`, async () => {
  const settings = { NODE_ENV: 'production', D7_BASE_URL: 'http://127.0.0.1:9' };
  await using gateway = start('src/main.ts', { PORT: '0', ...settings });
  const url = await urlOf(gateway);
  const port = Number(new URL(url).port);
  const random = randomFrom(seed);
  const statuses: Record<string, number> = {};
  let left = heads;

  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const bytes = composeHead(random);
      const answer = await answerTo(port, bytes);
      const fault = faultIn(answer);
      if (fault) expect.fail(`${fault}, FUZZ_SEED=${seed}\n\n${JSON.stringify(bytes)}\n\n${answer.slice(0, 2000)}`);
      const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'none';
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  await expectWell(gateway, url);
  // Of everything something: the heads are not all refused for one reason.
  for (const status of ['101', '200', '204', '400', '403', '404', '405', '406', '415', '417', '426', '431']) {
    expect(statuses, `FUZZ_SEED=${seed}`).toHaveProperty(status);
  }
}, 180_000);
