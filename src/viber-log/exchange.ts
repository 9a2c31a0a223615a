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
import { type FailureKind, ViberLogFailure } from './failures.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export type ExchangeLimits = {
  /** From the call to the last byte of the answer, the wait for a connection included. */
  attemptTimeoutMs: number;
  maxBodyBytes: number;
};

/** @throws ViberLogFailure when no whole answer came. What a whole answer means is the caller's to say. */
export function get(
  upstream: Dispatcher,
  path: string,
  headers: Record<string, string>,
  limits: ExchangeLimits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    upstream.dispatch({ method: 'GET', path, headers }, new Exchange(limits, resolve, reject));
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (failure: ViberLogFailure) => void;
  readonly #maxBodyBytes: number;
  readonly #deadline: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #failure: ViberLogFailure | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limits: ExchangeLimits, resolve: (answer: Answer) => void, reject: (failure: ViberLogFailure) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#maxBodyBytes = limits.maxBodyBytes;
    this.#deadline = setTimeout(() => this.#giveUp('timeout', 'no whole answer in time'), limits.attemptTimeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#controller = controller;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#maxBodyBytes) this.#chunks.push(chunk);
    else this.#giveUp('badResponse', `the body is larger than ${this.#maxBodyBytes} bytes`);
  }

  onResponseEnd(): void {
    clearTimeout(this.#deadline);
    const [only] = this.#chunks;
    const body = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, this.#bytes);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#deadline);
    this.#reject(this.#failure ?? transportFailure(error));
  }

  #giveUp(kind: FailureKind, reason: string): void {
    this.#failure = new ViberLogFailure(kind, reason);
    this.#chunks = [];
    clearTimeout(this.#deadline);
    this.#reject(this.#failure);
    this.#controller?.abort(this.#failure);
  }
}

/**
 * Why no answer came. The reason is the code of undici or of Node: stable, and free of the address that messages tell.
 * An error that is not listed means that D7 was not reached, or left in the middle.
 */
function transportFailure(error: Error & { code?: unknown }): ViberLogFailure {
  const reason = typeof error.code === 'string' ? error.code : error.name;
  return new ViberLogFailure(kindOfTransportError(error), reason);
}

function kindOfTransportError(error: Error): FailureKind {
  if (error instanceof errors.HeadersTimeoutError) return 'timeout';
  // What came is not HTTP, or its headers are larger than any answer of D7 needs.
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) return 'badResponse';
  return 'unavailable';
}
