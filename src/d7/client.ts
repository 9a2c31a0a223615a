/**
 * The D7 client: a request id and its caller in, what D7 says of the log out, in bounded time.
 *
 * Each attempt passes the breaker, then waits for a connection, and then goes out. Whether there is another one is retry.ts's to say.
 */
import type { Telemetry } from '../telemetry.ts';
import { attemptRead, type Origin } from './attempt.ts';
import { type BreakerConfig, createBreaker, type Passage } from './breaker.ts';
import type { Cancellation, Patience } from './cancellation.ts';
import { Connections, type ConnectionsConfig } from './connections.ts';
import type { Oddity } from './decoder.ts';
import type { ExchangeLimits } from './exchange.ts';
import { ViberLogFailure } from './failures.ts';
import type { Reading } from './reading.ts';
import { createRetryBudget, delayBeforeRetryMs } from './retry.ts';

export type UpstreamConfig = {
  connections: ConnectionsConfig;
  limits: ExchangeLimits;
  attemptTimeoutMs: number;
  maxRetries: number;
  breaker: BreakerConfig;
};

export type D7Client = {
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  fetchViberLog: (requestId: string, origin: Origin, patience: Patience) => Promise<Reading>;
  close: () => Promise<void>;
};

/** With less time than this left no call is begun: D7 would work for nobody. */
const leastUsefulMs = 5;

export function createD7Client(config: UpstreamConfig, telemetry: Telemetry): D7Client {
  const { limits, attemptTimeoutMs, maxRetries } = config;
  const connections = new Connections(config.connections);
  const breaker = createBreaker(config.breaker);
  const budget = createRetryBudget();

  async function fetchViberLog(requestId: string, origin: Origin, patience: Patience): Promise<Reading> {
    for (let attempts = 1; ; attempts += 1) {
      const startedMs = performance.now();
      let passage: Passage | undefined;
      let wasSent = false;
      try {
        passage = breaker.enter();
        admit(patience, startedMs);
        wasSent = true;
        const reading = await send(requestId, origin, patience, attempts, startedMs);
        passage.onSuccess();
        logAttempt(requestId, origin, attempts, startedMs, reading.kind);
        return reading;
      } catch (error) {
        passage?.onFailure(error);
        if (!(error instanceof ViberLogFailure)) throw error;
        if (wasSent) logAttempt(requestId, origin, attempts, startedMs, error.kind, error.message);
        else telemetry.notSent({ operationId: origin.operationId, requestId, outcome: error.kind });
        await pauseBeforeRetry(error, patience, attempts);
      }
    }
  }

  /** @throws ViberLogFailure where no call is to be made. */
  function admit({ cancellation, deadlineMs }: Patience, startedMs: number): void {
    if (cancellation.isCancelled) throw new ViberLogFailure('cancelled', 'the caller went away');
    if (deadlineMs - startedMs < leastUsefulMs) {
      throw new ViberLogFailure('outOfTime', 'the operation has no time left');
    }
    connections.expectPlace();
  }

  function send(
    requestId: string,
    origin: Origin,
    { cancellation, deadlineMs }: Patience,
    attempts: number,
    startedMs: number,
  ): Promise<Reading> {
    const remainingMs = deadlineMs - startedMs;
    // Only a call that goes out earns: those that an open circuit turned away would save up for a storm of retries.
    if (attempts === 1) budget.earn();
    const report = (oddity: Oddity) => telemetry.oddField({ operationId: origin.operationId, requestId, ...oddity });
    return attemptRead(connections, requestId, origin, report, {
      limits,
      startedMs,
      timeoutMs: Math.min(attemptTimeoutMs, remainingMs),
      timeoutKind: attemptTimeoutMs <= remainingMs ? 'timeout' : 'outOfTime',
      cancellation,
    });
  }

  /** @throws the failure, where there is to be no other attempt. */
  async function pauseBeforeRetry(
    failure: ViberLogFailure,
    { cancellation, deadlineMs }: Patience,
    attempts: number,
  ): Promise<void> {
    const remainingMs = deadlineMs - performance.now();
    const delayMs = delayBeforeRetryMs({ failure, attempts, maxRetries, remainingMs, random: Math.random() });
    if (delayMs === null || !budget.spend()) throw failure;
    await pauseUnlessCancelled(delayMs, cancellation);
  }

  /** Each attempt has its line. */
  function logAttempt(
    requestId: string,
    { operationId }: Origin,
    attempt: number,
    startedMs: number,
    outcome: string,
    reason?: string,
  ): void {
    telemetry.attempt({ operationId, requestId, attempt, outcome, reason, startedMs });
  }

  return { fetchViberLog, close: () => connections.close() };
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
