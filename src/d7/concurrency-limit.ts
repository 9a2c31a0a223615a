/**
 * How many calls may be in flight to D7 at once: as many as it sustains, up to a ceiling. Pure: the time is passed in.
 *
 * As in Netflix's concurrency-limits the round trip tells. While it stays near its minimum the limit grows with each success of a caller
 * who has more to ask, at first by one (so it doubles with each round trip), and once it has met congestion slowly. When even the fastest
 * round trip of an interval is far above the minimum, calls queue up inside D7, and the limit shrinks. The fastest one is looked at, and
 * not the mean, since a large log takes long and a log that hangs takes longest, and neither says anything about the others.
 *
 * Round trips can also be long for reasons of D7's own. Where the limit shrinks and they do not get shorter, the cause is not our load:
 * the limit goes back to what it was, and the new round trip is the minimum from then on.
 */

export type ConcurrencyLimitConfig = {
  ceiling: number;
};

/** Low, so that the minimum is measured before D7 is loaded; a healthy D7 is used fully a few round trips later. */
const initialLimit = 16;
const leastLimit = 8;
/** An interval needs time and samples to mean something. */
const intervalMs = 250;
const leastSamples = 16;
/** Congestion: more than so many times the minimum, and so much more that this process's own delays do not explain it. */
const tolerance = 2;
const ownDelayMs = 25;
const shrinkBy = 0.8;
/** After so many intervals of shrinking without an effect the cause is another one. */
const shrinksWithoutEffect = 6;
/** The minimum grows slowly with each interval, so that one lucky measurement is forgotten in some minutes. */
const drift = 1.0005;

export class ConcurrencyLimit {
  readonly #ceiling: number;
  readonly #least: number;
  #value: number;
  /** Up to here the limit doubles with each round trip. */
  #threshold: number;
  #minimumMs = Number.POSITIVE_INFINITY;
  #intervalEndMs = Number.NEGATIVE_INFINITY;
  #fastestMs = Number.POSITIVE_INFINITY;
  #samples = 0;
  #shrinking: { fromLimit: number; fromMs: number; intervals: number } | undefined;

  constructor({ ceiling }: ConcurrencyLimitConfig) {
    this.#ceiling = ceiling;
    this.#least = Math.min(leastLimit, ceiling);
    this.#value = Math.min(initialLimit, ceiling);
    this.#threshold = ceiling;
  }

  get value(): number {
    return Math.floor(this.#value);
  }

  /** @param hasDemand whether calls wait that a higher limit would let through. */
  onSuccess(roundTripMs: number, hasDemand: boolean, nowMs: number): void {
    if (hasDemand && this.#shrinking === undefined) this.#grow();
    if (this.#samples === 0) this.#intervalEndMs = nowMs + intervalMs;
    this.#samples += 1;
    if (roundTripMs < this.#fastestMs) this.#fastestMs = roundTripMs;
    if (this.#samples >= leastSamples && nowMs >= this.#intervalEndMs) this.#endInterval();
  }

  /** D7 as a whole is in trouble. */
  onOutage(): void {
    this.#value = Math.max(this.#least, this.#value / 2);
    this.#threshold = this.#value;
  }

  #grow(): void {
    const step = this.#value < this.#threshold ? 1 : 1 / this.#value;
    this.#value = Math.min(this.#ceiling, this.#value + step);
  }

  #endInterval(): void {
    const fastestMs = this.#fastestMs;
    this.#samples = 0;
    this.#fastestMs = Number.POSITIVE_INFINITY;
    const isCongested = fastestMs > this.#minimumMs * tolerance && fastestMs > this.#minimumMs + ownDelayMs;
    this.#minimumMs = Math.min(fastestMs, this.#minimumMs * drift);
    if (isCongested) this.#shrink(fastestMs);
    else this.#shrinking = undefined;
  }

  #shrink(fastestMs: number): void {
    this.#shrinking ??= { fromLimit: this.#value, fromMs: fastestMs, intervals: 0 };
    const { fromLimit, fromMs, intervals } = this.#shrinking;
    if (intervals >= shrinksWithoutEffect && fastestMs > fromMs * shrinkBy) {
      this.#value = fromLimit;
      this.#minimumMs = fastestMs;
      this.#shrinking = undefined;
      return;
    }
    this.#shrinking.intervals += 1;
    this.#value = Math.max(this.#least, this.#value * shrinkBy);
    this.#threshold = this.#value;
  }
}
