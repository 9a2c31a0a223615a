/**
 * The first table of hazards.md, row by row: each test causes the fault and expects the code in its row.
 *
 * A row without a test and a test without a row both fail.
 */
import dns from 'node:dns';
import { readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { settings as allSettings } from '../src/settings.ts';
import { type FakeOptions, http, log, message, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type House, oneLog, openHouse, patient, severalLogs } from './house.ts';
import { codesIn, documentAt, tableUnder } from './readme.ts';

const document = documentAt('test/hazards.md');
const rows = new Map(
  tableUnder('Hazards of one request', document).map(([name = '', sees = '', setting = '']) => [
    name,
    { sees, setting },
  ]),
);
const sharedRows = tableUnder('Hazards of sharing and following', document);
const watchingRows = tableUnder('Hazards of watching', document);
const tested: string[] = [];

function hazard(name: string, run: (code: string) => Promise<void>): void {
  tested.push(name);
  it(name, () => run(codesIn(rows.get(name)?.sees ?? '')[0] ?? 'no code'));
}

const ask = (house: House, requestId: string) => house.ask(oneLog, { variables: { requestId } });

async function expectGood(house: House, requestId = 'good'): Promise<void> {
  expect((await ask(house, requestId)).body).toMatchObject({
    data: { viberLog: { __typename: 'ViberLog', requestId } },
  });
}

function expectCode(body: unknown, code: string): void {
  expect(body).toMatchObject({ data: { viberLog: null }, errors: [{ extensions: { code } }] });
}

/** A gateway in front of an upstream that says something bad to `bad`, and a good log to every other id. */
async function openHouseBefore(bad: Says, settings: Record<string, string> = {}, options: FakeOptions = {}) {
  const fake = await openFakeUpstream((id) => (id === 'bad' ? bad : http('200 OK', log(id))), options);
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, UPSTREAM_MAX_RETRIES: '0', ...settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, [Symbol.asyncDispose]: close };
}

/** The id `bad` gets the row's code, and the next healthy query gets its log. */
function upstreamHazard(name: string, bad: Says, settings: Record<string, string> = {}): void {
  hazard(name, async (code) => {
    await using open = await openHouseBefore(bad, settings);
    expectCode((await ask(open.house, 'bad')).body, code);
    await expectGood(open.house);
  });
}

