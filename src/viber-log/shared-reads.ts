/**
 * Reads of logs, shared between callers with the same token: cached results and calls in flight.
 *
 * A read looks into this process's memory first. Then it joins the call in flight for the same caller and request id, or starts
 * one. A call looks into Redis first, and then asks D7.
 */
import type { Caller } from '../d7/attempt.ts';
import type { CallBudget } from '../d7/cancellation.ts';
import type { D7Client } from '../d7/client.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { ReadSource, Telemetry } from '../telemetry.ts';
import type { CallerKeyOf } from './caller-key.ts';
import { type CacheFilter, isFresh, type KindCounts, kindOf, type TimesToLive, timeToLiveMs } from './freshness.ts';
import { createMemoryCache } from './memory-cache.ts';
import type { ReadCounts } from './read-counts.ts';
import type { RedisCache } from './redis-cache.ts';
import type { RedisLookup } from './redis-lookup.ts';
import { SingleFlight } from './single-flight.ts';

export type SharedReadsConfig = {
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
  /** Counts results that are not read again, because the response that has them is cached. */
  countCached: (results: KindCounts) => void;
  /** @throws ViberLogFailure in every case except a bug of this gateway. */
  read: (requestId: string, budget: CallBudget, cacheFilter: CacheFilter) => Promise<ReadResult>;
};

export type SharedReads = {
  /** @param counts of the operation. */
  openFor: (caller: Caller, counts: ReadCounts) => CallerReads;
  isFresh: (result: ReadResult) => boolean;
  /** Calls the listener whenever D7 rejects a caller's token, here, at another replica or at another worker. */
  onRejected: (listener: (callerKey: string) => void) => void;
  /** Calls the listener when this replica may have missed rejections that other replicas published. */
  onMissedRejections: (listener: () => void) => void;
};

/** The other workers of this machine. */
export type Siblings = {
  /** Tells them that D7 rejected this caller. */
  publishRejection: (callerKey: string) => void;
  /** Calls the listener for each caller whom D7 has rejected at another worker. */
  onRejection: (listener: (callerKey: string) => void) => void;
};

type CallOutcome = { result: ReadResult; wasCached: boolean };

export function createSharedReads(
  config: SharedReadsConfig,
  d7: D7Client,
  redis: RedisCache | null,
  callerKeyOf: CallerKeyOf,
  telemetry: Pick<Telemetry, 'read'>,
  siblings: Siblings | null,
): SharedReads {
  const { timesToLive, minRetentionMs } = config;
  const memory = createMemoryCache(config.maxBytes);
  const singleFlight = new SingleFlight<CallOutcome>();
  let onRejected = (_callerKey: string) => {};
  let onMissedRejections = () => {};
  redis?.onRevoked(invalidate);
  redis?.onMissed(invalidateAll);
  siblings?.onRejection(invalidate);

  function openFor(caller: Caller, counts: ReadCounts): CallerReads {
    const callerKey = callerKeyOf(caller.token);
    const callerRedis = redis?.openFor(caller.token, callerKey);

    async function read(requestId: string, budget: CallBudget, cacheFilter: CacheFilter): Promise<ReadResult> {
      const bypassesCache = cacheFilter === null;
      let hasStarted = false;
      const startCall = (callBudget: CallBudget) => {
        hasStarted = true;
        return fetchOnce(requestId, callBudget, cacheFilter);
      };
      for (;;) {
        const cached = memory.get(callerKey, requestId);
        if (cached && cacheFilter?.(cached)) {
          counts.cached += 1;
          countRead('memory', cached, budget);
          return cached;
        }
        hasStarted = false;
        try {
          const outcome = await singleFlight.join(callerKey, requestId, budget, bypassesCache, startCall);
          // The filter of the read that started the call may take older results than this one's.
          if (!outcome.wasCached || cacheFilter?.(outcome.result)) {
            if (!hasStarted) {
              counts.shared += 1;
              countRead('shared', outcome.result, budget);
            }
            return outcome.result;
          }
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
          store(lookup.cached, pending);
          counts.cached += 1;
          countRead('redis', lookup.cached, budget);
          return { result: lookup.cached, wasCached: true };
        }
        counts.called += 1;
        const result = await d7.fetchViberLog(requestId, caller, budget);
        countRead('d7', result, budget);
        store(result, pending);
        if (lookup && !pending.wasInvalidated()) store(result, lookup);
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
      siblings?.publishRejection(callerKey);
      invalidate(callerKey);
    }

    function cachedResult(requestId: string): ReadResult | undefined {
      const result = memory.get(callerKey, requestId);
      return result && isFreshNow(result) ? result : undefined;
    }

    function countCached({ final, live, missing }: KindCounts): void {
      counts.cached += final + live + missing;
      if (final > 0) telemetry.read('response', 'final', final);
      if (live > 0) telemetry.read('response', 'live', live);
      if (missing > 0) telemetry.read('response', 'missing', missing);
    }

    return { callerKey, cachedResult, countCached, read };
  }

  function countRead(source: ReadSource, result: ReadResult, { span }: CallBudget): void {
    const kind = kindOf(result);
    span?.onRead(source, kind);
    telemetry.read(source, kind, 1);
  }

  function store(result: ReadResult, cache: Pick<RedisLookup, 'put'>): void {
    const ttlMs = timeToLiveMs(result, timesToLive);
    if (ttlMs > 0) cache.put(result, Math.max(ttlMs, minRetentionMs));
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
