/**
 * One HTTP exchange with D7: a GET goes out, and the whole answer comes back, or a named failure.
 *
 * undici's `dispatch` is used, and not `request` or `fetch`, since what those add (a stream, a promise for each chunk, the
 * WHATWG objects) is the larger part of what a call costs. In return it leaves three things to this file: the time that
 * an attempt may take (in all, since undici's own timeouts begin anew with each chunk, and a dripping body would never end), the
 * bytes that it may bring, and that a call which was given up while it still waited for a connection is never sent.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Client, type Dispatcher, errors } from 'undici';
import type { Cancellation } from './cancellation.ts';
import type { Connections } from './connections.ts';
import { ViberLogFailure } from './failures.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export type ExchangeLimits = {
  /** From when the request is sent to the answer's headers; hints that come before them (1xx) are none. */
  headersTimeoutMs: number;
  maxBodyBytes: number;
};

export type ExchangeOptions = {
  limits: ExchangeLimits;
  /** By the clock of `performance.now()`. */
  startedMs: number;
  /** From the call to the last byte of the answer, the wait for a connection included. */
  timeoutMs: number;
  /** What it means when that time is up. */
  timeoutKind: 'timeout' | 'outOfTime';
  cancellation: Cancellation;
};

/** Where it goes, and what is made of a whole answer; it may throw. */
export type Question<Result> = {
  path: string;
  /** Names and values in turn. */
  headers: string[];
  read: (answer: Answer) => Result;
};

/** @throws ViberLogFailure when no whole answer came. */
export function get<Result>(
  connections: Connections,
  question: Question<Result>,
  options: ExchangeOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    connections.take(new Exchange(connections, question, options, resolve, reject));
  });
}

class Exchange<Result> implements Dispatcher.DispatchHandler {
  readonly #connections: Connections;
  readonly #question: Question<Result>;
  readonly #options: ExchangeOptions;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (failure: unknown) => void;
  #clock: NodeJS.Timeout;
  #client: Client | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sentMs: number | undefined;
  #failure: ViberLogFailure | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders | undefined;
  /** Most answers come in one part. */
  #firstPart: Buffer | undefined;
  #otherParts: Buffer[] | undefined;
  #bytes = 0;

  constructor(
    connections: Connections,
    question: Question<Result>,
    options: ExchangeOptions,
    resolve: (result: Result) => void,
    reject: (failure: unknown) => void,
  ) {
    this.#connections = connections;
    this.#question = question;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#clock = setTimeout(onTime, Math.min(options.timeoutMs, options.limits.headersTimeoutMs), this);
    options.cancellation.tell(this);
  }

  onConnection(client: Client): void {
    this.#client = client;
    const { path, headers } = this.#question;
    client.dispatch({ method: 'GET', path, headers }, this);
  }

  onCancelled(): void {
    this.#giveUp(new ViberLogFailure('cancelled', 'the caller went away'));
  }

  /** One clock for two times: it is set to that of the headers first, and then to what is left of the whole. */
  onTime(): void {
    const { startedMs, timeoutMs, timeoutKind, limits } = this.#options;
    const nowMs = performance.now();
    const deadlineMs = startedMs + timeoutMs;
    const headersDueMs = this.#status < 200 ? (this.#sentMs ?? nowMs) + limits.headersTimeoutMs : deadlineMs;
    if (nowMs >= deadlineMs) this.#giveUp(new ViberLogFailure(timeoutKind, 'no whole answer in time'));
    else if (nowMs >= headersDueMs) this.#giveUp(new ViberLogFailure('timeout', 'no headers in time'));
    else this.#clock = setTimeout(onTime, Math.min(deadlineMs, headersDueMs) - nowMs, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentMs = performance.now();
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, part: Buffer): void {
    const { maxBodyBytes } = this.#options.limits;
    this.#bytes += part.length;
    if (this.#bytes > maxBodyBytes) {
      this.#giveUp(new ViberLogFailure('badResponse', `the body is larger than ${maxBodyBytes} bytes`));
    } else if (this.#firstPart === undefined) this.#firstPart = part;
    else if (this.#otherParts === undefined) this.#otherParts = [part];
    else this.#otherParts.push(part);
  }

  onResponseEnd(): void {
    this.#stopWaiting();
    try {
      this.#resolve(this.#question.read({ status: this.#status, headers: this.#headers ?? {}, body: this.#body() }));
    } catch (error) {
      this.#reject(error);
    }
    this.#giveBack();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopWaiting();
    this.#reject(this.#failure ?? transportFailure(error));
    // Not at once: undici is in the middle of putting away what was under way on this connection.
    queueMicrotask(() => this.#giveBack());
  }

  /** The caller has its failure at once; undici says when the connection is free. */
  #giveUp(failure: ViberLogFailure): void {
    this.#failure = failure;
    this.#firstPart = undefined;
    this.#otherParts = undefined;
    this.#stopWaiting();
    this.#reject(failure);
    if (this.#client === undefined) this.#connections.leaveLine(this);
    else this.#controller?.abort(failure);
  }

  #stopWaiting(): void {
    clearTimeout(this.#clock);
    this.#options.cancellation.forget(this);
  }

  #body(): Buffer {
    const first = this.#firstPart ?? Buffer.alloc(0);
    return this.#otherParts === undefined ? first : Buffer.concat([first, ...this.#otherParts], this.#bytes);
  }

  #giveBack(): void {
    if (this.#client) this.#connections.giveBack(this.#client);
  }
}

/** One function for all timers: what they have to know is given to them. */
function onTime<Result>(exchange: Exchange<Result>): void {
  exchange.onTime();
}

/**
 * Why no answer came. The reason is the code of undici or of Node: stable, and free of the address that messages tell.
 * An error that is not listed means that D7 was not reached, or left in the middle.
 */
function transportFailure(error: Error & { code?: unknown }): ViberLogFailure {
  const reason = typeof error.code === 'string' ? error.code : error.name;
  // What came is not HTTP, or its headers are larger than any answer of D7 needs.
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) {
    return new ViberLogFailure('badResponse', reason);
  }
  return new ViberLogFailure('unavailable', reason, { retriable: true });
}
