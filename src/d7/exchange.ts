/**
 * One HTTP exchange with D7: sends a GET, and returns what the caller reads of the complete response, or a named failure.
 *
 * It uses undici's `dispatch`, and not `request` or `fetch`: what those add (a stream, a promise for each chunk, the WHATWG objects) is
 * the larger part of the cost of a call. In return this file has to limit the time of an attempt and the size of a response, and must
 * never send a call that is aborted while it waits in the fair queue.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Client, Dispatcher } from 'undici';
import type { BytesInFlight } from '../bytes-in-flight.ts';
import { type AttemptTimeouts, nextTimeout } from './attempt-timeouts.ts';
import { type Priority, QueuedCall } from './caller-states.ts';
import type { Cancellation } from './cancellation.ts';
import type { Connections } from './connections.ts';
import { type Deadlines, type Timed, unwatched } from './deadlines.ts';
import { type Outcome, outcomeOf, transportFailureOf, ViberLogFailure } from './failures.ts';
import type { FairQueue } from './fair-queue.ts';
import { ResponseBody } from './response-body.ts';

export type UpstreamResponse = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether earlier calls were sent on the same connection. */
  usedOldConnection: boolean;
};

export type ExchangeLimits = AttemptTimeouts & { maxBodyBytes: number };

export type ExchangeOptions = {
  /** The caller in whose queue the call waits. */
  token: string;
  priority: Priority;
  /** The deadline of the operation, by the clock of `performance.now()`. */
  deadlineMs: number;
  cancellation: Cancellation;
  figures: AttemptFigures;
};

/** What telemetry reports of an attempt. The exchange fills it in. */
export type AttemptFigures = {
  /** The time in the fair queue, once it is over. */
  queueMs: number;
  /** 0 without a final response. */
  status: number;
};

export type ExchangeRequest<Result> = {
  path: string;
  /** Names and values alternate. */
  headers: string[];
  /** Reads a complete response. It may throw. */
  read: (response: UpstreamResponse) => Result;
};

/** What all exchanges share. */
export type ExchangeParts = {
  connections: Connections;
  queue: FairQueue;
  deadlines: Deadlines;
  bytesInFlight: BytesInFlight;
  limits: ExchangeLimits;
};

/** @throws ViberLogFailure where there was no complete response, or the call was not sent at all. */
export function get<Result>(
  parts: ExchangeParts,
  request: ExchangeRequest<Result>,
  options: ExchangeOptions,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const exchange = new Exchange(parts, request, options, resolve, reject);
    exchange.enter();
  });
}

class Exchange<Result> extends QueuedCall implements Dispatcher.DispatchHandler, Timed {
  readonly token: string;
  readonly priority: Priority;
  readonly deadlineMs: number;
  dueMs: number;
  place = unwatched;
  readonly #parts: ExchangeParts;
  readonly #request: ExchangeRequest<Result>;
  readonly #cancellation: Cancellation;
  readonly #figures: AttemptFigures;
  readonly #resolve: (result: Result) => void;
  readonly #reject: (failure: unknown) => void;
  readonly #body: ResponseBody;
  #client: Client | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #enteredMs = 0;
  #sentMs: number | undefined;
  /** Set once the caller has its result or failure. */
  #outcome: Outcome | undefined;
  #endsConnection = false;
  #failure: ViberLogFailure | undefined;
  #usedOldConnection = false;
  #status = 0;
  #headers: IncomingHttpHeaders | undefined;

  constructor(
    parts: ExchangeParts,
    request: ExchangeRequest<Result>,
    { token, priority, deadlineMs, cancellation, figures }: ExchangeOptions,
    resolve: (result: Result) => void,
    reject: (failure: unknown) => void,
  ) {
    super();
    this.token = token;
    this.priority = priority;
    this.deadlineMs = deadlineMs;
    this.dueMs = deadlineMs;
    this.#parts = parts;
    this.#request = request;
    this.#cancellation = cancellation;
    this.#figures = figures;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#body = new ResponseBody(token, parts.limits.maxBodyBytes, parts.bytesInFlight);
  }

