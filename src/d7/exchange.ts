/**
 * One HTTP exchange with D7: a GET goes out, and the whole answer comes back, or a named failure.
 *
 * undici's `dispatch` is used, and not `request` or `fetch`, since what those add (a stream, a promise for each chunk, the
 * WHATWG objects) is the larger part of what a call costs. In return it leaves three things to this file: the time that
 * an attempt may take (in all, since undici's own timeouts begin anew with each chunk, and a dripping body would never end), the
 * bytes that it may bring, and that a call which is given up while it waits in the fair queue is never sent.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type Client, type Dispatcher, errors } from 'undici';
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { Cancellation } from './cancellation.ts';
import type { Connections } from './connections.ts';
import { type Outcome, outcomeOf, ViberLogFailure } from './failures.ts';
import { type FairQueue, type Priority, QueuedCall } from './fair-queue.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

export type ExchangeLimits = {
  /** From when the request is sent to the answer's headers; hints that come before them (1xx) are none. */
  headersTimeoutMs: number;
  /** From when the call leaves the fair queue to the last byte of the answer. */
  attemptTimeoutMs: number;
  maxBodyBytes: number;
};

export type ExchangeOptions = {
  /** Whose queue the call waits in. */
  token: string;
  priority: Priority;
  /** When the operation's time is up, by the clock of `performance.now()`. */
  deadlineMs: number;
  cancellation: Cancellation;
};

/** Where it goes, and what is made of a whole answer; it may throw. */
export type Question<Result> = {
  path: string;
  /** Names and values in turn. */
  headers: string[];
  read: (answer: Answer) => Result;
};

/** What all exchanges share. */
export type ExchangeParts = {
  connections: Connections;
  queue: FairQueue;
  bytesInFlight: BytesInFlight;
  limits: ExchangeLimits;
};

/** @throws ViberLogFailure when no whole answer came, or the call was not sent at all. */
export function get<Result>(
  parts: ExchangeParts,
  question: Question<Result>,
  options: ExchangeOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(parts, question, options, resolve, reject);
    exchange.enter();
  });
}

const retryAfterSeconds = 1;

class Exchange<Result> extends QueuedCall implements Dispatcher.DispatchHandler {
  readonly token: string;
  readonly priority: Priority;
  readonly deadlineMs: number;
  readonly #parts: ExchangeParts;
  readonly #question: Question<Result>;
  readonly #cancellation: Cancellation;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (failure: unknown) => void;
  #clock: NodeJS.Timeout | undefined;
  #client: Client | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sentMs: number | undefined;
  /** Set once the caller has its result or failure. */
  #outcome: Outcome | undefined;
  #failure: ViberLogFailure | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders | undefined;
  /** Most answers come in one part. */
  #firstPart: Buffer | undefined;
  #otherParts: Buffer[] | undefined;
  #bytes = 0;

