/**
 * One live log: a single poller, whose results all its subscribers share.
 *
 * The first subscriber starts the poller. The poller publishes each change, and the current state to each new subscriber. It ends when
 * the log is final, when poll-schedule.ts gives up, or when the last subscriber leaves.
 */
import { isDeepStrictEqual } from 'node:util';
import { Cancellation } from '../d7/cancellation.ts';
import { isSameLog } from '../d7/log/log-scanner.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { CacheFilter } from './freshness.ts';
import type { LatestValueStream, StreamSource } from './latest-value-stream.ts';
import { PollSchedule, type PollScheduleConfig } from './poll-schedule.ts';
import type { CallerReads } from './shared-reads.ts';
import { StreamSubscribers } from './stream-subscribers.ts';

/** An Error is the last value of a stream. One that is no ViberLogFailure is a bug of this gateway. */
export type LiveUpdate = ReadResult | Error;
export type LiveStream = LatestValueStream<LiveUpdate>;

export type LiveLogConfig = PollScheduleConfig & {
  /** The time limit of one poll. */
  timeoutMs: number;
};

export type LiveLogOptions = {
  requestId: string;
  /** Those of the first subscriber: every poll is made in its name. */
  reads: CallerReads;
  isFresh: (result: ReadResult) => boolean;
  onPoll: () => void;
  /** Called when a stream has ended, whoever has ended it. */
  onLeft: (stream: LiveStream) => void;
  /** Called once, when no subscriber can join any more. */
  onEnded: () => void;
};

export class LiveLog implements StreamSource<LiveUpdate> {
  readonly #config: LiveLogConfig;
  readonly #options: LiveLogOptions;
  readonly #subscribers = new StreamSubscribers<LiveUpdate>();
  readonly #schedule: PollSchedule;
  readonly #cancellation = new Cancellation();
  #latest: ReadResult | undefined;
  /** False after D7 has rejected the caller, until it answers again. Comparisons for changes still use the latest result. */
  #mayPublishLatest = false;
  #rejectionCount = 0;
  #soonTimer: NodeJS.Timeout | undefined;
  /** Ends the pause between two polls. */
  #wake = () => {};

  constructor(config: LiveLogConfig, options: LiveLogOptions) {
    this.#config = config;
    this.#options = options;
    this.#schedule = new PollSchedule(config);
  }

  join(stream: LiveStream): void {
    const isFirst = this.#subscribers.isEmpty;
    this.#subscribers.add(stream);
    this.#schedule.onJoin();
    if (isFirst) void this.#run();
    else if (this.#latest && this.#mayPublishLatest && this.#options.isFresh(this.#latest)) {
      this.#subscribers.publishToNewcomers(this.#latest);
    } else this.#wake();
  }

  /** It is sent the result of the next poll, also if nothing has changed. */
  onLost(stream: LiveStream): void {
    this.#subscribers.renew(stream);
  }

  onEnded(stream: LiveStream): void {
    this.#options.onLeft(stream);
    this.#subscribers.remove(stream);
    if (this.#subscribers.isEmpty) this.#stop();
  }

  /** D7 has rejected the caller, or may have: no earlier result is published any more. */
  invalidateLatest(): void {
    this.#rejectionCount += 1;
    this.#mayPublishLatest = false;
    this.#subscribers.dropUnread();
  }

  /** Brings the next poll forward. */
  pollSoon(): void {
    this.#soonTimer ??= setTimeout(() => this.#wake(), this.#schedule.soonMs());
  }

  async #run(): Promise<void> {
    while (!this.#cancellation.isCancelled) {
      const rejectionsBefore = this.#rejectionCount;
      const update = await this.#poll();
      if (this.#cancellation.isCancelled) return;
      // The result may be older than the rejection.
      const isOutdated = this.#rejectionCount !== rejectionsBefore;
      const pauseMs = this.#onUpdate(update, isOutdated);
      if (pauseMs === null) return this.#end();
      await this.#pause(pauseMs);
    }
  }

  async #poll(): Promise<LiveUpdate> {
    this.#schedule.onPoll();
    this.#options.onPoll();
    this.#clearSoonTimer();
    const { requestId, reads } = this.#options;
    const deadlineMs = performance.now() + this.#config.timeoutMs;
    // Only a new subscriber waits for this poll.
    const priority = this.#subscribers.hasNewcomers ? 'interactive' : 'poll';
    try {
      return await reads.read(
        requestId,
        { cancellation: this.#cancellation, deadlineMs, priority, span: null },
        this.#cacheFilter(),
      );
    } catch (error) {
      return error as Error;
    }
  }

  /** New subscribers need a fresh result. The others need one newer than the latest, which another replica may have cached. */
  #cacheFilter(): CacheFilter {
    const { isFresh } = this.#options;
    const latestMs = this.#latest?.fetchedAt.getTime() ?? 0;
    const isNewer = ({ fetchedAt }: ReadResult) => fetchedAt.getTime() > latestMs && fetchedAt.getTime() <= Date.now();
    return this.#subscribers.hasNewcomers ? (cached) => isNewer(cached) && isFresh(cached) : isNewer;
  }

  /** @returns the pause before the next poll; null: polling ends. */
  #onUpdate(update: LiveUpdate, isOutdated: boolean): number | null {
    if (update instanceof Error) return this.#onFailure(update);
    return isOutdated ? this.#schedule.soonMs() : this.#onResult(update);
  }

  #onFailure(failure: Error): number | null {
    const pauseMs = this.#schedule.pauseAfterFailure(failure);
    if (pauseMs === null) this.#subscribers.publish(failure);
    return pauseMs;
  }

  #onResult(result: ReadResult): number | null {
    const hasChanged = this.#latest === undefined || !isSameResult(result, this.#latest);
    this.#latest = result;
    this.#mayPublishLatest = true;
    if (hasChanged) this.#subscribers.publish(result);
    else this.#subscribers.publishToNewcomers(result);
    return this.#schedule.pauseAfterResult(result, hasChanged);
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

  #clearSoonTimer(): void {
    clearTimeout(this.#soonTimer);
    this.#soonTimer = undefined;
  }

  #end(): void {
    this.#stop();
    this.#subscribers.end();
  }

  #stop(): void {
    if (this.#cancellation.isCancelled) return;
    this.#cancellation.cancel();
    this.#clearSoonTimer();
    this.#wake();
    this.#options.onEnded();
  }
}

/** Whether D7 gives the same answer as before, apart from its time. */
function isSameResult(one: ReadResult, other: ReadResult): boolean {
  if (one.kind === 'log') return other.kind === 'log' && isSameLog(one.log, other.log);
  return other.kind === 'noSuchLog' && isDeepStrictEqual(one.noSuchLog, other.noSuchLog);
}
