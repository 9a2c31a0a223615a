/**
 * One log that is followed: a single poller, and everybody who wants to know of its changes.
 *
 * It looks at once, and again as poll-pace.ts says; it tells what has changed; and it ends when the log is final, when the
 * log stays missing, when D7 fails for too long or in a way that lasts, or when its last subscriber leaves.
 */
import { isDeepStrictEqual } from 'node:util';
import { Cancellation } from '../d7/cancellation.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import { isSameLog } from '../d7/log/log-scanner.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { type Accepts, isFinal } from './freshness.ts';
import type { LatestValueStream } from './latest-value-stream.ts';
import { isLasting, jitteredMs, nextIntervalMs, type PollPace } from './poll-pace.ts';
import type { CallerReads } from './shared-reads.ts';

/** A failure is the last thing that a stream tells; one that is no ViberLogFailure is a bug of ours. */
export type LiveUpdate = ReadResult | Error;
export type LiveStream = LatestValueStream<LiveUpdate>;

export type LiveLogConfig = {
  pace: PollPace;
  /** How long a missing log is looked for. */
  notFoundMs: number;
  /** How long failures are ridden out. */
  failureMs: number;
  /** For one look. */
  timeoutMs: number;
};

export type LiveLogOptions = {
  requestId: string;
  /** Of the subscriber who came first; all looks are made in its name. */
  reads: CallerReads;
  isFresh: (reading: ReadResult) => boolean;
  /** Called once, when nobody can join any more. */
  onEnded: () => void;
};

/** How soon a log is looked at again after the caller was rejected, counted from the look before. */
const longestWaitMs = 1000;

export class LiveLog {
  readonly #config: LiveLogConfig;
  readonly #options: LiveLogOptions;
  readonly #streams = new Set<LiveStream>();
  /** Those who have not been told anything yet. */
  readonly #newcomers = new Set<LiveStream>();
  readonly #cancellation = new Cancellation();
  #latest: ReadResult | undefined;
  /** Not after D7 rejected the caller, until it has told them again. Changes are still found by comparison with it. */
  #latestMayBeTold = false;
  #rejections = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #hastened: NodeJS.Timeout | undefined;
  #intervalMs: number;
  #missingSinceMs: number | undefined;
  #failingSinceMs: number | undefined;
  /** Ends the pause between two looks. */
  #wake = () => {};

  constructor(config: LiveLogConfig, options: LiveLogOptions) {
    this.#config = config;
    this.#options = options;
    this.#intervalMs = config.pace.leastMs;
  }

