/** What is kept in memory is shared out among callers: nobody pushes another one below an equal share. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, oneLog, openHouse, severalLogs } from './house.ts';

const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };
const ask = (house: House, requestId: string, token: string) =>
  house.ask(oneLog, { variables: { requestId }, authorization: `Bearer ${token}` });

describe('in the whole house', () => {
  it.each([
    ['one at a time', 1],
    ['in pages', 50],
  ])('keeps what a quiet caller reads, when another one reads ever new logs %s', async (_how, pageSize) => {
    await using fake = await openFakeUpstream((id) => http('200 OK', log(id)));
    await using house = await openHouse({ settings: { ...kept, CACHE_MAX_BYTES: '100000', D7_BASE_URL: fake.url } });
    const quietIds = ['quiet-1', 'quiet-2', 'quiet-3'];
    for (const id of quietIds) await ask(house, id, 'quiet');
    for (let page = 0; page < 500 / pageSize; page += 1) {
      const requestIds = Array.from({ length: pageSize }, (_, index) => `noisy-${page}-${index}`);
      await house.ask(severalLogs, { variables: { requestIds }, authorization: 'Bearer noisy' });
    }
    for (const id of quietIds) await ask(house, id, 'quiet');
    expect(fake.asked.filter((id) => id.startsWith('quiet'))).toEqual(quietIds);
  });

  // The name of the row in hazards.md.
  it('One caller fills the cache', async () => {
    const large = Array(200).fill({ ...message, status: 'delivered' });
    await using fake = await openFakeUpstream((id) =>
      http('200 OK', log(id, id.startsWith('large') ? large : [message])),
    );
    await using house = await openHouse({ settings: { ...kept, CACHE_MAX_BYTES: '1000000', D7_BASE_URL: fake.url } });
    const quiet = Array.from({ length: 10 }, (_, index) => `quiet-${index}`);
    for (const token of quiet) await ask(house, 'a', token);
    for (let index = 0; index < 60; index += 1) await ask(house, `large-${index}`, 'noisy');
    for (const token of quiet) await ask(house, 'a', token);
    expect(fake.asked.filter((id) => id === 'a')).toHaveLength(10);
    // And the noisy one still finds what came last.
    await ask(house, 'large-59', 'noisy');
    expect(fake.asked.filter((id) => id === 'large-59')).toHaveLength(1);
  });

  it('lets a caller who is alone use all of it', async () => {
    await using fake = await openFakeUpstream((id) => http('200 OK', log(id)));
    await using house = await openHouse({ settings: { ...kept, CACHE_MAX_BYTES: '200000', D7_BASE_URL: fake.url } });
    const ids = Array.from({ length: 100 }, (_, index) => `log-${index}`);
    for (const id of [...ids, ...ids]) await ask(house, id, 'alone');
    expect(fake.asked).toEqual(ids);
  });

  it('holds no log in memory for a small answer that was made of it', async () => {
    const padded = (id: string) => http('200 OK', log(id) + ' '.repeat(1_000_000));
    await using fake = await openFakeUpstream(padded);
    await using house = await openHouse({ settings: { ...kept, CACHE_MAX_BYTES: '8000000', D7_BASE_URL: fake.url } });
    const query = `query Small($requestId: ID!) { viberLog(requestId: $requestId) { __typename } }`;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heldMb = () => {
      collect();
      return process.memoryUsage().arrayBuffers / 1e6;
    };
    const before = heldMb();
    for (let index = 0; index < 150; index += 1) await house.ask(query, { variables: { requestId: `log-${index}` } });
    await expect.poll(() => heldMb() - before).toBeLessThan(30);
  });

  it('does not keep logs for callers who never come again in place of those who do', async () => {
    await using fake = await openFakeUpstream((id) => http('200 OK', log(id)));
    const brief = { CACHE_LIVE_TTL_SECONDS: '0.4', LIVE_MIN_INTERVAL_SECONDS: '0.1', LIVE_MAX_INTERVAL_SECONDS: '0.1' };
    await using house = await openHouse({
      settings: { ...kept, ...brief, CACHE_MAX_BYTES: '40000', D7_BASE_URL: fake.url },
    });
    for (let index = 0; index < 100; index += 1) await ask(house, 'once', `gone-${index}`);
    const ids = Array.from({ length: 8 }, (_, index) => `log-${index}`);
    // When what the others had has expired, all is for the one who is left.
    await expect
      .poll(async () => {
        const before = fake.asked.length;
        for (const id of [...ids, ...ids]) await ask(house, id, 'here');
        return fake.asked.length - before;
      })
      .toBeLessThanOrEqual(ids.length);
  });
});
