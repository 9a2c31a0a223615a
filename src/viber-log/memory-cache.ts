/**
 * The results of reads that this process keeps, each for one caller.
 */
import type { ReadResult } from '../d7/read-result.ts';
import { CallerCache } from './caller-cache.ts';

export type MemoryCache = CallerCache<ReadResult>;

export function createMemoryCache(maxBytes: number): MemoryCache {
  return new CallerCache(maxBytes, bytesOf);
}

/** A log is kept as its body, or as what was written plainly of it. */
function bytesOf(reading: ReadResult): number {
  const plainBytes = reading.kind === 'log' ? reading.log.messages.byteLength : 0;
  return Math.max(reading.bodyBytes, plainBytes);
}
