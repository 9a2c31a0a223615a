/** A D7 that is down, and comes back: it is not stormed, and everybody is told the truth. */
import { expect, it } from 'vitest';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse } from './house.ts';
import { expectNothingLeft, resources } from './resources.ts';

const operations = 1000;
const concurrency = 50;

it('gets a fifth more calls at most, next to none while the circuit is open, and good answers soon after it is well', async () => {
  const before = resources();
  let well = false;
  {
    await using fake = await openFakeUpstream((id) => (well ? http('200 OK', log(id)) : http('503 Unavailable', '')));
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, BREAKER_OPEN_SECONDS: '1' } });
    const code = async (requestId: string) => {
      const { body } = await house.ask(oneLog, { variables: { requestId } });
      return body.errors?.[0].extensions.code ?? body.data.viberLog.requestId;
    };

    const codes = new Set<string>();
    let next = 0;
    const worker = async () => {
      while (next < operations) codes.add(await code(`storm-${next++}`));
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    expect([...codes]).toEqual(['UPSTREAM_UNAVAILABLE']);

    const attempts = house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith('upstream'));
    const wentOut = attempts.filter(({ reason }) => reason === 'status 503');
    expect(fake.asked).toHaveLength(wentOut.length);
    expect(fake.asked.length).toBeLessThanOrEqual(1.2 * new Set(fake.asked).size);
    // The breaker wants twenty calls to tell; what was under way by then still counts. All others were never sent.
    expect(new Set(fake.asked).size).toBeLessThanOrEqual(20 + concurrency);

    well = true;
    const recoveredMs = performance.now();
    await expect.poll(() => code('well-again'), { timeout: 5000 }).toBe('well-again');
    expect(performance.now() - recoveredMs).toBeLessThan(3000);
    expect(await Promise.all(['a', 'b', 'c'].map(code))).toEqual(['a', 'b', 'c']);
  }
  await expectNothingLeft(before);
});

it('gets a fifth more calls, and no more, where no breaker stands before it', async () => {
  await using fake = await openFakeUpstream(() => http('503 Unavailable', ''));
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, BREAKER_MIN_CALLS: '10000' } });
  for (let batch = 0; batch < 4; batch += 1) {
    const asked = Array.from({ length: 50 }, (_, index) => ({ variables: { requestId: `storm-${batch}-${index}` } }));
    await Promise.all(asked.map((options) => house.ask(oneLog, options)));
  }
  expect(new Set(fake.asked).size).toBe(200);
  expect(fake.asked).toHaveLength(240);
});
