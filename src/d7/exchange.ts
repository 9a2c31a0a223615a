/**
 * One HTTP exchange with D7: a GET goes out, and the whole answer comes back, or a named failure.
 *
 * undici's `dispatch` is used, and not `request` or `fetch`, since what those add (a stream, a promise for each chunk, the
 * WHATWG objects) is the larger part of what a call costs. In return it leaves three things to this file: the time that
 * an attempt may take in all (undici's own timeouts begin anew with each chunk, so a dripping body would never end), the
 * bytes that it may bring, and that a call which was given up while it still waited for a connection is never sent.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors } from 'undici';
import type { Cancellation } from './cancellation.ts';
import { ViberLogFailure } from './failures.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export type ExchangeOptions = {
  /** From the call to the last byte of the answer, the wait for a connection included. */
  timeoutMs: number;
  /** What it means when that time is up. */
  timeoutKind: 'timeout' | 'outOfTime';
  maxBodyBytes: number;
  cancellation: Cancellation;
  /** Called once, when the call holds neither a connection nor a place in the queue for one any more. */
  onReleased: () => void;
};

/** Where it goes, and what is made of a whole answer; it may throw. */
export type Question<Result> = {
  path: string;
  headers: Record<string, string>;
  read: (answer: Answer) => Result;
};

/** @throws ViberLogFailure when no whole answer came. */
export function get<Result>(
  upstream: Dispatcher,
  { path, headers, read }: Question<Result>,
  options: ExchangeOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAnswer = (answer: Answer) => {
      try {
        resolve(read(answer));
      } catch (error) {
        reject(error);
      }
    };
    upstream.dispatch({ method: 'GET', path, headers }, new Exchange(options, onAnswer, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #onAnswer: (answer: Answer) => void;
  readonly #reject: (failure: ViberLogFailure) => void;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #failure: ViberLogFailure | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    options: ExchangeOptions,
    onAnswer: (answer: Answer) => void,
    reject: (failure: ViberLogFailure) => void,
  ) {
    this.#options = options;
    this.#onAnswer = onAnswer;
    this.#reject = reject;
    this.#deadline = setTimeout(giveUpInTime, options.timeoutMs, this);
    options.cancellation.tell(this);
  }

  onCancelled(): void {
    this.#giveUp(new ViberLogFailure('cancelled', 'the caller went away'));
  }

  onDeadline(): void {
    this.#giveUp(new ViberLogFailure(this.#options.timeoutKind, 'no whole answer in time'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const { maxBodyBytes } = this.#options;
    if (this.#bytes <= maxBodyBytes) this.#chunks.push(chunk);
    else this.#giveUp(new ViberLogFailure('badResponse', `the body is larger than ${maxBodyBytes} bytes`));
  }

  onResponseEnd(): void {
    this.#stopWaiting();
    const [only] = this.#chunks;
    const body = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#bytes);
    this.#onAnswer({ status: this.#status, headers: this.#headers, body });
    this.#options.onReleased();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopWaiting();
    this.#reject(this.#failure ?? transportFailure(error));
    this.#options.onReleased();
  }

  /** The caller has its failure at once; undici says when the connection, or the place in the queue, is free. */
  #giveUp(failure: ViberLogFailure): void {
    this.#failure = failure;
    this.#chunks = [];
    this.#stopWaiting();
    this.#reject(failure);
    this.#controller?.abort(failure);
  }

  #stopWaiting(): void {
    clearTimeout(this.#deadline);
    this.#options.cancellation.forget(this);
  }
}

/** One function for all timers: what they have to know is given to them. */
function giveUpInTime(exchange: Exchange): void {
  exchange.onDeadline();
}

/**
 * Why no answer came. The reason is the code of undici or of Node: stable, and free of the address that messages tell.
 * An error that is not listed means that D7 was not reached, or left in the middle.
 */
function transportFailure(error: Error & { code?: unknown }): ViberLogFailure {
  const reason = typeof error.code === 'string' ? error.code : error.name;
  if (error instanceof errors.HeadersTimeoutError) return new ViberLogFailure('timeout', reason);
  // What came is not HTTP, or its headers are larger than any answer of D7 needs.
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return new ViberLogFailure('badResponse', reason);
  }
  return new ViberLogFailure('unavailable', reason, { retriable: true });
}
