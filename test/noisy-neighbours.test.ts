/**
 * Callers beside one whose demand is large, or whose logs hang or fail: what they are answered does not change. Each caller has a token
 * of its own. How long they wait is measured by `npm run fairness`; here it is counted who fails.
 */
import type { Socket } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type FakeUpstream, http, log, openFakeUpstream } from './fake-upstream.ts';
import { type House, oneLog, openHouse, severalLogs } from './house.ts';

/** D7 takes so long for a log: then calls overlap as they do in real life. */
const latencyMs = 20;

const answerLater = (id: string) => (socket: Socket) =>
  void after(latencyMs).then(() => socket.writable && socket.write(http('200 OK', log(id))));

/** Ids that begin with `hangs` are never answered, those that begin with `fails` with 500. */
async function openUpstream(): Promise<FakeUpstream & { state: { isDown: boolean } }> {
  const state = { isDown: false };
  const fake = await openFakeUpstream((id) => {
    if (id.startsWith('hangs')) return () => {};
    if (state.isDown || id.startsWith('fails')) return http('500 Oh', '{}');
    return answerLater(id);
  });
  return Object.assign(fake, { state });
}

const ids = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const page = (house: House, caller: string, requestIds: readonly string[]) =>
  house.ask(severalLogs, { variables: { requestIds }, authorization: `Bearer ${caller}` });

/** The codes of what failed. */
async function codesOf(reply: ReturnType<House['ask']>): Promise<string[]> {
  const { body } = await reply;
  return (body.errors ?? []).map((error: { extensions: { code: string } }) => error.extensions.code);
}

/** Single reads of several callers, one after the other for each of them. */
async function readOneByOne(house: House, callers: number, reads: number): Promise<string[]> {
  const codes = await Promise.all(
    ids('caller', callers).map(async (caller) => {
      const failed: string[] = [];
      for (let read = 0; read < reads; read += 1) {
        const variables = { requestId: `${caller}-log-${read}` };
        failed.push(...(await codesOf(house.ask(oneLog, { variables, authorization: `Bearer ${caller}` }))));
      }
      return failed;
    }),
  );
  return codes.flat();
}

it.each<[string, (house: House) => Promise<unknown>]>([
  [
    'asks for 40 pages of 100 logs at once',
    (house) => Promise.all(ids('page', 40).map((name) => page(house, 'noisy', ids(name, 100)))),
  ],
  [
    'has 340 logs that hang',
    (house) => Promise.all(ids('hangs', 34).map((name) => page(house, 'noisy', ids(name, 10)))),
  ],
  ['has 100 logs that D7 fails on', (house) => page(house, 'noisy', ids('fails', 100))],
])('One caller is noisy: it %s', async (_what, makeNoise) => {
  await using fake = await openUpstream();
  const settings = { D7_BASE_URL: fake.url, OPERATION_TIMEOUT_SECONDS: '10', UPSTREAM_MAX_RETRIES: '0' };
  await using house = await openHouse({ settings });
  const noise = makeNoise(house);
  await expect.poll(() => fake.asked.length).toBeGreaterThan(9);
  expect(await readOneByOne(house, 10, 10)).toEqual([]);
  await noise;
});

it('Many callers request a page at the same instant', async () => {
  await using fake = await openUpstream();
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  const pages = ids('caller', 64).map((caller) => codesOf(page(house, caller, ids(caller, 25))));
  expect((await Promise.all(pages)).flat()).toEqual([]);
  expect(fake.asked).toHaveLength(64 * 25);
});

it('D7 recovers from an outage', async () => {
  await using fake = await openUpstream();
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, BREAKER_OPEN_SECONDS: '0.5' } });
  fake.state.isDown = true;
  const inOutage = await Promise.all(ids('caller', 20).map((caller) => codesOf(page(house, caller, ids('out', 25)))));
  expect(new Set(inOutage.flat())).toEqual(new Set(['UPSTREAM_UNAVAILABLE']));
  const sent = fake.asked.length;
  expect(sent).toBeLessThan(20 * 25);
  fake.state.isDown = false;
  // Half a second after its last failure the circuit lets a probe through: it is the first of these calls, and the others wait.
  const openedMs = performance.now();
  await expect.poll(() => performance.now() - openedMs).toBeGreaterThan(600);
  const after = ids('caller', 20).map((caller) => codesOf(page(house, caller, ids(`${caller}-back`, 25))));
  expect((await Promise.all(after)).flat()).toEqual([]);
});

it('One caller requests more than the queue holds', async () => {
  await using fake = await openUpstream();
  const settings = { D7_BASE_URL: fake.url, UPSTREAM_CONNECTIONS: '8', UPSTREAM_QUEUE: '40' };
  await using house = await openHouse({ settings });
  const noise = Promise.all(ids('hangs', 10).map((name) => codesOf(page(house, 'noisy', ids(name, 10)))));
  await expect.poll(() => fake.asked.length).toBeGreaterThan(4);
  expect(await readOneByOne(house, 5, 5)).toEqual([]);
  const codes = (await noise).flat();
  expect(codes).toContain('OVERLOADED');
});

it('one caller holds all the bytes that it may: the others read their logs', async () => {
  /** A part of a large body, and never the rest: ten of these would be all the bytes that there are. */
  const withoutEnd = (id: string) => {
    const whole = http('200 OK', `${log(id)}${' '.repeat(200_000)}`);
    return whole.subarray(0, whole.indexOf('\r\n\r\n') + 4 + 100_000);
  };
  await using fake = await openFakeUpstream((id) =>
    id.startsWith('endless') ? withoutEnd(id) : http('200 OK', log(id)),
  );
  const limits = { MAX_BYTES_IN_FLIGHT: '1000000', MAX_RESPONSE_BYTES: '600000', UPSTREAM_MAX_BODY_BYTES: '600000' };
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, UPSTREAM_MAX_RETRIES: '0', ...limits } });
  const greedy = codesOf(page(house, 'anna', ids('endless', 10)));
  await expect.poll(() => fake.asked).toHaveLength(10);
  for (let round = 0; round < 20; round += 1) {
    const read = house.ask(oneLog, { variables: { requestId: `b-${round}` }, authorization: 'Bearer bert' });
    expect(await codesOf(read)).toEqual([]);
  }
  await fake[Symbol.asyncDispose]();
  expect(await greedy).toContain('OVERLOADED');
});
