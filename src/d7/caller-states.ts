/**
 * What the fair queue knows of each caller: its calls that wait and that are in flight, its circuit, its retry budget, and how its last
 * calls ended. Callers with one token are one caller.
 *
 * The table is bounded. A caller with nothing waiting and nothing in flight may be dropped when the table is full, and is then a new
 * caller when it comes back: those whose circuit is healthy first, since of them nothing is lost.
 */

import { LinkedItem, LinkedList } from '../linked-list.ts';
import { Circuit, type CircuitConfig } from './circuit.ts';
import type { QueuedCall } from './fair-queue.ts';
import { RetryBudget } from './retry.ts';

/** How many of a caller's last calls tell whether it is affected by a failure, and for how long they do. */
const rememberedOutcomes = 30;
const activeMs = 10_000;
/** A moving average of the last calls. */
const weightOfLast = 1 / 8;

/** The calls of one caller that wait, of one priority. It is the caller's place among those who wait for their turn. */
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
  /** How long its calls take; 0 while none has ended. */
  meanMs = 0;
  /** When its last call ended that says something about D7. */
  seenMs = Number.NEGATIVE_INFINITY;
  /** The last outcomes, one bit each: 1 for a failure. */
  #outcomes = 0;
  #outcomeCount = 0;

  constructor(config: CircuitConfig) {
    this.circuit = new Circuit(config);
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

  /** Whether most of its last calls failed. */
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
    this.#outcomes = ((this.#outcomes << 1) | (isFailure ? 1 : 0)) & ((1 << rememberedOutcomes) - 1);
    if (this.#outcomeCount < rememberedOutcomes) this.#outcomeCount += 1;
  }

  onDuration(ms: number): void {
    this.meanMs = this.meanMs === 0 ? ms : this.meanMs + (ms - this.meanMs) * weightOfLast;
  }
}

export class CallerStates {
  readonly #config: CircuitConfig;
  readonly #most: number;
  readonly #byToken = new Map<string, CallerState>();

  constructor(config: CircuitConfig, most = 10_000) {
    this.#config = config;
    this.#most = most;
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
    if (this.#byToken.size >= this.#most) this.#makeRoom();
    const caller = new CallerState(this.#config);
    this.#byToken.set(token, caller);
    return caller;
  }

  /** Drops half of the table, so that it happens seldom, the oldest first. Callers in use stay, whatever their number. */
  #makeRoom(): void {
    this.#drop((caller) => caller.circuit.isHealthy);
    if (this.#byToken.size >= this.#most) this.#drop(() => true);
  }

  #drop(isDroppable: (caller: CallerState) => boolean): void {
    const target = this.#most / 2;
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
