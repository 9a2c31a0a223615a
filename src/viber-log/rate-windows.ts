/**
 * Counts in fixed windows, in the memory of this process. A window begins with the first count and does not move.
 *
 * Own code, although rate-limiter-flexible does the same: that takes a promise, a timer and a few objects for each count. The ablation
 * `with-rate-limits` of the benchmark shows what counting costs.
 */
import { LRUCache } from 'lru-cache';

/** The state of one limit after an operation was counted. */
export type RateCount = {
  limit: number;
  remaining: number;
  /** Until the window ends. */
  resetSeconds: number;
  isExceeded: boolean;
};

type Window = { endsMs: number; count: number };

/** Anybody can make up tokens. Beyond this many callers the one that was counted longest ago is forgotten, and begins a new window. */
const maxCallers = 10_000;

export class RateWindows {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #windows = new LRUCache<string, Window>({ max: maxCallers });

  constructor(limit: number, windowSeconds: number, now: () => number = wholeMs) {
    this.#limit = limit;
    this.#windowMs = windowSeconds * 1000;
    this.#now = now;
  }

  /** What exceeds the limit counts as well. */
  count(key: string, points: number): RateCount {
    const nowMs = this.#now();
    const window = this.#windowOf(key, nowMs);
    window.count += points;
    return rateCount(this.#limit, this.#limit - window.count, window.endsMs - nowMs);
  }

  #windowOf(key: string, nowMs: number): Window {
    const known = this.#windows.get(key);
    if (known && known.endsMs > nowMs) return known;
    const window = { endsMs: nowMs + this.#windowMs, count: 0 };
    this.#windows.set(key, window);
    return window;
  }
}

/** The end of a window is exact then, and no second is rounded up from a fraction that was not there. */
function wholeMs(): number {
  return Math.floor(performance.now());
}

/** @param left negative where the limit is exceeded. */
export function rateCount(limit: number, left: number, resetMs: number): RateCount {
  return {
    limit,
    remaining: Math.max(0, left),
    resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
    isExceeded: left < 0,
  };
}
