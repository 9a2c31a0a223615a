/**
 * When a worker that has ended is restarted: at once if it had run for long, and ever later if it ends soon again and again.
 */

/** Who has run for longer is not broken from the start. */
const soonMs = 10_000;
const firstDelayMs = 100;
const maxDelayMs = 10_000;

/** How often in a row workers of one place have ended soon after they were started. */
export function soonEndsAfter(soonEnds: number, ranMs: number): number {
  return ranMs < soonMs ? soonEnds + 1 : 0;
}

export function restartDelayMs(soonEnds: number): number {
  return soonEnds === 0 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (soonEnds - 1));
}
