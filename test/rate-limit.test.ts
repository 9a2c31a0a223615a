/** Rate limits of the gateway: what counts, over every transport, whom a limit concerns, and what a client is told. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { rateLimitHeaders } from '../src/graphql/rate-limit.ts';
import { openSandbox, sandboxToken } from '../src/sandbox/sandbox.ts';
import { createRateLimiter } from '../src/viber-log/rate-limiter.ts';
import { type House, type HouseOptions, liveLog, oneLog, openHouse, severalLogs } from './house.ts';
import { openRedis, type Redis, redisWanted } from './redis.ts';
import { transports } from './transports.ts';
import { connect } from './websocket-client.ts';

const each = Object.entries(transports);
const overHttp = each.filter(([name]) => name !== 'WebSocket');
const variables = { requestId: 'recipients-1' };
const perCaller = (limit: number) => ({ RATE_LIMIT_PER_CALLER: String(limit) });
const total = (limit: number) => ({ RATE_LIMIT_TOTAL: String(limit) });
const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60' };

const retryAfterSeconds = expect.toSatisfy((seconds) => seconds >= 1 && seconds <= 60);
const rejected = {
  errors: [{ message: expect.stringContaining('gateway'), extensions: { code: 'RATE_LIMITED', retryAfterSeconds } }],
};

const openLimited = (settings: Record<string, string>, options: HouseOptions = {}) =>
  openHouse({ ...options, settings });
const ask = (house: House, token = sandboxToken) => house.ask(oneLog, { variables, authorization: `Bearer ${token}` });
const isRejected = (body: unknown) => JSON.stringify(body).includes('RATE_LIMITED');
/** What the header says is left. */
const leftIn = (headers: Headers | undefined) => Number(/"caller";r=(\d+)/.exec(headers?.get('ratelimit') ?? '')?.[1]);