  constructor(
    parts: ExchangeParts,
    question: Question<Result>,
    { token, priority, deadlineMs, cancellation }: ExchangeOptions,
    resolve: (result: Result) => void,
    reject: (failure: unknown) => void,
  ) {
    super();
    this.token = token;
    this.priority = priority;
    this.deadlineMs = deadlineMs;
    this.#parts = parts;
    this.#question = question;
    this.#cancellation = cancellation;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @throws ViberLogFailure when the queue does not take it. */
  enter(): void {
    const nowMs = performance.now();
    this.#cancellation.tell(this);
    try {
      this.#parts.queue.enter(this, nowMs);
    } catch (error) {
      this.#cancellation.forget(this);
      throw error;
    }
    // Set by onStart, unless the call waits.
    this.#clock ??= setTimeout(onTime, this.deadlineMs - nowMs, this);
  }

  onStart(): void {
    clearTimeout(this.#clock);
    const { connections, limits } = this.#parts;
    const firstLookMs = Math.min(limits.headersTimeoutMs, limits.attemptTimeoutMs, this.deadlineMs - this.startedMs);
    this.#clock = setTimeout(onTime, firstLookMs, this);
    this.#client = connections.acquire();
    const { path, headers } = this.#question;
    this.#client.dispatch({ method: 'GET', path, headers }, this);
  }

  onRejected(failure: ViberLogFailure): void {
    this.#stopWaiting();
    this.#reject(failure);
  }

  onCancelled(): void {
    const wasSent = this.#client !== undefined;
    this.#giveUp(new ViberLogFailure('cancelled', 'the client disconnected', { wasSent }));
  }

  /** One clock for all times: it is set to the next one that may be up. */
  onTime(): void {
    const { attemptTimeoutMs, headersTimeoutMs } = this.#parts.limits;
    const nowMs = performance.now();
    if (this.#client === undefined) {
      this.#giveUp(notServedInTime());
      return;
    }
    const attemptEndMs = this.startedMs + attemptTimeoutMs;
    const headersDueMs = this.#status < 200 ? (this.#sentMs ?? nowMs) + headersTimeoutMs : attemptEndMs;
    const nextMs = Math.min(this.deadlineMs, attemptEndMs, headersDueMs);
    if (nowMs < nextMs) this.#clock = setTimeout(onTime, nextMs - nowMs, this);
    else if (nowMs >= attemptEndMs) this.#giveUp(new ViberLogFailure('timeout', 'no whole answer in time'));
    else if (nowMs >= this.deadlineMs) this.#giveUp(new ViberLogFailure('outOfTime', 'no whole answer in time'));
    else this.#giveUp(new ViberLogFailure('timeout', 'no headers in time'));
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
    const { limits, bytesInFlight } = this.#parts;
    if (this.#bytes + part.length > limits.maxBodyBytes) {
      this.#giveUp(new ViberLogFailure('badResponse', `the body is larger than ${limits.maxBodyBytes} bytes`));
      return;
    }
    if (!bytesInFlight.tryAcquire(this.token, part.length)) {
      this.#giveUp(tooManyBytesInFlight());
      return;
    }
    this.#bytes += part.length;
    if (this.#firstPart === undefined) this.#firstPart = part;
    else if (this.#otherParts === undefined) this.#otherParts = [part];
    else this.#otherParts.push(part);
  }

  onResponseEnd(): void {
    this.#stopWaiting();
    this.#outcome = 'answered';
    try {
      this.#resolve(this.#question.read({ status: this.#status, headers: this.#headers ?? {}, body: this.#body() }));
    } catch (error) {
      this.#outcome = outcomeOf(error, true);
      this.#reject(error);
    }
    this.#dropBody();
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopWaiting();
    this.#dropBody();
    const failure = this.#failure ?? transportFailure(error);
    this.#outcome ??= outcomeOf(failure, this.#sentMs !== undefined);
    this.#reject(failure);
    // Not at once: undici is in the middle of putting away what was in flight on this connection.
    queueMicrotask(() => this.#end());
  }

  /** The caller has its failure at once; undici says when the connection is free. */
  #giveUp(failure: ViberLogFailure): void {
    this.#failure = failure;
    this.#outcome = outcomeOf(failure, this.#sentMs !== undefined);
    this.#stopWaiting();
    this.#dropBody();
    this.#reject(failure);
    if (this.#client === undefined) this.#parts.queue.leave(this);
    else this.#controller?.abort(failure);
  }

  #stopWaiting(): void {
    clearTimeout(this.#clock);
    this.#cancellation.forget(this);
  }

  #body(): Buffer {
    const first = this.#firstPart ?? Buffer.alloc(0);
    return this.#otherParts === undefined ? first : Buffer.concat([first, ...this.#otherParts], this.#bytes);
  }

  #dropBody(): void {
    this.#firstPart = undefined;
    this.#otherParts = undefined;
    if (this.#bytes > 0) this.#parts.bytesInFlight.release(this.token, this.#bytes);
    this.#bytes = 0;
  }

  #end(): void {
    if (this.#client === undefined) return;
    this.#parts.connections.release(this.#client);
    this.#parts.queue.end(this, this.#outcome ?? 'abandoned', performance.now());
  }
}

/** One function for all timers: what they have to know is given to them. */
function onTime<Result>(exchange: Exchange<Result>): void {
  exchange.onTime();
}

function notServedInTime(): ViberLogFailure {
  return new ViberLogFailure('overloaded', 'the queue of the caller was not served in time', {
    retryAfterSeconds,
    wasSent: false,
  });
}

function tooManyBytesInFlight(): ViberLogFailure {
  return new ViberLogFailure('overloaded', 'the caller holds too many bytes', { retryAfterSeconds });
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
