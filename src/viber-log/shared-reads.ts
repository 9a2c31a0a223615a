/**
 * Reads that callers share: what is kept is not asked for again, and what is being asked for is not asked for twice.
 *
 * Nothing is ever shared but between callers with the same token. A read looks into this process's memory; then it boards
 * the flight that is under way for the same caller and id, or opens one, which looks into Redis and then asks D7.
 */
import { LRUCache } from 'lru-cache';
import type { Caller } from '../d7/attempt.ts';
import type { CallBudget } from '../d7/cancellation.ts';
import type { D7Client } from '../d7/client.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { callerKeyOf, randomSecret } from './caller-key.ts';
import { type Accepts, isFresh, type TimesToLive, timeToLiveMs } from './freshness.ts';
import { createMemoryCache } from './memory-cache.ts';
import type { Look, RedisCache } from './redis-cache.ts';
import { SingleFlight } from './single-flight.ts';

export type SharedReadsConfig = {
  /** Caller keys are HMACs under it. Null: one is made up, and no other process knows it. */
  secret: string | null;
  lifetimes: TimesToLive;
  maxBytes: number;
  /** At least this long a reading is kept for whoever takes an older one. */
  leastKeptMs: number;
};

/** The reads of one operation, in its caller's name. */
export type CallerReads = {
  /** Stands for the caller, and is the same for all who have the same token. */
  callerKey: string;
  /** What this process keeps and would answer with, without asking anybody. */
  kept: (requestId: string) => ReadResult | undefined;
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  read: (requestId: string, budget: CallBudget, accepts: Accepts) => Promise<ReadResult>;
};

export type SharedReads = {
  openFor: (caller: Caller) => CallerReads;
  /** Whether a reading still stands for what D7 would say now. */
  isFresh: (reading: ReadResult) => boolean;
  /** Calls the listener whenever D7 has rejected a caller's token, here or at another replica. */
  onRejected: (listener: (callerKey: string) => void) => void;
  /** Calls the listener when other replicas may have seen rejections that this one has not heard of. */
  onMissedRejections: (listener: () => void) => void;
};

/** What a flight brings, and whether it is something that was kept. */
type Landing = { reading: ReadResult; wasKept: boolean };

export function createSharedReads(config: SharedReadsConfig, d7: D7Client, redis: RedisCache | null): SharedReads {
  const { lifetimes, leastKeptMs } = config;
  const secret = config.secret ?? randomSecret();
  const memory = createMemoryCache(config.maxBytes);
  const flights = new SingleFlight<Landing>();
  /** Those of the callers who came last, so that a key is not worked out for each of their operations. */
  const callerKeys = new LRUCache<string, string>({ max: 1000 });
  let onRejected = (_callerKey: string) => {};
  let onMissedRejections = () => {};
  redis?.onRevoked(forget);
  redis?.onMissed(forgetAll);

  function openFor(caller: Caller): CallerReads {
    const callerKey = keyOf(caller.token);
    const shelf = redis?.openFor(caller.token, callerKey);

    async function read(requestId: string, budget: CallBudget, accepts: Accepts): Promise<ReadResult> {
      for (;;) {
        const kept = memory.get(callerKey, requestId);
        if (kept && accepts?.(kept)) return kept;
        try {
          const depart = (budget: CallBudget) => fly(requestId, budget, accepts);
          const { reading, wasKept } = await flights.board(callerKey, requestId, budget, accepts === null, depart);
          // Whoever opened the flight may have taken an older one than this asker does.
          if (!wasKept || accepts?.(reading)) return reading;
        } catch (error) {
          if (!isTimeOfAnother(error, budget)) throw error;
        }
      }
    }

    /** A caller whom D7 rejects while this read is in flight is told nothing cached, and nothing of this read is cached. */
    async function fly(requestId: string, budget: CallBudget, accepts: Accepts): Promise<Landing> {
      const place = memory.place(callerKey, requestId);
      let look: Look | undefined;
      try {
        look = shelf && (await shelf.look(requestId, budget, accepts));
        if (look?.kept && !place.wasForgotten()) {
          keep(look.kept, place.put);
          return { reading: look.kept, wasKept: true };
        }
        const reading = await d7.fetchViberLog(requestId, caller, budget);
        keep(reading, place.put);
        if (look && !place.wasForgotten()) keep(reading, look.put);
        return { reading, wasKept: false };
      } catch (error) {
        if (isRejection(error)) reject();
        throw error;
      } finally {
        look?.giveTurnBack();
        place.end();
      }
    }

    /** D7 does not let this caller in any more, or not everywhere: nothing that it told them before may be told again. */
    function reject(): void {
      shelf?.revoke();
      forget(callerKey);
    }

    function kept(requestId: string): ReadResult | undefined {
      const reading = memory.get(callerKey, requestId);
      return reading && isFreshNow(reading) ? reading : undefined;
    }

    return { callerKey, kept, read };
  }

  function keyOf(token: string): string {
    const known = callerKeys.get(token);
    if (known !== undefined) return known;
    const callerKey = callerKeyOf(token, secret);
    callerKeys.set(token, callerKey);
    return callerKey;
  }

  function keep(reading: ReadResult, put: (reading: ReadResult, keepMs: number) => void): void {
    const lifetime = timeToLiveMs(reading, lifetimes);
    if (lifetime > 0) put(reading, Math.max(lifetime, leastKeptMs));
  }

  function forget(callerKey: string): void {
    memory.forget(callerKey);
    flights.forget(callerKey);
    onRejected(callerKey);
  }

  function forgetAll(): void {
    memory.forgetAll();
    flights.forgetAll();
    onMissedRejections();
  }

  function isFreshNow(reading: ReadResult): boolean {
    return isFresh(reading, lifetimes, Date.now());
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

/** The flight went by the time of its first passenger. Another one who has time left boards the next. */
function isTimeOfAnother(error: unknown, { deadlineMs }: CallBudget): boolean {
  const leastUsefulMs = 5;
  return (
    error instanceof ViberLogFailure && error.kind === 'outOfTime' && deadlineMs - performance.now() > leastUsefulMs
  );
}