describe.each(each)('over %s', (_name, send) => {
  it('A caller asks for more than its rate limit: the operation is rejected as a whole', async () => {
    await using house = await openLimited(perCaller(2));
    for (let time = 0; time < 2; time += 1)
      expect((await send(house, { query: oneLog, variables })).body.errors).toBeUndefined();
    const { status = 429, body } = await send(house, { query: oneLog, variables });
    expect([status, body]).toEqual([429, rejected]);
    expect(house.sandbox.callCount()).toBe(2);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('All callers together ask for more than the total: the operation is rejected as a whole', async () => {
    const tokens = ['one', 'two', 'three'];
    await using house = await openLimited(total(2), { sandbox: { tokens } });
    const outcomes = [];
    for (const token of tokens)
      outcomes.push(await send(house, { query: oneLog, variables, authorization: `Bearer ${token}` }));
    expect(outcomes.map(({ body }) => isRejected(body))).toEqual([false, false, true]);
    expect(outcomes[2]?.body).toEqual(rejected);
    expect(outcomes[2]?.status ?? 429).toBe(429);
    expect(house.sandbox.callCount()).toBe(2);
  });

  it('an operation counts once, as the distinct logs that it asks for', async () => {
    await using house = await openLimited(perCaller(6));
    const requestIds = ['recipients-1', ' recipients-1 ', 'recipients-2', 'not an id', 'missing'];
    expect((await send(house, { query: severalLogs, variables: { requestIds } })).body.data).toBeDefined();
    // Three of six are left.
    expect((await send(house, { query: '{ __typename }' })).body).toEqual({ data: { __typename: 'Query' } });
    const two = { query: severalLogs, variables: { requestIds: ['recipients-1', 'recipients-2'] } };
    expect((await send(house, two)).body.errors).toBeUndefined();
    expect((await send(house, { query: '{ __typename }' })).body).toEqual(rejected);
  });

  it('what is refused for another reason does not count', async () => {
    await using house = await openLimited({ ...perCaller(1), MAX_ITEMS_PER_OPERATION: '2' });
    const refused = [
      { query: '{ nothing }' },
      { query: '{' },
      { query: severalLogs, variables: { requestIds: ['a', 'b', 'c'] } },
      { query: oneLog, variables, operationName: 'Other' },
    ];
    for (const call of refused) expect(isRejected((await send(house, call)).body)).toBe(false);
    expect((await send(house, { query: oneLog, variables })).body.errors).toBeUndefined();
    expect((await send(house, { query: oneLog, variables })).body).toEqual(rejected);
  });

  it('operations without a token are those of one caller', async () => {
    await using house = await openLimited({ ...perCaller(1), ...total(3) });
    const anonymous = { query: '{ __typename }', authorization: null };
    expect((await send(house, anonymous)).body.errors).toBeUndefined();
    for (const authorization of [null, 'Basic abc', 'Bearer a b'])
      expect((await send(house, { ...anonymous, authorization })).body).toEqual(rejected);
    expect((await send(house, { query: oneLog, variables })).body.errors).toBeUndefined();
  });
});

describe.each(overHttp)('over %s', (name, send) => {
  it('every counted operation has the state of its caller’s limit in its headers', async () => {
    await using house = await openLimited({ ...perCaller(2), ...total(1000), RATE_LIMIT_WINDOW_SECONDS: '30' });
    const headersOf = async () => (await send(house, { query: oneLog, variables })).headers as Headers;
    for (const left of [1, 0]) {
      const headers = await headersOf();
      expect(headers.get('ratelimit-policy')).toBe('"caller";q=2;w=30');
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"caller";r=${left};t=([1-9]|[12]\\d|30)$`));
      expect(headers.get('retry-after')).toBeNull();
    }
    const headers = await headersOf();
    expect(headers.get('ratelimit-policy')).toBe('"caller";q=2;w=30');
    const [, seconds] = /^"caller";r=0;t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(headers.get('retry-after')).toBe(seconds);
    expect(headers.get('x-request-id')).toBeTruthy();
  });

  it('the total is in the headers where it is used up, and only then', async () => {
    await using house = await openLimited(total(1));
    const headersOf = async () => (await send(house, { query: oneLog, variables })).headers as Headers;
    expect((await headersOf()).get('ratelimit')).toBeNull();
    const headers = await headersOf();
    expect(headers.get('ratelimit-policy')).toBe('"total";q=1;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"total";r=0;t=\d+$/);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('without limits there are no such headers', async () => {
    await using house = await openHouse();
    const { headers } = await send(house, { query: oneLog, variables });
    expect([...(headers as Headers).keys()].filter((key) => /ratelimit|retry/.test(key))).toEqual([]);
  });

  it('pages of listed origins may read the headers', async () => {
    const origin = 'https://app.example.com';
    await using house = await openLimited({ ...perCaller(1), CORS_ORIGINS: origin });
    const accept = name === 'server-sent events' ? 'text/event-stream' : 'application/json';
    const response = await house.stream('{ __typename }', { headers: { origin, accept } });
    const exposed = response.headers.get('access-control-expose-headers')?.toLowerCase().split(/,\s*/);
    expect(exposed).toEqual(expect.arrayContaining(['retry-after', 'ratelimit', 'ratelimit-policy']));
    expect(response.headers.get('ratelimit')).toBe('"caller";r=0;t=60');
    await response.body?.cancel();
  });
});

describe('a rate limit', () => {
  it('of one caller is not used up by another, nor is the total by what it rejects', async () => {
    await using house = await openLimited(
      { ...perCaller(2), ...total(4) },
      { sandbox: { tokens: ['one', 'two', 'three'] } },
    );
    for (let time = 0; time < 20; time += 1) await ask(house, 'one');
    expect(house.sandbox.callCount()).toBe(2);
    for (const left of [1, 0]) {
      const { headers, body } = await ask(house, 'two');
      expect([body.errors, leftIn(headers)]).toEqual([undefined, left]);
    }
    const { body, headers } = await ask(house, 'three');
    expect(body).toEqual(rejected);
    expect(headers.get('ratelimit-policy')).toBe('"caller";q=2;w=60, "total";q=4;w=60');
    expect(body.errors[0].message).toContain('all callers');
    expect((await ask(house, 'one')).body.errors[0].message).not.toContain('all callers');
  });

  it.each(['on', 'off'])('counts cached responses as well (FAST_PATH=%s)', async (path) => {
    await using house = await openLimited({ ...perCaller(3), ...kept, FAST_PATH: path });
    for (const left of [2, 1, 0]) expect(leftIn((await ask(house)).headers)).toBe(left);
    expect((await ask(house)).body).toEqual(rejected);
    expect(house.sandbox.callCount()).toBe(1);
  });

  it.each(['on', 'off'])(
    'takes an operation that is larger than itself once in a window (FAST_PATH=%s)',
    async (path) => {
      await using house = await openLimited({ ...perCaller(3), FAST_PATH: path });
      const requestIds = Array.from({ length: 20 }, (_, index) => `recipients-${index + 1}`);
      const { body, headers } = await house.ask(severalLogs, { variables: { requestIds } });
      expect([body.errors, leftIn(headers)]).toEqual([undefined, 0]);
      expect((await ask(house)).body).toEqual(rejected);
    },
  );

  it('counts the logs of entities', async () => {
    await using house = await openLimited(perCaller(3));
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
    const r = ['a', 'b', 'b'].map((requestId) => ({ __typename: 'ViberRequest', requestId }));
    expect(leftIn((await house.ask(query, { variables: { r } })).headers)).toBe(1);
  });

  it('begins again with the next window', async () => {
    await using house = await openLimited({ ...perCaller(1), RATE_LIMIT_WINDOW_SECONDS: '1' });
    await ask(house);
    expect((await ask(house)).body).toMatchObject({ errors: [{ extensions: { retryAfterSeconds: 1 } }] });
    await expect.poll(async () => (await ask(house)).body.errors, { timeout: 5000 }).toBeUndefined();
  });

  it('counts a subscription once, at its start', async () => {
    await using house = await openLimited(perCaller(2));
    const events = house.follow('moving', { query: liveLog });
    for (let event = 0; event < 2; event += 1) expect((await events.next()).value.data.viberLog).toBeDefined();
    const { headers, body } = await ask(house);
    expect([leftIn(headers), body.errors]).toEqual([0, undefined]);
    // The stream goes on.
    expect((await events.next()).value.data.viberLog).toBeDefined();
    await events.return?.();
    const accept = 'text/event-stream';
    const late = await house.stream(liveLog, { variables: { requestId: 'moving' }, headers: { accept } });
    expect([late.status, await late.text()]).toEqual([429, expect.stringContaining('RATE_LIMITED')]);
  });

  it('over WebSocket rejects an operation with one error, and the connection stays', async () => {
    await using house = await openLimited({ ...perCaller(1), RATE_LIMIT_WINDOW_SECONDS: '1' });
    await using client = await connect(house);
    for (const query of [oneLog, liveLog]) {
      await expect
        .poll(async () => (await client.run('{ __typename }')).map(({ type }) => type), { timeout: 5000 })
        .toEqual(['next', 'complete']);
      expect(await client.run(query, variables, query)).toEqual([
        {
          id: query,
          type: 'error',
          payload: [{ message: expect.any(String), extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }],
        },
      ]);
    }
  });

  it('writes at most one line a second for what it rejects, and counts it', async () => {
    await using house = await openLimited(
      { ...perCaller(1), ...total(2), METRICS_PORT: '0' },
      { sandbox: { tokens: ['one', 'two', 'three'] } },
    );
    for (const token of ['one', 'one', 'one', 'two', 'three']) await ask(house, token);
    const lines = () =>
      house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operations rejected: rate limit');
    await expect.poll(lines, { timeout: 5000 }).toMatchObject([
      {
        count: 3,
        reasons: { caller: 2, total: 1 },
        last: { operationId: expect.any(String), caller: expect.stringMatching(/^[\w-]{12}$/) },
      },
    ]);
    const metrics = await (await fetch(house.metricsUrl as string)).text();
    expect(metrics).toContain('gateway_rate_limited_operations_total{reason="caller"} 2');
    expect(metrics).toContain('gateway_rate_limited_operations_total{reason="total"} 1');
    expect(metrics).toContain(
      'graphql_server_operations_total{graphql_operation_type="query",graphql_operation_name="",code="RATE_LIMITED"} 3',
    );
  });

  it('Somebody makes up 100 000 tokens', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const { countCaller } = createRateLimiter({ perCaller: 5, total: 0, windowSeconds: 3600 }, null);
    const heapMb = () => {
      collect();
      return process.memoryUsage().heapUsed / 1e6;
    };
    const before = heapMb();
    for (let caller = 0; caller < 100_000; caller += 1)
      await countCaller?.(`a caller’s key of usual length, number ${caller}`, 1);
    // All of them would be 50 MB.
    expect(heapMb() - before).toBeLessThan(15);
    // The latest is remembered.
    expect((await countCaller?.('a caller’s key of usual length, number 99999', 1))?.remaining).toBe(3);
  });
});

describe.skipIf(!redisWanted)('on one Redis (needs redis-server: apt-get install redis-server)', () => {
  const secret = 'a secret of at least thirty-two characters';
  const token = 'token-of-anna';

  async function openTwo(redisUrl: string, settings: Record<string, string>) {
    const sandbox = await openSandbox({ tokens: [token] });
    const all = { REDIS_URL: redisUrl, CACHE_SECRET: secret, D7_BASE_URL: sandbox.url, ...settings };
    const houses = [await openLimited(all), await openLimited(all)] as const;
    const close = async () => {
      for (const house of houses) await house[Symbol.asyncDispose]();
      await sandbox.close();
    };
    return { houses, [Symbol.asyncDispose]: close };
  }

  /** Before it is connected, a gateway counts by itself. */
  async function untilCounted(redis: Redis, house: House): Promise<void> {
    await expect
      .poll(async () => {
        await ask(house, token);
        return redis.send('DBSIZE');
      })
      .toBeGreaterThan(0);
  }

  it('replicas share the counts, and no key shows a token', async () => {
    await using redis = await openRedis();
    await using two = await openTwo(redis.url, { ...perCaller(4), ...total(100) });
    const [one, other] = two.houses;
    const left: number[] = [];
    await expect
      .poll(async () => {
        await redis.send('FLUSHALL');
        left.length = 0;
        for (const house of [one, other, one, other]) left.push(leftIn((await ask(house, token)).headers));
        return left;
      })
      .toEqual([3, 2, 1, 0]);
    for (const house of two.houses) expect((await ask(house, token)).body).toEqual(rejected);
    const dump = await redis.dump();
    expect(dump.length).toBeGreaterThan(50);
    for (const told of ['token-of', 'anna', secret, 'caller', 'rate', 'total']) expect(dump).not.toContain(told);
    const keys = (await redis.send('KEYS', '*')) as string[];
    for (const key of keys) expect(await redis.send('TTL', key)).toBeGreaterThan(0);
  });

  it('Redis is gone while operations are counted, and comes back', async () => {
    await using redis = await openRedis();
    await using two = await openTwo(redis.url, perCaller(2));
    const [one, other] = two.houses;
    await untilCounted(redis, one);
    await redis.kill();
    for (const house of two.houses) {
      await expect.poll(async () => isRejected((await ask(house, token)).body)).toBe(true);
      expect((await ask(house, token)).body).toEqual(rejected);
    }
    await redis.start();
    await expect.poll(async () => isRejected((await ask(one, token)).body), { timeout: 10_000 }).toBe(false);
    await expect.poll(async () => isRejected((await ask(one, token)).body)).toBe(true);
    await expect.poll(async () => isRejected((await ask(other, token)).body), { timeout: 10_000 }).toBe(true);
  });

  it('the limit holds while Redis does not answer', async () => {
    await using redis = await openRedis();
    await using two = await openTwo(redis.url, perCaller(2));
    const [one] = two.houses;
    await untilCounted(redis, one);
    redis.freeze();
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask(one, token)));
    redis.thaw();
    // It may have counted by itself before it was connected.
    expect(replies.filter(({ body }) => !isRejected(body)).length).toBeLessThanOrEqual(2);
    for (const { body } of replies) if (isRejected(body)) expect(body).toEqual(rejected);
  });
});

describe('the headers of rate limits', () => {
  const caller = { limit: 100, remaining: 0, resetSeconds: 30, isExceeded: true };
  it.each([
    ['of a caller', { caller, total: null }, '"caller";q=100;w=60', '"caller";r=0;t=30'],
    [
      'not of the total, where some is left',
      { caller, total: { ...caller, isExceeded: false } },
      '"caller";q=100;w=60',
      '"caller";r=0;t=30',
    ],
    [
      'of the total, where it is used up',
      { caller: null, total: { ...caller, limit: 9 } },
      '"total";q=9;w=60',
      '"total";r=0;t=30',
    ],
    [
      'of both',
      { caller: { ...caller, remaining: 7 }, total: { ...caller, limit: 9, resetSeconds: 1 } },
      '"caller";q=100;w=60, "total";q=9;w=60',
      '"caller";r=7;t=30, "total";r=0;t=1',
    ],
  ])('tell the state %s', (_of, counts, policy, state) => {
    expect(rateLimitHeaders(counts, 60)).toEqual(['ratelimit-policy', policy, 'ratelimit', state]);
  });

  it('are absent where nothing is counted', () => {
    expect(rateLimitHeaders({ caller: null, total: null }, 60)).toEqual([]);
  });
});
