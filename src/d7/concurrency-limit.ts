/**
 * How many calls may be in flight to D7 at once: as many as it sustains, up to a ceiling. Pure: the time is passed in.
 *
 * The signal is the round-trip time, as in Netflix's concurrency-limits. While it stays near its minimum, the limit grows with each success
 * of a caller that has demand: by one at first, so that it doubles with each round trip, and slowly after the first congestion. Where even
 * the fastest round trip of an interval is far above the minimum, calls queue inside D7, and the limit shrinks. The fastest round trip
 * is the signal, and not the mean, since a large log takes long and a log that hangs takes longest, and neither is a sign of congestion.
 *
 * Round trips can also be long for reasons within D7. Where the limit shrinks and they do not get shorter, our load is not the cause. Then
 * the limit returns to its former value, and the new round trip is the minimum from then on.
 */

export type ConcurrencyLimitConfig = {
  ceiling: number;
};

/** Low, so that the minimum is measured before D7 has load. With a healthy D7 the limit is reached a few round trips later. */
const initialLimit = 16;
const leastLimit = 8;
/** An interval ends where it has enough time and samples to be significant. */
const intervalMs = 250;
const leastSamples = 16;
/** Congestion: more than so many times the minimum, and more above it than this process's own delays explain. */
const tolerance = 2;
const ownDelayMs = 100;
const shrinkBy = 0.8;
/** After so many intervals of shrinking without an effect, our load is not the cause. */
const shrinksWithoutEffect = 6;
/** The minimum grows slowly with each interval, so that one outlier counts for some minutes only. */
const drift = 1.0005;

export class ConcurrencyLimit {
  readonly #ceiling: number;
  readonly #least: number;
  #value: number;
  /** Below this value the limit doubles with each round trip. */
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

  /** D7 fails for all callers. */
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
