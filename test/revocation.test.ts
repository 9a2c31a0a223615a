/** A caller whom D7 rejects is told nothing that was cached, by whatever transport and whatever Redis does; and leaves no state. */
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { createClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LatestValueStream } from '../src/viber-log/latest-value-stream.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type Event, type House, oneLog, openHouse } from './house.ts';
import { openRedis, type Redis, redisWanted } from './redis.ts';

const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };
const secret = 'a secret of at least thirty-two characters';
const channelOf = `query Channel($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }`;
const followChannel = channelOf.replace('query', 'subscription');

/** A log of one message that is sent, so that it can be followed; its channel says which state of D7 it is from. */
const logSaying = (id: string, channel: string) =>
  http('200 OK', JSON.stringify({ ...JSON.parse(log(id, [message])), channel }));

/** Answers `rejected` with the status, and every other id with a log that tells whether it was read before that or after. */
async function openRejectingUpstream(status: string) {
  let era = 'before';
  const fake = await openFakeUpstream((id) => {
    if (id !== 'rejected') return logSaying(id, era);
    era = 'after';
    return http(`${status} No`, '');
  });
  return fake;
}

const ask = (house: House, requestId: string, token = 'anna', query = channelOf) =>
  house.ask(query, { variables: { requestId }, authorization: `Bearer ${token}` });

/** What a caller is told of log `a`, in each way that there is. */
const ways: [string, (house: House) => Promise<string>][] = [
  ['a query over HTTP', async (house) => (await ask(house, 'a')).body.data.viberLog.channel],
  [
    'a query that graphql-js executes',
    async (house) =>
      (
        await ask(
          house,
          'a',
          'anna',
          `query X($requestId: ID!) { __schema { queryType { name } } ${channelOf.slice(channelOf.indexOf('{') + 1)}`,
        )
      ).body.data.viberLog.channel,
  ],
  [
    'a query by GET',
    async (house) => {
      const url = new URL(house.url);
      url.searchParams.set('query', channelOf);
      url.searchParams.set('variables', '{"requestId":"a"}');
      return (await (await fetch(url, { headers: { authorization: 'Bearer anna' } })).json()).data.viberLog.channel;
    },
  ],
  ['a query over WebSocket', (house) => firstOverWebSocket(house, channelOf)],
  ['a subscription over SSE', (house) => firstOverEvents(house)],
  ['a subscription over WebSocket', (house) => firstOverWebSocket(house, followChannel)],
];

async function firstOverEvents(house: House): Promise<string> {
  const events = house.follow('a', { authorization: 'Bearer anna', query: followChannel });
  const { value } = (await events.next()) as { value: Event };
  await events.return?.();
  return value.data.viberLog.channel;
}

async function firstOverWebSocket(house: House, query: string): Promise<string> {
  const client = createClient({
    url: house.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: 'Bearer anna' },
  });
  const events = client.iterate({ query, variables: { requestId: 'a' } });
  const { value } = (await events.next()) as { value: Event };
  await events.return?.();
  await client.dispose();
  return value.data.viberLog.channel;
}

