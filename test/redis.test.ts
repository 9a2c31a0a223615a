/** Replicas on one Redis, a real one: what they share, what Redis learns of it, and what callers notice when it is unwell. */
import { describe, expect, it } from 'vitest';
import { openSandbox, type SandboxOptions } from '../src/sandbox/sandbox.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse } from './house.ts';
import { type Running, start, urlOf } from './process.ts';
import { openRedis, openRedisCluster, type Redis, redisWanted } from './redis.ts';

const secret = 'a secret of at least thirty-two characters';
const channelOf = `query Channel($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }`;

const finalLog = (id: string) => http('200 OK', log(id, [{ ...message, status: 'delivered' }]));

type Replies = { status: number; text: string; body: { data: unknown; errors?: { extensions: { code: string } }[] } };

async function ask(url: string, requestId: string, token = 'sandbox-token', query = oneLog): Promise<Replies> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { requestId } }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

/** Two gateway processes on one Redis, in front of one sandbox. */
async function openReplicas(redisUrl: string, options: SandboxOptions = {}, settings: Record<string, string> = {}) {
  const sandbox = await openSandbox(options);
  const environment = { PORT: '0', D7_BASE_URL: sandbox.url, REDIS_URL: redisUrl, CACHE_SECRET: secret, ...settings };
  const processes = [start('src/main.ts', environment), start('src/main.ts', environment)];
  const [one, other] = await Promise.all(processes.map(urlOf));
  const close = async () => {
    for (const running of processes) await running[Symbol.asyncDispose]();
    await sandbox.close();
  };
  return { sandbox, processes, urls: [one, other] as [string, string], [Symbol.asyncDispose]: close };
}

const logged = (processes: Running[]) => processes.map(({ written }) => written()).join('');

describe.skipIf(!redisWanted)('on one Redis (needs redis-server: apt-get install redis-server)', () => {
  it('200 callers with 200 tokens are 200 calls, and none of their answers is crossed, whichever replica they ask', async () => {
    const tokens = Array.from({ length: 200 }, (_, index) => `token-${index}`);
    await using redis = await openRedis();
    await using replicas = await openReplicas(redis.url, { tokens });
    const { urls, sandbox } = replicas;
    for (const turn of [0, 1]) {
      const replies = await Promise.all(
        tokens.map((token, index) => ask(urls[((index + turn) % 2) as 0 | 1], 'account', token, channelOf)),
      );
      expect(replies.map(({ body }) => body.data)).toEqual(
        tokens.map((_, index) => ({ viberLog: { channel: `viber-account-${index}` } })),
      );
      // The second time each caller asks the other replica, which finds it in Redis.
      expect(sandbox.callCount()).toBe(200);
    }
  });

  it('200 callers with one token are one call', async () => {
    await using redis = await openRedis();
    await using replicas = await openReplicas(redis.url);
    const { urls, sandbox } = replicas;
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => ask(urls[(index % 2) as 0 | 1], 'recipients-3')),
    );
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(sandbox.callCount()).toBe(1);
  });

  it('nothing in Redis shows a token, a recipient or a request id', async () => {
    const tokens = ['token-of-anna', 'token-of-bert'];
    await using redis = await openRedis();
    await using replicas = await openReplicas(redis.url, { tokens });
    for (const token of tokens) {
      for (const id of ['recipients-5', 'missing', 'error-403', '9d056a09-0fc4-4f68-9058-3846d58aa244']) {
        await ask(replicas.urls[0], id, token);
      }
    }
    await expect.poll(() => redis.send('DBSIZE')).toBeGreaterThanOrEqual(4);
    const dump = await redis.dump();
    expect(dump.length).toBeGreaterThan(1000);
    for (const told of [
      'token-of',
      'anna',
      '97150',
      'recipients',
      'missing',
      '9d056a09',
      'delivered',
      'DELIVERED',
      secret,
    ]) {
      expect(dump).not.toContain(told);
    }
  });

  it('D7 refuses a caller whose logs are cached', async () => {
    await using redis = await openRedis();
    await using replicas = await openReplicas(redis.url);
    const [one, other] = replicas.urls;
    await ask(one, 'recipients-1');
    await ask(one, 'error-401');
    expect(replicas.sandbox.callCount()).toBe(2);
    await ask(other, 'recipients-1');
    expect(replicas.sandbox.callCount()).toBe(3);
  });

  it('replicas with different secrets share nothing', async () => {
    await using redis = await openRedis();
    await using sandbox = await openSandbox();
    for (const CACHE_SECRET of [secret, `${secret}!`]) {
      await using house = await openHouse({
        settings: { D7_BASE_URL: sandbox.url, REDIS_URL: redis.url, CACHE_SECRET, CACHE_FINAL_TTL_SECONDS: '60' },
      });
      await house.ask(oneLog, { variables: { requestId: 'recipients-1' } });
    }
    expect(sandbox.callCount()).toBe(2);
  });

  it('what is not to be kept is not in Redis, and nobody waits for it there', async () => {
    await using redis = await openRedis();
    const waiting: ((bytes: Buffer) => void)[] = [];
    await using fake = await openFakeUpstream((id) =>
      id === 'final' ? finalLog(id) : (socket) => void waiting.push((bytes) => socket.write(bytes)),
    );
    const settings = {
      D7_BASE_URL: fake.url,
      REDIS_URL: redis.url,
      CACHE_SECRET: secret,
      CACHE_FINAL_TTL_SECONDS: '60',
      CACHE_NOT_FOUND_TTL_SECONDS: '60',
    };
    await using one = await openHouse({ settings });
    await using other = await openHouse({ settings });
    const asked = [one, other].map((house) => house.ask(oneLog, { variables: { requestId: 'live' } }));
    // Both have asked D7, and neither has an answer yet.
    await expect.poll(() => waiting.length, { timeout: 2000 }).toBe(2);
    for (const answer of waiting) answer(http('200 OK', log('live')));
    await Promise.all(asked);
    await one.ask(oneLog, { variables: { requestId: 'final' } });
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
  });

  it('whoever follows a log at one replica costs the others no calls of their own', async () => {
    await using redis = await openRedis();
    await using sandbox = await openSandbox({ now: () => performance.now() * 10 });
    const settings = {
      D7_BASE_URL: sandbox.url,
      REDIS_URL: redis.url,
      CACHE_SECRET: secret,
      CACHE_FINAL_TTL_SECONDS: '60',
      CACHE_LIVE_TTL_SECONDS: '0.001',
      CACHE_NOT_FOUND_TTL_SECONDS: '0.001',
      LIVE_MIN_INTERVAL_SECONDS: '0.1',
    };
    await using one = await openHouse({ settings });
    await using other = await openHouse({ settings });
    const lasts = await Promise.all(
      [one, other].map(async (house) => {
        let last: unknown;
        for await (const event of house.follow('moving-shared')) last = event.data.viberLog.messages.at(-1).status;
        return last;
      }),
    );
    expect(lasts).toEqual(['UNDELIVERED', 'UNDELIVERED']);
    // Ten states, a tenth of a second each, looked at every tenth of a second: two that poll for themselves call twice as often.
    expect(sandbox.callCount()).toBeLessThanOrEqual(14);
  });
});

