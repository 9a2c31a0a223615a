/**
 * The start of the process, until Redis is connected. Reads wait for its end, so that a replica shares from its first call; but no longer
 * than for an answer of Redis, since a silent Redis must delay nothing.
 */
import { withTimeout } from './redis-connection.ts';

export type RedisStart = {
  /** False means that no read has begun. */
  isOver: () => boolean;
  /** Undefined once the start is over. */
  end: () => Promise<void> | undefined;
};

/** @param connected resolve when the connections are there, or are known not to be. */
export function createRedisStart(connected: readonly Promise<void>[]): RedisStart {
  let isOver = false;
  let firstWait: Promise<void> | undefined;
  const allConnected = Promise.all(connected).then(endNow);

  function endNow(): void {
    isOver = true;
  }

  function end(): Promise<void> | undefined {
    if (isOver) return undefined;
    firstWait ??= withTimeout(allConnected).then(endNow, endNow);
    return firstWait;
  }

  return { isOver: () => isOver, end };
}
