/**
 * All live logs: one poller for each caller and request id, and limits on the number of subscriptions.
 */
import type { Caller } from '../d7/attempt.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { Telemetry } from '../telemetry.ts';
import { LatestValueStream } from './latest-value-stream.ts';
import { LiveLog, type LiveLogConfig, type LiveStream } from './live-log.ts';
import type { ReadCounts } from './read-counts.ts';
import type { CallerReads, SharedReads } from './shared-reads.ts';

export type LiveLogsConfig = LiveLogConfig & {
  maxSubscriptions: number;
  maxSubscriptionsPerCaller: number;
  /** A subscription completes after this time, and the client may subscribe again. */
  maxDurationMs: number;
};

export type LiveLogs = {
  /**
   * The current state of the log, and each change of it.
   *
   * @throws ViberLogFailure `tooManySubscriptions`
   */
  subscribe: (requestId: string, subscriber: Caller, counts: ReadCounts) => LiveStream;
  /** How many subscriptions are open, and how many logs they follow. */
  open: () => { subscriptions: number; logs: number };
  /** Completes all subscriptions. */
  close: () => void;
};

export function createLiveLogs(
  config: LiveLogsConfig,
  sharedReads: SharedReads,
  telemetry: Pick<Telemetry, 'poll'>,
): LiveLogs {
  /** By caller, then by request id. */
  const liveLogs = new Map<string, Map<string, LiveLog>>();
  /** By the time when they began: the first one lasts longest. */
  const streams = new Map<LiveStream, number>();
  const countByCaller = new Map<string, number>();
  let isClosed = false;
  /** One for all: a timer of each would be memory of each. */
  let ending: NodeJS.Timeout | undefined;
  sharedReads.onRejected(onRejected);
  sharedReads.onMissedRejections(invalidateAll);

  function subscribe(requestId: string, subscriber: Caller, counts: ReadCounts): LiveStream {
    const reads = sharedReads.openFor(subscriber, counts);
    const { callerKey } = reads;
    acquire(callerKey);

    const liveLog = liveLogs.get(callerKey)?.get(requestId) ?? follow(requestId, reads);
    const stream: LiveStream = new LatestValueStream(liveLog);
    streams.set(stream, performance.now());
    ending ??= setTimeout(endOldest, config.maxDurationMs);
    liveLog.join(stream);
    if (isClosed) stream.end();
    return stream;
  }

  function endOldest(): void {
    ending = undefined;
    for (const [stream, sinceMs] of streams) {
      const leftMs = sinceMs + config.maxDurationMs - performance.now();
      if (leftMs > 0) {
        ending = setTimeout(endOldest, leftMs);
        return;
      }
      stream.end();
    }
  }

  function follow(requestId: string, reads: CallerReads): LiveLog {
    const { callerKey } = reads;
    const ofCaller = liveLogs.get(callerKey) ?? new Map<string, LiveLog>();
    const onEnded = () => {
      ofCaller.delete(requestId);
      if (ofCaller.size === 0) liveLogs.delete(callerKey);
    };
    const onLeft = (stream: LiveStream) => {
      streams.delete(stream);
      release(callerKey);
      if (streams.size > 0) return;
      clearTimeout(ending);
      ending = undefined;
    };
    const { isFresh } = sharedReads;
    const liveLog = new LiveLog(config, { requestId, reads, isFresh, onPoll: telemetry.poll, onLeft, onEnded });
    liveLogs.set(callerKey, ofCaller.set(requestId, liveLog));
    return liveLog;
  }

  /** D7 may reject the caller's other logs as well. The early poll finds out. */
  function onRejected(callerKey: string): void {
    for (const liveLog of liveLogs.get(callerKey)?.values() ?? []) {
      liveLog.invalidateLatest();
      liveLog.pollSoon();
    }
  }

  function invalidateAll(): void {
    for (const ofCaller of liveLogs.values()) for (const liveLog of ofCaller.values()) liveLog.invalidateLatest();
  }

  /** @throws ViberLogFailure `tooManySubscriptions` */
  function acquire(callerKey: string): void {
    const count = countByCaller.get(callerKey) ?? 0;
    if (count >= config.maxSubscriptionsPerCaller || streams.size >= config.maxSubscriptions) {
      throw new ViberLogFailure('tooManySubscriptions', 'the limit of subscriptions is reached');
    }
    countByCaller.set(callerKey, count + 1);
  }

  function release(callerKey: string): void {
    const count = (countByCaller.get(callerKey) ?? 0) - 1;
    if (count > 0) countByCaller.set(callerKey, count);
    else countByCaller.delete(callerKey);
  }

  function close(): void {
    isClosed = true;
    for (const stream of [...streams.keys()]) stream.end();
  }

  function open(): { subscriptions: number; logs: number } {
    let logs = 0;
    for (const ofCaller of liveLogs.values()) logs += ofCaller.size;
    return { subscriptions: streams.size, logs };
  }

  return { subscribe, open, close };
}