// redis/node-redis#1782
describe.skipIf(!redisWanted)(
  'on one node of a Redis Cluster (needs redis-server: apt-get install redis-server)',
  () => {
    const tokens = Array.from({ length: 30 }, (_, index) => `token-${index}`);

    /** Asks one replica, and then another, once for each token. */
    async function askTwo(redisUrl: string) {
      const sandbox = await openSandbox({ tokens });
      const settings = {
        D7_BASE_URL: sandbox.url,
        REDIS_URL: redisUrl,
        CACHE_SECRET: secret,
        CACHE_FINAL_TTL_SECONDS: '60',
        CACHE_LIVE_TTL_SECONDS: '60',
        CACHE_NOT_FOUND_TTL_SECONDS: '60',
      };
      const logged: string[] = [];
      for (let replica = 0; replica < 2; replica += 1) {
        await using house = await openHouse({ settings });
        for (const token of tokens) {
          const asked = house.ask(oneLog, {
            variables: { requestId: 'recipients-1' },
            authorization: `Bearer ${token}`,
          });
          expect((await asked).body).toMatchObject({ data: { viberLog: { requestId: 'recipients-1' } } });
        }
        logged.push(...house.logged.filter((line) => line.includes('Redis')));
      }
      await sandbox.close();
      return { callCount: sandbox.callCount(), logged };
    }

    it('replicas share all results where the node serves all slots', async () => {
      await using cluster = await openRedisCluster([0, 16_383]);
      const [node] = cluster.nodes as [Redis];
      expect(await askTwo(node.url)).toEqual({ callCount: tokens.length, logged: [] });
    });

    it('a rejection of several callers at once deletes the epoch of each', async () => {
      await using cluster = await openRedisCluster([0, 16_383]);
      const [node] = cluster.nodes as [Redis];
      await using house = await openHouse({
        settings: { REDIS_URL: node.url, CACHE_SECRET: secret, CACHE_FINAL_TTL_SECONDS: '60' },
        sandbox: { tokens },
      });
      const askAll = (requestId: string) =>
        Promise.all(
          tokens.map((token) => house.ask(oneLog, { variables: { requestId }, authorization: `Bearer ${token}` })),
        );
      await askAll('recipients-1');
      await expect.poll(() => node.epochKeys()).toHaveLength(tokens.length);
      await askAll('error-401');
      await expect.poll(() => node.epochKeys()).toEqual([]);
    });

    it('Redis is one node of a cluster', async () => {
      await using cluster = await openRedisCluster([0, 8191], [8192, 16_383]);
      const [node] = cluster.nodes as [Redis];
      const { callCount, logged } = await askTwo(node.url);
      // The results of about half of the callers are shared.
      expect(callCount).toBeGreaterThan(tokens.length);
      expect(callCount).toBeLessThan(2 * tokens.length);
      // One line of each replica, however often it is redirected.
      expect(logged.map((line) => JSON.parse(line).reason)).toEqual(['MOVED', 'MOVED']);
    });
  },
);