const every = (ms: number, write: (socket: Socket) => void) => (socket: Socket) => {
  const timer = setInterval(() => write(socket), ms);
  socket.once('close', () => clearInterval(timer));
};
const impatient = { UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.3' };

// D7 cannot be reached

hazard('D7 refuses the connection', async (code) => {
  const { url, [Symbol.asyncDispose]: close } = await openFakeUpstream(() => '');
  await close();
  await using house = await openHouse({ settings: { D7_BASE_URL: url } });
  expectCode((await ask(house, 'good')).body, code);
});

hazard('D7 does not accept the connection', async (code) => {
  await using hole = await openBlackHole();
  await using house = await openHouse({
    settings: { D7_BASE_URL: hole.url, UPSTREAM_CONNECT_TIMEOUT_SECONDS: '0.2', UPSTREAM_MAX_RETRIES: '0' },
  });
  expectCode((await ask(house, 'good')).body, code);
  expect(house.logged.join()).toContain('UND_ERR_CONNECT_TIMEOUT');
});

hazard('D7’s name cannot be resolved', async (code) => {
  await using house = await openHouse({ settings: { D7_BASE_URL: 'https://d7.invalid', UPSTREAM_MAX_RETRIES: '0' } });
  expectCode((await ask(house, 'good')).body, code);
});

hazard('D7’s certificate is self-signed', async (code) => {
  const pem = readFileSync(new URL('fixtures/self-signed.pem', import.meta.url));
  const options: FakeOptions = {
    scheme: 'https',
    server: (listen) => createTlsServer({ key: pem, cert: pem }, listen),
  };
  await using open = await openHouseBefore('', {}, options);
  expectCode((await ask(open.house, 'good')).body, code);
  expect(open.house.logged.join()).toContain('SELF_SIGNED_CERT');
  expect(open.fake.asked).toEqual([]);
});

it('offers D7 HTTP/1.1 and nothing else', async () => {
  const pem = readFileSync(new URL('fixtures/self-signed.pem', import.meta.url));
  const offered: string[][] = [];
  const ALPNCallback = ({ protocols }: { protocols: string[] }) => {
    offered.push(protocols);
    return protocols.at(-1);
  };
  const options: FakeOptions = {
    scheme: 'https',
    server: (listen) => createTlsServer({ key: pem, cert: pem, ALPNCallback }, listen),
  };
  await using open = await openHouseBefore('', {}, options);
  await ask(open.house, 'good');
  expect(offered).toEqual([['http/1.1']]);
});

hazard('The environment names a proxy', async () => {
  await using proxy = await openFakeUpstream(() => http('200 OK', log('from-the-proxy')));
  const before = { ...process.env };
  Object.assign(process.env, { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NODE_USE_ENV_PROXY: '1' });
  try {
    await using open = await openHouseBefore('');
    await expectGood(open.house);
    expect(proxy.asked).toEqual([]);
  } finally {
    process.env = before;
  }
});

// D7 is slow

upstreamHazard('D7 does not respond', () => {}, { UPSTREAM_HEADERS_TIMEOUT_SECONDS: '0.3' });
it.each([
  ['nothing comes', () => {}],
  ['hints come', every(20, (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'))],
])('waits for D7’s headers as long as it may, and no longer, when %s', async (_what, bad) => {
  await using open = await openHouseBefore(bad, { UPSTREAM_HEADERS_TIMEOUT_SECONDS: '0.3' });
  expectCode((await ask(open.house, 'bad')).body, 'UPSTREAM_TIMEOUT');
  expect(open.house.logged.join()).toContain('"reason":"no headers in time"');
});
upstreamHazard(
  'D7 sends its headers too slowly',
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    every(20, () => socket.write('x-drip: 1\r\n'))(socket);
  },
  impatient,
);
upstreamHazard(
  'D7 sends 103 responses without end',
  every(20, (socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')),
  impatient,
);
upstreamHazard(
  'D7 sends headers and no body',
  (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'),
  impatient,
);
upstreamHazard(
  'D7 sends its body too slowly',
  (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    every(20, () => socket.write(' '))(socket);
  },
  impatient,
);

hazard('An operation reaches its deadline', async (code) => {
  await using open = await openHouseBefore(() => {}, {
    OPERATION_TIMEOUT_SECONDS: '0.4',
    MAX_CONCURRENT_CALLS_PER_OPERATION: '1',
  });
  const { body } = await open.house.ask(severalLogs, { variables: { requestIds: ['good', 'bad', 'late'] } });
  expect(body.data.viberLogs).toMatchObject([{ requestId: 'good' }, null, null]);
  expect(body.errors).toMatchObject([{ extensions: { code } }, { extensions: { code } }]);
  expect(open.fake.asked).toEqual(['good', 'bad']);
  const attempts = open.house.logged.map((line) => JSON.parse(line)).filter(({ attempt }) => attempt);
  // It is the operation's time that ended `bad`, and no other clock; `late` never went out.
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['log', 'outOfTime']);
  await expect.poll(() => open.house.logged.join()).toContain('"count":1,"reasons":{"outOfTime":1}');
});

// D7 breaks off

upstreamHazard('D7 resets the connection', (socket) => socket.resetAndDestroy());
upstreamHazard('D7 resets the connection in the body', (socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"request_id"', () => socket.resetAndDestroy());
});
upstreamHazard('D7 closes the connection before the body ends', (socket) => {
  socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"request_id"');
});

// D7 lies

const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const badLog = (change: object) => http('200 OK', JSON.stringify({ ...JSON.parse(log('bad')), ...change }));

upstreamHazard('D7 sends a bad chunk', `${chunked}5\r\n{"req\r\nzz\r\n`);
upstreamHazard('D7 sends headers of 200 KB', http('200 OK', log('bad'), { 'x-large': 'x'.repeat(200_000) }));
upstreamHazard('D7 sends a body that is too large', http('200 OK', log('bad') + ' '.repeat(100_000)), {
  UPSTREAM_MAX_BODY_BYTES: '65536',
});
upstreamHazard(
  'D7 sends a gzip bomb',
  http('200 OK', gzipSync(Buffer.alloc(50 * 1024 * 1024)), { 'content-encoding': 'gzip' }),
);
upstreamHazard('D7 sends an empty body', http('200 OK', ''));
upstreamHazard('D7 sends null', http('200 OK', 'null'));
upstreamHazard('D7 sends a list', http('200 OK', `[${log('bad')}]`));
upstreamHazard('D7 sends HTML', http('200 OK', '<html></html>', { 'content-type': 'text/html' }));
upstreamHazard(
  'D7 sends bytes that are not UTF-8',
  http('200 OK', Buffer.from(log('bad').replace('AE', 'A\u00ff'), 'latin1')),
);
upstreamHazard('D7 sends JSON nested a million deep', http('200 OK', '['.repeat(1e6) + ']'.repeat(1e6)));
upstreamHazard('D7 omits the messages', badLog({ messages: undefined }));
upstreamHazard('D7 sends messages that are not a list', badLog({ messages: {} }));
upstreamHazard('D7 sends a message without its id', badLog({ messages: [{ ...message, msg_id: null }] }));
upstreamHazard('D7 sends the log of another request', badLog({ request_id: 'somebody-elses' }));
// redis/redis-py#2624
hazard('D7 sends each response one call late', async (code) => {
  const late = new Map<Socket, string>();
  let connections = 0;
  const says = (id: string) => (socket: Socket) => {
    if (!late.has(socket)) connections += 1;
    // The first connection repeats its first response, and is behind from then on.
    const sent = connections === 1 ? (late.get(socket) ?? id) : id;
    late.set(socket, id);
    socket.write(http('200 OK', log(sent)));
  };
  await using fake = await openFakeUpstream(says);
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  await expectGood(house, 'a');
  expectCode((await ask(house, 'b')).body, code);
  for (const id of ['c', 'd', 'e']) await expectGood(house, id);
  expect([fake.asked, connections]).toEqual([['a', 'b', 'c', 'd', 'e'], 2]);
});

const twice = (body: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** The id gets the row's code however often it is asked for, each time with one call, and no circuit opens. */
function repeatedHazard(name: string, bad: Says): void {
  hazard(name, async (code) => {
    await using open = await openHouseBefore(bad, { BREAKER_MIN_CALLS: '5', UPSTREAM_MAX_RETRIES: '2' });
    for (const authorization of ['Bearer anna', 'Bearer bert']) {
      for (let call = 0; call < 20; call += 1) {
        const { body } = await open.house.ask(oneLog, { variables: { requestId: 'bad' }, authorization });
        expectCode(body, code);
      }
    }
    expect(open.fake.asked).toHaveLength(40);
    await expectGood(open.house);
  });
}

// nodejs/undici#197
repeatedHazard('D7 sends 100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${http('200 OK', log('bad'))}`);
repeatedHazard(
  'D7 switches protocols',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
);
// cloudflare/workerd#2101
repeatedHazard('D7 sends its Content-Length twice', twice(log('bad')));

hazard('D7 sends other interim responses', async () => {
  for (const interim of ['102 Processing', '103 Early Hints', '104 Upload Resumption Supported', '199 Odd']) {
    await using open = await openHouseBefore(`HTTP/1.1 ${interim}\r\nx-a: b\r\n\r\n${http('200 OK', log('bad'))}`);
    await expectGood(open.house, 'bad');
  }
});

upstreamHazard('D7 redirects', http('302 Found', '', { location: '/report/v1/viber-log/good' }));
upstreamHazard('A proxy sends its own 404', http('404 Not Found', '<h1>404</h1>', { 'content-type': 'text/html' }));

/** The id `bad` gets its log, without errors. The operator’s log has a line for each of these paths, and for no other. */
function driftHazard(name: string, sent: Says, sees: object, paths: readonly string[]): void {
  hazard(name, async () => {
    await using open = await openHouseBefore(sent);
    const { body } = await ask(open.house, 'bad');
    expect(body).toMatchObject({ data: { viberLog: { __typename: 'ViberLog', requestId: 'bad', ...sees } } });
    expect(body.errors).toBeUndefined();
    const lines = open.house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith('schema drift'));
    expect(lines.map(({ path }) => path)).toEqual(paths);
  });
}
const badMessage = (change: object) => badLog({ messages: [{ ...message, ...change }] });

// twilio/twilio-node#45, markandrus/twilio-haskell#70
driftHazard(
  'D7 omits a field',
  badMessage({ viber_cost: undefined }),
  { messages: [{ msgId: 'm1', viberCost: null }] },
  ['messages[].viber_cost'],
);
driftHazard(
  'D7 sends null in a field',
  badMessage({ recipient: null }),
  { messages: [{ msgId: 'm1', recipient: null }] },
  ['messages[].recipient'],
);
driftHazard(
  'D7 sends a field of another type',
  badLog({ channel: 7 }),
  { channel: null, messages: [{ msgId: 'm1' }] },
  ['channel'],
);
driftHazard(
  'D7 sends a status that is not text',
  badMessage({ status: 3 }),
  { messages: [{ status: 'UNKNOWN', rawStatus: null }] },
  ['messages[].status'],
);
driftHazard(
  'D7 sends a schedule time that is not a time',
  badMessage({ schedule_time: 0 }),
  { messages: [{ scheduleTime: null }] },
  ['messages[].schedule_time'],
);
// bilipp/Lume#146
driftHazard(
  'D7 sends numbers as text',
  badLog({ total_recipients: '1', messages: [{ ...message, number_of_viber_message: '2', viber_cost: '0.0004' }] }),
  { totalRecipients: 1, messages: [{ numberOfViberMessage: 2, viberCost: 0.0004 }] },
  ['total_recipients', 'messages[].number_of_viber_message', 'messages[].viber_cost'],
);
driftHazard(
  'D7 sends ids as numbers',
  badMessage({ msg_id: 4711, recipient: 971509752600 }),
  { messages: [{ msgId: '4711', recipient: '971509752600' }] },
  ['messages[].msg_id', 'messages[].recipient'],
);
// weaviate/weaviate#2647
driftHazard(
  'D7 sends the request id in another case',
  badLog({ request_id: 'BAD' }),
  { messages: [{ requestId: 'bad' }] },
  [],
);
// node-fetch/node-fetch#541
driftHazard('D7 sends a byte order mark', http('200 OK', `\uFEFF${log('bad')}`), { messages: [{ msgId: 'm1' }] }, []);

hazard('D7 sends a log as another content type', async () => {
  await using open = await openHouseBefore(http('200 OK', log('bad'), { 'content-type': 'text/html' }));
  await expectGood(open.house, 'bad');
});

hazard('D7 sends __proto__ keys', async () => {
  const poisoned = log('bad').replace(
    '{"msg_id"',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"msg_id"',
  );
  await using open = await openHouseBefore(http('200 OK', `{"__proto__":{"polluted":true},${poisoned.slice(1)}`));
  await expectGood(open.house, 'bad');
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

hazard('D7 repeats a message', async () => {
  await using open = await openHouseBefore(http('200 OK', log('bad', [message, message])));
  expect((await ask(open.house, 'bad')).body.data.viberLog.messages).toHaveLength(2);
});

// D7 has troubles

/** Answers the given things to `bad` in turn, and good logs after that. Five good calls have earned one retry. */
async function openHouseWithRetry(...answers: Says[]) {
  const fake = await openFakeUpstream((id) => (id === 'bad' ? answers.shift() : undefined) ?? http('200 OK', log(id)));
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  await house.ask(severalLogs, { variables: { requestIds: ['a', 'b', 'c', 'd', 'e'] } });
  const badAsked = () => fake.asked.filter((id) => id === 'bad').length;
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, badAsked, [Symbol.asyncDispose]: close };
}

hazard('D7 fails once', async () => {
  for (const says of [http('503 Unavailable', ''), (socket: Socket) => socket.resetAndDestroy()]) {
    await using open = await openHouseWithRetry(says);
    await expectGood(open.house, 'bad');
    expect(open.badAsked()).toBe(2);
  }
});

/** Closes every connection at its second call, with these words. */
async function openHouseBeforeHangUp(words: string) {
  const calls = new Map<Socket, number>();
  const says = (id: string) => (socket: Socket) => {
    const count = (calls.get(socket) ?? 0) + 1;
    calls.set(socket, count);
    if (count === 2) socket.end(words);
    else socket.write(http('200 OK', log(id)));
  };
  const fake = await openFakeUpstream(says);
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, BREAKER_MIN_CALLS: '5' } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, calls, [Symbol.asyncDispose]: close };
}

// dotnet/runtime#52659
hazard('D7 answers 408 on an idle connection', async () => {
  for (const connection of ['close', 'keep-alive']) {
    const words = `HTTP/1.1 408 Request Timeout\r\nconnection: ${connection}\r\ncontent-length: 0\r\n\r\n`;
    await using open = await openHouseBeforeHangUp(words);
    const ids = Array.from({ length: 8 }, (_, index) => `good-${index}`);
    for (const id of ids) await expectGood(open.house, id);
    // Each call but the first is sent twice, and the second time on a connection of its own.
    expect(open.fake.asked).toEqual(ids.flatMap((id, index) => (index === 0 ? [id] : [id, id])));
    expect(open.calls.size).toBe(8);
    const attempts = open.house.logged.map((line) => JSON.parse(line)).filter(({ attempt }) => attempt);
    expect(attempts.slice(0, 3)).toMatchObject([
      { attempt: 1, outcome: 'log' },
      { attempt: 1, outcome: 'badResponse', reason: 'status 408' },
      { attempt: 2, outcome: 'log' },
    ]);
  }
});

it('does not retry a 408 on a new connection', async () => {
  await using fake = await openFakeUpstream(() => http('408 Request Timeout', ''));
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  expectCode((await ask(house, 'bad')).body, 'UPSTREAM_BAD_RESPONSE');
  expectCode((await ask(house, 'bad')).body, 'UPSTREAM_BAD_RESPONSE');
  expect(fake.asked).toHaveLength(2);
});

hazard('D7 sends a short Retry-After', async () => {
  await using open = await openHouseWithRetry(http('503 Unavailable', '', { 'retry-after': 1 }));
  const startedMs = performance.now();
  await expectGood(open.house, 'bad');
  expect(performance.now() - startedMs).toBeGreaterThan(990);
  expect(open.badAsked()).toBe(2);
});

hazard('D7 sends a Retry-After beyond the deadline', async (code) => {
  await using open = await openHouseWithRetry(http('503 Unavailable', '', { 'retry-after': 60 }));
  const { body } = await ask(open.house, 'bad');
  expectCode(body, code);
  expect(body.errors[0].extensions.retryAfterSeconds).toBe(60);
  expect(open.badAsked()).toBe(1);
});

// mastra-ai/mastra#23778, getsentry/sentry#7919
hazard('D7 sends an invalid Retry-After', async () => {
  for (const retryAfter of ['-40', '-3600', 'abc 2099', '1.5', '']) {
    await using open = await openHouseWithRetry(http('503 Unavailable', '', { 'retry-after': retryAfter }));
    await expectGood(open.house, 'bad');
    expect(open.badAsked()).toBe(2);
  }
});

hazard('D7 fails repeatedly', async (code) => {
  let well = false;
  await using fake = await openFakeUpstream((id) => (well ? http('200 OK', log(id)) : http('500 Oh', '')));
  await using house = await openHouse({
    settings: { D7_BASE_URL: fake.url, BREAKER_MIN_CALLS: '5', BREAKER_OPEN_SECONDS: '0.3' },
  });
  for (let call = 0; call < 20; call += 1) expectCode((await ask(house, `bad-${call}`)).body, code);
  expect(fake.asked.length).toBeLessThan(10);
  well = true;
  await expect.poll(async () => (await ask(house, 'good')).body.errors).toBeUndefined();
});

it('lets the next call probe, when the client of a probe disconnects before it is answered', async () => {
  let silent = false;
  await using fake = await openFakeUpstream((id) => {
    if (!silent) return http('500 Oh', '');
    return id === 'next' ? http('200 OK', log(id)) : () => {};
  });
  await using house = await openHouse({
    settings: { D7_BASE_URL: fake.url, BREAKER_MIN_CALLS: '5', BREAKER_OPEN_SECONDS: '1', ...patient },
  });
  for (let call = 0; call < 10; call += 1) await ask(house, `bad-${call}`);
  silent = true;
  const failed = fake.asked.length;
  expect(failed).toBeLessThan(10);
  const gone = new AbortController();
  const body = JSON.stringify({ query: oneLog, variables: { requestId: 'probe' } });
  // Rejected at once until a second has passed; then one of them is the probe.
  const probe = async () => {
    while (!gone.signal.aborted) await (await post(house, body, {}, gone.signal)).text();
  };
  const probing = probe().catch(() => 'gone');
  await expect.poll(() => fake.asked.length).toBe(failed + 1);
  // It can wait for what the probe finds, and so it does.
  const next = ask(house, 'next');
  gone.abort();
  expect(await probing).toBe('gone');
  expect((await next).body.data.viberLog.requestId).toBe('next');
  expect(fake.asked.slice(failed)).toEqual(['probe', 'next']);
});

hazard('D7 refuses one caller repeatedly', async (code) => {
  const statuses = ['400 No', '401 No', '402 No', '403 No', '404 No', '422 No', '429 No'];
  await using fake = await openFakeUpstream((id) => http(statuses[Number(id.split('-')[1])] ?? '200 OK', log(id)));
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, BREAKER_MIN_CALLS: '5' } });
  for (let call = 0; call < 70; call += 1) await ask(house, `bad-${call % statuses.length}`);
  expectCode((await ask(house, 'bad-6')).body, code);
  expect(fake.asked).toHaveLength(71);
  await expectGood(house);
});

hazard('D7 occupies every connection', async (code) => {
  await using open = await openHouseBefore(() => {}, { UPSTREAM_CONNECTIONS: '1', UPSTREAM_QUEUE: '1', ...impatient });
  const { fake, house } = open;
  const held = house.ask(severalLogs, { variables: { requestIds: ['bad', 'bad-too'] } });
  await expect.poll(() => fake.asked).toEqual(['bad']);
  const { body } = await ask(house, 'good');
  expectCode(body, code);
  expect(body.errors[0].extensions.retryAfterSeconds).toBe(1);
  await held;
  await expectGood(house);
});

it('gives the place of a client that disconnects while it waits to the next one', async () => {
  await using open = await openHouseBefore(() => {}, {
    UPSTREAM_CONNECTIONS: '1',
    UPSTREAM_QUEUE: '1',
    UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '2',
  });
  const { fake, house } = open;
  const held = ask(house, 'bad');
  await expect.poll(() => fake.asked).toEqual(['bad']);
  const gone = new AbortController();
  const waiting = post(house, JSON.stringify({ query: oneLog, variables: { requestId: 'waits' } }), {}, gone.signal);
  await expect.poll(async () => (await ask(house, 'too-many')).body.errors?.[0].extensions.code).toBe('OVERLOADED');
  gone.abort();
  await expect(waiting).rejects.toThrow();
  await expect.poll(async () => (await ask(house, 'good')).body.errors).toBeUndefined();
  expect(fake.asked).not.toContain('waits');
  await held;
});

it('never sends a call that is aborted while its connection is opened', async () => {
  await using fake = await openFakeUpstream((id) => http('200 OK', log(id)));
  using resolver = holdLookups();
  await using house = await openHouse({
    settings: { D7_BASE_URL: fake.url.replace('127.0.0.1', 'localhost'), UPSTREAM_CONNECTIONS: '1', ...impatient },
  });
  expectCode((await ask(house, 'aborted')).body, 'UPSTREAM_TIMEOUT');
  expect(resolver.held).toHaveLength(1);
  resolver.release();
  // The only connection is free again once the aborted call is out of its way.
  await expectGood(house);
  expect(fake.asked).toEqual(['good']);
});

hazard('The client disconnects', async () => {
  await using house = await openHouse();
  const gone = new AbortController();
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' };
  const variables = { requestIds: ['silent-1', 'silent-2', 'silent-3'] };
  const body = JSON.stringify({ query: severalLogs, variables });
  const answer = fetch(house.url, { method: 'POST', headers, body, signal: gone.signal });
  await expect.poll(() => house.sandbox.callCount()).toBe(3);
  gone.abort();
  await expect(answer).rejects.toThrow();
  await expect.poll(() => house.sandbox.abortedCount()).toBe(3);
  await expectGood(house, 'recipients-1');
});

// Clients that ask for too much

const post = (
  house: House,
  body: string | ReadableStream,
  headers: Record<string, string> = {},
  signal: AbortSignal | null = null,
) =>
  fetch(house.url, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox-token', ...headers },
    body,
    duplex: 'half',
  } as RequestInit);

async function expectRefused(response: Response, status: number, code: string): Promise<void> {
  const body = await response.json();
  expect([response.status, body.errors[0].extensions.code, 'data' in body]).toEqual([status, code, false]);
}

/** The document is refused with 400 and the row's code, and D7 is not asked. */
function documentHazard(name: string, document: string, settings: Record<string, string> = {}): void {
  hazard(name, async (code) => {
    await using house = await openHouse({ settings });
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      await expectRefused(await post(house, JSON.stringify({ query: document }), { accept }), 400, code);
    }
    expect(house.sandbox.callCount()).toBe(0);
  });
}

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');
const nested = (depth: number): string => (depth === 0 ? '__typename' : `... { ${nested(depth - 1)} }`);

