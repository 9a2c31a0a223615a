/** The course of a log since the board follows it: samples of its figures, few enough to keep for days. */
import type { Counts, Figures } from './figures.ts';

export type Sample = Counts & { at: number };

const maxSamples = 240;

export function withSample(course: readonly Sample[], figures: Figures, at: number): readonly Sample[] {
  const { delivered, sent, undelivered, unknown } = figures;
  const next = [...course, { at, delivered, sent, undelivered, unknown }];
  // Every second one of the older half goes, so that the beginning stays and the end is exact.
  return next.length <= maxSamples ? next : next.filter((_, index) => index % 2 === 0 || index > maxSamples / 2);
}

export type Waiting = { messages: number; since: number };

/**
 * Since when some messages have been `sent`, at least. D7 gives no times, but each message that became final since a sample was taken leaves at
 * most one of those that were sent then: the rest of them has waited since that sample.
 */
export function longestWaiting(course: readonly Sample[], since: number): Waiting | null {
  const now = course.at(-1);
  if (!now || now.sent === 0) return null;
  for (const sample of course) {
    if (sample.at < since) continue;
    const messages = Math.min(now.sent, sample.sent - (settled(now) - settled(sample)));
    if (messages > 0) return { messages, since: sample.at };
  }
  return null;
}

function settled({ delivered, undelivered, unknown }: Counts): number {
  return delivered + undelivered + unknown;
}
