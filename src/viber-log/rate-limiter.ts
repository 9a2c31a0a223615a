/**
 * Counts what callers ask for, in fixed windows: in Redis, where replicas share the counts, and otherwise in memory. While Redis does not
 * answer, each replica counts by itself. Only a gateway with a limit loads this file, and the library that it is made of.
 */
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { type RateCount, RateWindows, rateCount } from './rate-windows.ts';
import type { RedisCache } from './redis-cache.ts';
import type { RedisConnection } from './redis-connection.ts';

export type RateLimitConfig = {
  /** Logs in one window, of each caller and of all together. 0: no limit. */
  perCaller: number;
  total: number;
  windowSeconds: number;
};

/** Null where there is no such limit. */
export type RateLimiter = {
  countCaller: ((callerKey: string, logs: number) => Counted) | null;
  countTotal: ((logs: number) => Counted) | null;
};

/** At once where the count is in memory. */
type Counted = RateCount | Promise<RateCount>;
type Count = (key: string, logs: number) => Counted;

/** @param redis null: the counts are in the memory of this process only. */
export function createRateLimiter(
  { perCaller, total, windowSeconds }: RateLimitConfig,
  redis: Pick<RedisCache, 'connection' | 'nameOf'> | null,
): RateLimiter {
  const counterOf = (limit: number) => createCounter(limit, windowSeconds, redis?.connection ?? null);
  const ofCaller = perCaller > 0 ? counterOf(perCaller) : null;
  const ofAll = total > 0 ? counterOf(total) : null;
  const totalKey = redis?.nameOf(['totalRate']) ?? '';
  return {
    countCaller: ofCaller && ((callerKey, logs) => ofCaller(redis?.nameOf(['rate', callerKey]) ?? callerKey, logs)),
    countTotal: ofAll && ((logs) => ofAll(totalKey, logs)),
  };
}

function createCounter(limit: number, windowSeconds: number, redis: RedisConnection | null): Count {
  const windows = new RateWindows(limit, windowSeconds);
  // An operation above the limit needs the whole window: otherwise it would never run.
  const pointsOf = (logs: number) => Math.min(logs, limit);
  const inMemory: Count = (key, logs) => windows.count(key, pointsOf(logs));
  if (redis === null) return inMemory;
  const limiter = new RateLimiterRedis({
    points: limit,
    duration: windowSeconds,
    keyPrefix: '',
    storeClient: storeClientOf(redis),
    useRedisPackage: true,
  });

  async function inRedis(key: string, logs: number): Promise<RateCount> {
    const { consumedPoints, msBeforeNext } = await consumed(key, pointsOf(logs));
    return rateCount(limit, limit - consumedPoints, msBeforeNext);
  }

  /** The library rejects what exceeds the limit, with the same object. */
  async function consumed(key: string, points: number): Promise<RateLimiterRes> {
    try {
      return await limiter.consume(key, points);
    } catch (exceeded) {
      if (exceeded instanceof RateLimiterRes) return exceeded;
      throw exceeded;
    }
  }

  return (key, logs) => inRedis(key, logs).catch(() => inMemory(key, logs));
}

/** What the library calls of a client: with the timeout of all commands, and a failure where there is no answer. */
function storeClientOf(redis: RedisConnection) {
  return {
    async eval(script: string, keysAndArguments: { keys: string[]; arguments: string[] }): Promise<unknown> {
      const answer = await redis.ask((client) => client.eval(script, keysAndArguments));
      if (answer === undefined) throw new Error('Redis does not answer.');
      return answer;
    },
  };
}
