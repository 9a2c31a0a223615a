/** Compressed responses: which coding a client gets, that what it decodes is the same, and what compressing costs others. */

import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BytesInFlight } from '../src/bytes-in-flight.ts';
import { createResponseCache } from '../src/graphql/fast-path/response-cache.ts';
import { HeldObjects, PendingResponse } from '../src/graphql/response/pending-response.ts';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, liveLog, openHouse } from './house.ts';
import { holdThreadPool } from './thread-pool.ts';

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  zstd: zstdDecompressSync,
  br: brotliDecompressSync,
  gzip: gunzipSync,
};
const codings = Object.keys(decoders);

/** Without `fetchedAt`: the same for each read. */
const rows = '__typename ... on ViberLog { messages { msgId country recipient status rawStatus viberCost } }';
const query = `query Rows($requestId: ID!) { viberLog(requestId: $requestId) { ${rows} } }`;
const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60' };

type Answer = { status: number | undefined; headers: IncomingMessage['headers']; bytes: Buffer; text: string };
type Asked = { requestId?: string; headers?: OutgoingHttpHeaders; params?: object; method?: string; url?: string };

/** As it is on the wire. */
async function ask(house: House, coding: string | string[] | undefined, asked: Asked = {}): Promise<Answer> {
  const { request } = send(house, coding, asked);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat(await response.toArray());
  const { statusCode: status, headers } = response;
  const decode = decoders[headers['content-encoding'] ?? ''];
  return { status, headers, bytes, text: (decode ? decode(bytes) : bytes).toString() };
}

function send(house: House, coding: string | string[] | undefined, asked: Asked) {
  const { requestId = 'recipients-50', headers, params, method = 'POST', url = house.url } = asked;
  const request = httpRequest(url, {
    method,
    agent: false,
    headers: {
      authorization: `Bearer ${sandboxToken}`,
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...(coding !== undefined && { 'accept-encoding': coding }),
      ...headers,
    },
  });
  request.on('error', () => {});
  request.end(method === 'POST' ? JSON.stringify({ query, variables: { requestId }, ...params }) : undefined);
  return { request };
}

type Way = { settings?: Record<string, string>; asked: (house: House) => Asked };

const ways: Record<string, Way> = {
  'POST by the fast path': { asked: () => ({}) },
  'POST by the fast path from its cache': { settings: kept, asked: () => ({}) },
  'POST through Yoga': { asked: () => ({ headers: { accept: 'application/json, text/html;q=0.1' } }) },
  'POST through Yoga with its body': { asked: () => ({ params: { extensions: {} } }) },
  'POST with FAST_PATH=off': { settings: { FAST_PATH: 'off' }, asked: () => ({}) },
  'POST of Apollo Client': { asked: () => ({ headers: { accept: 'application/graphql-response+json' } }) },
  GET: {
    asked: ({ url }) => {
      const variables = JSON.stringify({ requestId: 'recipients-50' });
      return { method: 'GET', url: `${url}?${new URLSearchParams({ query, variables })}` };
    },
  },
};