hazard('A request is too large', async (code) => {
  await using house = await openHouse();
  await expectRefused(
    await post(house, JSON.stringify({ query: `{ __typename } #${'x'.repeat(200_000)}` })),
    413,
    code,
  );
  await expectGood(house, 'recipients-1');
});

hazard('A request does not end', async (code) => {
  await using house = await openHouse();
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1;
      controller.enqueue(Buffer.alloc(10_000, 'x'));
    },
  });
  const response = await post(house, endless);
  await expectRefused(response, 413, code);
  expect(response.headers.get('connection')).toBe('close');
  expect(sent).toBeLessThan(2000);
});

documentHazard('A document is too long', `{ ${repeat(1000, () => '__typename')} }`);
documentHazard('A document is nested too deeply', `{ viberLog(requestId: "a") { ${nested(12)} } }`);
documentHazard(
  'A document has too many aliases',
  `{ ${repeat(31, (index) => `a${index}: viberLog(requestId: "a") { __typename }`)} }`,
);
documentHazard('A document has too many directives', `{ ${repeat(31, () => '__typename @include(if: true)')} }`);
documentHazard('A document repeats a field too often', `{ ${repeat(31, () => '__typename')} }`);
documentHazard('A document has a name that is too long', `{ ${'x'.repeat(257)} }`);
documentHazard(
  'An operation asks for too many different logs',
  `query ($on: Boolean = true) {
    a: viberLogs(requestIds: ["1", "2", " 1 "]) { __typename }
    ...More
    ...More
    ... @include(if: $on) { c: viberLog(requestId: "4") { __typename } }
  }
  fragment More on Query { b: viberLog(requestId: "3") { __typename } }`,
  { MAX_UPSTREAM_CALLS_PER_OPERATION: '3' },
);
documentHazard(
  'An operation asks for too many items',
  `query ($on: Boolean = true) {
    a: viberLogs(requestIds: ["1", "1", "1"]) { __typename }
    ... @include(if: $on) { b: viberLog(requestId: "1") { __typename } }
  }`,
  { MAX_ITEMS_PER_OPERATION: '3' },
);

