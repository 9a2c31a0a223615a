/**
 * Telemetry that also counts: each event goes to its series, and then to the log. Without METRICS_PORT this file does not run.
 */
import type { FailureKind, NotSentReason } from '../d7/failures.ts';
import { driftPaths } from '../d7/log/drift-counts.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { type ErrorCode, errorCodes } from '../graphql/error-codes.ts';
import type { CircuitEvent, RateLimitedEvent, ReadSource, Telemetry, Transport } from '../telemetry.ts';
import type { ResultKind } from '../viber-log/freshness.ts';
import type { Metrics } from './metrics.ts';
import type { Counter } from './series.ts';

type OperationType = 'query' | 'mutation' | 'subscription' | 'unknown';

const types: readonly OperationType[] = ['query', 'subscription', 'unknown'];
const codes: readonly (ErrorCode | 'OK')[] = ['OK', ...(Object.keys(errorCodes) as ErrorCode[])];
const transports: readonly Transport[] = ['http', 'sse', 'websocket'];
const sources: readonly ReadSource[] = ['response', 'memory', 'shared', 'redis', 'd7'];
const kinds: readonly ResultKind[] = ['final', 'live', 'missing'];
const scopes: readonly CircuitEvent['scope'][] = ['all', 'caller'];
const states: readonly CircuitEvent['state'][] = ['open', 'halfOpen', 'closed'];
const reasons = Object.keys({
  circuitOpen: true,
  queueFull: true,
  queueTooLong: true,
  queueTimeout: true,
  outOfTime: true,
  cancelled: true,
} satisfies Record<NotSentReason, true>);
const rateLimits: readonly RateLimitedEvent['reason'][] = ['caller', 'total'];
/** What each outcome of an attempt usually comes with. Any other combination begins when it occurs. */
const usualStatusClasses = {
  log: ['2xx'],
  noSuchLog: ['4xx'],
  tokenRefused: ['4xx'],
  forbidden: ['4xx'],
  insufficientCredit: ['4xx'],
  requestRefused: ['4xx'],
  rateLimited: ['4xx'],
  timeout: ['none'],
  outOfTime: ['none'],
  unavailable: ['none', '5xx'],
  badResponse: ['2xx'],
  overloaded: [],
  tooManySubscriptions: [],
  cancelled: ['none'],
} as const satisfies Record<FailureKind | ReadResult['kind'], readonly string[]>;
/** The lowest bit of the flags, which are two hexadecimal digits after the ids, is set. */
const sampledTraceparent = /^.{54}[13579bdf]/;
const statusClasses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'];

export function createMeasuredTelemetry(telemetry: Telemetry, { counters, histograms }: Metrics): Telemetry {
  // From the start: Prometheus does not notice the first increment of a series that was not there before.
  for (const type of types) {
    histograms.operationDuration.of(type);
    for (const code of codes) counters.operations.of(type, '', code);
  }
  for (const [outcome, classes] of Object.entries(usualStatusClasses)) {
    for (const statusClass of classes) histograms.attemptDuration.of(outcome, statusClass);
  }
  for (const path of driftPaths) counters.schemaDrift.of(path);
  for (const reason of reasons) counters.rejections.of(reason);
  for (const limit of rateLimits) counters.rateLimited.of(limit);
  for (const scope of scopes) for (const state of states) counters.circuitChanges.of(scope, state);
  const { operations, rejections, rateLimited, circuitChanges, schemaDrift } = counters;
  const { operationDuration, attemptDuration } = histograms;
  const reads = preresolved(sources, (source) => preresolved(kinds, (kind) => counters.reads.of(source, kind)));
  const bytes = preresolved(transports, (transport) => counters.responseBytes.of(transport));
  const sent = preresolved(transports, (transport) => counters.sentBytes.of(transport));
  const queueDuration = histograms.queueDuration.of();
  const [retries, polls, events] = [counters.retries.of(), counters.polls.of(), counters.events.of()];
  const [losses, bugs] = [counters.redisLosses.of(), counters.unexpectedErrors.of()];

  return {
    ...telemetry,
    operation(event) {
      const { operationType = 'unknown', operationName, isTrusted, startedMs, trace } = event;
      // Any other name is one that the client has chosen.
      const name = isTrusted && operationName !== undefined ? operationName : '';
      operations.of(operationType, name, event.codes[0] ?? 'OK').value += 1;
      operationDuration.of(operationType).observe(secondsSince(startedMs), sampled(trace));
      telemetry.operation(event);
    },
    attempt(event) {
      const { outcome, status, startedMs, queueMs, trace } = event;
      const statusClass = statusClasses[Math.floor(status / 100)] ?? 'none';
      const exemplar = sampled(trace);
      attemptDuration.of(outcome, statusClass).observe(secondsSince(startedMs + queueMs), exemplar);
      queueDuration.observe(queueMs / 1000, exemplar);
      telemetry.attempt(event);
    },
    notSent(event) {
      rejections.of(event.reason).value += 1;
      telemetry.notSent(event);
    },
    rateLimited(event) {
      rateLimited.of(event.reason).value += 1;
      telemetry.rateLimited(event);
    },
    circuit(event) {
      circuitChanges.of(event.scope, event.state).value += 1;
      telemetry.circuit(event);
    },
    schemaDrift(event) {
      schemaDrift.of(event.path).value += event.count;
      telemetry.schemaDrift(event);
    },
    redisUnavailable(event) {
      losses.value += 1;
      telemetry.redisUnavailable(event);
    },
    unexpectedError(error) {
      bugs.value += 1;
      telemetry.unexpectedError(error);
    },
    read(source, kind, count) {
      reads[source][kind].value += count;
    },
    retry: () => increment(retries),
    poll: () => increment(polls),
    event: () => increment(events),
    responseSent(transport, bodyBytes, sentBytes) {
      bytes[transport].value += bodyBytes;
      sent[transport].value += sentBytes;
    },
  };
}

function increment(counter: Counter): void {
  counter.value += 1;
}

function preresolved<Name extends string, Child>(
  names: readonly Name[],
  resolve: (name: Name) => Child,
): Record<Name, Child> {
  return Object.fromEntries(names.map((name) => [name, resolve(name)])) as Record<Name, Child>;
}

/** A trace that is not recorded would be a dead link (W3C Trace Context, section 3.2.2.5.1). */
function sampled({ traceparent }: { traceparent?: string }): string | undefined {
  return traceparent !== undefined && sampledTraceparent.test(traceparent) ? traceparent : undefined;
}

function secondsSince(startedMs: number): number {
  return (performance.now() - startedMs) / 1000;
}
