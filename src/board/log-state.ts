/** What the board knows about one log, and how each event changes it. Pure: the time is passed in. */
import { longestWaiting, type Sample, type Waiting, withSample } from './course.ts';
import { type Delta, deltaOf, figuresOf, type LogData, type LogEvent, takenBack } from './figures.ts';
import type { Problem } from './problems.ts';

export type Phase =
  /** No answer yet. */
  | 'opening'
  | 'live'
  /** Every message has a final status. */
  | 'complete'
  /** There is no log yet, and the gateway looks for it. */
  | 'looking'
  | 'missing'
  /** The gateway has ended the stream before the log was final. */
  | 'ended'
  | 'failed';

type Change = Delta & { at: number };
export type Regression = { at: number; messages: number; countries: readonly (string | null)[] };

export type LogState = {
  requestId: string;
  phase: Phase;
  phaseSince: number;
  /** Of a failed log; or of one that the board waits for. */
  problem: Problem | null;
  retryAt: number | null;
  data: LogData | null;
  /** When the figures arrived. */
  dataAt: number;
  /** When the gateway last confirmed them. */
  checkedAt: number;
  changes: readonly Change[];
  regressions: readonly Regression[];
  course: readonly Sample[];
  waiting: Waiting | null;
  /** The figures when somebody last looked. */
  seen: { data: LogData; at: number } | null;
};

const maxRemembered = 20;

export function openingState(requestId: string, now: number): LogState {
  return {
    requestId,
    phase: 'opening',
    phaseSince: now,
    problem: null,
    retryAt: null,
    data: null,
    dataAt: 0,
    checkedAt: 0,
    changes: [],
    regressions: [],
    course: [],
    waiting: null,
    seen: null,
  };
}

export function inPhase(state: LogState, phase: Phase, now: number): LogState {
  const phaseSince = state.phase === phase ? state.phaseSince : now;
  return { ...state, phase, phaseSince, problem: null, retryAt: null };
}

export function failedState(state: LogState, problem: Problem, now: number): LogState {
  const { retryAfterSeconds } = problem;
  const retryAt = retryAfterSeconds === undefined ? null : now + retryAfterSeconds * 1000;
  return { ...inPhase(state, 'failed', now), problem, retryAt };
}

export function withEvent(state: LogState, event: LogEvent, now: number): LogState {
  if (event.__typename === 'NotFound') return withoutLog(state, now);
  const next = inPhase(state, event.summary.final ? 'complete' : 'live', now);
  return { ...next, ...changed(state, event, now), data: event, dataAt: now, checkedAt: now };
}

/** A log that has vanished has taken back every status. */
function withoutLog(state: LogState, now: number): LogState {
  const next = inPhase(state, 'looking', now);
  if (!state.data || state.phase !== 'live') return next;
  const { delivered, undelivered } = state.data.summary;
  const regression = { at: now, messages: delivered + undelivered, countries: [] };
  return { ...next, regressions: remembered(state.regressions, regression) };
}

function changed(state: LogState, event: LogData, now: number) {
  const { data: before, changes, regressions } = state;
  const course = withSample(state.course, figuresOf(event), now);
  if (!before) return { course, waiting: longestWaiting(course, 0) };
  const delta = deltaOf(before, event);
  const lost = takenBack(before, event);
  const isChange = Object.values(delta).some((value) => value !== 0);
  const allRegressions = lost.messages > 0 ? remembered(regressions, { at: now, ...lost }) : regressions;
  return {
    course,
    changes: isChange ? remembered(changes, { at: now, ...delta }) : changes,
    regressions: allRegressions,
    // A status that went back has made any message one that may have been sent only just now.
    waiting: longestWaiting(course, allRegressions.at(-1)?.at ?? 0),
  };
}

function remembered<Item>(items: readonly Item[], item: Item): readonly Item[] {
  return [...items, item].slice(-maxRemembered);
}

/** Whether anything has changed since then. The first figures are no change. */
export function hasMovedSince({ changes, regressions }: LogState, at: number): boolean {
  return [changes.at(-1), regressions.at(-1)].some((last) => last !== undefined && last.at >= at);
}

/** The state after the server has completed the stream. */
export function endedState(state: LogState, now: number): LogState {
  if (state.phase === 'looking') return inPhase(state, 'missing', now);
  if (state.phase === 'live' || state.phase === 'opening') return inPhase(state, 'ended', now);
  return state;
}
