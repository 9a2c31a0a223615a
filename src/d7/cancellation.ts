/**
 * Tells those who work for somebody that nobody waits for their work any more.
 *
 * It is what an AbortSignal is for, and where one comes (from Yoga, from a WebSocket) it is turned into this. A page of logs has
 * dozens of calls under way, though, and each of them listens: with this it costs them an entry in a short list, and no event.
 */

/** How long somebody waits: until they go away, or until their time is up by the clock of `performance.now()`. */
export type CallBudget = {
  cancellation: Cancellation;
  deadlineMs: number;
  /** `poll`: nobody waits for it at a screen. */
  priority: 'interactive' | 'poll';
};

/** Called at most once. */
export type CancellationListener = { onCancelled: () => void };

export class Cancellation {
  static readonly #bySignal = new WeakMap<AbortSignal, Cancellation>();
  #isCancelled = false;
  /** Made with the first, and as long: most have one listener, or none. */
  #listeners: CancellationListener[] | undefined;

  /** One for each signal: that of a WebSocket is asked for with each of its operations, and lives as long as it does. */
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

  /** Once it is cancelled nobody is told any more: look first. */
  tell(listener: CancellationListener): void {
    if (this.#listeners) this.#listeners.push(listener);
    else this.#listeners = [listener];
  }

  /** The last one takes its place: their order is nobody's concern. */
  forget(listener: CancellationListener): void {
    const listeners = this.#listeners ?? [];
    const index = listeners.indexOf(listener);
    if (index < 0) return;
    const last = listeners.pop() as CancellationListener;
    if (last !== listener) listeners[index] = last;
  }
}
