/**
 * Which call goes to D7 next. Pure: calls and the time are passed in, and nothing here waits or speaks HTTP.
 *
 * Each caller has a queue of its own, and the queues are served in turn, so that a caller waits for others only as long as it takes to
 * serve each of them once. Two thresholds keep one caller from using up what all need. Both are dynamic (Choudhury and Hahne, 1998): a
 * caller may hold at most a multiple of what is still free. One caller alone may hold two thirds of the concurrency, n callers 2/(2n + 1)
 * each, and a part always stays free for the next one, however greedy or slow the others are. The same goes for places in the queue.
 *
 * A call is rejected only because of its own caller's demand, or because D7 is failing for this caller or for all.
 *
 * Interactive reads precede the polls of followed logs, which still get one turn in ten.
 */

import { LinkedItem, LinkedList } from '../linked-list.ts';
import { type CallerQueue, type CallerState, CallerStates } from './caller-states.ts';
import { Circuit, type CircuitConfig, type Evidence } from './circuit.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { type Outcome, ViberLogFailure } from './failures.ts';

export type FairQueueConfig = {
  /** The most calls in flight, whatever D7 sustains. */
  maxConcurrency: number;
  /** The most calls that wait, of all callers. */
  maxWaiting: number;
  circuit: CircuitConfig;
};

/** `poll`: nobody waits for it at a screen. */
export type Priority = 'interactive' | 'poll';

/** A call, from the queue to its end. */
export abstract class QueuedCall extends LinkedItem {
  caller: CallerState | undefined;
  startedMs = 0;
  sharedPeriod = 0;
  callerPeriod = 0;
  abstract readonly token: string;
  abstract readonly priority: Priority;
  abstract readonly deadlineMs: number;
  /** It may go out. */
  abstract onStart(): void;
  /** It may not, and is in the queue no more. */
  abstract onRejected(failure: ViberLogFailure): void;
}

/** How many times what is free one caller may hold. */
const shareOfConcurrency = 2;
const shareOfQueue = 1;
/** One turn in so many is for polls, where there are any. */
const turnsPerPoll = 10;
/** Where fewer callers than this were active of late, all of them have to be affected for the shared circuit to open; else so many. */
const severalCallers = 3;
const affectedRatio = 0.75;
/** With more callers than this they are not all looked at for each failure, but once in a while. */
const fewCallers = 100;
const lookEveryMs = 20;

