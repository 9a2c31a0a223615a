/**
 * Whether a failed attempt is retried, and after how long. Pure: randomness and time are passed in.
 */
import type { ViberLogFailure } from './failures.ts';

export type FailedAttempt = {
  failure: ViberLogFailure;
  /** How many attempts there were, with this one. */
  attempts: number;
  maxRetries: number;
  /** Until the deadline of the operation. */
  remainingMs: number;
  /** From 0 to 1. */
  random: number;
};

const firstDelayMs = 100;

/**
 * Null for no retry. The delay doubles with each attempt, and has a jitter of half of it, so that calls that failed together are not
 * retried together. The client waits for D7's Retry-After only where that ends before the deadline. Otherwise the failure carries it to
 * the caller.
 */
export function delayBeforeRetryMs({
  failure,
  attempts,
  maxRetries,
  remainingMs,
  random,
}: FailedAttempt): number | null {
  if (!failure.retriable || attempts > maxRetries) return null;
  const backoffMs = firstDelayMs * 2 ** (attempts - 1) * (0.5 + random / 2);
  const delayMs = Math.max(backoffMs, (failure.retryAfterSeconds ?? 0) * 1000);
  return delayMs < remainingMs ? delayMs : null;
}

/** One retry for five calls: retries add at most a fifth to the load of a failing D7. */
const callsPerRetry = 5;
const maxSavedRetries = 20;

/**
 * What a caller may spend on retries. Each first attempt earns a fifth of a retry, and a new caller has none. The unit is a call, since
 * fifths do not add up to one in binary.
 */
export class RetryBudget {
  #saved = 0;

  earn(): void {
    this.#saved = Math.min(this.#saved + 1, maxSavedRetries * callsPerRetry);
  }

  /** False where less than a retry is left. */
  spend(): boolean {
    if (this.#saved < callsPerRetry) return false;
    this.#saved -= callsPerRetry;
    return true;
  }
}
