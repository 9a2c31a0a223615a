/**
 * The circuit that all callers share. It opens where D7 fails for several callers, and not only for one whose logs it cannot read.
 */
import type { CallerStates } from './caller-states.ts';
import { Circuit, type CircuitConfig, type CircuitState, type Evidence, type Verdict } from './circuit.ts';
import type { Outcome } from './failures.ts';

/** With fewer active callers than this, the circuit opens only where all of them are affected. */
const severalCallers = 3;
const affectedRatio = 0.75;
/** With more callers than this, a failure counts them at most once in each interval. */
const fewCallers = 100;
const countIntervalMs = 20;

export class SharedCircuit {
  readonly #callers: CallerStates;
  readonly #minCalls: number;
  readonly #circuit: Circuit;
  #countedMs = Number.NEGATIVE_INFINITY;

  constructor(callers: CallerStates, config: CircuitConfig, onChange: (state: CircuitState) => void) {
    this.#callers = callers;
    this.#minCalls = config.minCalls;
    this.#circuit = new Circuit(config, onChange);
  }

  get state(): CircuitState {
    return this.#circuit.state;
  }

  get isClosed(): boolean {
    return this.#circuit.isClosed;
  }

  verdict(nowMs: number): Verdict {
    return this.#circuit.verdict(nowMs);
  }

  begin(): number {
    return this.#circuit.begin();
  }

  /** To be called after the caller's state has the outcome. Returns whether it opened the circuit. */
  end(period: number, outcome: Outcome, nowMs: number): boolean {
    const wasClosed = this.isClosed;
    this.#circuit.end(period, this.#evidenceOf(outcome), nowMs);
    if (outcome === 'failed' && wasClosed && this.#areSeveralAffected(nowMs)) this.#circuit.open(nowMs);
    return wasClosed && !this.isClosed;
  }

  /** While the circuit is closed, the failure of one caller's log is no evidence against D7. As a probe it is. */
  #evidenceOf(outcome: Outcome): Evidence {
    if (outcome === 'answered') return 'success';
    if (outcome === 'unreachable') return 'failure';
    return outcome === 'failed' && !this.isClosed ? 'failure' : 'none';
  }

  #areSeveralAffected(nowMs: number): boolean {
    if (this.#callers.size > fewCallers && nowMs - this.#countedMs < countIntervalMs) return false;
    this.#countedMs = nowMs;
    let calls = 0;
    let active = 0;
    let affected = 0;
    for (const caller of this.#callers.values()) {
      if (!caller.isActive(nowMs)) continue;
      active += 1;
      calls += caller.outcomeCount;
      if (caller.isAffected) affected += 1;
    }
    if (calls < this.#minCalls || affected < 2) return false;
    return active < severalCallers ? affected === active : affected >= active * affectedRatio;
  }
}
