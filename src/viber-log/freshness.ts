/**
 * How long a reading stands for what D7 would say now: pure, and the only place that knows.
 */
import type { ViberLog } from '../d7/log/log-scanner.ts';
import type { ReadResult } from '../d7/read-result.ts';

export type TimesToLive = {
  /** 0 in any of them: readings of that kind are not kept. */
  finalMs: number;
  liveMs: number;
  notFoundMs: number;
};

/** Which of the kept readings will do. `null`: none, D7 has to be asked, and not by somebody who asked before. */
export type Accepts = ((kept: ReadResult) => boolean) | null;

export function timeToLiveMs(reading: ReadResult, { finalMs, liveMs, notFoundMs }: TimesToLive): number {
  if (reading.kind === 'noSuchLog') return notFoundMs;
  return isFinal(reading.log) ? finalMs : liveMs;
}

/**
 * Whether nothing in it can change any more: every recipient has a message, and each of them is delivered or undelivered. A
 * log without a single message is one that D7 has yet to begin.
 */
export function isFinal({ totalRecipients, messages }: ViberLog): boolean {
  return messages.count > 0 && messages.count >= totalRecipients && messages.areFinal;
}

/** A reading from the future was dated by another machine's clock, and its age is not known. */
export function isFresh(reading: ReadResult, lifetimes: TimesToLive, nowMs: number): boolean {
  const ageMs = nowMs - reading.fetchedAt.getTime();
  return ageMs >= 0 && ageMs < timeToLiveMs(reading, lifetimes);
}
