/**
 * The D7 client: a request id and its caller in, what D7 says of the log out, in bounded time.
 *
 * Each attempt passes the fair queue, which also holds the circuits, and then goes out. Whether there is another one is retry.ts's to say.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { Telemetry } from '../telemetry.ts';
import { attemptRead, type Caller } from './attempt.ts';
import type { CallBudget, Cancellation } from './cancellation.ts';
import { Connections, type ConnectionsConfig } from './connections.ts';
import type { ExchangeLimits } from './exchange.ts';
import { type FailureKind, ViberLogFailure } from './failures.ts';
import { FairQueue, type FairQueueConfig } from './fair-queue.ts';
import type { SchemaDrift } from './log/decoder.ts';
import type { ReadResult } from './read-result.ts';
import { delayBeforeRetryMs, type RetryBudget } from './retry.ts';

export type UpstreamConfig = {
  connections: ConnectionsConfig;
  queue: FairQueueConfig;
  limits: ExchangeLimits;
  maxRetries: number;
};

export type D7Client = {
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  fetchViberLog: (requestId: string, caller: Caller, budget: CallBudget) => Promise<ReadResult>;
  close: () => Promise<void>;
};

/** With less time than this left no call is begun: D7 would work for nobody. */
const leastUsefulMs = 5;

export function createD7Client(config: UpstreamConfig, telemetry: Telemetry, bytesInFlight: BytesInFlight): D7Client {
  const { limits, maxRetries } = config;
  const connections = new Connections(config.connections);
  const queue = new FairQueue(config.queue);
  const parts = { connections, queue, bytesInFlight, limits };

  async function fetchViberLog(requestId: string, caller: Caller, budget: CallBudget): Promise<ReadResult> {
    const { retryBudget } = queue.callers.of(caller.token);
    for (let attempts = 1; ; attempts += 1) {
      const startedMs = performance.now();
      try {
        const reading = await send(requestId, caller, budget, startedMs);
        if (attempts === 1) retryBudget.earn();
        const { operationId } = caller;
        const outcome = reading.kind;
        telemetry.attempt({ operationId, requestId, attempt: attempts, outcome, reason: undefined, startedMs });
        return reading;
      } catch (error) {
        if (!(error instanceof ViberLogFailure)) throw error;
        // Only a call that was sent earns: those that an open circuit rejected would save up for a storm of retries.
        if (attempts === 1 && error.wasSent) retryBudget.earn();
        logFailure(requestId, caller, attempts, startedMs, error);
        await pauseBeforeRetry(error, budget, attempts, retryBudget);
      }
    }
  }

  /** @throws ViberLogFailure where no call is to be made. */
  function send(
    requestId: string,
    caller: Caller,
    { cancellation, deadlineMs, priority }: CallBudget,
    startedMs: number,
  ): Promise<ReadResult> {
    if (cancellation.isCancelled) throw notSent('cancelled', 'the client disconnected');
    if (deadlineMs - startedMs < leastUsefulMs) throw notSent('outOfTime', 'the operation has no time left');
    const report = (oddity: SchemaDrift) =>
      telemetry.schemaDrift({ operationId: caller.operationId, requestId, ...oddity });
    return attemptRead(parts, requestId, caller, report, { token: caller.token, priority, deadlineMs, cancellation });
  }

  /** @throws the failure, where there is to be no other attempt. */
  async function pauseBeforeRetry(
    failure: ViberLogFailure,
    { cancellation, deadlineMs }: CallBudget,
    attempts: number,
    budget: RetryBudget,
  ): Promise<void> {
    const remainingMs = deadlineMs - performance.now();
    const delayMs = delayBeforeRetryMs({ failure, attempts, maxRetries, remainingMs, random: Math.random() });
    if (delayMs === null || !budget.spend()) throw failure;
    await pauseUnlessCancelled(delayMs, cancellation);
  }

  /** One line for each attempt that was sent; what was not is counted. */
  function logFailure(
    requestId: string,
    { operationId }: Caller,
    attempt: number,
    startedMs: number,
    { kind: outcome, message: reason, wasSent }: ViberLogFailure,
  ): void {
    if (wasSent) telemetry.attempt({ operationId, requestId, attempt, outcome, reason, startedMs });
    else telemetry.notSent({ operationId, requestId, outcome });
  }

  return { fetchViberLog, close: () => connections.close() };
}

function notSent(kind: FailureKind, reason: string): ViberLogFailure {
  return new ViberLogFailure(kind, reason, { wasSent: false });
}

/** @throws ViberLogFailure `cancelled`, at once. */
function pauseUnlessCancelled(delayMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const listener = {
      onCancelled() {
        clearTimeout(timer);
        reject(notSent('cancelled', 'the client disconnected'));
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
