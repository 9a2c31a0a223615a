/**
 * Single flight: concurrent reads of one key by one caller share one call.
 *
 * A call runs for as long as at least one waiter is left. A waiter that detaches does not affect the others; when the last one
 * detaches, the call is cancelled and no later read can join it. A failure goes to the waiters of the call and is not cached.
 */
import { type CallBudget, Cancellation } from '../d7/cancellation.ts';
import { ViberLogFailure } from '../d7/failures.ts';

/** Starts the shared call. Its budget has the first waiter's deadline and span, and is cancelled when no waiter is left. */
type StartCall<Result> = (budget: CallBudget) => Promise<Result>;

export class SingleFlight<Result> {
  /** Calls that a read may join, by caller and then by key. A caller without calls has no entry. */
  readonly #joinable = new Map<string, Map<string, SharedCall<Result>>>();

  /**
   * @param caller only reads of the same caller share a call.
   * @param alwaysStart starts a call even if one is in flight: D7 may have answered that one before this read was requested.
   * @throws ViberLogFailure `cancelled` or `outOfTime` when this waiter's budget ends before the call does.
   */
  join(
    caller: string,
    key: string,
    budget: CallBudget,
    alwaysStart: boolean,
    startCall: StartCall<Result>,
  ): Promise<Result> {
    if (budget.cancellation.isCancelled) return Promise.reject(cancelled());
    const inFlight = alwaysStart ? undefined : this.#joinable.get(caller)?.get(key);
    const call = inFlight ?? this.#start(caller, key, budget, startCall);
    return new Promise((resolve, reject) => {
      call.add(new Waiter(call, budget, resolve, reject));
    });
  }

  /** No read can join a call of this caller that is in flight now. */
  invalidate(caller: string): void {
    this.#joinable.delete(caller);
  }

  /** No read can join any call that is in flight now. */
  invalidateAll(): void {
    this.#joinable.clear();
  }

  #start(
    caller: string,
    key: string,
    { deadlineMs, priority, span }: CallBudget,
    startCall: StartCall<Result>,
  ): SharedCall<Result> {
    const call = new SharedCall<Result>(caller, key, deadlineMs, this);
    const ofCaller = this.#joinable.get(caller);
    if (ofCaller) ofCaller.set(key, call);
    else this.#joinable.set(caller, new Map([[key, call]]));
    call.start(startCall, priority, span);
    return call;
  }

  /** No read can join this call any more. */
  close(call: SharedCall<Result>): void {
    const { caller, key } = call;
    const ofCaller = this.#joinable.get(caller);
    // A newer call may have replaced this one, and stays joinable.
    if (ofCaller?.get(key) !== call) return;
    ofCaller.delete(key);
    if (ofCaller.size === 0) this.#joinable.delete(caller);
  }
}

class SharedCall<Result> {
  readonly caller: string;
  readonly key: string;
  readonly deadlineMs: number;
  readonly #singleFlight: SingleFlight<Result>;
  readonly #cancellation = new Cancellation();
  /** Includes detached waiters, which ignore the outcome. */
  #waiters: Waiter<Result>[] | undefined;
  #attachedCount = 0;

  constructor(caller: string, key: string, deadlineMs: number, singleFlight: SingleFlight<Result>) {
    this.caller = caller;
    this.key = key;
    this.deadlineMs = deadlineMs;
    this.#singleFlight = singleFlight;
  }

  start(startCall: StartCall<Result>, priority: CallBudget['priority'], span: CallBudget['span']): void {
    startCall({ cancellation: this.#cancellation, deadlineMs: this.deadlineMs, priority, span }).then(
      (result) => {
        for (const waiter of this.#settle()) waiter.resolve(result);
      },
      (failure) => {
        for (const waiter of this.#settle()) waiter.reject(failure);
      },
    );
  }

  add(waiter: Waiter<Result>): void {
    if (this.#waiters) this.#waiters.push(waiter);
    else this.#waiters = [waiter];
    this.#attachedCount += 1;
  }

  onDetached(): void {
    this.#attachedCount -= 1;
    if (this.#attachedCount > 0) return;
    this.#singleFlight.close(this);
    this.#cancellation.cancel();
  }

  /**
   * Drops the references to the waiters. V8 grows a Map by copying its table, and the old table keeps the calls in it reachable until
   * the next full garbage collection. With their waiters these calls would hold their results, ten times the memory.
   */
  #settle(): Waiter<Result>[] {
    this.#singleFlight.close(this);
    const waiters = this.#waiters ?? [];
    this.#waiters = undefined;
    return waiters;
  }
}

class Waiter<Result> {
  readonly #call: SharedCall<Result>;
  readonly #cancellation: Cancellation;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (failure: unknown) => void;
  /** Only for a waiter whose deadline is earlier than the call's. */
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(
    call: SharedCall<Result>,
    { cancellation, deadlineMs }: CallBudget,
    resolve: (result: Result) => void,
    reject: (failure: unknown) => void,
  ) {
    this.#call = call;
    this.#cancellation = cancellation;
    this.#resolve = resolve;
    this.#reject = reject;
    if (deadlineMs < call.deadlineMs) {
      this.#timer = setTimeout(() => this.#detach(outOfTime()), deadlineMs - performance.now());
    }
    cancellation.addListener(this);
  }

  onCancelled(): void {
    this.#detach(cancelled());
  }

  resolve(result: Result): void {
    this.#cleanUp();
    this.#resolve(result);
  }

  reject(failure: unknown): void {
    this.#cleanUp();
    this.#reject(failure);
  }

  #detach(failure: ViberLogFailure): void {
    this.reject(failure);
    this.#call.onDetached();
  }

  #cleanUp(): void {
    clearTimeout(this.#timer);
    this.#cancellation.removeListener(this);
  }
}

function cancelled(): ViberLogFailure {
  return new ViberLogFailure('cancelled', 'the caller cancelled the read');
}

function outOfTime(): ViberLogFailure {
  return new ViberLogFailure('outOfTime', 'the operation has no time left');
}
