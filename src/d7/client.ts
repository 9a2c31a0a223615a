/**
 * The D7 client: a request id and its caller in, what D7 says of the log out, in bounded time.
 *
 * Each attempt passes the breaker, then the bulkhead, and then goes out. Whether there is another one is retry.ts's to say.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Telemetry } from '../telemetry.ts';
import { createAdmission } from './admission.ts';
import { attemptRead, type Origin } from './attempt.ts';
import { type BreakerConfig, createBreaker } from './breaker.ts';
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
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
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
      const outcome = await attempt(requestId, caller, attempts);
      if (!(outcome instanceof ViberLogFailure)) return outcome;
      const remainingMs = caller.deadlineMs - performance.now();
      const { maxRetries } = config;
      const delayMs = delayBeforeRetryMs({
        failure: outcome,
        attempts,
        maxRetries,
        remainingMs,
        random: Math.random(),
      });
      if (delayMs === null || !budget.spend()) throw outcome;
      await pauseUnlessCancelled(delayMs, caller.signal);
    }
  }

  /** One attempt and its line in the log. */
  async function attempt(requestId: string, caller: Caller, attempts: number): Promise<Reading | ViberLogFailure> {
    const startedMs = performance.now();
    const { operationId } = caller;
    const done = (outcome: string, reason?: string) =>
      telemetry.attempt({ operationId, requestId, attempt: attempts, outcome, reason, startedMs });
    try {
      const reading = await breaker.run(() => send(requestId, caller, attempts));
      done(reading.kind);
      return reading;
    } catch (error) {
      if (!(error instanceof ViberLogFailure)) throw error;
      done(error.kind, error.message);
      return error;
    }
  }

  async function send(requestId: string, caller: Caller, attempts: number): Promise<Reading> {
    const { token, operationId, trace, signal, deadlineMs } = caller;
    const remainingMs = deadlineMs - performance.now();
    if (signal.aborted) throw new ViberLogFailure('cancelled', 'the caller went away');
    if (remainingMs < leastUsefulMs) throw new ViberLogFailure('outOfTime', 'the operation has no time left');
    admission.enter();
    // Only a call that goes out earns: those that an open circuit turned away would save up for a storm of retries.
    if (attempts === 1) budget.earn();
    return attemptRead(pool, {
      requestId,
      token,
      operationId,
      trace,
      signal,
      timeoutMs: Math.min(config.attemptTimeoutMs, remainingMs),
      timeoutKind: config.attemptTimeoutMs <= remainingMs ? 'timeout' : 'outOfTime',
      maxBodyBytes: config.maxBodyBytes,
      onReleased: admission.leave,
      report: (oddity) => telemetry.oddField({ operationId, requestId, ...oddity }),
    });
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

async function pauseUnlessCancelled(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(delayMs, undefined, { signal });
  } catch {
    throw new ViberLogFailure('cancelled', 'the caller went away');
  }
}
