/**
 * Notifies the calls of an operation that the operation no longer needs them.
 *
 * It replaces AbortSignal, and is created from one where Yoga or a WebSocket provides it. A page of logs has dozens of calls in flight,
 * each with a listener. Here a listener is an entry in a short list; an EventTarget costs more.
 */
import type { CallSpan } from './call-span.ts';
import type { Priority } from './caller-states.ts';

/** For how long a call is needed: until it is cancelled, or until the deadline, by the clock of `performance.now()`. And its span. */
export type CallBudget = {
  cancellation: Cancellation;
  deadlineMs: number;
  priority: Priority;
  /** Null: the read is not traced. */
  span: CallSpan | null;
};

/** Called at most once. */
export type CancellationListener = { onCancelled: () => void };

export class Cancellation {
  static readonly #bySignal = new WeakMap<AbortSignal, Cancellation>();
  #isCancelled = false;
  /** Allocated with the first listener: most cancellations have one or none. */
  #listeners: CancellationListener[] | undefined;

  /** One for each signal: the signal of a WebSocket is that of all its operations, and each would add a listener. */
  static from(signal: AbortSignal): Cancellation {
    const known = Cancellation.#bySignal.get(signal);
    if (known) return known;
    const cancellation = new Cancellation();
    Cancellation.#bySignal.set(signal, cancellation);
    if (signal.aborted) cancellation.cancel();
    else signal.addEventListener('abort', () => cancellation.cancel(), { once: true });
    return cancellation;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    for (const listener of listeners) listener.onCancelled();
  }

  /** Has no effect after the cancellation, so the caller checks `isCancelled` first. */
  addListener(listener: CancellationListener): void {
    if (this.#listeners) this.#listeners.push(listener);
    else this.#listeners = [listener];
  }

  /** Moves the last listener into the gap, since their order does not matter. */
  removeListener(listener: CancellationListener): void {
    const listeners = this.#listeners ?? [];
    const index = listeners.indexOf(listener);
    if (index < 0) return;
    const last = listeners.pop() as CancellationListener;
    if (last !== listener) listeners[index] = last;
  }
}
