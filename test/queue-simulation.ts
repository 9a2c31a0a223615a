/**
 * A D7 and its callers in simulated time, before the real fair queue: no sockets, no clock, and a seed that replays every run.
 */

import { type Priority, QueuedCall } from '../src/d7/caller-states.ts';
import type { Outcome, ViberLogFailure } from '../src/d7/failures.ts';
import { FairQueue, type FairQueueConfig } from '../src/d7/fair-queue.ts';

export type SimulatedCall = {
  token: string;
  atMs: number;
  priority?: Priority;
  /** How long the caller waits. */
  timeoutMs?: number;
};

export type Ended = SimulatedCall & {
  result: 'answered' | 'failed' | 'overloaded' | 'circuit' | 'late';
  waitedMs: number;
  tookMs: number;
};

/** What D7 does with a call, when it begins. */
export type Upstream = (call: SimulatedCall, inFlight: number, nowMs: number) => { tookMs: number; outcome: Outcome };

const defaults: FairQueueConfig = {
  maxConcurrency: 512,
  maxWaiting: 20_000,
  circuit: { failureRatio: 0.5, minCalls: 20, openMs: 2000 },
};

/** Mulberry32: small, and good enough to shuffle arrivals. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Simulation {
  readonly queue: FairQueue;
  readonly ended: Ended[] = [];
  /** The most calls that were in flight at once, in all and by caller. */
  mostInFlight = 0;
  nowMs = 0;
  readonly upstream: Upstream;
  readonly #events = new EventHeap();

  constructor(upstream: Upstream, config: Partial<FairQueueConfig> = {}) {
    this.queue = new FairQueue({ ...defaults, ...config });
    this.upstream = upstream;
  }

  at(atMs: number, run: () => void): void {
    this.#events.push(atMs, run);
  }

  call(call: SimulatedCall): void {
    this.at(call.atMs, () => this.#enter(call));
  }

  /** Until nothing is left to happen, or until then. */
  run(untilMs = Number.POSITIVE_INFINITY): void {
    for (let next = this.#events.pop(untilMs); next; next = this.#events.pop(untilMs)) {
      this.nowMs = next.atMs;
      next.run();
      this.#assertInvariants();
    }
  }

  of(token: string): Ended[] {
    return this.ended.filter((call) => call.token === token);
  }

  #enter(call: SimulatedCall): void {
    const queued = new SimulatedQueuedCall(this, call);
    try {
      this.queue.enter(queued, this.nowMs);
    } catch (error) {
      queued.finish((error as ViberLogFailure).kind === 'overloaded' ? 'overloaded' : 'circuit');
      return;
    }
    this.at(queued.deadlineMs, () => queued.onDeadline());
  }

  #assertInvariants(): void {
    const { queue } = this;
    this.mostInFlight = Math.max(this.mostInFlight, queue.inFlight);
    let [inFlight, waiting] = [0, 0];
    for (const caller of queue.callers.values()) {
      inFlight += caller.inFlight;
      waiting += caller.waiting;
    }
    if (inFlight !== queue.inFlight || waiting !== queue.waiting)
      throw new Error('The counts of callers and queue differ.');
    if (queue.waiting > 0 && queue.inFlight === 0) throw new Error('Calls wait while nothing is in flight.');
  }
}

class SimulatedQueuedCall extends QueuedCall {
  readonly token: string;
  readonly priority: Priority;
  readonly deadlineMs: number;
  readonly #simulation: Simulation;
  readonly #call: SimulatedCall;
  #hasStarted = false;
  #isOver = false;

  constructor(simulation: Simulation, call: SimulatedCall) {
    super();
    this.#simulation = simulation;
    this.#call = call;
    this.token = call.token;
    this.priority = call.priority ?? 'interactive';
    this.deadlineMs = call.atMs + (call.timeoutMs ?? 10_000);
  }

  onStart(): void {
    const simulation = this.#simulation;
    this.#hasStarted = true;
    const { tookMs, outcome } = simulation.upstream(this.#call, simulation.queue.inFlight, simulation.nowMs);
    simulation.at(simulation.nowMs + tookMs, () => {
      simulation.queue.end(this, outcome, simulation.nowMs);
      this.finish(outcome === 'answered' ? 'answered' : 'failed');
    });
  }

  onRejected(): void {
    this.finish('circuit');
  }

  onDeadline(): void {
    if (this.#hasStarted || this.#isOver) return;
    this.#simulation.queue.leave(this);
    this.finish('late');
  }

  finish(result: Ended['result']): void {
    if (this.#isOver) throw new Error('A call has ended twice.');
    this.#isOver = true;
    const { nowMs } = this.#simulation;
    const waitedMs = (this.#hasStarted ? this.startedMs : nowMs) - this.#call.atMs;
    this.#simulation.ended.push({ ...this.#call, result, waitedMs, tookMs: nowMs - this.#call.atMs });
  }
}

/** A binary heap, by time; of two at the same time the one that was pushed first. */
class EventHeap {
  readonly #items: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;

  push(atMs: number, run: () => void): void {
    const items = this.#items;
    items.push({ atMs, order: this.#order++, run });
    for (let child = items.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  pop(untilMs: number): { atMs: number; run: () => void } | undefined {
    const items = this.#items;
    const [first] = items;
    if (first === undefined || first.atMs > untilMs) return undefined;
    this.#swap(0, items.length - 1);
    items.pop();
    for (let parent = 0; ; ) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < items.length && this.#isBefore(child, least)) least = child;
      }
      if (least === parent) return first;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#items[one], this.#items[other]] as [
      { atMs: number; order: number },
      { atMs: number; order: number },
    ];
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #swap(one: number, other: number): void {
    const items = this.#items as unknown[];
    [items[one], items[other]] = [items[other], items[one]];
  }
}
