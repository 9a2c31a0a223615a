/**
 * Counts what callers ask for, in fixed windows: in Redis, where replicas share the counts, and otherwise in memory. While Redis does not
 * answer, each replica counts by itself. Only a gateway with a limit loads this file, and the library that it is made of.
 */
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RedisCache } from './redis-cache.ts';
import type { RedisConnection } from './redis-connection.ts';

export type RateLimitConfig = {
  /** Logs in one window, of each caller and of all together. 0: no limit. */
  perCaller: number;
  total: number;
  windowSeconds: number;
};

/** The state of one limit after an operation was counted. */
export type RateCount = {
  limit: number;
  remaining: number;
  /** Until the window ends. */
  resetSeconds: number;
  isExceeded: boolean;
};

/** Null where there is no such limit. */
export type RateLimiter = {
  countCaller: ((callerKey: string, logs: number) => Promise<RateCount>) | null;
  countTotal: ((logs: number) => Promise<RateCount>) | null;
};

/** Anybody can make up tokens. Beyond this many callers the one that was counted longest ago is forgotten, and begins a new window. */
const maxCallers = 10_000;

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

function createCounter(limit: number, windowSeconds: number, redis: RedisConnection | null) {
  const options = { points: limit, duration: windowSeconds, keyPrefix: '' };
  const memory = new BoundedMemory(options);
  const limiter = redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: storeClientOf(redis),
        useRedisPackage: true,
        insuranceLimiter: memory,
      })
    : memory;

  return async (key: string, logs: number): Promise<RateCount> => {
    // An operation above the limit needs the whole window: otherwise it would never run.
    const points = Math.min(logs, limit);
    try {
      return countOf(await limiter.consume(key, points), false);
    } catch (exceeded) {
      if (!(exceeded instanceof RateLimiterRes)) throw exceeded;
      return countOf(exceeded, true);
    }
  };

  function countOf({ remainingPoints, msBeforeNext }: RateLimiterRes, isExceeded: boolean): RateCount {
    const resetSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return { limit, remaining: Math.max(0, remainingPoints), resetSeconds, isExceeded };
  }
}

/** The library's own keeps every key until its window ends, however many there are. */
class BoundedMemory extends RateLimiterMemory {
  readonly #callers = new LRUCache<string, true>({
    max: maxCallers,
    dispose: (_known, key) => void this.delete(key),
  });

  override consume(key: string, points?: number): Promise<RateLimiterRes> {
    if (!this.#callers.get(key)) this.#callers.set(key, true);
    return super.consume(key, points);
  }
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