export class FairQueue {
  readonly callers: CallerStates;
  readonly #config: FairQueueConfig;
  readonly #limit: ConcurrencyLimit;
  readonly #shared: Circuit;
  /** The callers with calls that wait, by the kind of call, in the order of their turns. */
  readonly #interactive = new LinkedList<CallerQueue>();
  readonly #polls = new LinkedList<CallerQueue>();
  #inFlight = 0;
  #waiting = 0;
  #turnsSincePoll = 0;
  #isDispatching = false;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(config: FairQueueConfig) {
    this.#config = config;
    this.callers = new CallerStates(config.circuit);
    this.#limit = new ConcurrencyLimit({ ceiling: config.maxConcurrency });
    this.#shared = new Circuit(config.circuit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get limit(): number {
    return this.#limit.value;
  }

  /**
   * Starts the call, now or later.
   *
   * @throws ViberLogFailure `unavailable` while a circuit is open, `overloaded` when the caller has too much waiting already.
   */
  enter(call: QueuedCall, nowMs: number): void {
    const caller = this.callers.of(call.token);
    call.caller = caller;
    const verdict = this.#verdict(caller, nowMs);
    if (verdict === 'reject') throw circuitIsOpen();
    // Nobody waits, so nobody is overtaken.
    if (verdict === 'pass' && this.#waiting === 0 && this.#mayStart(caller)) {
      this.#start(call, caller, nowMs);
      return;
    }
    this.#expectServedInTime(call, caller, nowMs);
    this.#enqueue(call, caller);
    this.#dispatch(nowMs);
  }

  /** For a call that is given up while it waits. */
  leave(call: QueuedCall): void {
    if (call.list === undefined) return;
    const { interactive, polls } = call.caller as CallerState;
    this.#dequeue(call, call.priority === 'poll' ? polls : interactive);
  }

  /** For a call that was started, once. */
  end(call: QueuedCall, outcome: Outcome, nowMs: number): void {
    const caller = call.caller as CallerState;
    caller.inFlight -= 1;
    this.#inFlight -= 1;
    if (this.#inFlight < 0 || caller.inFlight < 0) throw new Error('A call has ended more than once.');
    if (outcome !== 'abandoned') this.#learn(call, caller, outcome, nowMs);
    const ofCaller: Evidence = outcome === 'answered' ? 'success' : outcome === 'failed' ? 'failure' : 'none';
    const wasClosed = this.#shared.isClosed;
    this.#shared.end(call.sharedPeriod, this.#sharedEvidence(outcome), nowMs);
    caller.circuit.end(call.callerPeriod, ofCaller, nowMs);
    if (outcome === 'failed' && wasClosed && this.#areSeveralAffected(nowMs)) this.#shared.open(nowMs);
    if (wasClosed && !this.#shared.isClosed) this.#limit.onOutage();
    // How long calls took in an outage says nothing of how long they take after it.
    if (!this.#shared.isClosed || !caller.circuit.isClosed) caller.meanMs = 0;
    this.#dispatch(nowMs);
  }

  /** A failure of one caller's log is no evidence against D7 while the shared circuit is closed; as a probe it is. */
  #sharedEvidence(outcome: Outcome): Evidence {
    if (outcome === 'answered') return 'success';
    if (outcome === 'unreachable') return 'failure';
    return outcome === 'failed' && !this.#shared.isClosed ? 'failure' : 'none';
  }

  #learn(call: QueuedCall, caller: CallerState, outcome: Outcome, nowMs: number): void {
    const durationMs = nowMs - call.startedMs;
    caller.onOutcome(outcome !== 'answered', nowMs);
    caller.onDuration(durationMs);
    if (outcome !== 'answered') return;
    // The calls of a caller who is at its own threshold are no reason to grow, unless that caller is served well.
    const wasUsedUp = this.#inFlight + 1 >= this.#limit.value;
    this.#limit.onSuccess(durationMs, caller.waiting > 0 || (wasUsedUp && this.#waiting > 0), nowMs);
  }

  /** Whether D7 fails for several callers, and not only for one whose logs it cannot read. */
  #areSeveralAffected(nowMs: number): boolean {
    if (this.callers.size > fewCallers && nowMs - this.#lookedMs < lookEveryMs) return false;
    this.#lookedMs = nowMs;
    let calls = 0;
    let active = 0;
    let affected = 0;
    for (const caller of this.callers.values()) {
      if (!caller.isActive(nowMs)) continue;
      active += 1;
      calls += caller.outcomeCount;
      if (caller.isAffected) affected += 1;
    }
    if (calls < this.#config.circuit.minCalls || affected < 2) return false;
    return active < severalCallers ? affected === active : affected >= active * affectedRatio;
  }

  #verdict(caller: CallerState, nowMs: number): 'pass' | 'wait' | 'reject' {
    const shared = this.#shared.isClosed ? 'pass' : this.#shared.verdict(nowMs);
    if (shared === 'reject') return shared;
    const own = caller.circuit.isClosed ? 'pass' : caller.circuit.verdict(nowMs);
    return own === 'pass' ? shared : own;
  }

  #mayStart(caller: CallerState): boolean {
    const free = this.#limit.value - this.#inFlight;
    return free > 0 && caller.inFlight < free * shareOfConcurrency;
  }

  #start(call: QueuedCall, caller: CallerState, nowMs: number): void {
    caller.inFlight += 1;
    this.#inFlight += 1;
    call.startedMs = nowMs;
    call.sharedPeriod = this.#shared.begin();
    call.callerPeriod = caller.circuit.begin();
    call.onStart();
  }

  /** @throws ViberLogFailure `overloaded` */
  #expectServedInTime(call: QueuedCall, caller: CallerState, nowMs: number): void {
    const { maxWaiting } = this.#config;
    // What one caller may have waiting, and what all may.
    if (caller.waiting >= (maxWaiting - this.#waiting) * shareOfQueue) throw overloaded(1000);
    const ahead = call.priority === 'poll' ? caller.waiting : caller.interactive.calls.length;
    const share = (this.#limit.value * shareOfConcurrency) / (shareOfConcurrency + 1) / (this.#interactive.length + 1);
    const expectedWaitMs = (ahead / Math.max(1, share, caller.inFlight)) * caller.meanMs;
    if (nowMs + expectedWaitMs > call.deadlineMs) throw overloaded(expectedWaitMs);
  }

  #enqueue(call: QueuedCall, caller: CallerState): void {
    const isPoll = call.priority === 'poll';
    const queue = isPoll ? caller.polls : caller.interactive;
    queue.calls.push(call);
    this.#waiting += 1;
    if (queue.list === undefined) (isPoll ? this.#polls : this.#interactive).push(queue);
  }

  #dequeue(call: QueuedCall, queue: CallerQueue): void {
    queue.calls.remove(call);
    this.#waiting -= 1;
    if (queue.calls.length === 0) queue.list?.remove(queue);
  }

  /** Not entered again from a call that starts: it may end at once, and would recurse as deep as the queue is long. */
  #dispatch(nowMs: number): void {
    if (this.#waiting === 0 || this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      while (this.#waiting > 0 && this.#inFlight < this.#limit.value && this.#startNext(nowMs));
    } finally {
      this.#isDispatching = false;
    }
  }

  #startNext(nowMs: number): boolean {
    const isTurnOfPolls = this.#turnsSincePoll >= turnsPerPoll - 1;
    const [first, second] = isTurnOfPolls ? [this.#polls, this.#interactive] : [this.#interactive, this.#polls];
    return this.#startNextOf(first, nowMs) || this.#startNextOf(second, nowMs);
  }

  /** Each caller is looked at once. One who may not start yet keeps its place; who has been served goes to the end. */
  #startNextOf(queues: LinkedList<CallerQueue>, nowMs: number): boolean {
    if (!this.#shared.isClosed && this.#shared.verdict(nowMs) === 'wait') return false;
    let next: CallerQueue | undefined;
    for (let queue = queues.first; queue !== undefined; queue = next) {
      next = queue.next;
      const { caller } = queue;
      const verdict = this.#verdict(caller, nowMs);
      if (verdict === 'reject') this.#rejectAll(queue);
      if (verdict !== 'pass' || !this.#mayStart(caller)) continue;
      const call = queue.calls.first as QueuedCall;
      this.#dequeue(call, queue);
      if (queue.list !== undefined) queues.moveToEnd(queue);
      this.#turnsSincePoll = queues === this.#polls ? 0 : this.#turnsSincePoll + 1;
      this.#start(call, caller, nowMs);
      return true;
    }
    return false;
  }

  #rejectAll(queue: CallerQueue): void {
    for (let call = queue.calls.first; call !== undefined; call = queue.calls.first) {
      this.#dequeue(call, queue);
      call.onRejected(circuitIsOpen());
    }
  }
}

function circuitIsOpen(): ViberLogFailure {
  return new ViberLogFailure('unavailable', 'the circuit is open', { wasSent: false });
}

function overloaded(expectedWaitMs: number): ViberLogFailure {
  return new ViberLogFailure('overloaded', 'the caller has too many calls waiting', {
    retryAfterSeconds: Math.max(1, Math.ceil(expectedWaitMs / 1000)),
    wasSent: false,
  });
}
