/**
 * Reads of logs, shared between callers with the same token: cached results and calls in flight.
 *
 * A read looks into this process's memory first. Then it joins the call in flight for the same caller and request id, or starts
 * one. A call looks into Redis first, and then asks D7.
 */
import { LRUCache } from 'lru-cache';
import type { Caller } from '../d7/attempt.ts';
import type { CallBudget } from '../d7/cancellation.ts';
import type { D7Client } from '../d7/client.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { callerKeyOf, randomSecret } from './caller-key.ts';
import { type CacheFilter, isFresh, type TimesToLive, timeToLiveMs } from './freshness.ts';
import { createMemoryCache } from './memory-cache.ts';
import type { RedisCache } from './redis-cache.ts';
import type { RedisLookup } from './redis-lookup.ts';
import { SingleFlight } from './single-flight.ts';

export type SharedReadsConfig = {
  /** The key of the HMACs that are the caller keys. Null: random, and known to this process only. */
  secret: string | null;
  timesToLive: TimesToLive;
  maxBytes: number;
  /** The caches hold a result at least this long, for reads whose filter takes older results. */
  minRetentionMs: number;
};

/** Reads in the name of one caller. */
export type CallerReads = {
  /** Identifies the caller; equal for equal tokens. */
  callerKey: string;
  /** The fresh result in this process's memory, if there is one. */
  cachedResult: (requestId: string) => ReadResult | undefined;
  /** @throws ViberLogFailure in every case except a bug of this gateway. */
  read: (requestId: string, budget: CallBudget, cacheFilter: CacheFilter) => Promise<ReadResult>;
};

export type SharedReads = {
  openFor: (caller: Caller) => CallerReads;
  isFresh: (result: ReadResult) => boolean;
  /** Calls the listener whenever D7 rejects a caller's token, here or at another replica. */
  onRejected: (listener: (callerKey: string) => void) => void;
  /** Calls the listener when this replica may have missed rejections that other replicas published. */
  onMissedRejections: (listener: () => void) => void;
};

type CallOutcome = { result: ReadResult; wasCached: boolean };

export function createSharedReads(config: SharedReadsConfig, d7: D7Client, redis: RedisCache | null): SharedReads {
  const { timesToLive, minRetentionMs } = config;
  const secret = config.secret ?? randomSecret();
  const memory = createMemoryCache(config.maxBytes);
  const singleFlight = new SingleFlight<CallOutcome>();
  /** Saves one HMAC for each operation of a recent caller. */
  const callerKeys = new LRUCache<string, string>({ max: 1000 });
  let onRejected = (_callerKey: string) => {};
  let onMissedRejections = () => {};
  redis?.onRevoked(invalidate);
  redis?.onMissed(invalidateAll);

  function openFor(caller: Caller): CallerReads {
    const callerKey = keyOf(caller.token);
    const callerRedis = redis?.openFor(caller.token, callerKey);

    async function read(requestId: string, budget: CallBudget, cacheFilter: CacheFilter): Promise<ReadResult> {
      const bypassesCache = cacheFilter === null;
      const startCall = (callBudget: CallBudget) => fetchOnce(requestId, callBudget, cacheFilter);
      for (;;) {
        const cached = memory.get(callerKey, requestId);
        if (cached && cacheFilter?.(cached)) return cached;
        try {
          const outcome = await singleFlight.join(callerKey, requestId, budget, bypassesCache, startCall);
          // The filter of the read that started the call may take older results than this one's.
          if (!outcome.wasCached || cacheFilter?.(outcome.result)) return outcome.result;
        } catch (error) {
          if (!isTimeoutOfAnotherWaiter(error, budget)) throw error;
        }
      }
    }

    /** When D7 rejects the caller during this call, the call returns no cached result and caches nothing. */
    async function fetchOnce(requestId: string, budget: CallBudget, cacheFilter: CacheFilter): Promise<CallOutcome> {
      const startEnd = redis?.startEnd();
      if (startEnd) await startEnd;
      const pending = memory.beginRead(callerKey, requestId);
      let lookup: RedisLookup | undefined;
      try {
        lookup = callerRedis && (await callerRedis.lookUp(requestId, budget, cacheFilter));
        if (lookup?.cached && !pending.wasInvalidated()) {
          store(lookup.cached, pending.put);
          return { result: lookup.cached, wasCached: true };
        }
        const result = await d7.fetchViberLog(requestId, caller, budget);
        store(result, pending.put);
        if (lookup && !pending.wasInvalidated()) store(result, lookup.put);
        return { result, wasCached: false };
      } catch (error) {
        if (isRejection(error)) revoke();
        throw error;
      } finally {
        lookup?.releaseLease();
        pending.end();
      }
    }

    /** D7 no longer accepts this token, or not for every log: no earlier result may be returned again. */
    function revoke(): void {
      callerRedis?.revoke();
      invalidate(callerKey);
    }

    function cachedResult(requestId: string): ReadResult | undefined {
      const result = memory.get(callerKey, requestId);
      return result && isFreshNow(result) ? result : undefined;
    }

    return { callerKey, cachedResult, read };
  }

  function keyOf(token: string): string {
    const known = callerKeys.get(token);
    if (known !== undefined) return known;
    const callerKey = callerKeyOf(token, secret);
    callerKeys.set(token, callerKey);
    return callerKey;
  }

  function store(result: ReadResult, put: (result: ReadResult, retentionMs: number) => void): void {
    const ttlMs = timeToLiveMs(result, timesToLive);
    if (ttlMs > 0) put(result, Math.max(ttlMs, minRetentionMs));
  }

  function invalidate(callerKey: string): void {
    memory.invalidate(callerKey);
    singleFlight.invalidate(callerKey);
    onRejected(callerKey);
  }

  function invalidateAll(): void {
    memory.invalidateAll();
    singleFlight.invalidateAll();
    onMissedRejections();
  }

  function isFreshNow(result: ReadResult): boolean {
    return isFresh(result, timesToLive, Date.now());
  }

  return {
    openFor,
    isFresh: isFreshNow,
    onRejected(listener) {
      onRejected = listener;
    },
    onMissedRejections(listener) {
      onMissedRejections = listener;
    },
  };
}

function isRejection(error: unknown): boolean {
  return error instanceof ViberLogFailure && (error.kind === 'tokenRefused' || error.kind === 'forbidden');
}

/** A call has the deadline of its first waiter. A waiter with time left joins or starts the next call. */
function isTimeoutOfAnotherWaiter(error: unknown, { deadlineMs }: CallBudget): boolean {
  const leastUsefulMs = 5;
  return (
    error instanceof ViberLogFailure && error.kind === 'outOfTime' && deadlineMs - performance.now() > leastUsefulMs
  );
}