  join(stream: LiveStream): void {
    const isFirst = this.#streams.size === 0;
    this.#streams.add(stream);
    this.#newcomers.add(stream);
    // A missing log is looked for as long for whoever came last as for the first.
    if (this.#missingSinceMs !== undefined) this.#missingSinceMs = performance.now();
    if (isFirst) void this.#follow();
    else if (this.#latest && this.#latestMayBeTold && this.#options.isFresh(this.#latest)) {
      this.#tell(this.#latest, this.#newcomers);
    } else this.#wake();
  }

  leave(stream: LiveStream): void {
    this.#streams.delete(stream);
    this.#newcomers.delete(stream);
    if (this.#streams.size === 0) this.#stop();
  }

  /** D7 has rejected the caller, or may have: nothing that it said before is told any more. */
  forgetLatest(): void {
    this.#rejections += 1;
    this.#latestMayBeTold = false;
    for (const stream of this.#streams) if (stream.dropUnread()) this.#newcomers.add(stream);
  }

  /**
   * Cuts the pause short. Not to nothing: a caller who is forbidden one log again and again may have a thousand others followed, and each
   * would be looked at as often.
   */
  lookSoon(): void {
    this.#hastened ??= setTimeout(() => this.#wake(), this.#soonMs());
  }

  async #follow(): Promise<void> {
    while (!this.#cancellation.isCancelled) {
      const { update, isOutdated } = await this.#lookAnew();
      if (this.#cancellation.isCancelled) return;
      const pauseMs = this.#pauseAfterLook(update, isOutdated);
      if (pauseMs === null) return this.#end();
      await this.#pause(pauseMs);
    }
  }

  /** A look is outdated when the caller was rejected while it was in flight: what it found may be older than the rejection. */
  async #lookAnew(): Promise<{ update: LiveUpdate; isOutdated: boolean }> {
    const before = this.#rejections;
    this.#lookedMs = performance.now();
    this.#clearHastened();
    const update = await this.#look();
    return { update, isOutdated: before !== this.#rejections };
  }

  /** How long to pause before the next look, or null for the end. */
  #pauseAfterLook(update: LiveUpdate, isOutdated: boolean): number | null {
    if (update instanceof Error) return this.#onFailure(update);
    return isOutdated ? this.#soonMs() : this.#onReading(update);
  }

  async #look(): Promise<LiveUpdate> {
    const { requestId, reads } = this.#options;
    const deadlineMs = performance.now() + this.#config.timeoutMs;
    // A new subscriber waits for the first event; those who know the present state wait for nothing in particular.
    const priority = this.#newcomers.size > 0 ? 'interactive' : 'poll';
    try {
      return await reads.read(requestId, { cancellation: this.#cancellation, deadlineMs, priority }, this.#accepts());
    } catch (error) {
      return error as Error;
    }
  }

  /** Whoever is new is told the present state; those who know one want a newer one, and another replica may have it. */
  #accepts(): Accepts {
    const { isFresh } = this.#options;
    const knownMs = this.#latest?.fetchedAt.getTime() ?? 0;
    const isNewer = ({ fetchedAt }: ReadResult) => fetchedAt.getTime() > knownMs && fetchedAt.getTime() <= Date.now();
    return this.#newcomers.size > 0 ? (kept) => isNewer(kept) && isFresh(kept) : isNewer;
  }

  /** How long to pause before the next look, or null for the end. */
  #onReading(reading: ReadResult): number | null {
    const moved = this.#latest === undefined || !isSame(reading, this.#latest);
    this.#latest = reading;
    this.#latestMayBeTold = true;
    this.#failingSinceMs = undefined;
    this.#tell(reading, moved ? this.#streams : this.#newcomers);
    this.#intervalMs = nextIntervalMs(this.#intervalMs, moved, this.#config.pace);

    // Another replica's reading was young already when it came, and the pause is counted from there.
    const ageMs = Math.max(0, Date.now() - reading.fetchedAt.getTime());
    const pauseMs = Math.max(0, jitteredMs(this.#intervalMs, Math.random()) - ageMs);
    if (reading.kind === 'log') {
      this.#missingSinceMs = undefined;
      return isFinal(reading.log) ? null : pauseMs;
    }
    this.#missingSinceMs ??= performance.now();
    return withinMs(pauseMs, this.#missingSinceMs + this.#config.notFoundMs);
  }

  #onFailure(failure: Error): number | null {
    this.#failingSinceMs ??= performance.now();
    this.#intervalMs = nextIntervalMs(this.#intervalMs, false, this.#config.pace);
    const pauseMs = isPassing(failure) ? this.#pauseAfter(failure, this.#failingSinceMs) : null;
    if (pauseMs === null) this.#tell(failure, this.#streams);
    return pauseMs;
  }

  #pauseAfter({ retryAfterSeconds = 0 }: ViberLogFailure, failingSinceMs: number): number | null {
    const pauseMs = Math.max(retryAfterSeconds * 1000, jitteredMs(this.#intervalMs, Math.random()));
    return withinMs(pauseMs, failingSinceMs + this.#config.failureMs);
  }

  #tell(update: LiveUpdate, streams: ReadonlySet<LiveStream>): void {
    for (const stream of [...streams]) {
      this.#newcomers.delete(stream);
      stream.offer(update);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #soonMs(): number {
    const waitMs = Math.min(this.#config.pace.leastMs, longestWaitMs);
    return Math.max(0, this.#lookedMs + waitMs - performance.now());
  }

  #clearHastened(): void {
    clearTimeout(this.#hastened);
    this.#hastened = undefined;
  }

  #end(): void {
    const streams = [...this.#streams];
    this.#stop();
    for (const stream of streams) stream.end();
  }

  #stop(): void {
    if (this.#cancellation.isCancelled) return;
    this.#cancellation.cancel();
    this.#clearHastened();
    this.#wake();
    this.#options.onEnded();
  }
}

function isPassing(failure: Error): failure is ViberLogFailure {
  return failure instanceof ViberLogFailure && !isLasting(failure.kind);
}

/** The pause, cut off so that there is a last look at the end; null when the end has come. */
function withinMs(pauseMs: number, endMs: number): number | null {
  const leftMs = endMs - performance.now();
  return leftMs <= 0 ? null : Math.min(pauseMs, leftMs);
}

/** Whether D7 says the same as before, whenever it was said. */
function isSame(one: ReadResult, other: ReadResult): boolean {
  if (one.kind === 'log') return other.kind === 'log' && isSameLog(one.log, other.log);
  return other.kind === 'noSuchLog' && isDeepStrictEqual(one.noSuchLog, other.noSuchLog);
}
