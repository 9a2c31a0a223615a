/**
 * How often a live log is polled, and which failures end it. Pure functions; randomness is a parameter.
 */
import type { FailureKind } from '../d7/failures.ts';

export type PollIntervals = {
  /** The interval after a change. */
  minMs: number;
  /** The interval grows up to this while the log does not change. */
  maxMs: number;
};

const growth = 1.5;
const jitter = 0.2;

export function nextIntervalMs(intervalMs: number, hasChanged: boolean, { minMs, maxMs }: PollIntervals): number {
  return hasChanged ? minMs : Math.min(intervalMs * growth, maxMs);
}

/** Up to a fifth longer, so that pollers that started together drift apart. Never shorter: the interval is a promise to D7. */
export function jitteredMs(intervalMs: number, random: number): number {
  return intervalMs * (1 + jitter * random);
}

/** The caches must retain a result for this long, so that the poller of another replica can still use it. */
export function maxPauseMs({ maxMs }: PollIntervals): number {
  return jitteredMs(maxMs, 1);
}

/** Whether only the caller can remedy the failure. The poller retries all others for a while. */
export function isPermanent(kind: FailureKind): boolean {
  switch (kind) {
    case 'tokenRefused':
    case 'forbidden':
    case 'insufficientCredit':
    case 'requestRefused':
    case 'tooManySubscriptions':
    case 'cancelled':
      return true;
    case 'rateLimited':
    case 'timeout':
    case 'outOfTime':
    case 'unavailable':
    case 'badResponse':
    case 'overloaded':
      return false;
  }
}
