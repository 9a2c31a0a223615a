/**
 * What a screen reader says without being asked: that a log has come to an end or into trouble, and never that a figure has changed. Announcements
 * that come together are one sentence.
 */
import type { LogState, Phase } from './log-state.ts';
import { observable } from './observable.ts';

export const announcement = observable('');

const pauseMs = 2000;
const maxAtOnce = 3;
let pending: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

const sentences: Partial<Record<Phase, string>> = {
  complete: 'is complete',
  looking: 'has no log yet',
  missing: 'has no log',
  ended: 'is not followed any more',
};

export function announce(before: LogState, after: LogState): void {
  if (after.regressions.length > before.regressions.length) say(`${after.requestId}: statuses taken back`);
  if (after.phase === before.phase) return;
  if (after.phase === 'failed') say(`${after.requestId}: ${after.problem?.title}`);
  const sentence = sentences[after.phase];
  if (sentence) say(`${after.requestId} ${sentence}`);
}

export function say(sentence: string): void {
  pending.push(sentence);
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    const [first, more] = [pending.slice(0, maxAtOnce), pending.length - maxAtOnce];
    announcement.set(`${first.join('. ')}${more > 0 ? `, and ${more} more` : ''}.`);
    pending = [];
    timer = undefined;
  }, pauseMs);
}
