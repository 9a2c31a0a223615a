/**
 * Whether a failed attempt is tried again, and after how long. Both are pure, or nearly: chance and time are passed in.
 */
import type { ViberLogFailure } from './failures.ts';

export type RetryQuestion = {
  failure: ViberLogFailure;
  /** How many attempts were made. */
  attempts: number;
  maxRetries: number;
  /** What is left of the operation's time. */
  remainingMs: number;
  /** From 0 to 1. */
  random: number;
};

const firstDelayMs = 100;

/**
 * Null: not again. The delay doubles with each attempt, and is jittered by half, so that callers who failed together do
 * not come back together. D7's Retry-After is kept to where the operation has the time, and is the caller's to keep where not.
 */
export function delayBeforeRetryMs(question: RetryQuestion): number | null {
  const { failure, attempts, maxRetries, remainingMs, random } = question;
  if (!failure.retriable || attempts > maxRetries) return null;
  const backoffMs = firstDelayMs * 2 ** (attempts - 1) * (0.5 + random / 2);
  const delayMs = Math.max(backoffMs, (failure.retryAfterSeconds ?? 0) * 1000);
  return delayMs < remainingMs ? delayMs : null;
}

/** One retry for five calls, so that a D7 in trouble gets at most a fifth more of them. */
const callsPerRetry = 5;
/** What quiet times may save up for a bad moment, in retries. */
const mostSaved = 20;

/**
 * What a caller may spend on retries: each first attempt earns a part of one. It starts empty: not even the first call is exempt.
 * Counted in calls, since fifths do not add up to one in binary.
 */
export class RetryBudget {
  #saved = 0;

  earn(): void {
    this.#saved = Math.min(this.#saved + 1, mostSaved * callsPerRetry);
  }

  /** False when there is nothing left to spend. */
  spend(): boolean {
    if (this.#saved < callsPerRetry) return false;
    this.#saved -= callsPerRetry;
    return true;
  }
}
