/**
 * The D7 client: a request id and its caller in, what D7 says of the log out, in bounded time.
 *
 * Each attempt passes the breaker, then the bulkhead, and then goes out. Whether there is another one is retry.ts's to say.
 */
import { Pool } from 'undici';
import type { Telemetry } from '../telemetry.ts';
import { createAdmission } from './admission.ts';
import { attemptRead, type Origin } from './attempt.ts';
import { type BreakerConfig, createBreaker, type Passage } from './breaker.ts';
import type { Cancellation } from './cancellation.ts';
import { ViberLogFailure } from './failures.ts';
import type { Reading } from './reading.ts';
import { createRetryBudget, delayBeforeRetryMs } from './retry.ts';

export type UpstreamConfig = {
  /** The only place that a token is ever sent to. */
  origin: string;
  connections: number;
  /** Calls that may wait for a connection. */
  queue: number;
  connectTimeoutMs: number;
  headersTimeoutMs: number;
  attemptTimeoutMs: number;
  maxBodyBytes: number;
  maxRetries: number;
  breaker: BreakerConfig;
};

/** Who asks, and for how long the answer is of use. */
type Caller = Origin & {
  token: string;
  cancellation: Cancellation;
  /** By the clock of `performance.now()`. */
  deadlineMs: number;
};

export type D7Client = {
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  fetchViberLog: (requestId: string, caller: Caller) => Promise<Reading>;
  close: () => Promise<void>;
};

/** With less time than this left no call is begun: D7 would work for nobody. */
const leastUsefulMs = 5;

export function createD7Client(config: UpstreamConfig, telemetry: Telemetry): D7Client {
  const pool = openPool(config);
  const admission = createAdmission(config.connections + config.queue);
  const breaker = createBreaker(config.breaker);
  const budget = createRetryBudget();

  async function fetchViberLog(requestId: string, caller: Caller): Promise<Reading> {
    for (let attempts = 1; ; attempts += 1) {
      const startedMs = performance.now();
      let passage: Passage | undefined;
      try {
        passage = breaker.enter();
        const reading = await send(requestId, caller, attempts, startedMs);
        passage.onSuccess();
        logAttempt(requestId, caller, attempts, startedMs, reading.kind);
        return reading;
      } catch (error) {
        passage?.onFailure(error);
        if (!(error instanceof ViberLogFailure)) throw error;
        logAttempt(requestId, caller, attempts, startedMs, error.kind, error.message);
        await pauseBeforeRetry(error, caller, attempts);
      }
    }
  }

  function send(requestId: string, caller: Caller, attempts: number, startedMs: number): Promise<Reading> {
    const { token, operationId, trace, cancellation, deadlineMs } = caller;
    const remainingMs = deadlineMs - startedMs;
    if (cancellation.isCancelled) throw new ViberLogFailure('cancelled', 'the caller went away');
    if (remainingMs < leastUsefulMs) throw new ViberLogFailure('outOfTime', 'the operation has no time left');
    admission.enter();
    // Only a call that goes out earns: those that an open circuit turned away would save up for a storm of retries.
    if (attempts === 1) budget.earn();
    return attemptRead(pool, {
      requestId,
      token,
      operationId,
      trace,
      cancellation,
      timeoutMs: Math.min(config.attemptTimeoutMs, remainingMs),
      timeoutKind: config.attemptTimeoutMs <= remainingMs ? 'timeout' : 'outOfTime',
      maxBodyBytes: config.maxBodyBytes,
      onReleased: admission.leave,
      report: (oddity) => telemetry.oddField({ operationId, requestId, ...oddity }),
    });
  }

  /** @throws the failure, where there is to be no other attempt. */
  async function pauseBeforeRetry(failure: ViberLogFailure, caller: Caller, attempts: number): Promise<void> {
    const remainingMs = caller.deadlineMs - performance.now();
    const { maxRetries } = config;
    const delayMs = delayBeforeRetryMs({ failure, attempts, maxRetries, remainingMs, random: Math.random() });
    if (delayMs === null || !budget.spend()) throw failure;
    await pauseUnlessCancelled(delayMs, caller.cancellation);
  }

  /** Each attempt has its line. */
  function logAttempt(
    requestId: string,
    { operationId }: Caller,
    attempt: number,
    startedMs: number,
    outcome: string,
    reason?: string,
  ): void {
    telemetry.attempt({ operationId, requestId, attempt, outcome, reason, startedMs });
  }

  return { fetchViberLog, close: () => pool.close() };
}

function openPool(config: UpstreamConfig): Pool {
  return new Pool(config.origin, {
    connections: config.connections,
    connect: { timeout: config.connectTimeoutMs },
    headersTimeout: config.headersTimeoutMs,
    // The time of the whole attempt bounds the body: a second clock for the pauses in it would add nothing.
    bodyTimeout: 0,
    // HTTP/2 would put all callers on one connection, and what D7 does with it is not known.
    allowH2: false,
  });
}

/** @throws ViberLogFailure `cancelled`, at once. */
function pauseUnlessCancelled(delayMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const listener = {
      onCancelled() {
        clearTimeout(timer);
        reject(new ViberLogFailure('cancelled', 'the caller went away'));
      },
    };
    const timer = setTimeout(() => {
      cancellation.forget(listener);
      resolve();
    }, delayMs);
    if (cancellation.isCancelled) listener.onCancelled();
    else cancellation.tell(listener);
  });
}