it('counts only different logs, and only those that are asked for', async () => {
  await using house = await openHouse({ settings: { MAX_UPSTREAM_CALLS_PER_OPERATION: '2' } });
  const { body } = await house.ask(
    `query ($ids: [ID!]!, $no: Boolean = false) {
      a: viberLogs(requestIds: $ids) { __typename }
      b: viberLog(requestId: "recipients-1") { __typename }
      c: viberLog(requestId: "recipients-3") @include(if: $no) { __typename }
      ... @skip(if: true) { d: viberLog(requestId: "recipients-4") { __typename } }
    }`,
    { variables: { ids: ['recipients-1', 'recipients-2', 'recipients-1'] } },
  );
  expect(body.errors).toBeUndefined();
  expect(house.sandbox.callCount()).toBe(2);
});

/** A log of 1000 messages is 150 KB of D7's, and 50 KB as it is asked for here. */
const largeLog = (requestId: string) =>
  http(
    '200 OK',
    log(
      requestId,
      Array.from({ length: 1000 }, () => message),
    ),
  );
const recipients = 'query ($id: ID!) { viberLog(requestId: $id) { ... on ViberLog { messages { recipient msgId } } } }';

hazard('An operation computes figures of too many messages', async (code) => {
  await using house = await openHouse({ settings: { MAX_COMPUTED_ROWS_PER_OPERATION: '25' } });
  const query = `{ viberLogs(requestIds: ["recipients-10", "recipients-20", "recipients-5"]) {
    ... on ViberLog { summary { messages } } } }`;
  const { body } = await house.ask(query);
  expect(body.data.viberLogs.filter((log: unknown) => log === null)).toHaveLength(1);
  expect(body.errors).toMatchObject([{ path: ['viberLogs', expect.any(Number), 'summary'], extensions: { code } }]);
});