/** A way to Redis that can be cut off, and leaves what Redis holds. */
async function openWayTo(url: string) {
  const { port } = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const beyond = connectSocket(Number(port), '127.0.0.1');
    for (const [one, other] of [
      [socket, beyond],
      [beyond, socket],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const restore = () => {
    isCut = false;
  };
  const close = async () => {
    cut();
    server.close();
  };
  const url_ = `redis://127.0.0.1:${(server.address() as { port: number }).port}`;
  return { url: url_, cut, restore, [Symbol.asyncDispose]: close };
}

describe('in one process', () => {
  it('D7 rejects new tokens without end', async () => {
    await using fake = await openFakeUpstream((id) => (id === 'rejected' ? http('401 No', '') : logSaying(id, 'kept')));
    const settings = { ...kept, CACHE_MAX_PENDING_REVOCATIONS: '100', D7_BASE_URL: fake.url };
    await using house = await openHouse({ settings });
    await ask(house, 'a');
    let next = 0;
    const reject = async () => {
      while (next < 2001) await ask(house, 'rejected', `invalid-${next++}`);
    };
    await Promise.all(Array.from({ length: 20 }, reject));
    await ask(house, 'a');
    expect(fake.asked.filter((id) => id === 'a')).toHaveLength(1);
  }, 60_000);

  it.each(['401', '403'].flatMap((status) => ways.map(([name, tell]) => [status, name, tell] as const)))(
    'after a %s nothing that was cached is told, in %s',
    async (status, _name, tell) => {
      await using fake = await openRejectingUpstream(status);
      await using house = await openHouse({ settings: { ...kept, D7_BASE_URL: fake.url } });
      // The second time from the log that is cached; from the third on a query is answered with the cached response.
      for (const _ of ['read', 'cached log', 'cached response']) expect(await tell(house)).toBe('before');
      await ask(house, 'rejected');
      expect(await tell(house)).toBe('after');
    },
  );

  it('D7 rejects a caller who follows logs', async () => {
    let isRejecting = false;
    await using fake = await openFakeUpstream((id) => (isRejecting ? http('401 No', '') : logSaying(id, 'before')));
    const rare = { LIVE_MIN_INTERVAL_SECONDS: '3600', LIVE_MAX_INTERVAL_SECONDS: '3600' };
    await using house = await openHouse({ settings: { ...kept, ...rare, D7_BASE_URL: fake.url } });
    const authorization = 'Bearer anna';
    const streams = ['a', 'b', 'c'].map((id) => house.follow(id, { authorization }));
    for (const stream of streams) await stream.next();
    isRejecting = true;
    await ask(house, 'rejected');
    // A new subscriber hears of it, and nothing that was cached; those who are there hear of it, and not in an hour.
    for (const stream of [house.follow('a', { authorization }), ...streams]) {
      expect((await stream.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    }
    expect(fake.asked.length).toBeLessThanOrEqual(8);
  });

  it('forbids one log again and again, and looks at the others no more than once a second', async () => {
    await using fake = await openFakeUpstream((id) =>
      id === 'rejected' ? http('403 No', '') : logSaying(id, 'moves'),
    );
    const rare = { LIVE_MIN_INTERVAL_SECONDS: '3600', LIVE_MAX_INTERVAL_SECONDS: '3600' };
    await using house = await openHouse({ settings: { ...rare, D7_BASE_URL: fake.url } });
    const startedMs = performance.now();
    const stream = house.follow('a', { authorization: 'Bearer anna' });
    await stream.next();
    for (let count = 0; count < 50; count += 1) await ask(house, 'rejected');
    const seconds = (performance.now() - startedMs) / 1000;
    expect(fake.asked.filter((id) => id === 'a').length).toBeLessThanOrEqual(2 + seconds);
    await stream.return?.();
  });

  it('a state that a slow subscriber has not read when D7 rejects the caller is dropped', async () => {
    const stream = new LatestValueStream<string>({ onEnded: () => {}, onLost: () => {} });
    stream.push('before');
    expect([stream.dropUnread(), stream.dropUnread()]).toEqual([true, false]);
    stream.push('after');
    expect((await stream.next()).value).toBe('after');
  });
});

describe.skipIf(!redisWanted)('with Redis (needs redis-server: apt-get install redis-server)', () => {
  const settingsFor = (redisUrl: string, upstreamUrl: string) => ({
    ...kept,
    REDIS_URL: redisUrl,
    CACHE_SECRET: secret,
    D7_BASE_URL: upstreamUrl,
  });

  /** Resolves when the house uses Redis: another caller's results arrive there. */
  async function usesRedis(house: House, redis: { resultKeys: () => Promise<string[]> }): Promise<void> {
    const before = (await redis.resultKeys()).length;
    let probes = 0;
    await expect
      .poll(async () => {
        await ask(house, `probe-${probes++}-${Math.random()}`.replace('.', ''), 'bert');
        return (await redis.resultKeys()).length;
      })
      .toBeGreaterThan(before);
  }

  it('a token that D7 rejects leaves nothing in Redis', async () => {
    await using redis = await openRedis();
    await using fake = await openRejectingUpstream('401');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await Promise.all(Array.from({ length: 300 }, (_, index) => ask(house, 'rejected', `invalid-${index}`)));
    await expect.poll(() => redis.send('DBSIZE')).toBe(0);
    // One with something cached leaves what nobody can open any more, until it expires.
    await ask(house, 'a');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    await ask(house, 'rejected');
    await expect.poll(() => redis.epochKeys()).toEqual([]);
  });

  it('an epoch lasts no longer than what is kept under it, and a little more', async () => {
    await using redis = await openRedis();
    await using fake = await openRejectingUpstream('401');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await ask(house, 'a');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    const ttls = await Promise.all(
      [redis.resultKeys, redis.epochKeys].map(async (keys) => redis.send('PTTL', (await keys())[0] as string)),
    );
    expect(ttls[1]).toBeGreaterThan(ttls[0] as number);
    expect(ttls[1]).toBeLessThanOrEqual(60_000 + 10_000);
  });

  it.each(['401', '403'].flatMap((status) => [[status, 'frozen'] as const, [status, 'cut off'] as const]))(
    'D7 rejects a caller (%s) while Redis is %s: nothing cached is told, then or later',
    async (status, trouble) => {
      await using redis = await openRedis();
      await using way = await openWayTo(redis.url);
      await using fake = await openRejectingUpstream(status);
      await using house = await openHouse({ settings: settingsFor(way.url, fake.url) });
      await using replica = await openHouse({ settings: settingsFor(redis.url, fake.url) });
      expect((await ask(house, 'a')).body.data.viberLog.channel).toBe('before');
      expect((await ask(house, 'b')).body.data.viberLog.channel).toBe('before');
      await expect.poll(() => redis.resultKeys()).toHaveLength(2);

      if (trouble === 'frozen') redis.freeze();
      else way.cut();
      await ask(house, 'rejected');
      expect((await ask(house, 'a')).body.data.viberLog.channel).toBe('after');
      if (trouble === 'frozen') redis.thaw();
      else way.restore();

      await usesRedis(house, redis);
      for (const [, tell] of ways) expect(await tell(house)).toBe('after');
      expect((await ask(house, 'b')).body.data.viberLog.channel).toBe('after');
      expect((await ask(replica, 'b')).body.data.viberLog.channel).toBe('after');
    },
  );

  // The name of the row in hazards.md.
  it('D7 rejects a caller while Redis does not answer', async () => {
    await using redis = await openRedis();
    await using fake = await openRejectingUpstream('401');
    const settings = settingsFor(redis.url, fake.url);
    await using house = await openHouse({ settings });
    await ask(house, 'a');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    redis.freeze();
    await ask(house, 'rejected');
    redis.thaw();
    await usesRedis(house, redis);
    await expect.poll(() => redis.epochKeys()).toHaveLength(1);
    // A process that starts afterwards, and knows nothing of it.
    await using replica = await openHouse({ settings });
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('D7 rejects more callers than are remembered while Redis does not answer', async () => {
    await using redis = await openRedis();
    await using fake = await openRejectingUpstream('401');
    const settings = {
      ...settingsFor(redis.url, fake.url),
      CACHE_FINAL_TTL_SECONDS: '3',
      CACHE_LIVE_TTL_SECONDS: '3',
      CACHE_NOT_FOUND_TTL_SECONDS: '3',
      LIVE_MAX_INTERVAL_SECONDS: '1',
      CACHE_MAX_PENDING_REVOCATIONS: '2',
    };
    await using house = await openHouse({ settings });
    await ask(house, 'a');
    await expect.poll(() => redis.resultKeys()).toHaveLength(1);
    redis.freeze();
    for (const token of ['one', 'two', 'three', 'anna']) await ask(house, 'rejected', token);
    const rejectedMs = performance.now();
    redis.thaw();
    // Redis answers again, and is used for nobody; what anna had in it is told to nobody.
    while ((await redis.resultKeys()).length > 0) {
      expect((await ask(house, 'a')).body.data.viberLog.channel).toBe('after');
      await ask(house, `probe-${Math.random()}`.replace('.', ''), 'bert');
      if (performance.now() - rejectedMs < 2000) expect((await redis.resultKeys()).length).toBeLessThanOrEqual(1);
    }
    await usesRedis(house, redis);
    expect(performance.now() - rejectedMs).toBeGreaterThan(2900);
    expect((await ask(house, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('D7 rejects a caller whose logs another replica caches in memory', async () => {
    await using redis = await openRedis();
    await using fake = await openRejectingUpstream('401');
    const settings = settingsFor(redis.url, fake.url);
    await using house = await openHouse({ settings });
    await using replica = await openHouse({ settings });
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    await ask(house, 'rejected');
    await expect.poll(async () => (await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('a replica that could not hear of a rejection keeps nothing of before', async () => {
    await using redis = await openRedis();
    await using way = await openWayTo(redis.url);
    await using fake = await openRejectingUpstream('403');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await using replica = await openHouse({ settings: settingsFor(way.url, fake.url) });
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    way.cut();
    await ask(house, 'rejected');
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    way.restore();
    await expect.poll(async () => (await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('a replica that started before it could hear of a rejection keeps nothing of before', async () => {
    await using redis = await openRedis();
    await using way = await openWayTo(redis.url);
    way.cut();
    await using fake = await openRejectingUpstream('403');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await using replica = await openHouse({ settings: settingsFor(way.url, fake.url) });
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    await ask(house, 'rejected');
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    way.restore();
    await expect.poll(async () => (await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  const channelsOf = async (redis: Redis) => (await redis.send('PUBSUB', 'CHANNELS')) as string[];

  it('a read that began before the replica could hear of a rejection is not kept', async () => {
    await using redis = await openRedis();
    await using way = await openWayTo(redis.url);
    way.cut();
    let era = 'before';
    const held: (() => void)[] = [];
    await using fake = await openFakeUpstream((id) => {
      if (id === 'rejected') return http('403 No', '');
      const answer = logSaying(id, era);
      return era === 'after' ? answer : (socket) => void held.push(() => socket.write(answer));
    });
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await using replica = await openHouse({ settings: settingsFor(way.url, fake.url) });
    const read = ask(replica, 'a');
    await expect.poll(() => held.length).toBe(1);
    await ask(house, 'rejected');
    way.restore();
    const [channel] = (await channelsOf(redis)) as [string];
    await expect.poll(() => redis.send('PUBSUB', 'NUMSUB', channel)).toEqual([channel, 2]);
    era = 'after';
    for (const answer of held) answer();
    expect((await read).body.data.viberLog.channel).toBe('before');
    await expect.poll(async () => (await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('a replica whose subscription Redis refuses at first tries again', async () => {
    await using redis = await openRedis();
    await redis.send('ACL', 'SETUSER', 'default', 'resetchannels');
    await using fake = await openRejectingUpstream('403');
    await using replica = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    await redis.send('ACL', 'SETUSER', 'default', 'allchannels');
    await expect.poll(() => channelsOf(redis), { timeout: 5000 }).toHaveLength(1);
    expect((await ask(replica, 'a')).body.data.viberLog.channel).toBe('before');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    await ask(house, 'rejected');
    await expect.poll(async () => (await ask(replica, 'a')).body.data.viberLog.channel).toBe('after');
  });

  it('a process starts while Redis takes connections and says nothing', async () => {
    await using redis = await openRedis();
    redis.freeze();
    await using fake = await openRejectingUpstream('401');
    await using house = await openHouse({ settings: settingsFor(redis.url, fake.url) });
    expect((await house.ask(oneLog, { variables: { requestId: 'a' } })).body.data.viberLog.requestId).toBe('a');
  });
});
