/**
 * A circuit breaker: where most calls fail it stops all calls for a while, and then lets a few probe.
 *
 * While closed, it counts failures in a sliding window. While open, it rejects. While half-open, it lets one call pass, and with each
 * success one more at a time (1, 2, 4 … in flight), until enough have succeeded. So an upstream that has just recovered is not flooded,
 * and the other calls can wait instead of failing. Pure: the time is passed in.
 */

export type CircuitConfig = {
  /** The threshold: the share of the calls in the window that has to fail, from 0 to 1. */
  failureRatio: number;
  /** With fewer calls in the window the circuit stays closed. The window is five times as long. */
  minCalls: number;
  /** How long the circuit stays open before a call may probe. */
  openMs: number;
};

export type CircuitState = 'closed' | 'open' | 'halfOpen';

/** `wait`: the call may pass soon, if the calls in flight succeed. */
export type Verdict = 'pass' | 'wait' | 'reject';

/** `none`: the call was aborted, and is no evidence about the upstream. */
export type Evidence = 'success' | 'failure' | 'none';

/** A half-open circuit that allows so many calls in flight closes. */
const concurrencyToClose = 16;

export class Circuit {
  readonly #config: CircuitConfig;
  readonly #onChange: (state: CircuitState) => void;
  #state: CircuitState = 'closed';
  /** Incremented with each change of state: a call of another period is no evidence in this one. */
  #period = 0;
  #openedMs = 0;
  #window: OutcomeWindow;
  /** While half-open: how many calls may be in flight, how many are in flight, and how many have failed. */
  #allowed = 0;
  #trials = 0;
  #failures = 0;

  /** @param onChange is called with each new state. */
  constructor(config: CircuitConfig, onChange: (state: CircuitState) => void = () => {}) {
    this.#config = config;
    this.#onChange = onChange;
    this.#window = new OutcomeWindow(config.minCalls * 5);
  }

  get state(): CircuitState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** A healthy circuit has no state to lose: it is closed, and no call in the window failed. */
  get isHealthy(): boolean {
    return this.#state === 'closed' && this.#window.failures === 0;
  }

  verdict(nowMs: number): Verdict {
    if (this.#state === 'closed') return 'pass';
    if (this.#state === 'open') return nowMs - this.#openedMs < this.#config.openMs ? 'reject' : 'pass';
    return this.#trials < this.#allowed ? 'pass' : 'wait';
  }

  /** To be called for each call that passes. Returns the period, for `end`. */
  begin(): number {
    if (this.#state === 'open') {
      this.#enter('halfOpen');
      this.#allowed = 1;
      this.#trials = 0;
      this.#failures = 0;
    }
    if (this.#state === 'halfOpen') this.#trials += 1;
    return this.#period;
  }

  end(period: number, evidence: Evidence, nowMs: number): void {
    if (period !== this.#period) return;
    if (this.#state === 'closed') this.#count(evidence, nowMs);
    else if (this.#state === 'halfOpen') this.#judge(evidence, nowMs);
  }

  open(nowMs: number): void {
    this.#enter('open');
    this.#openedMs = nowMs;
  }

  close(): void {
    this.#enter('closed');
    this.#window = new OutcomeWindow(this.#config.minCalls * 5);
  }

  #count(evidence: Evidence, nowMs: number): void {
    if (evidence === 'none') return;
    this.#window.add(evidence === 'failure');
    const { calls, failures } = this.#window;
    if (evidence === 'failure' && calls >= this.#config.minCalls && failures >= calls * this.#config.failureRatio) {
      this.open(nowMs);
    }
  }

  #judge(evidence: Evidence, nowMs: number): void {
    this.#trials -= 1;
    if (evidence === 'success') this.#allowed += 1;
    if (evidence === 'failure') this.#failures += 1;
    // The first call was allowed without a success.
    const ended = this.#allowed - 1 + this.#failures;
    if (this.#failures > 0 && this.#failures >= ended * this.#config.failureRatio) this.open(nowMs);
    else if (this.#allowed >= concurrencyToClose) this.close();
  }

  #enter(state: CircuitState): void {
    this.#state = state;
    this.#period += 1;
    this.#onChange(state);
  }
}

/** The sliding window of outcomes. Its memory is allocated with the first failure, since most callers never have one. */
class OutcomeWindow {
  readonly #size: number;
  #outcomes: Uint8Array | undefined;
  #next = 0;
  #count = 0;
  failures = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get calls(): number {
    return this.#count;
  }

  add(isFailure: boolean): void {
    if (this.#outcomes === undefined) {
      if (!isFailure) {
        this.#count = Math.min(this.#count + 1, this.#size);
        return;
      }
      this.#outcomes = new Uint8Array(this.#size);
    }
    if (this.#count === this.#size) this.failures -= this.#outcomes[this.#next] as number;
    else this.#count += 1;
    this.#outcomes[this.#next] = isFailure ? 1 : 0;
    if (isFailure) this.failures += 1;
    this.#next = (this.#next + 1) % this.#size;
  }
}