hazard('A response is too large', async (code) => {
  await using fake = await openFakeUpstream((id) => (id === 'large' ? largeLog(id) : http('200 OK', log(id))));
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, MAX_RESPONSE_BYTES: '40000' } });
  const { status, body } = await house.ask(recipients, { variables: { id: 'large' } });
  expect([status, body.data, body.errors.length]).toEqual([200, null, 1]);
  expect(body.errors[0].extensions).toEqual({ code });
  await expectGood(house);
});

hazard('All operations together hold too many bytes', async (code) => {
  await using fake = await openFakeUpstream((id) => (id.startsWith('large') ? largeLog(id) : http('200 OK', log(id))));
  const limits = { MAX_RESPONSE_BYTES: '250000', UPSTREAM_MAX_BODY_BYTES: '200000', MAX_BYTES_IN_FLIGHT: '250000' };
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...limits } });
  const query = '{ viberLogs(requestIds: ["large-1", "large-2"]) { ... on ViberLog { totalRecipients } } }';
  const { body } = await house.ask(query);
  expect(body.data.viberLogs.toSorted()).toEqual([{ totalRecipients: 1000 }, null]);
  expect(body.errors).toMatchObject([{ extensions: { code, retryAfterSeconds: 1 } }]);
  await expectGood(house);
});

