/** What callers share, and what they never share: reads that are under way, and answers that are kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type House, type HouseOptions, oneLog, openHouse, patient, severalLogs } from './house.ts';

const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };
const notCached = { CACHE_FINAL_TTL_SECONDS: '0', CACHE_LIVE_TTL_SECONDS: '0', CACHE_NOT_FOUND_TTL_SECONDS: '0' };
const channelOf = `query Channel($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }`;
const finalLog = (id: string) => http('200 OK', log(id, [{ ...message, status: 'delivered' }]));
const movingLog = (id: string) => http('200 OK', log(id));
const missingLog = () => http('404 Not Found', JSON.stringify({ detail: { code: 'NONE', message: 'No such log.' } }));

/** A gateway in front of an upstream that holds every answer back until it is let go. */
async function openHeldHouse(options: HouseOptions = {}) {
  const held: { requestId: string; answer: (bytes: Buffer) => void; closed: Promise<void> }[] = [];
  const fake = await openFakeUpstream((requestId) => (socket) => {
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    held.push({ requestId, answer: (bytes) => socket.write(bytes), closed });
  });
  const house = await openHouse({ ...options, settings: { D7_BASE_URL: fake.url, ...options.settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, held, [Symbol.asyncDispose]: close };
}

/** D7 refuses the caller while it still owes them another answer. */
async function refuseBeforeLate({ house, held }: Awaited<ReturnType<typeof openHeldHouse>>) {
  const late = ask(house, 'late');
  await expect.poll(() => held.length).toBe(1);
  const refused = ask(house, 'refused');
  await expect.poll(() => held.length).toBe(2);
  held[1]?.answer(http('401 No', ''));
  await refused;
  return { late };
}

async function openHouseOn(says: (requestId: string, asked: number) => Says, settings: Record<string, string> = kept) {
  const fake = await openFakeUpstream(says);
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, [Symbol.asyncDispose]: close };
}

const ask = (house: House, requestId: string, token = 'sandbox-token', headers: Record<string, string> = {}) =>
  house.ask(oneLog, { variables: { requestId }, authorization: `Bearer ${token}`, headers });
const codeOf = ({ body }: Awaited<ReturnType<typeof ask>>) => body.errors?.[0].extensions.code;

/**
 * Resolves when everything that was asked before is under way: a call for another id, asked after them, has got as far as the
 * upstream. Only then does an answer that was held back show something.
 */
async function allUnderWay({ house, held }: Awaited<ReturnType<typeof openHeldHouse>>): Promise<void> {
  const marker = ask(house, 'marker');
  await expect.poll(() => held.some(({ requestId }) => requestId === 'marker')).toBe(true);
  const [call] = held.splice(
    held.findIndex(({ requestId }) => requestId === 'marker'),
    1,
  );
  call?.answer(movingLog('marker'));
  await marker;
}

describe('a read under way', () => {
  it('answers 200 callers with one token by one call', async () => {
    await using open = await openHeldHouse();
    const asked = Array.from({ length: 200 }, () => ask(open.house, 'a'));
    await allUnderWay(open);
    expect(open.held).toHaveLength(1);
    open.held[0]?.answer(movingLog('a'));
    const replies = await Promise.all(asked);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(replies[0]?.body.data.viberLog.requestId).toBe('a');
    expect(open.fake.asked).toEqual(['a', 'marker']);
  });

  it('Many clients request one log at once', async () => {
    const tokens = Array.from({ length: 200 }, (_, index) => `token-${index}`);
    await using house = await openHouse({ sandbox: { tokens }, settings: kept });
    for (const round of ['asked of D7', 'answered from what is kept']) {
      const replies = await Promise.all(
        tokens.map((token) =>
          house.ask(channelOf, { variables: { requestId: 'account' }, authorization: `Bearer ${token}` }),
        ),
      );
      const channels = replies.map(({ body }) => body.data.viberLog.channel);
      expect(channels, round).toEqual(tokens.map((_, index) => `viber-account-${index}`));
      expect(house.sandbox.callCount(), round).toBe(200);
    }
  });

  it('The first of many clients disconnects', async () => {
    await using open = await openHeldHouse();
    const first = new AbortController();
    const gone = open.house.ask(oneLog, { variables: { requestId: 'a' }, signal: first.signal });
    await expect.poll(() => open.held.length).toBe(1);
    const others = Array.from({ length: 9 }, () => ask(open.house, 'a'));
    await allUnderWay(open);
    first.abort();
    await expect(gone).rejects.toThrow();
    await allUnderWay(open);
    open.held[0]?.answer(movingLog('a'));
    const ids = (await Promise.all(others)).map(({ body }) => body.data.viberLog.requestId);
    expect(ids).toEqual(Array(9).fill('a'));
    expect(open.fake.asked.filter((id) => id === 'a')).toHaveLength(1);
  });

  it('All clients disconnect', async () => {
    await using open = await openHeldHouse({ settings: patient });
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    const gone = controllers.map(({ signal }) => open.house.ask(oneLog, { variables: { requestId: 'a' }, signal }));
    await allUnderWay(open);
    for (const controller of controllers) controller.abort();
    await Promise.allSettled(gone);
    // Resolves when the upstream has seen its connection close.
    await open.held[0]?.closed;
    const next = ask(open.house, 'a');
    await expect.poll(() => open.held.length).toBe(2);
    open.held[1]?.answer(movingLog('a'));
    expect((await next).body.data.viberLog.requestId).toBe('a');
  });

  it('that fails, fails those who wait for it, and nobody after them', async () => {
    await using open = await openHeldHouse({ settings: { ...kept, UPSTREAM_MAX_RETRIES: '0' } });
    const asked = [ask(open.house, 'a'), ask(open.house, 'a'), ask(open.house, 'a')];
    await allUnderWay(open);
    open.held[0]?.answer(http('500 No', ''));
    expect((await Promise.all(asked)).map(codeOf)).toEqual(Array(3).fill('UPSTREAM_UNAVAILABLE'));
    const next = ask(open.house, 'a');
    await expect.poll(() => open.held.length).toBe(2);
    open.held[1]?.answer(movingLog('a'));
    expect(codeOf(await next)).toBeUndefined();
  });

  it('whose first caller has no time left is taken up by one who has', async () => {
    await using open = await openHeldHouse({ settings: { OPERATION_TIMEOUT_SECONDS: '1' } });
    const startedMs = performance.now();
    const first = ask(open.house, 'a');
    await expect.poll(() => open.held.length).toBe(1);
    // Begun while the first still waits, and so with more time left when the first has none.
    await expect.poll(() => performance.now() - startedMs, { timeout: 5000 }).toBeGreaterThan(500);
    const second = ask(open.house, 'a');
    expect(codeOf(await first)).toBe('UPSTREAM_TIMEOUT');
    await expect.poll(() => open.held.length).toBe(2);
    open.held[1]?.answer(movingLog('a'));
    expect((await second).body.data.viberLog.requestId).toBe('a');
  });

  it('is left by one who has less time than the one who began it', async () => {
    await using open = await openHeldHouse({
      settings: { OPERATION_TIMEOUT_SECONDS: '1', MAX_CONCURRENT_CALLS_PER_OPERATION: '1' },
    });
    const startedMs = performance.now();
    const early = open.house.ask(severalLogs, { variables: { requestIds: ['a', 'b'] } });
    await expect.poll(() => open.held.length).toBe(1);
    await expect.poll(() => performance.now() - startedMs).toBeGreaterThan(500);
    const late = ask(open.house, 'b');
    await expect.poll(() => open.held.length).toBe(2);
    // Now the early one joins the call of the late one, and its deadline comes first.
    open.held[0]?.answer(movingLog('a'));
    const { data, errors } = (await early).body;
    expect([data.viberLogs[0].requestId, errors[0].extensions.code]).toEqual(['a', 'UPSTREAM_TIMEOUT']);
    open.held[1]?.answer(movingLog('b'));
    expect((await late).body.data.viberLog.requestId).toBe('b');
  });

  it('is shared by exactly those who have the same token and ask for the same id', async () => {
    const tokens = ['t', 'tt', 'T', 't-', 'sandbox-token'];
    const ids = ['account-a', 'account-A', 'account-aa', 'account-b', 'account--'];
    const caller = fc.record({ account: fc.nat(tokens.length - 1), id: fc.constantFrom(...ids) });
    await fc.assert(
      fc.asyncProperty(fc.array(caller, { minLength: 1, maxLength: 12 }), async (callers) => {
        await using house = await openHouse({ sandbox: { tokens }, settings: kept });
        const replies = await Promise.all(callers.map(({ account, id }) => ask(house, id, tokens[account])));
        expect(replies.map(({ body: { data } }) => [data.viberLog.requestId, data.viberLog.channel])).toEqual(
          callers.map(({ account, id }) => [id, `viber-account-${account}`]),
        );
        expect(house.sandbox.callCount()).toBe(new Set(callers.map(({ account, id }) => `${account} ${id}`)).size);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is kept', () => {
  it.each([
    ['a final log', 'CACHE_FINAL_TTL_SECONDS', finalLog],
    ['a log that can change', 'CACHE_LIVE_TTL_SECONDS', movingLog],
    ['a missing log', 'CACHE_NOT_FOUND_TTL_SECONDS', missingLog],
  ])('is %s, as long as %s says', async (_what, setting, says) => {
    await using open = await openHouseOn(says, { [setting]: '60' });
    const first = await ask(open.house, 'a');
    expect((await ask(open.house, 'a')).text).toBe(first.text);
    expect(open.fake.asked).toHaveLength(1);

    await using brief = await openHouseOn(says, { [setting]: '0.05' });
    await ask(brief.house, 'a');
    await expect
      .poll(async () => {
        await ask(brief.house, 'a');
        return brief.fake.asked.length;
      })
      .toBeGreaterThan(1);

    await using off = await openHouseOn(says, { ...kept, [setting]: '0' });
    await ask(off.house, 'a');
    await ask(off.house, 'a');
    expect(off.fake.asked).toHaveLength(2);
  });

  it.each(['400', '402', '422', '429', '500', '418'])('is never a failure: %s', async (status) => {
    await using open = await openHouseOn(() => http(`${status} No`, ''));
    const codes = [codeOf(await ask(open.house, 'a')), codeOf(await ask(open.house, 'a'))];
    expect(codes[0]).toBe(codes[1]);
    expect(open.fake.asked).toHaveLength(2);
  });

  it.each(['401', '403'])('is dropped for a caller whom D7 refuses with %s, and for no other', async (status) => {
    await using open = await openHouseOn((id) => (id === 'refused' ? http(`${status} No`, '') : finalLog(id)));
    for (const token of ['anna', 'bert', 'anna', 'bert', 'anna', 'bert']) await ask(open.house, 'a', token);
    await ask(open.house, 'refused', 'anna');
    expect(open.fake.asked).toEqual(['a', 'a', 'refused']);
    for (const token of ['anna', 'bert']) await ask(open.house, 'a', token);
    expect(open.fake.asked).toEqual(['a', 'a', 'refused', 'a']);
  });

  it('a cached response is replaced with the log that it was made of', async () => {
    const saying = (id: string, asked: number) =>
      http('200 OK', JSON.stringify({ ...JSON.parse(log(id)), channel: `read ${asked}` }));
    await using open = await openHouseOn(saying);
    const channel = async (headers = {}) => {
      const { body } = await open.house.ask(channelOf, { variables: { requestId: 'a' }, headers });
      return body.data.viberLog.channel;
    };
    const [first] = [await channel(), await channel(), await channel()];
    const anew = await channel({ 'cache-control': 'no-cache' });
    expect(anew).not.toBe(first);
    expect(await channel()).toBe(anew);
    expect(open.fake.asked).toHaveLength(2);
  });

  it('is nothing that was under way when D7 refused the caller', async () => {
    await using open = await openHeldHouse({ settings: kept });
    const { late } = await refuseBeforeLate(open);
    open.held[0]?.answer(finalLog('late'));
    await late;
    const again = ask(open.house, 'late');
    await expect.poll(() => open.held.length).toBe(3);
    open.held[2]?.answer(finalLog('late'));
    await again;
  });

  it('is not shared with whoever asks after D7 refused the caller, while it is still under way', async () => {
    await using open = await openHeldHouse();
    const { late } = await refuseBeforeLate(open);
    const after = ask(open.house, 'late');
    await expect.poll(() => open.held.map(({ requestId }) => requestId)).toEqual(['late', 'refused', 'late']);
    for (const index of [0, 2]) open.held[index]?.answer(movingLog('late'));
    await Promise.all([late, after]);
  });

  it.each(['no-cache', 'max-age=0', 'max-stale, No-Cache'])(
    'is not for a caller who wants it anew: %s',
    async (value) => {
      await using open = await openHouseOn(finalLog);
      const first = await ask(open.house, 'a');
      const second = await ask(open.house, 'a', 'sandbox-token', { 'cache-control': value });
      expect(open.fake.asked).toHaveLength(2);
      const times = [first, second].map(({ body }) => Date.parse(body.data.viberLog.fetchedAt));
      expect(times[1]).toBeGreaterThanOrEqual(times[0] as number);
      // And what came is what the others get now.
      expect((await ask(open.house, 'a')).text).toBe(second.text);
    },
  );

  it('is not what was asked for before, when a caller wants it anew while a call is under way', async () => {
    await using open = await openHeldHouse({ settings: kept });
    const early = ask(open.house, 'a');
    await expect.poll(() => open.held.length).toBe(1);
    const anew = ask(open.house, 'a', 'sandbox-token', { 'cache-control': 'no-cache' });
    await expect.poll(() => open.held.length).toBe(2);
    for (const { answer } of open.held) answer(finalLog('a'));
    await Promise.all([early, anew]);
  });

  it('a newer call can be joined after an older one for the same caller and id has ended', async () => {
    await using open = await openHeldHouse({ settings: notCached });
    const older = ask(open.house, 'a');
    await expect.poll(() => open.held.length).toBe(1);
    const newer = ask(open.house, 'a', 'sandbox-token', { 'cache-control': 'no-cache' });
    await expect.poll(() => open.held.length).toBe(2);
    open.held[0]?.answer(movingLog('a'));
    await older;
    const joined = ask(open.house, 'a');
    await allUnderWay(open);
    expect(open.held).toHaveLength(2);
    open.held[1]?.answer(finalLog('a'));
    expect((await joined).text).toBe((await newer).text);
  });

  it('a call that began after a rejection can be joined after one from before has ended', async () => {
    await using open = await openHeldHouse({ settings: notCached });
    const { late } = await refuseBeforeLate(open);
    const newer = ask(open.house, 'late');
    await expect.poll(() => open.held.length).toBe(3);
    open.held[0]?.answer(movingLog('late'));
    await late;
    const joined = ask(open.house, 'late');
    await allUnderWay(open);
    expect(open.held).toHaveLength(3);
    open.held[2]?.answer(finalLog('late'));
    expect((await joined).text).toBe((await newer).text);
  });

  it('answers each question by itself, whatever was asked of the same log before', async () => {
    await using open = await openHouseOn(finalLog);
    const both = `
      query A($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }
      query B($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { totalRecipients } } }
    `;
    const answerTo = async (query: string, operationName?: string) => {
      const body = JSON.stringify({ query, operationName, variables: { requestId: 'a' } });
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' };
      return (await (await fetch(open.house.url, { method: 'POST', headers, body })).json()).data.viberLog;
    };
    for (const _ of ['read', 'kept', 'compiled']) {
      expect(await answerTo(both, 'A')).toEqual({ channel: 'viber' });
      expect(await answerTo(both, 'B')).toEqual({ totalRecipients: 1 });
      expect(await answerTo(channelOf)).toEqual({ channel: 'viber' });
      expect(await answerTo(channelOf.replace('channel', 'requestId'))).toEqual({ requestId: 'a' });
    }
    expect(open.fake.asked).toHaveLength(1);
  });

  it('is bounded in bytes: the oldest go', async () => {
    await using open = await openHouseOn(finalLog, { ...kept, CACHE_MAX_BYTES: '4096' });
    for (let index = 0; index < 10; index += 1) await ask(open.house, `a-${index}`);
    await ask(open.house, 'a-9');
    expect(open.fake.asked).toHaveLength(10);
    await ask(open.house, 'a-0');
    expect(open.fake.asked).toHaveLength(11);
  });

  it('is not kept at all where it is larger than all that may be kept', async () => {
    const large = http('200 OK', log('a', Array(50).fill({ ...message, status: 'delivered' })));
    await using open = await openHouseOn(() => large, { ...kept, CACHE_MAX_BYTES: '4096' });
    for (const _ of [1, 2]) expect(codeOf(await ask(open.house, 'a'))).toBeUndefined();
    expect(open.fake.asked).toHaveLength(2);
  });

  it('tells when D7 said it', async () => {
    await using open = await openHouseOn(finalLog);
    const before = Date.now();
    const first = await ask(open.house, 'a');
    const fetchedAt = Date.parse(first.body.data.viberLog.fetchedAt);
    expect(fetchedAt).toBeGreaterThanOrEqual(before);
    expect(fetchedAt).toBeLessThanOrEqual(Date.now());
  });
});
