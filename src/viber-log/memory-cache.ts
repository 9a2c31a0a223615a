/**
 * The cache of results in this process's memory, with a partition for each caller.
 */
import type { ReadResult } from '../d7/read-result.ts';
import { CallerCache } from './caller-cache.ts';

export type MemoryCache = CallerCache<ReadResult>;

export function createMemoryCache(maxBytes: number): MemoryCache {
  return new CallerCache(maxBytes, bytesOf);
}

/** A log holds D7's body, or its messages rewritten in plain form (log-scanner.ts), whichever is larger. */
function bytesOf(result: ReadResult): number {
  const messageBytes = result.kind === 'log' ? result.log.messages.byteLength : 0;
  return Math.max(result.bodyBytes, messageBytes);
}
