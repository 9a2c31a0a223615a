/**
 * How often a log that is followed is looked at, and when nobody looks any more: pure, chance passed in.
 */
import type { FailureKind } from '../d7/failures.ts';

export type PollPace = {
  /** After a change. */
  leastMs: number;
  /** What the interval grows to while nothing moves. */
  mostMs: number;
};

const growth = 1.5;
const jitter = 0.2;

export function nextIntervalMs(intervalMs: number, moved: boolean, { leastMs, mostMs }: PollPace): number {
  return moved ? leastMs : Math.min(intervalMs * growth, mostMs);
}

/** Later by up to a fifth, so that those who began together do not go on together. Never earlier: D7 was promised the pause. */
export function jitteredMs(intervalMs: number, random: number): number {
  return intervalMs * (1 + jitter * random);
}

/** How long a reading has to be kept so that another replica's poller can still take it. */
export function longestPauseMs({ mostMs }: PollPace): number {
  return jitteredMs(mostMs, 1);
}

/** A failure that only the caller can do something about. All others are ridden out for a while. */
export function isLasting(kind: FailureKind): boolean {
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
