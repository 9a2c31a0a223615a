/**
 * The readings that this process keeps, each for one caller, bounded in bytes.
 *
 * When D7 refuses a caller, all that is kept for them has to go, and what is under way for them must not come back. So a
 * caller's entries are kept under the epoch in which their reads began, and forgetting the caller is to begin a new epoch:
 * the old entries cannot be found any more, and leave as the oldest do.
 */
import { LRUCache } from 'lru-cache';
import type { Reading } from '../d7/reading.ts';

export type MemoryCache = {
  get: (callerKey: string, requestId: string) => Reading | undefined;
  /** Where a read that begins now looks, and may put what it finds. */
  place: (callerKey: string, requestId: string) => MemoryPlace;
  forget: (callerKey: string) => void;
};

export type Place = { put: (reading: Reading, keepMs: number) => void };

type MemoryPlace = Place & { get: () => Reading | undefined };

const rememberedEpochs = 10_000;

export function createMemoryCache(maxBytes: number): MemoryCache {
  const readings = new LRUCache<string, Reading>({ maxSize: maxBytes, sizeCalculation: weightOf });
  let latest = 0;
  /** The epoch of every caller who was not refused of late. */
  let common = 0;
  const epochs = new LRUCache<string, number>({
    max: rememberedEpochs,
    // A caller whose epoch is lost would fall back into an old one: so all begin a new one.
    dispose: (_epoch, _callerKey, reason) => {
      if (reason === 'evict') common = ++latest;
    },
  });

  function epochOf(callerKey: string): number {
    return epochs.get(callerKey) ?? common;
  }

  /** Nothing is looked for where nothing is: that is so when nothing is to be kept. */
  function getIn(epoch: number, callerKey: string, requestId: string): Reading | undefined {
    return readings.size > 0 ? readings.get(nameOf(callerKey, epoch, requestId)) : undefined;
  }

  return {
    get: (callerKey, requestId) => getIn(epochOf(callerKey), callerKey, requestId),
    place(callerKey, requestId) {
      const epoch = epochOf(callerKey);
      return {
        get: () => getIn(epoch, callerKey, requestId),
        put: (reading, keepMs) => void readings.set(nameOf(callerKey, epoch, requestId), reading, { ttl: keepMs }),
      };
    },
    forget: (callerKey) => void epochs.set(callerKey, ++latest),
  };
}

function nameOf(callerKey: string, epoch: number, requestId: string): string {
  return `${callerKey}/${epoch}/${requestId}`;
}

/** A log is kept as its body, or as what was written plainly of it; and whatever is kept takes some hundred bytes beside. */
function weightOf(reading: Reading, name: string): number {
  const plainBytes = reading.kind === 'log' ? reading.log.messages.byteLength : 0;
  return Math.max(reading.bodyBytes, plainBytes) + name.length + 512;
}
