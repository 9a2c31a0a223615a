/**
 * Decides which call goes to D7 next. Pure: calls and the time are passed in, and nothing here waits or does HTTP.
 *
 * Each caller has a queue of its own, and the queues are served round-robin, so that a caller waits at most as long as it takes to serve
 * every other caller once. Two thresholds keep one caller from using up what all need. Both are dynamic (Choudhury and Hahne, 1998): a
 * caller may hold at most a multiple of what is still free. One caller alone may hold two thirds of the concurrency, n callers 2/(2n + 1)
 * each, and a part always stays free for the next caller, however greedy or slow the others are. The second threshold limits the calls
 * that wait in the same way.
 *
 * The queue rejects a call only because of its own caller's demand, or because D7 fails for this caller or for all.
 */

import type { LinkedList } from '../linked-list.ts';
import type { QueuedCall } from './caller-states.ts';
import { type CallerQueue, type CallerState, CallerStates, type OnCircuit } from './caller-states.ts';
import type { CircuitConfig, CircuitState, Evidence, Verdict } from './circuit.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import { type NotSentReason, type Outcome, ViberLogFailure } from './failures.ts';
import { SharedCircuit } from './shared-circuit.ts';
import { WaitingCalls } from './waiting-calls.ts';

export type FairQueueConfig = {
  /** The maximum of calls in flight, even where D7 sustains more. */
  maxConcurrency: number;
  /** The maximum of calls that wait, of all callers together. */
  maxWaiting: number;
  circuit: CircuitConfig;
};

/** A caller may hold at most so many times what is free. */
const shareOfConcurrency = 2;
const shareOfQueue = 1;

export class FairQueue {
  readonly callers: CallerStates;
  readonly #config: FairQueueConfig;
  readonly #limit: ConcurrencyLimit;
  readonly #sharedCircuit: SharedCircuit;
  readonly #waiting = new WaitingCalls();
  #inFlight = 0;
  #isDispatching = false;

