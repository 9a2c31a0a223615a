/**
 * The state of each caller in the fair queue: its calls that wait and that are in flight, its circuit, its retry budget, and the outcomes
 * of its last calls. The token identifies the caller.
 *
 * The table is bounded. A full table drops callers with no call waiting or in flight, and first those whose circuit is healthy, since that
 * loses nothing. A dropped caller is a new caller with its next call.
 */

import { LinkedItem, LinkedList } from '../linked-list.ts';
import { Circuit, type CircuitConfig, type CircuitState } from './circuit.ts';
import type { ViberLogFailure } from './failures.ts';
import { RetryBudget } from './retry.ts';

/** The sliding window that decides whether a failure affects a caller: its size, and how long it counts after the last outcome. */
const windowSize = 30;
const activeMs = 10_000;
/** Of the exponential moving average of durations. */
const weightOfLast = 1 / 8;

/** `poll`: the read of a followed log, for which no client waits. */
export type Priority = 'interactive' | 'poll';

/** @param token of the caller whose circuit it is; none for the circuit of all callers. */
export type OnCircuit = (state: CircuitState, token?: string) => void;

/** A call from its admission by the fair queue to its end. */
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

/** The waiting calls of one caller and priority. It is the caller's item in the list of callers of waiting-calls.ts. */
export class CallerQueue extends LinkedItem {
  readonly caller: CallerState;
  readonly calls = new LinkedList<QueuedCall>();

  constructor(caller: CallerState) {
    super();
    this.caller = caller;
  }
}

export class CallerState {
  readonly interactive = new CallerQueue(this);
  readonly polls = new CallerQueue(this);
  readonly circuit: Circuit;
  readonly retryBudget = new RetryBudget();
  inFlight = 0;
  /** The mean duration of its calls. 0 before the first has ended. */
  meanMs = 0;
  /** When its last call ended that is evidence about D7. */
  seenMs = Number.NEGATIVE_INFINITY;
  /** One bit for each of the last outcomes: 1 for a failure. */
  #outcomes = 0;
  #outcomeCount = 0;

  constructor(config: CircuitConfig, onCircuit: (state: CircuitState) => void) {
    this.circuit = new Circuit(config, onCircuit);
  }

  get waiting(): number {
    return this.interactive.calls.length + this.polls.calls.length;
  }

  get outcomeCount(): number {
    return this.#outcomeCount;
  }

  get isIdle(): boolean {
    return this.inFlight === 0 && this.waiting === 0;
  }

  /** Whether at least half of its last calls failed. */
  get isAffected(): boolean {
    return bitsIn(this.#outcomes) * 2 >= this.#outcomeCount && this.#outcomeCount > 0;
  }

  isActive(nowMs: number): boolean {
    return nowMs - this.seenMs < activeMs;
  }

  onOutcome(isFailure: boolean, nowMs: number): void {
    if (!this.isActive(nowMs)) {
      this.#outcomes = 0;
      this.#outcomeCount = 0;
    }
    this.seenMs = nowMs;
    this.#outcomes = ((this.#outcomes << 1) | (isFailure ? 1 : 0)) & ((1 << windowSize) - 1);
    if (this.#outcomeCount < windowSize) this.#outcomeCount += 1;
  }

  onDuration(ms: number): void {
    this.meanMs = this.meanMs === 0 ? ms : this.meanMs + (ms - this.meanMs) * weightOfLast;
  }
}

export class CallerStates {
  readonly #config: CircuitConfig;
  readonly #onCircuit: OnCircuit;
  readonly #maxCallers: number;
  readonly #byToken = new Map<string, CallerState>();

  constructor(config: CircuitConfig, onCircuit: OnCircuit, maxCallers = 10_000) {
    this.#config = config;
    this.#onCircuit = onCircuit;
    this.#maxCallers = maxCallers;
  }

  get size(): number {
    return this.#byToken.size;
  }

  values(): IterableIterator<CallerState> {
    return this.#byToken.values();
  }

  of(token: string): CallerState {
    const known = this.#byToken.get(token);
    if (known) return known;
    if (this.#byToken.size >= this.#maxCallers) this.#makeSpace();
    const caller = new CallerState(this.#config, (state) => this.#onCircuit(state, token));
    this.#byToken.set(token, caller);
    return caller;
  }

  /** Drops half of the table at once, oldest first, so that it is rarely necessary. Callers in use stay, whatever their number. */
  #makeSpace(): void {
    this.#drop((caller) => caller.circuit.isHealthy);
    if (this.#byToken.size >= this.#maxCallers) this.#drop(() => true);
  }

  #drop(isDroppable: (caller: CallerState) => boolean): void {
    const target = this.#maxCallers / 2;
    for (const [token, caller] of this.#byToken) {
      if (this.#byToken.size <= target) return;
      if (caller.isIdle && isDroppable(caller)) this.#byToken.delete(token);
    }
  }
}

function bitsIn(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
