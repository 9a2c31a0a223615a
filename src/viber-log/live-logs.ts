/**
 * All the logs that are followed: one poller for each caller and id, and a bound on how many may follow.
 */
import type { Caller } from '../d7/attempt.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import { LatestValueStream } from './latest-value-stream.ts';
import { LiveLog, type LiveLogConfig, type LiveStream, type LiveUpdate } from './live-log.ts';
import type { CallerReads, SharedReads } from './shared-reads.ts';

export type LiveLogsConfig = LiveLogConfig & {
  maxSubscriptions: number;
  maxSubscriptionsPerCaller: number;
  /** How long one subscription lives; it completes then, and the client subscribes anew. */
  longestMs: number;
};

export type LiveLogs = {
  /**
   * The log now, and again each time it changes.
   *
   * @throws ViberLogFailure `tooManySubscriptions`
   */
  subscribe: (requestId: string, subscriber: Caller) => AsyncIterableIterator<LiveUpdate>;
  /** Completes them all. */
  close: () => void;
};

export function createLiveLogs(config: LiveLogsConfig, sharedReads: SharedReads): LiveLogs {
  /** By caller, then by request id. */
  const liveLogs = new Map<string, Map<string, LiveLog>>();
  const streams = new Set<LiveStream>();
  const openOf = new Map<string, number>();
  let isClosed = false;
  sharedReads.onRejected(onRejected);
  sharedReads.onMissedRejections(forgetLatest);

  function subscribe(requestId: string, subscriber: Caller): AsyncIterableIterator<LiveUpdate> {
    const reads = sharedReads.openFor(subscriber);
    const { callerKey } = reads;
    admit(callerKey);

    const stream: LiveStream = new LatestValueStream(() => {
      clearTimeout(clock);
      streams.delete(stream);
      release(callerKey);
      liveLog.leave(stream);
    });
    const clock = setTimeout(() => stream.end(), config.longestMs);
    const liveLog = liveLogs.get(callerKey)?.get(requestId) ?? open(requestId, reads);
    streams.add(stream);
    liveLog.join(stream);
    if (isClosed) stream.end();
    return stream;
  }

  function open(requestId: string, reads: CallerReads): LiveLog {
    const { callerKey } = reads;
    const ofCaller = liveLogs.get(callerKey) ?? new Map<string, LiveLog>();
    const onEnded = () => {
      ofCaller.delete(requestId);
      if (ofCaller.size === 0) liveLogs.delete(callerKey);
    };
    const liveLog = new LiveLog(config, { requestId, reads, isFresh: sharedReads.isFresh, onEnded });
    liveLogs.set(callerKey, ofCaller.set(requestId, liveLog));
    return liveLog;
  }

  /** Its live logs look anew: D7 may reject them, too, and a new subscriber is told nothing that was known before. */
  function onRejected(callerKey: string): void {
    for (const liveLog of liveLogs.get(callerKey)?.values() ?? []) {
      liveLog.forgetLatest();
      liveLog.lookSoon();
    }
  }

  function forgetLatest(): void {
    for (const ofCaller of liveLogs.values()) for (const liveLog of ofCaller.values()) liveLog.forgetLatest();
  }

  /** @throws ViberLogFailure `tooManySubscriptions` */
  function admit(callerKey: string): void {
    const open = openOf.get(callerKey) ?? 0;
    if (open >= config.maxSubscriptionsPerCaller || streams.size >= config.maxSubscriptions) {
      throw new ViberLogFailure('tooManySubscriptions', 'every place is taken');
    }
    openOf.set(callerKey, open + 1);
  }

  function release(callerKey: string): void {
    const open = (openOf.get(callerKey) ?? 0) - 1;
    if (open > 0) openOf.set(callerKey, open);
    else openOf.delete(callerKey);
  }

  function close(): void {
    isClosed = true;
    for (const stream of [...streams]) stream.end();
  }

  return { subscribe, close };
}
