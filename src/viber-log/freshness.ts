/**
 * How long a result is fresh. Pure functions; no other file decides freshness.
 */
import type { ViberLog } from '../d7/log/log-scanner.ts';
import type { ReadResult } from '../d7/read-result.ts';

/** Times to live by the kind of result. 0: results of this kind are not cached. */
export type TimesToLive = {
  finalMs: number;
  liveMs: number;
  notFoundMs: number;
};

/** Which cached results a read may return. `null`: none; the read sends a call of its own to D7. */
export type CacheFilter = ((cached: ReadResult) => boolean) | null;

export type ResultKind = 'final' | 'live' | 'missing';

export type KindCounts = Readonly<Record<ResultKind, number>>;

export function kindOf(result: ReadResult): ResultKind {
  if (result.kind === 'noSuchLog') return 'missing';
  return isFinal(result.log) ? 'final' : 'live';
}

export function timeToLiveMs(result: ReadResult, { finalMs, liveMs, notFoundMs }: TimesToLive): number {
  switch (kindOf(result)) {
    case 'missing':
      return notFoundMs;
    case 'final':
      return finalMs;
    case 'live':
      return liveMs;
  }
}

/**
 * Whether the log cannot change any more: every recipient has a message, and every message is delivered or undelivered. A log
 * without messages is not final: D7 has not processed the request yet. Nor is a log without a known total: any recipient may be missing.
 */
export function isFinal({ totalRecipients, messages }: ViberLog): boolean {
  return messages.count > 0 && totalRecipients !== null && messages.count >= totalRecipients && messages.areFinal;
}

/** A result with a time in the future comes from a machine whose clock differs: its age is unknown, so it is not fresh. */
export function isFresh(result: ReadResult, timesToLive: TimesToLive, nowMs: number): boolean {
  const ageMs = nowMs - result.fetchedAt.getTime();
  return ageMs >= 0 && ageMs < timeToLiveMs(result, timesToLive);
}
