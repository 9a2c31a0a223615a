/**
 * A call from its admission by the fair queue to its end.
 */
import { LinkedItem } from '../linked-list.ts';
import type { CallerState } from './caller-states.ts';
import type { ViberLogFailure } from './failures.ts';

/** `poll`: the read of a followed log, for which no client waits. */
export type Priority = 'interactive' | 'poll';

export abstract class QueuedCall extends LinkedItem {
  caller: CallerState | undefined;
  startedMs = 0;
  sharedPeriod = 0;
  callerPeriod = 0;
  abstract readonly token: string;
  abstract readonly priority: Priority;
  abstract readonly deadlineMs: number;
  /** The call may be sent. */
  abstract onStart(): void;
  /** The call may not be sent, and has left the queue. */
  abstract onRejected(failure: ViberLogFailure): void;
}
