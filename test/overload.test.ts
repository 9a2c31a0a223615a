/** A response that the gateway has no memory for: whether its caller holds too much, or all callers together do. */
import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';
import { holdThreadPool } from './thread-pool.ts';
import { transports } from './transports.ts';

const settings = {
  MAX_RESPONSE_BYTES: '400000',
  UPSTREAM_MAX_BODY_BYTES: '400000',
  MAX_BYTES_IN_FLIGHT: '480000',
  // The one that holds its bytes.
  MAX_CONCURRENT_COMPRESSIONS: '1',
};
const sandbox = { tokens: ['one', 'two'] };

/** A response of 18 KB for each time, made of one small log. */
const repeated = (times: number) => {
  const aliases = Array.from({ length: times }, (_, i) => `a${i}: viberLog(requestId: "recipients-100") { ...Rows }`);
  return `{ ${aliases.join(' ')} }
    fragment Rows on ViberLog { messages { requestId msgId country recipient status rawStatus viberCost } }`;
};
const overloaded = {
  errors: [{ message: expect.any(String), extensions: { code: 'OVERLOADED', retryAfterSeconds: 1 } }],
  data: null,
};

/** The first caller has a response of 280 KB, which is not sent before the pool compresses it. */
async function holdResponse(house: House) {
  const pool = await holdThreadPool();
  const written = () => house.logged.filter((line) => line.includes('"msg":"operation"')).length;
  const before = written();
  const headers = { authorization: 'Bearer one', 'content-type': 'application/json', 'accept-encoding': 'gzip' };
  const request = httpRequest(house.url, { method: 'POST', headers }).on('error', () => {});
  request.end(JSON.stringify({ query: repeated(15) }));
  await expect.poll(written).toBe(before + 1);
  const release = async () => {
    await pool.release();
    request.destroy();
  };
  return { release, [Symbol.asyncDispose]: release };
}

describe.each(Object.entries(transports))('over %s', (_name, ask) => {
  it('All callers together leave no memory for a response: it is 503, and smaller ones are sent', async () => {
    await using house = await openHouse({ settings, sandbox });
    await using held = await holdResponse(house);
    const call = (times: number) => ask(house, { query: repeated(times), authorization: 'Bearer two' });
    const { status = 503, headers, body } = await call(12);
    expect([status, body]).toEqual([503, overloaded]);
    if (headers) expect(headers.get('retry-after')).toBe('1');
    expect((await call(2)).body.errors).toBeUndefined();
    await held.release();
    await expect.poll(async () => (await call(12)).body.errors).toBeUndefined();
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('a response that its caller itself leaves no memory for is 200', async () => {
    await using house = await openHouse({ settings, sandbox });
    await using _held = await holdResponse(house);
    const { status = 200, headers, body } = await ask(house, { query: repeated(12), authorization: 'Bearer one' });
    expect([status, body, headers?.get('retry-after') ?? null]).toEqual([200, overloaded, null]);
  });
});

it('a cached response that all callers together leave no memory for is 503 as well', async () => {
  const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60' };
  await using house = await openHouse({ settings: { ...settings, ...kept }, sandbox });
  const ask = () => house.ask(repeated(12), { authorization: 'Bearer two' });
  for (let time = 0; time < 2; time += 1) expect((await ask()).status).toBe(200);
  await using _held = await holdResponse(house);
  const { status, headers, body } = await ask();
  expect([status, headers.get('retry-after'), body]).toEqual([503, '1', overloaded]);
  expect(house.sandbox.callCount()).toBe(2);
});