  /** @param onCircuit is called when a circuit changes its state. */
  constructor(config: FairQueueConfig, onCircuit: OnCircuit = () => {}) {
    this.#config = config;
    this.callers = new CallerStates(config.circuit, onCircuit);
    this.#limit = new ConcurrencyLimit({ ceiling: config.maxConcurrency });
    this.#sharedCircuit = new SharedCircuit(this.callers, config.circuit, (state) => onCircuit(state));
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get limit(): number {
    return this.#limit.value;
  }

  get sharedCircuit(): CircuitState {
    return this.#sharedCircuit.state;
  }

  /**
   * Starts the call, now or later.
   *
   * @throws ViberLogFailure `unavailable` while a circuit is open, `overloaded` where the caller has too many calls waiting.
   */
  enter(call: QueuedCall, nowMs: number): void {
    const caller = this.callers.of(call.token);
    call.caller = caller;
    const verdict = this.#verdict(caller, nowMs);
    if (verdict === 'reject') throw circuitIsOpen();
    // With no call waiting, this one overtakes none.
    if (verdict === 'pass' && this.#waiting.length === 0 && this.#mayStart(caller)) {
      this.#start(call, caller, nowMs);
      return;
    }
    this.#expectServedInTime(call, caller, nowMs);
    this.#waiting.add(call, caller);
    this.#dispatch(nowMs);
  }

  /** For a call that is aborted while it waits. */
  leave(call: QueuedCall): void {
    if (call.list === undefined) return;
    const { interactive, polls } = call.caller as CallerState;
    this.#waiting.remove(call, call.priority === 'poll' ? polls : interactive);
  }

  /** To be called once for each call that was started. */
  end(call: QueuedCall, outcome: Outcome, nowMs: number): void {
    const caller = call.caller as CallerState;
    caller.inFlight -= 1;
    this.#inFlight -= 1;
    if (this.#inFlight < 0 || caller.inFlight < 0) throw new Error('A call has ended more than once.');
    if (outcome !== 'abandoned') this.#learn(call, caller, outcome, nowMs);
    const hasOpened = this.#sharedCircuit.end(call.sharedPeriod, outcome, nowMs);
    caller.circuit.end(call.callerPeriod, evidenceOf(outcome), nowMs);
    if (hasOpened) this.#limit.onOutage();
    // The durations of calls in an outage are no estimate of those after it.
    if (!this.#sharedCircuit.isClosed || !caller.circuit.isClosed) caller.meanMs = 0;
    this.#dispatch(nowMs);
  }

  #learn(call: QueuedCall, caller: CallerState, outcome: Outcome, nowMs: number): void {
    const durationMs = nowMs - call.startedMs;
    caller.onOutcome(outcome !== 'answered', nowMs);
    caller.onDuration(durationMs);
    if (outcome !== 'answered') return;
    // Calls that wait only because of their own caller's threshold are no demand for a higher limit, except those of this caller.
    const wasUsedUp = this.#inFlight + 1 >= this.#limit.value;
    this.#limit.onSuccess(durationMs, caller.waiting > 0 || (wasUsedUp && this.#waiting.length > 0), nowMs);
  }

  #verdict(caller: CallerState, nowMs: number): Verdict {
    const shared = this.#sharedCircuit.isClosed ? 'pass' : this.#sharedCircuit.verdict(nowMs);
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
    call.sharedPeriod = this.#sharedCircuit.begin();
    call.callerPeriod = caller.circuit.begin();
    call.onStart();
  }

  /** @throws ViberLogFailure `overloaded` */
  #expectServedInTime(call: QueuedCall, caller: CallerState, nowMs: number): void {
    const { maxWaiting } = this.#config;
    // One comparison for both limits: that of the caller, and that of all callers.
    if (caller.waiting >= (maxWaiting - this.#waiting.length) * shareOfQueue) throw overloaded('queueFull', 1000);
    const ahead = call.priority === 'poll' ? caller.waiting : caller.interactive.calls.length;
    const share =
      (this.#limit.value * shareOfConcurrency) / (shareOfConcurrency + 1) / (this.#waiting.interactiveCallers + 1);
    const expectedWaitMs = (ahead / Math.max(1, share, caller.inFlight)) * caller.meanMs;
    if (nowMs + expectedWaitMs > call.deadlineMs) throw overloaded('queueTooLong', expectedWaitMs);
  }

  /** Not reentrant: a call that starts may end at once, and the recursion would be as deep as the queue is long. */
  #dispatch(nowMs: number): void {
    if (this.#waiting.length === 0 || this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      while (this.#waiting.length > 0 && this.#inFlight < this.#limit.value && this.#startNext(nowMs));
    } finally {
      this.#isDispatching = false;
    }
  }

  #startNext(nowMs: number): boolean {
    const [first, second] = this.#waiting.inOrderOfTurn();
    return this.#startNextOf(first, nowMs) || this.#startNextOf(second, nowMs);
  }

  /** Considers each caller once. A caller that may not start a call yet keeps its place. */
  #startNextOf(queues: LinkedList<CallerQueue>, nowMs: number): boolean {
    if (!this.#sharedCircuit.isClosed && this.#sharedCircuit.verdict(nowMs) === 'wait') return false;
    let next: CallerQueue | undefined;
    for (let queue = queues.first; queue !== undefined; queue = next) {
      next = queue.next;
      const { caller } = queue;
      const verdict = this.#verdict(caller, nowMs);
      if (verdict === 'reject') this.#rejectAll(queue);
      if (verdict !== 'pass' || !this.#mayStart(caller)) continue;
      this.#start(this.#waiting.take(queue), caller, nowMs);
      return true;
    }
    return false;
  }

  #rejectAll(queue: CallerQueue): void {
    for (let call = queue.calls.first; call !== undefined; call = queue.calls.first) {
      this.#waiting.remove(call, queue);
      call.onRejected(circuitIsOpen());
    }
  }
}

function evidenceOf(outcome: Outcome): Evidence {
  if (outcome === 'answered') return 'success';
  return outcome === 'failed' ? 'failure' : 'none';
}

function circuitIsOpen(): ViberLogFailure {
  return new ViberLogFailure('unavailable', 'the circuit is open', { notSent: 'circuitOpen' });
}

function overloaded(notSent: NotSentReason, expectedWaitMs: number): ViberLogFailure {
  return new ViberLogFailure('overloaded', 'the caller has too many calls waiting', {
    retryAfterSeconds: Math.max(1, Math.ceil(expectedWaitMs / 1000)),
    notSent,
  });
}