hazard('An operation fails in too many places', async (code) => {
  await using house = await openHouse({ settings: { MAX_ERRORS: '10' } });
  const requestIds = Array.from({ length: 30 }, () => '..');
  const { body } = await house.ask(severalLogs, { variables: { requestIds } });
  expect(body.data.viberLogs).toEqual(requestIds.map(() => null));
  expect(body.errors).toHaveLength(10);
  expect(body.errors[9].extensions).toEqual({ code, omitted: 21 });
});

hazard('A request is a batch of operations', async (code) => {
  await using house = await openHouse();
  const batch = JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]);
  await expectRefused(await post(house, batch), 400, code);
});

hazard('A request is not JSON', async (code) => {
  await using house = await openHouse();
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const response = await post(house, 'secret-of-the-caller', { accept });
    expect(await response.clone().text()).not.toContain('secret');
    await expectRefused(response, 400, code);
  }
});

hazard('Variables do not fit the operation', async (code) => {
  await using house = await openHouse();
  for (const variables of [{ requestId: { a: 1 } }, { requestId: null }, {}]) {
    const body = JSON.stringify({ query: oneLog, variables });
    await expectRefused(await post(house, body, { accept: 'application/graphql-response+json' }), 400, code);
  }
  expect(house.sandbox.callCount()).toBe(0);
});

