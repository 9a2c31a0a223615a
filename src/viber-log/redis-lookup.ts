/**
 * One caller's results in Redis, and the lease that lets one replica call D7 while the others wait.
 *
 * Each caller has an epoch in Redis, a random value. A lookup creates it if it does not exist, and a result opens only under the epoch
 * in which its read began. Revoking a caller deletes the epoch: no earlier result can be opened again, and the results themselves
 * expire. revocations.ts retries until the epoch is deleted.
 *
 * A replica that finds no usable result acquires the lease for this caller and request id, and calls D7. The others poll until
 * the result is there, or the lease is free because its holder released it or died. So all replicas together make one call.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallBudget } from '../d7/cancellation.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { CacheFilter } from './freshness.ts';
import type { RedisConnection } from './redis-connection.ts';
import { redisNameOf } from './redis-names.ts';
import type { Revocations } from './revocations.ts';
import { type SealKey, seal, sealKeyOf, unseal } from './sealed-result.ts';

export type RedisLookupConfig = {
  secret: string;
  /** False if some kind of result is not cached: a replica that waits for the holder of a lease could then wait for nothing. */
  usesLeases: boolean;
  /** No result stays in Redis for longer than this. */
  maxRetentionMs: number;
};

/** None of its functions throws or rejects. */
export type CallerRedisCache = {
  lookUp: (requestId: string, budget: CallBudget, cacheFilter: CacheFilter) => Promise<RedisLookup>;
  /** Makes all earlier results of this caller unreadable, because D7 has rejected the caller. */
  revoke: () => void;
};

/** A usable result; or, if `cached` is absent, leave to call D7 and to put what it answers. */
export type RedisLookup = {
  cached?: ReadResult;
  put: (result: ReadResult, retentionMs: number) => void;
  /** Call this when D7's answer, or a failure, is known. */
  releaseLease: () => void;
};

export type RedisParts = { config: RedisLookupConfig; redis: RedisConnection; revocations: Revocations };

/** Larger results take longer to encrypt, send and decrypt than a call to D7 takes. */
const maxBodyBytes = 4 * 1024 * 1024;
/** How long a lease lasts whose holder died, and how often waiting replicas check it. */
const leaseMs = 3000;
const leasePollMs = 20;
/** An epoch outlives the results under it by this much: without their epoch they cannot be opened. */
const epochMarginMs = 10_000;

const nothingShared: RedisLookup = { put: () => {}, releaseLease: () => {} };

export function createCallerRedisCache(parts: RedisParts, token: string, callerKey: string): CallerRedisCache {
  const { config, redis, revocations } = parts;
  const { secret, usesLeases } = config;
  const epochMs = Math.ceil(config.maxRetentionMs + epochMarginMs);
  let derivedKey: SealKey | undefined;

  async function lookUp(requestId: string, budget: CallBudget, cacheFilter: CacheFilter): Promise<RedisLookup> {
    const epochName = redisNameOf(secret, ['epoch', callerKey]);
    const resultName = redisNameOf(secret, ['result', callerKey, requestId]);
    const leaseName = redisNameOf(secret, ['lease', callerKey, requestId]);
    // A lease that has expired may be another replica's by now. Releasing that one costs a second call to D7, and nothing else.
    const releaseLease = () => void redis.ask((client) => client.del(leaseName));
    const wantsLease = usesLeases && cacheFilter !== null;
    let holdsLease = false;
    let wasEpochCreated = false;
    for (;;) {
      const values = revocations.isPending(callerKey)
        ? undefined
        : await redis.ask((client) => client.mGet([epochName, resultName, leaseName]));
      const notShared = holdsLease ? { ...nothingShared, releaseLease } : nothingShared;
      // Nothing may be put, since the epoch is unknown.
      if (values === undefined) return notShared;
      const [epoch, sealed, lease] = values;
      const sealedName = JSON.stringify([resultName, epoch?.toString('base64url')]);
      const cached = epoch && sealed ? unseal(sealed, sealKey(), sealedName) : undefined;
      if (cached && cacheFilter?.(cached)) return { ...notShared, cached };

      if (epoch && (holdsLease || !wantsLease || isOver(budget))) {
        const names = { epochName, resultName, sealedName };
        return { ...notShared, put: (result, retentionMs) => put(result, retentionMs, names) };
      }
      // If there is still no epoch after its creation, the key holds a value of another type.
      if (isOver(budget) || (!epoch && wasEpochCreated)) return notShared;
      // Both commands go out in one round trip.
      const creation = epoch ? true : createEpoch(epochName);
      if (wantsLease && !holdsLease) holdsLease = !lease && (await acquireLease(leaseName));
      wasEpochCreated = await creation;
      if (!wasEpochCreated) return holdsLease ? { ...nothingShared, releaseLease } : nothingShared;
      // With the lease it looks once more, because the previous holder may have put a result in between.
      if (wantsLease && !holdsLease) await pause(leasePollMs);
    }
  }

  function put(result: ReadResult, retentionMs: number, { epochName, resultName, sealedName }: Names): void {
    if (result.bodyBytes > maxBodyBytes) return;
    const sealed = seal(result, sealKey(), sealedName);
    void redis.write((client) =>
      Promise.all([client.set(resultName, sealed, { PX: Math.ceil(retentionMs) }), client.pExpire(epochName, epochMs)]),
    );
  }

  /** True also if another replica has created it. False if Redis did not answer. */
  async function createEpoch(epochName: string): Promise<boolean> {
    const answer = await redis.ask(async (client) => {
      await client.set(epochName, randomBytes(16), { NX: true, PX: epochMs });
      return true;
    });
    return answer === true;
  }

  /** True also if Redis does not answer: then no replica waits for another. */
  async function acquireLease(leaseName: string): Promise<boolean> {
    const answer = await redis.ask(async (client) => ({
      wasTaken: (await client.set(leaseName, '', { NX: true, PX: leaseMs })) === null,
    }));
    return answer?.wasTaken !== true;
  }

  function sealKey(): SealKey {
    derivedKey ??= sealKeyOf(token, secret);
    return derivedKey;
  }

  return { lookUp, revoke: () => revocations.add(callerKey) };
}

type Names = { epochName: string; resultName: string; sealedName: string };

function isOver({ cancellation, deadlineMs }: CallBudget): boolean {
  return cancellation.isCancelled || performance.now() >= deadlineMs;
}