describe.skipIf(!redisWanted)('when Redis is unwell (needs redis-server: apt-get install redis-server)', () => {
  it('Redis is killed under load and restarted', async () => {
    await using redis = await openRedis();
    const settings = { CACHE_FINAL_TTL_SECONDS: '0.05' };
    await using replicas = await openReplicas(redis.url, {}, settings);
    let stopped = false;
    let asked = 0;
    const wrong: string[] = [];
    const worker = async (number: number) => {
      while (!stopped) {
        const count = (asked++ % 9) + 1;
        const { text, body } = await ask(replicas.urls[(number % 2) as 0 | 1], `recipients-${count}`);
        const viberLog = (body.data as { viberLog: { requestId: string; messages: unknown[] } | null })?.viberLog;
        if (viberLog?.requestId !== `recipients-${count}` || viberLog.messages.length !== count) wrong.push(text);
      }
    };
    const load = Promise.all(Array.from({ length: 20 }, (_, number) => worker(number)));
    const askedMore = async (more: number) => {
      const before = asked;
      await expect.poll(() => asked).toBeGreaterThan(before + more);
    };
    await askedMore(500);
    await redis.kill();
    await askedMore(500);
    await expect.poll(() => logged(replicas.processes)).toContain('Redis unavailable');
    await redis.start();
    await expect.poll(() => logged(replicas.processes)).toContain('Redis available again');
    await askedMore(500);
    await expect.poll(() => redis.send('DBSIZE')).toBeGreaterThan(0);
    stopped = true;
    await load;
    expect(wrong).toEqual([]);
    for (const told of ['sandbox-token', '+97150', '127.0.0.1:6', secret]) {
      expect(logged(replicas.processes)).not.toContain(told);
    }
  });

  const settingsFor = (url: string) => ({
    REDIS_URL: url,
    CACHE_SECRET: secret,
    CACHE_FINAL_TTL_SECONDS: '60',
    CACHE_LIVE_TTL_SECONDS: '1',
    CACHE_NOT_FOUND_TTL_SECONDS: '1',
  });
  const good = { data: { viberLog: { __typename: 'ViberLog', requestId: 'recipients-1' } } };

  it('Redis cannot be reached', async () => {
    await using house = await openHouse({ settings: settingsFor('redis://127.0.0.1:9') });
    expect((await house.ask(oneLog, { variables: { requestId: 'recipients-1' } })).body).toMatchObject(good);
    await expect.poll(() => house.logged.join()).toContain('ECONNREFUSED');
  });

  // redis/node-redis#2319
  it.each([
    ['silent', 'TimeoutError', (redis: Redis) => redis.freeze(), async (redis: Redis) => redis.thaw()],
    ['not there', 'ECONNREFUSED', (redis: Redis) => redis.kill(), (redis: Redis) => redis.start()],
  ])('Redis does not answer at the start: it is %s', async (_what, reason, loseRedis, findRedis) => {
    await using redis = await openRedis();
    await loseRedis(redis);
    const startedMs = performance.now();
    await using house = await openHouse({ settings: settingsFor(redis.url) });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    // No request is needed for it.
    await expect.poll(() => house.logged.join(), { timeout: 5000 }).toContain(`"reason":"${reason}"`);
    expect((await house.ask(oneLog, { variables: { requestId: 'recipients-1' } })).body).toMatchObject(good);
    await findRedis(redis);
    await expect.poll(() => house.logged.join(), { timeout: 5000 }).toContain('Redis available again');
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    await expect.poll(() => redis.resultKeys()).not.toEqual([]);
    expect(house.logged.filter((line) => line.includes('Redis unavailable'))).toHaveLength(1);
  });

  it('The loss of Redis is logged with its reason', async () => {
    await using redis = await openRedis();
    await using house = await openHouse({ settings: settingsFor(redis.url) });
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    await redis.kill();
    const reasons = () => house.logged.map((line) => JSON.parse(line).reason).filter((reason) => reason !== undefined);
    // Which of the two comes first is up to the kernel.
    await expect.poll(reasons).toEqual([expect.stringMatching(/^(SocketClosedUnexpectedlyError|ECONNRESET)$/)]);
  });

  it('Redis does not answer', async () => {
    await using redis = await openRedis();
    await using house = await openHouse({ settings: settingsFor(redis.url) });
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    redis.freeze();
    const startedMs = performance.now();
    for (let count = 0; count < 30; count += 1) {
      const asked = house.ask(oneLog, {
        variables: { requestId: 'recipients-1' },
        headers: { 'cache-control': 'no-cache' },
      });
      expect((await asked).body).toMatchObject(good);
    }
    expect(house.logged.filter((line) => line.includes('Redis unavailable'))).toHaveLength(1);
    // Thirty quarters of a second would be seven and a half.
    expect(performance.now() - startedMs).toBeLessThan(4000);
    redis.thaw();
    await expect
      .poll(async () => {
        await house.ask(oneLog, { variables: { requestId: 'recipients-3' }, headers: { 'cache-control': 'no-cache' } });
        return house.logged.join();
      })
      .toContain('Redis available again');
  });

  it('Redis is full', async () => {
    await using redis = await openRedis('--maxmemory-policy', 'noeviction');
    await using sandbox = await openSandbox();
    const settings = { ...settingsFor(redis.url), D7_BASE_URL: sandbox.url };
    {
      await using other = await openHouse({ settings });
      await other.ask(oneLog, { variables: { requestId: 'recipients-3' } });
      await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    }
    await redis.send('CONFIG', 'SET', 'maxmemory', '1');
    await using house = await openHouse({ settings });
    expect((await house.ask(oneLog, { variables: { requestId: 'recipients-1' } })).body).toMatchObject(good);
    await expect.poll(() => house.logged.join()).toContain('OOM');
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    expect(house.logged.filter((line) => line.includes('Redis '))).toHaveLength(1);
    // It still reads.
    await house.ask(oneLog, { variables: { requestId: 'recipients-3' } });
    expect(sandbox.callCount()).toBe(3);
  });

  const poisons: [string, (redis: Redis, key: string) => Promise<unknown>][] = [
    ['garbage', async (redis, key) => redis.send('SET', key, 'garbage')],
    ['nothing', async (redis, key) => redis.send('SET', key, '')],
    ['a list', async (redis, key) => [await redis.send('DEL', key), await redis.send('RPUSH', key, 'x')]],
    ['a cut-off value', async (redis, key) => redis.send('SETRANGE', key, '10', 'xxxxxxxxxxxxxxxx')],
  ];
  it.each([
    ...poisons.map(([what, poison]) => [what, 'a result', (redis: Redis) => redis.resultKeys(), poison] as const),
    ...poisons.map(([what, poison]) => [what, 'an epoch', (redis: Redis) => redis.epochKeys(), poison] as const),
  ])('Redis holds garbage: %s for %s', async (_what, _of, keys, poison) => {
    await using redis = await openRedis();
    await using sandbox = await openSandbox();
    const settings = { ...settingsFor(redis.url), D7_BASE_URL: sandbox.url };
    const askOnce = async (requestId: string) => {
      await using house = await openHouse({ settings });
      return (await house.ask(oneLog, { variables: { requestId } })).body;
    };
    await askOnce('recipients-1');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    expect(await askOnce('recipients-1')).toMatchObject(good);
    expect(sandbox.callCount()).toBe(1);
    const [key] = (await keys(redis)) as [string];
    await poison(redis, key);
    expect(await askOnce('recipients-1')).toMatchObject(good);
    expect(sandbox.callCount()).toBe(2);
  });

  it('Redis returns the value of another caller', async () => {
    await using redis = await openRedis();
    await using sandbox = await openSandbox({ tokens: ['anna', 'bert'] });
    const settings = { ...settingsFor(redis.url), D7_BASE_URL: sandbox.url };
    const askOnce = async (token: string, requestId: string) => {
      await using house = await openHouse({ settings });
      await house.ask(oneLog, { variables: { requestId }, authorization: `Bearer ${token}` });
    };
    await askOnce('anna', 'recipients-1');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    const [annas] = (await redis.resultKeys()) as [string];
    await askOnce('bert', 'recipients-1');
    await askOnce('anna', 'recipients-2');
    await expect.poll(() => redis.resultKeys()).toHaveLength(3);
    for (const key of await redis.resultKeys()) if (key !== annas) await redis.send('COPY', annas, key, 'REPLACE');
    await askOnce('bert', 'recipients-1');
    await askOnce('anna', 'recipients-2');
    expect(sandbox.callCount()).toBe(5);
  });

  it('is not needed to stop', async () => {
    await using redis = await openRedis();
    await using replicas = await openReplicas(redis.url);
    await ask(replicas.urls[0], 'recipients-1');
    redis.freeze();
    for (const { child } of replicas.processes) child.kill('SIGTERM');
    for (const { ended } of replicas.processes) expect(await ended).toEqual([0, null]);
  });
});
