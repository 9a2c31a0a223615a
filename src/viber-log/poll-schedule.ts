/**
 * When one live log is polled next, and when polling ends: after the final state, a long absence of the log, a permanent failure or a
 * long series of transient ones.
 */
import { ViberLogFailure } from '../d7/failures.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { isFinal } from './freshness.ts';
import { isPermanent, jitteredMs, nextIntervalMs, type PollIntervals } from './poll-interval.ts';

export type PollScheduleConfig = {
  intervals: PollIntervals;
  /** How long a missing log is polled. */
  notFoundMs: number;
  /** How long polling continues while every poll fails. */
  failureMs: number;
};

/** Upper limit of the pause before a poll that a rejection of the caller brings forward, counted from the previous poll. */
const maxSoonMs = 1000;

export class PollSchedule {
  readonly #config: PollScheduleConfig;
  #intervalMs: number;
  #polledMs = Number.NEGATIVE_INFINITY;
  #missingSinceMs: number | undefined;
  #failingSinceMs: number | undefined;

  constructor(config: PollScheduleConfig) {
    this.#config = config;
    this.#intervalMs = config.intervals.minMs;
  }

  onPoll(): void {
    this.#polledMs = performance.now();
  }

  /** A new subscriber waits for a missing log as long as the first one did. */
  onJoin(): void {
    if (this.#missingSinceMs !== undefined) this.#missingSinceMs = performance.now();
  }

  /**
   * The pause before a poll that is brought forward. It is not 0: D7 may forbid a caller one log again and again while the caller follows
   * a thousand others, and each of them would be polled as often.
   */
  soonMs(): number {
    const pauseMs = Math.min(this.#config.intervals.minMs, maxSoonMs);
    return Math.max(0, this.#polledMs + pauseMs - performance.now());
  }

  /** @returns the pause before the next poll; null: polling ends. */
  pauseAfterResult(result: ReadResult, hasChanged: boolean): number | null {
    this.#failingSinceMs = undefined;
    this.#intervalMs = nextIntervalMs(this.#intervalMs, hasChanged, this.#config.intervals);

    // The interval starts when D7 answered, which another replica may have seen earlier.
    const ageMs = Math.max(0, Date.now() - result.fetchedAt.getTime());
    const pauseMs = Math.max(0, this.#jitteredIntervalMs() - ageMs);
    if (result.kind === 'log') {
      this.#missingSinceMs = undefined;
      return isFinal(result.log) ? null : pauseMs;
    }
    this.#missingSinceMs ??= performance.now();
    return pauseUntil(this.#missingSinceMs + this.#config.notFoundMs, pauseMs);
  }

  /** @returns the pause before the next poll; null: polling ends. */
  pauseAfterFailure(failure: Error): number | null {
    this.#failingSinceMs ??= performance.now();
    this.#intervalMs = nextIntervalMs(this.#intervalMs, false, this.#config.intervals);
    if (!isTransient(failure)) return null;
    const pauseMs = Math.max((failure.retryAfterSeconds ?? 0) * 1000, this.#jitteredIntervalMs());
    return pauseUntil(this.#failingSinceMs + this.#config.failureMs, pauseMs);
  }

  #jitteredIntervalMs(): number {
    return jitteredMs(this.#intervalMs, Math.random());
  }
}

function isTransient(failure: Error): failure is ViberLogFailure {
  return failure instanceof ViberLogFailure && !isPermanent(failure.kind);
}

/** The pause, shortened so that the last poll is at the end; null after the end. */
function pauseUntil(endMs: number, pauseMs: number): number | null {
  const leftMs = endMs - performance.now();
  return leftMs <= 0 ? null : Math.min(pauseMs, leftMs);
}