hazard('A request names no operation of its document', async (code) => {
  await using house = await openHouse();
  const query = 'query A { __typename } query B { __typename }';
  const { errors } = await (await post(house, JSON.stringify({ query, operationName: 'C' }))).json();
  expect(errors).toMatchObject([{ extensions: { code } }]);
});

hazard('A request is a mutation', async (code) => {
  await using house = await openHouse();
  const { errors } = await (await post(house, JSON.stringify({ query: 'mutation { __typename }' }))).json();
  expect(errors).toMatchObject([{ extensions: { code } }]);
});

// Clients that explore

const production = { NODE_ENV: 'production' };
const refusedAsInvalid = async (query: string, words: RegExp, code: string) => {
  await using house = await openHouse({ settings: production });
  const { body } = await house.ask(query);
  expect(body.errors[0]).toMatchObject({ message: expect.stringMatching(words), extensions: { code } });
};

hazard('A client introspects the schema in production', (code) =>
  refusedAsInvalid('{ __schema { types { name } } }', /introspection is not allowed|has been disabled/i, code),
);
hazard('A client guesses field names in production', (code) =>
  refusedAsInvalid('{ viberLo }', /^Cannot query field "viberLo" on type "Query"\.$/, code),
);

hazard('A client opens GraphiQL in production', async () => {
  await using house = await openHouse({ settings: production });
  const response = await fetch(house.url, { headers: { accept: 'text/html' } });
  expect(response.status).not.toBe(200);
  expect(await response.text()).not.toContain('<html');
});

// Pages of other origins

hazard('A page of another origin sends a request without a preflight', async (code) => {
  await using house = await openHouse();
  const query = JSON.stringify({ query: '{ __typename }' });
  const form = { method: 'POST', body: new URLSearchParams({ query: '{ __typename }' }) };
  await expectRefused(await fetch(`${house.url}?query={__typename}`), 403, code);
  await expectRefused(await fetch(house.url, { method: 'POST', body: query }), 403, code);
  await expectRefused(await fetch(house.url, form), 403, code);
  expect(
    (await fetch(house.url, { method: 'POST', body: query, headers: { 'content-type': 'application/json' } })).status,
  ).toBe(200);
  expect(
    (await fetch(`${house.url}?query={__typename}`, { headers: { 'apollo-require-preflight': '1' } })).status,
  ).toBe(200);
});

hazard('A page of an unlisted origin sends a request', async () => {
  const preflight = { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } };
  const from = async (house: House, origin: string) => {
    const { headers } = await fetch(house.url, { ...preflight, headers: { ...preflight.headers, origin } });
    return [
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-credentials'),
      headers.get('vary'),
    ];
  };
  await using closed = await openHouse();
  expect(await from(closed, 'https://app.example')).toEqual([null, null, null]);
  await using house = await openHouse({ settings: { CORS_ORIGINS: 'https://app.example, https://two.example' } });
  expect(await from(house, 'https://evil.example')).toEqual([null, null, 'Origin']);
  const [allowed, credentials, vary] = await from(house, 'https://app.example');
  expect([allowed, credentials]).toEqual(['https://app.example', null]);
  expect(vary).toContain('Origin');
});

// Clients that are odd

/** Headers as they stand, twice the same where they do; fetch would join or refuse them. */
function rawPost(
  house: House,
  headers: string[],
  body = JSON.stringify({ query: '{ viberLog(requestId: "a") { __typename } }' }),
) {
  const { hostname, port, pathname: path } = new URL(house.url);
  const all = ['host', hostname, 'content-type', 'application/json', 'content-length', String(body.length), ...headers];
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const request = httpRequest({ hostname, port, path, method: 'POST', headers: all }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
      request.on('error', reject).end(body);
    },
  );
}

