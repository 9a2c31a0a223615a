/**
 * How long an attempt may take. Pure: the time is passed in.
 *
 * The limits are for the attempt as a whole. undici's own timeouts begin again with each chunk, so that a slow drip of bytes would never
 * exceed them.
 */
import { ViberLogFailure } from './failures.ts';

export type AttemptTimeouts = {
  /** From the sending of the request to the headers of the final response; interim responses (1xx) do not count. */
  headersTimeoutMs: number;
  /** From the end of the wait in the fair queue to the last byte of the response. */
  attemptTimeoutMs: number;
};

export type AttemptProgress = {
  startedMs: number;
  /** Undefined while there is no connection. */
  sentMs: number | undefined;
  hasHeaders: boolean;
  /** The deadline of the operation. */
  deadlineMs: number;
};

/** The delay until the next limit that the attempt may exceed, or the failure where it has exceeded one. */
export function nextTimeout(
  { startedMs, sentMs, hasHeaders, deadlineMs }: AttemptProgress,
  { headersTimeoutMs, attemptTimeoutMs }: AttemptTimeouts,
  nowMs: number,
): number | ViberLogFailure {
  const attemptEndMs = startedMs + attemptTimeoutMs;
  const headersDueMs = hasHeaders ? attemptEndMs : (sentMs ?? nowMs) + headersTimeoutMs;
  const nextMs = Math.min(deadlineMs, attemptEndMs, headersDueMs);
  if (nowMs < nextMs) return nextMs - nowMs;
  if (nowMs >= attemptEndMs) return new ViberLogFailure('timeout', 'no complete response in time');
  if (nowMs >= deadlineMs) return new ViberLogFailure('outOfTime', 'no complete response in time');
  return new ViberLogFailure('timeout', 'no headers in time');
}
