/**
 * The D7 client: a request id and its caller in, what D7 says of the log out, in bounded time.
 *
 * Each attempt passes the fair queue, which also has the circuits, and then the exchange. retry.ts decides whether there is another one.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { Telemetry } from '../telemetry.ts';
import { attemptRead, type Caller } from './attempt.ts';
import type { CallSpan } from './call-span.ts';
import type { CallBudget, Cancellation } from './cancellation.ts';
import type { CircuitState } from './circuit.ts';
import { Connections, type ConnectionsConfig } from './connections.ts';
import { Deadlines } from './deadlines.ts';
import type { AttemptFigures, ExchangeLimits } from './exchange.ts';
import { type FailureKind, type NotSentReason, ViberLogFailure } from './failures.ts';
import { FairQueue, type FairQueueConfig } from './fair-queue.ts';
import type { SchemaDrift } from './log/drift-counts.ts';
import type { ReadResult } from './read-result.ts';
import { delayBeforeRetryMs, type RetryBudget } from './retry.ts';

export type UpstreamConfig = {
  connections: ConnectionsConfig;
  queue: FairQueueConfig;
  limits: ExchangeLimits;
  maxRetries: number;
};

/** The state of the client at this moment, for metrics. */
type D7State = {
  inFlight: number;
  waiting: number;
  limit: number;
  sharedCircuit: CircuitState;
  /** How many callers' circuits are open, and half-open. */
  openCallerCircuits: number;
  halfOpenCallerCircuits: number;
};

export type D7Client = {
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  fetchViberLog: (requestId: string, caller: Caller, budget: CallBudget) => Promise<ReadResult>;
  state: () => D7State;
  close: () => Promise<void>;
};

/** With less time left than this no call is sent: no caller would wait for the response. */
const leastUsefulMs = 5;

type AttemptEvent = Parameters<Telemetry['attempt']>[0];

/** @param callerHashOf the name of a caller in the log. */
export function createD7Client(
  config: UpstreamConfig,
  telemetry: Telemetry,
  bytesInFlight: BytesInFlight,
  callerHashOf: (token: string) => string,
): D7Client {
  const { limits, maxRetries } = config;
  const connections = new Connections(config.connections);
  const queue = new FairQueue(config.queue, (state, token) => {
    if (token === undefined) telemetry.circuit({ scope: 'all', state, caller: undefined });
    else telemetry.circuit({ scope: 'caller', state, caller: callerHashOf(token) });
  });
  const parts = { connections, queue, deadlines: new Deadlines(), bytesInFlight, limits };

  async function fetchViberLog(requestId: string, caller: Caller, budget: CallBudget): Promise<ReadResult> {
    const { retryBudget } = queue.callers.of(caller.token);
    for (let attempts = 1; ; attempts += 1) {
      const startedMs = performance.now();
      const figures = { queueMs: 0, status: 0 };
      try {
        const result = await send(requestId, caller, budget, startedMs, figures);
        if (attempts === 1) retryBudget.earn();
        const attempt = {
          operationId: caller.operationId,
          requestId,
          attempt: attempts,
          outcome: result.kind,
          reason: undefined,
          startedMs,
          trace: caller.trace,
          queueMs: figures.queueMs,
          status: figures.status,
        };
        reportAttempt(attempt, budget.span);
        return result;
      } catch (error) {
        if (!(error instanceof ViberLogFailure)) throw error;
        // Only a call that was sent earns. Calls that an open circuit rejects would save up for a storm of retries.
        if (attempts === 1 && error.wasSent) retryBudget.earn();
        reportFailure(requestId, caller, budget.span, attempts, startedMs, error, figures);
        await pauseBeforeRetry(error, budget, attempts, retryBudget);
      }
    }
  }

  /** @throws ViberLogFailure, and sends nothing, where the call budget is used up. */
  function send(
    requestId: string,
    caller: Caller,
    { cancellation, deadlineMs, priority, span }: CallBudget,
    startedMs: number,
    figures: AttemptFigures,
  ): Promise<ReadResult> {
    if (cancellation.isCancelled) throw notSent('cancelled', 'the client disconnected');
    if (deadlineMs - startedMs < leastUsefulMs) throw notSent('outOfTime', 'the operation has no time left');
    const report = (drift: SchemaDrift) =>
      telemetry.schemaDrift({ operationId: caller.operationId, requestId, ...drift });
    const sender = span === null ? caller : { ...caller, trace: span.startAttempt() };
    return attemptRead(parts, requestId, sender, report, {
      token: caller.token,
      priority,
      deadlineMs,
      cancellation,
      figures,
    });
  }

  /** @throws the failure, where there is no other attempt. */
  async function pauseBeforeRetry(
    failure: ViberLogFailure,
    { cancellation, deadlineMs, span }: CallBudget,
    attempts: number,
    budget: RetryBudget,
  ): Promise<void> {
    const remainingMs = deadlineMs - performance.now();
    const delayMs = delayBeforeRetryMs({ failure, attempts, maxRetries, remainingMs, random: Math.random() });
    if (delayMs === null || !(failure.wasUnread || budget.spend())) throw failure;
    telemetry.retry();
    span?.onRetry();
    await pauseUnlessCancelled(delayMs, cancellation);
  }

  /** One line for each attempt that was sent. The others are counted. */
  function reportFailure(
    requestId: string,
    { operationId, trace }: Caller,
    span: CallSpan | null,
    attempt: number,
    startedMs: number,
    { kind: outcome, message: reason, notSent }: ViberLogFailure,
    figures: AttemptFigures,
  ): void {
    if (notSent === undefined) {
      reportAttempt({ operationId, requestId, attempt, outcome, reason, startedMs, trace, ...figures }, span);
      return;
    }
    span?.endUnsentAttempt(notSent);
    telemetry.notSent({ operationId, requestId, reason: notSent });
  }

  function reportAttempt(attempt: AttemptEvent, span: CallSpan | null): void {
    const trace = span?.endAttempt(attempt);
    telemetry.attempt(trace === undefined ? attempt : { ...attempt, trace });
  }

  function state(): D7State {
    const { inFlight, waiting, limit, sharedCircuit } = queue;
    let openCallerCircuits = 0;
    let halfOpenCallerCircuits = 0;
    for (const { circuit } of queue.callers.values()) {
      if (circuit.state === 'open') openCallerCircuits += 1;
      if (circuit.state === 'halfOpen') halfOpenCallerCircuits += 1;
    }
    return { inFlight, waiting, limit, sharedCircuit, openCallerCircuits, halfOpenCallerCircuits };
  }

  return { fetchViberLog, state, close: () => connections.close() };
}

function notSent(kind: FailureKind & NotSentReason, reason: string): ViberLogFailure {
  return new ViberLogFailure(kind, reason, { notSent: kind });
}

/** @throws ViberLogFailure `cancelled`, at the moment of the cancellation. */
function pauseUnlessCancelled(delayMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const listener = {
      onCancelled() {
        clearTimeout(timer);
        reject(notSent('cancelled', 'the client disconnected'));
      },
    };
    const timer = setTimeout(() => {
      cancellation.removeListener(listener);
      resolve();
    }, delayMs);
    if (cancellation.isCancelled) listener.onCancelled();
    else cancellation.addListener(listener);
  });
}