hazard('A client sends two tokens', async (code) => {
  await using house = await openHouse();
  const { text } = await rawPost(house, ['authorization', 'Bearer sandbox-token', 'authorization', 'Bearer other']);
  expect(JSON.parse(text).errors[0].extensions.code).toBe(code);
  expect(house.sandbox.callCount()).toBe(0);
});

hazard('A client sends a token of 100 KB', async () => {
  await using house = await openHouse();
  const answer = await rawPost(house, ['authorization', `Bearer ${'x'.repeat(100_000)}`]).catch(() => ({
    status: 431,
  }));
  expect(answer.status).toBe(431);
});

hazard('A client sends control characters in a header', async () => {
  await using house = await openHouse();
  const { hostname, port } = new URL(house.url);
  const socket = connect(Number(port), hostname);
  socket.end('POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a\u0001b\r\ncontent-length: 0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
});

hazard('A client sends an invalid X-Request-Id', async () => {
  await using house = await openHouse();
  const idFor = async (given: string) => (await rawPost(house, ['x-request-id', given])).headers['x-request-id'];
  expect(await idFor('call-7.a_B')).toBe('call-7.a_B');
  for (const odd of ['a b', 'x'.repeat(65), '{"a":1}', '']) expect(await idFor(odd)).toMatch(/^[0-9a-f-]{36}$/);
});

/** What the server says to a client that begins a request and then sends nothing more, until it hangs up. */
async function beginOnly(house: House, words: string): Promise<string> {
  const { hostname, port } = new URL(house.url);
  const socket = connect(Number(port), hostname);
  socket.write(words);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

hazard('A client does not finish its headers', async () => {
  await using house = await openHouse({ settings: { CLIENT_HEADERS_TIMEOUT_SECONDS: '0.5' } });
  expect(await beginOnly(house, 'POST /graphql HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
});

hazard('A client does not finish its request', async () => {
  await using house = await openHouse({
    settings: { CLIENT_HEADERS_TIMEOUT_SECONDS: '0.5', CLIENT_REQUEST_TIMEOUT_SECONDS: '0.5' },
  });
  const begun =
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query"';
  expect(await beginOnly(house, begun)).toMatch(/^HTTP\/1\.1 408 /);
});

hazard('A connection is idle', async () => {
  const request = 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n';
  await using house = await openHouse({ settings: { CLIENT_KEEP_ALIVE_SECONDS: '0.1' } });
  expect(await beginOnly(house, request)).toMatch(/^HTTP\/1\.1 200 /);

  await using usual = await openHouse();
  const { headers } = await fetch(new URL('/health', usual.url));
  const seconds = Number(/^timeout=(\d+)$/.exec(headers.get('keep-alive') ?? '')?.[1]);
  // nginx, and the load balancers of AWS, keep an idle connection for 60 seconds.
  expect(seconds).toBeGreaterThan(65);
});

it('has a row for each of these tests, and a test for each row', () => {
  expect([...rows.keys()]).toEqual(tested);
});

it.each([
  ['sharing and following', sharedRows, /\.test\.ts$/, 20],
  ['watching', watchingRows, /^board.*\.test\.ts$/, 10],
] as const)('has a test for each row about %s, in the file for that part', (_about, partRows, isFile, atLeast) => {
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder).filter((name) => isFile.test(name));
  const source = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
  // The title is the name alone, or the name before what distinguishes the rows of the test's own table.
  const isTitle = (name = '') => ["'", ': ', ' (', ', '].some((end) => source.includes(`'${name}${end}`));
  expect(partRows.length).toBeGreaterThan(atLeast);
  expect(partRows.map(([name]) => name).filter((name) => !isTitle(name))).toEqual([]);
});

it('names only settings that exist', () => {
  const others = [...sharedRows, ...watchingRows].map(([, , setting]) => setting);
  const cells = [...[...rows.values()].map(({ setting }) => setting), ...others];
  expect(codesIn(cells.join()).filter((name) => !(name in allSettings))).toEqual([]);
});

type BlackHole = AsyncDisposable & { url: string };

/**
 * A port that takes no connection: its thread sleeps, so nobody accepts, and the kernel's short queue is full. What comes
 * after that is dropped without a word, as by a firewall.
 */
async function openBlackHole(): Promise<BlackHole> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  let taken = 0;
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  for (const filler of fillers) filler.once('connect', () => (taken += 1));
  await expect.poll(() => taken).toBe(2);
  const close = async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

/** `localhost` is 127.0.0.1, but its lookups end only with `release`. */
function holdLookups() {
  const held: (() => void)[] = [];
  let isHolding = true;
  const { lookup } = dns;
  const spy = vi.spyOn(dns, 'lookup').mockImplementation(((name: string, options: LookupOptions, found: Found) => {
    if (name !== 'localhost') return lookup(name, options as never, found as never);
    const answer = () =>
      options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);
    if (isHolding) held.push(answer);
    else answer();
  }) as typeof dns.lookup);
  const release = () => {
    isHolding = false;
    for (const answer of held) answer();
  };
  return { held, release, [Symbol.dispose]: () => spy.mockRestore() };
}

type LookupOptions = { all?: boolean };
type Found = (error: null, address: string | { address: string; family: number }[], family?: number) => void;