describe.each(Object.entries(ways))('%s', (_name, { settings = {}, asked }) => {
  it('sends the same response in each coding', async () => {
    await using house = await openHouse({ settings });
    const plain = await ask(house, undefined, asked(house));
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(plain.text).data.viberLog.messages).toHaveLength(50);
    for (const coding of [...codings, ...codings, 'identity']) {
      const { status, headers, bytes, text } = await ask(house, coding, asked(house));
      expect([status, headers['content-encoding'] ?? 'identity']).toEqual([200, coding]);
      expect(text).toBe(plain.text);
      expect(headers).toMatchObject({
        vary: 'Accept-Encoding',
        'content-length': String(bytes.length),
        'content-type': plain.headers['content-type'],
      });
      if (coding !== 'identity') expect(bytes.length).toBeLessThan(plain.bytes.length / 3);
    }
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('sends an error that is large enough in each coding, and the same', async () => {
    await using house = await openHouse({ settings: { ...settings, COMPRESSION_MIN_BYTES: '50' } });
    const wrong = asked(house);
    if (wrong.url) wrong.url = wrong.url.replaceAll('msgId', 'messageId');
    else wrong.params = { ...wrong.params, query: query.replace('msgId', 'messageId') };
    const plain = await ask(house, undefined, wrong);
    expect(JSON.parse(plain.text).errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    for (const coding of codings) {
      const { status, headers, text } = await ask(house, coding, wrong);
      expect([status, headers['content-encoding'], text]).toEqual([plain.status, coding, plain.text]);
    }
  });
});

it('A client gets the coding that it wants most (RFC 9110, section 12.5.3)', async () => {
  await using house = await openHouse();
  const table: [string | string[] | undefined, string][] = [
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['GZIP', 'gzip'],
    [' gzip ; Q=0.3 ,, br;q=0.2', 'gzip'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    [['gzip;q=0.5', 'br;q=0.8'], 'br'],
    ['*', 'zstd'],
    ['zstd;q=0, *', 'br'],
    ['zstd;q=0.1, *;q=0.5', 'br'],
    ['gzip;q=0', 'identity'],
    ['*;q=0', 'identity'],
    ['identity', 'identity'],
    ['identity, gzip', 'gzip'],
    ['identity;q=0.5, gzip;q=0.4', 'identity'],
    ['gzip;q=0.4, *;q=0.5, br;q=0, zstd;q=0', 'identity'],
    ['identity;q=0, gzip;q=0.001', 'gzip'],
    ['deflate, compress', 'identity'],
    // Nothing that this server has.
    ['identity;q=0', 'identity'],
    ['gzip;q=abc', 'identity'],
    ['gzip;q=2, br;q=-1', 'identity'],
    ['gzip q=1', 'identity'],
    ['@;=,;;q', 'identity'],
    ['constructor, __proto__', 'identity'],
  ];
  const got = [];
  for (const [accepted] of table) {
    const { headers } = await ask(house, accepted);
    got.push([accepted, headers['content-encoding'] ?? 'identity']);
  }
  expect(got).toEqual(table);
});

it.each([{ FAST_PATH: 'on' }, { FAST_PATH: 'off' }])(
  'Only responses from the setting on are compressed, and vary by what the client accepts: %o',
  async (path) => {
    const { length } = (await askWith({ ...path, COMPRESSION_MIN_BYTES: '0' })).bytes;
    for (const [minBytes, coding, vary] of [
      [length, 'br', 'Accept-Encoding'],
      [length + 1, undefined, undefined],
      [0, undefined, undefined],
    ] as const) {
      const { headers } = await askWith({ ...path, COMPRESSION_MIN_BYTES: String(minBytes) });
      expect([headers['content-encoding'], headers.vary]).toEqual([coding, vary]);
    }
    async function askWith(settings: Record<string, string>) {
      await using house = await openHouse({ settings });
      return await ask(house, 'br', { requestId: 'recipients-2' });
    }
  },
);

it('A log of ten thousand messages takes less than a tenth of its bytes', async () => {
  await using house = await openHouse({ settings: kept });
  const { bytes, text } = await ask(house, undefined, { requestId: 'recipients-10000' });
  for (const coding of codings) {
    const compressed = await ask(house, coding, { requestId: 'recipients-10000' });
    expect(compressed.text === text).toBe(true);
    expect(compressed.bytes.length).toBeLessThan(bytes.length / 10);
  }
});

it('The limit of a response is of its bytes before they are compressed', async () => {
  await using house = await openHouse({ settings: { MAX_RESPONSE_BYTES: '100000' } });
  const { text } = await ask(house, 'br', { requestId: 'recipients-10000' });
  expect(JSON.parse(text).errors[0].extensions.code).toBe('MAX_RESPONSE_BYTES_LIMIT');
});

it('What a response varies by beside its coding is kept', async () => {
  const origin = 'https://app.example.com';
  await using house = await openHouse({ settings: { CORS_ORIGINS: origin } });
  const { headers } = await ask(house, 'gzip', { headers: { origin } });
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'access-control-allow-origin': origin });
  expect(headers.vary?.split(', ').toSorted()).toEqual(['Accept-Encoding', 'Origin']);
});

it('A response that does not become smaller is sent as it is', async () => {
  await using house = await openHouse({ settings: { COMPRESSION_MIN_BYTES: '1' } });
  for (const coding of codings) {
    const { headers, text } = await ask(house, coding, { params: { query: '{ __typename }' } });
    expect(JSON.parse(text)).toEqual({ data: { __typename: 'Query' } });
    expect(headers['content-encoding']).toBeUndefined();
  }
});

it('A HEAD request, a refusal and a probe are answered as before', async () => {
  await using house = await openHouse({ settings: { COMPRESSION_MIN_BYTES: '1' } });
  const head = await ask(house, 'gzip', { method: 'HEAD' });
  expect([head.status, head.bytes.length]).toEqual([405, 0]);
  for (const [path, status] of Object.entries({ '/nowhere': 404, '/health': 200 })) {
    const answer = await ask(house, 'gzip', { method: 'GET', url: new URL(path, house.url).href });
    expect([answer.status, answer.headers['content-encoding']]).toEqual([status, undefined]);
    expect(JSON.parse(answer.text)).toBeTypeOf('object');
  }
});

it('An event stream is not compressed: each event is sent when it comes', async () => {
  await using house = await openHouse({ settings: { COMPRESSION_MIN_BYTES: '1' } });
  const { request } = send(house, 'gzip, br, zstd', {
    headers: { accept: 'text/event-stream' },
    params: { query: liveLog, variables: { requestId: 'moving' } },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.headers['content-encoding']).toBeUndefined();
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    if (text.includes('"__typename":"ViberLog"')) break;
  }
  expect(text).not.toContain('event: complete');
});

describe('a cached response', () => {
  const cachedHouse = () => openHouse({ settings: { ...kept, FAST_PATH: 'on' } });
  const ids = { requestId: 'recipients-1000' };

  it('is compressed once for each coding', async () => {
    await using house = await cachedHouse();
    // A response is cached when its logs were read before.
    await ask(house, 'identity', ids);
    await ask(house, 'identity', ids);
    for (const coding of codings) {
      const bytes: Buffer[] = [];
      const count = await compressionsDuring(async () => {
        for (let round = 0; round < 3; round += 1) bytes.push(await askForBytes(house, coding));
        bytes.push(...(await Promise.all(Array.from({ length: 10 }, () => askForBytes(house, coding)))));
      });
      expect(count).toBe(1);
      expect(bytes.every((one) => bytes[0]?.equals(one))).toBe(true);
    }
  });

  it('is compressed once for clients that ask at the same time', async () => {
    await using house = await cachedHouse();
    await ask(house, 'identity', ids);
    await ask(house, 'identity', ids);
    let answers: Buffer[] = [];
    const count = await compressionsDuring(async () => {
      await using pool = await holdThreadPool();
      const asking = Promise.all(Array.from({ length: 10 }, () => askForBytes(house, 'gzip')));
      // One that is not compressed passes those that are.
      await ask(house, 'identity', ids);
      await pool.release();
      answers = await asking;
    });
    expect(count).toBe(1);
    expect(new Set(answers.map((bytes) => gunzipSync(bytes).length)).size).toBe(1);
  });

  it('does not outlive its token with any of its forms', async () => {
    let isRejected = false;
    const messages = Array(50).fill({ ...message, status: 'delivered' });
    await using fake = await openFakeUpstream((id) =>
      isRejected ? http('401 Unauthorized', '{}') : http('200 OK', log(id, messages)),
    );
    await using house = await openHouse({ settings: { ...kept, D7_BASE_URL: fake.url } });
    for (let round = 0; round < 4; round += 1) await ask(house, 'br');
    expect(fake.asked).toHaveLength(1);
    isRejected = true;
    await ask(house, 'br', { requestId: 'another' });
    expect(JSON.parse((await ask(house, 'br')).text).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('is counted with its forms, and goes with them', async () => {
    const cache = createResponseCache({ maxBytes: 100_000, ttlMs: 60_000 });
    const fetchedAt = new Date(0);
    const result = { kind: 'noSuchLog', fetchedAt } as never;
    const reads = { callerKey: 'a', cachedResult: () => result, countCached: () => {} } as never;
    const put = (key: string) => cache?.put(key, reads, 'x'.repeat(10_000), new Map([['id', result]]), 1);
    put('first');
    const second = put('second');
    expect(second).toBe(cache?.find('second', reads));
    // 20 KB and some overhead: with 78 KB more it is full.
    await second?.forms.keep('br', Promise.resolve(Buffer.alloc(70_000)));
    expect([cache?.find('first', reads), cache?.find('second', reads)]).toEqual([expect.anything(), second]);
    await second?.forms.keep('gzip', Promise.resolve(Buffer.alloc(10_000)));
    expect([cache?.find('first', reads), cache?.find('second', reads)]).toEqual([undefined, second]);
    // Alone it does not fit, so it makes room for those that do.
    await second?.forms.keep('zstd', Promise.resolve(Buffer.alloc(10_000)));
    expect(cache?.find('second', reads)).toBe(undefined);
    // One that has gone is not counted again.
    const third = put('third');
    await second?.forms.keep('other', Promise.resolve(Buffer.alloc(99_000)));
    expect(cache?.find('third', reads)).toBe(third);
  });

  async function askForBytes(house: House, coding: string) {
    const { headers, bytes } = await askRaw(house, coding, ids);
    expect(headers['content-encoding']).toBe(coding);
    return bytes;
  }
});

/** Decodes nothing: a decoder would be counted as a compression. */
async function askRaw(house: House, coding: string, asked: Asked) {
  const [response] = (await once(send(house, coding, asked).request, 'response')) as [IncomingMessage];
  return { headers: response.headers, bytes: Buffer.concat(await response.toArray()) };
}

// The next two have the names of rows in hazards.md.
it.each([{ FAST_PATH: 'on' }, { FAST_PATH: 'off' }])(
  'More responses are ready than the gateway compresses at once',
  async (path) => {
    await using house = await openHouse({ settings: { ...path, MAX_CONCURRENT_COMPRESSIONS: '3' } });
    const plain = await ask(house, undefined);
    await using pool = await holdThreadPool();
    const codingsOf: string[] = [];
    const asking = Promise.all(
      Array.from({ length: 10 }, async () => {
        const { headers, text } = await ask(house, 'gzip');
        expect(text).toBe(plain.text);
        codingsOf.push(headers['content-encoding'] ?? 'identity');
      }),
    );
    // Nobody waits for those that are compressed.
    await expect.poll(() => codingsOf).toEqual(Array(7).fill('identity'));
    await pool.release();
    await asking;
    expect(codingsOf.slice(7)).toEqual(Array(3).fill('gzip'));
    expect((await ask(house, 'gzip')).headers['content-encoding']).toBe('gzip');
  },
);

it.each([{ FAST_PATH: 'on' }, { FAST_PATH: 'off' }])(
  'A client disconnects while its response is compressed',
  async (path) => {
    const limits = {
      MAX_RESPONSE_BYTES: '400000',
      UPSTREAM_MAX_BODY_BYTES: '400000',
      MAX_BYTES_IN_FLIGHT: '480000',
    };
    await using house = await openHouse({ settings: { ...path, ...limits, MAX_CONCURRENT_COMPRESSIONS: '1' } });
    const large = { requestId: 'recipients-1000' };
    const code = async () => JSON.parse((await ask(house, undefined, large)).text).errors?.[0].extensions.code;
    expect(await code()).toBeUndefined();
    {
      await using pool = await holdThreadPool();
      const { request } = send(house, 'gzip', large);
      const isLogged = () => house.logged.filter((line) => line.includes('"msg":"operation"')).length;
      await expect.poll(isLogged).toBe(2);
      // Its bytes are in use until then, so they count.
      await expect.poll(code).toBe('OVERLOADED');
      request.destroy();
      for (let round = 0; round < 3; round += 1) expect(await code()).toBe('OVERLOADED');
      await pool.release();
    }
    await expect.poll(code).toBeUndefined();
    expect((await ask(house, 'gzip', large)).headers['content-encoding']).toBe('gzip');
    expect(house.logged.join()).not.toContain('unexpected');
  },
);

describe('the bytes that a pending response holds', () => {
  const kb = 1024;
  const open = (maxKb: number) => {
    const bytesInFlight = new BytesInFlight(maxKb * kb);
    const held = new HeldObjects(bytesInFlight);
    return { bytesInFlight, pendingOf: (caller: string) => new PendingResponse(held, caller) };
  };

  it('are those of its compressed form, once it has one', () => {
    const { bytesInFlight, pendingOf } = open(1000);
    const [body, form] = [Buffer.alloc(300 * kb), Buffer.alloc(30 * kb)];
    const [first, second] = [pendingOf('a'), pendingOf('a')];
    for (const pending of [first, second]) expect(pending.tryComplete(body)).toBe(true);
    expect(first.tryReplace(form)).toBe(true);
    expect(bytesInFlight.held).toBe(330 * kb);
    expect(second.tryReplace(form)).toBe(true);
    expect(bytesInFlight.held).toBe(30 * kb);
    expect(first.tryReplace(Buffer.alloc(kb))).toBe(true);
    second.end();
    expect(bytesInFlight.held).toBe(0);
  });

  it('stay until the compression ends, also after the client has disconnected', async () => {
    const { bytesInFlight, pendingOf } = open(1000);
    const pending = pendingOf('a');
    expect(pending.tryComplete(Buffer.alloc(300 * kb))).toBe(true);
    const { promise, resolve } = Promise.withResolvers<null>();
    const holding = pending.holdDuring(promise);
    pending.end();
    expect(bytesInFlight.held).toBe(300 * kb);
    resolve(null);
    await holding;
    expect(bytesInFlight.held).toBe(0);
  });

  it('stay as they are where there is no room for another form', () => {
    const { bytesInFlight, pendingOf } = open(700);
    const pending = pendingOf('a');
    expect(pending.tryComplete(Buffer.alloc(450 * kb))).toBe(true);
    expect(pending.tryReplace(Buffer.alloc(100 * kb))).toBe(false);
    expect(bytesInFlight.held).toBe(450 * kb);
    pending.end();
    expect(bytesInFlight.held).toBe(0);
  });
});

/** How many compressors were made. */
async function compressionsDuring(run: () => Promise<void>): Promise<number> {
  let count = 0;
  const init = (_id: number, type: string) => {
    if (type === 'ZLIB') count += 1;
  };
  const hook = createHook({ init }).enable();
  await run();
  hook.disable();
  return count;
}