  /** @throws ViberLogFailure where the queue rejects the call. */
  enter(): void {
    const nowMs = performance.now();
    this.#enteredMs = nowMs;
    this.#cancellation.addListener(this);
    this.#parts.deadlines.add(this);
    try {
      this.#parts.queue.enter(this, nowMs);
    } catch (error) {
      this.#stopWaiting();
      throw error;
    }
  }

  onStart(): void {
    this.#figures.queueMs = this.startedMs - this.#enteredMs;
    const { connections, limits } = this.#parts;
    const firstMs = this.startedMs + Math.min(limits.headersTimeoutMs, limits.attemptTimeoutMs);
    this.dueMs = Math.min(firstMs, this.deadlineMs);
    this.#client = connections.acquire();
    const { path, headers } = this.#request;
    this.#client.dispatch({ method: 'GET', path, headers }, this);
  }

  onRejected(failure: ViberLogFailure): void {
    this.#stopWaiting();
    this.#reject(failure);
  }

  onCancelled(): void {
    const notSent = this.#client === undefined ? 'cancelled' : undefined;
    this.#abort(new ViberLogFailure('cancelled', 'the client disconnected', { notSent }));
  }

  /** `dueMs` is the next limit that the call may exceed. */
  onDue(nowMs: number): void {
    if (this.#client === undefined) {
      this.#abort(notServedInTime());
      return;
    }
    const { startedMs, deadlineMs } = this;
    const progress = { startedMs, deadlineMs, sentMs: this.#sentMs, hasHeaders: this.#hasHeaders };
    const next = nextTimeout(progress, this.#parts.limits, nowMs);
    if (typeof next === 'number') this.dueMs = nowMs + next;
    else this.#abort(next);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentMs = performance.now();
    if (this.#client) this.#usedOldConnection = this.#parts.connections.isUsed(this.#client);
    // The call was aborted while undici opened the connection.
    if (this.#failure) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    if (this.#hasHeaders) this.#figures.status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, part: Buffer): void {
    const failure = this.#body.add(part);
    if (failure) this.#abort(failure);
  }

  onResponseEnd(): void {
    this.#stopWaiting();
    this.#outcome = 'answered';
    try {
      this.#resolve(this.#request.read(this.#response()));
    } catch (error) {
      this.#outcome = outcomeOf(error, true);
      this.#endsConnection = error instanceof ViberLogFailure && error.endsConnection;
      this.#reject(error);
    }
    this.#body.drop();
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#stopWaiting();
    this.#body.drop();
    const failure = this.#failure ?? transportFailureOf(error, this.#hasHeaders);
    this.#outcome ??= outcomeOf(failure, this.#sentMs !== undefined);
    this.#reject(failure);
    // Not synchronously: undici has not yet cleaned up the requests of this connection.
    queueMicrotask(() => this.#end());
  }

  #response(): UpstreamResponse {
    return {
      status: this.#status,
      headers: this.#headers ?? {},
      body: this.#body.bytes(),
      usedOldConnection: this.#usedOldConnection,
    };
  }

  /** Those of an interim response (1xx) do not count. */
  get #hasHeaders(): boolean {
    return this.#status >= 200;
  }

  /** The caller has its failure at once. undici reports the abort when the connection is free, in `onResponseError`. */
  #abort(failure: ViberLogFailure): void {
    this.#failure = failure;
    this.#outcome = outcomeOf(failure, this.#sentMs !== undefined);
    this.#stopWaiting();
    this.#body.drop();
    this.#reject(failure);
    if (this.#client === undefined) this.#parts.queue.leave(this);
    else this.#controller?.abort(failure);
  }

  #stopWaiting(): void {
    this.#parts.deadlines.remove(this);
    this.#cancellation.removeListener(this);
  }

  #end(): void {
    if (this.#client === undefined) return;
    if (this.#endsConnection) this.#parts.connections.discard(this.#client);
    else this.#parts.connections.release(this.#client);
    this.#parts.queue.end(this, this.#outcome ?? 'abandoned', performance.now());
  }
}

function notServedInTime(): ViberLogFailure {
  return new ViberLogFailure('overloaded', 'the queue of the caller was not served in time', {
    retryAfterSeconds: 1,
    notSent: 'queueTimeout',
  });
}
