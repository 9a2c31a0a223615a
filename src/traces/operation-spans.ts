/**
 * The span of an operation. It begins with the first byte of the request and ends with the operation's line in the log.
 *
 * Its name is the type of the operation: a client chooses the name of the operation, and could choose one for each request.
 */
import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { TraceContext } from '../d7/attempt.ts';
import type { Operation, StartTrace } from '../graphql/context.ts';
import type { Telemetry } from '../telemetry.ts';
import type { KindCounts } from '../viber-log/freshness.ts';
import { parentIn, traceContextOf } from './trace-context.ts';

type OperationEvent = Parameters<Telemetry['operation']>[0];
type Beginning = Pick<Operation, 'type' | 'startedMs' | 'trace'>;

export type OperationSpan = { span: Span; trace: TraceContext; isSubscription: boolean };

export type OperationSpans = {
  start: StartTrace;
  /** @param trace which `start` has returned. */
  of: (trace: TraceContext) => OperationSpan | undefined;
  /** @returns its trace. */
  end: (event: OperationEvent) => TraceContext;
};

/** As the semantic conventions of OpenTelemetry have it, where a document is no operation. */
const nameless = 'GraphQL Operation';

export function createOperationSpans(tracer: Tracer): OperationSpans {
  const spans = new WeakMap<TraceContext, OperationSpan>();

  function start({ type, startedMs, trace }: Beginning): TraceContext {
    return spans.has(trace) ? trace : open(type, startedMs, trace).trace;
  }

  function open(type: Operation['type'], startedMs: number, clientTrace: TraceContext): OperationSpan {
    const attributes: Attributes = type === undefined ? {} : { 'graphql.operation.type': type };
    const options = { kind: SpanKind.SERVER, startTime: startedMs, attributes };
    const span = tracer.startSpan(type ?? nameless, options, parentIn(clientTrace));
    const opened = { span, trace: traceContextOf(span.spanContext()), isSubscription: type === 'subscription' };
    spans.set(opened.trace, opened);
    return opened;
  }

  /** An operation that has read nothing, such as one that is refused, begins only here. */
  function end({ operationType, startedMs, trace: known, codes }: OperationEvent): TraceContext {
    const { span, trace } = spans.get(known) ?? open(operationType, startedMs, known);
    if (!span.isRecording()) return trace;
    const [code] = codes;
    if (code !== undefined) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
    span.end(performance.now());
    return trace;
  }

  return { start, of: (trace) => spans.get(trace), end };
}

/** The whole response was cached: there are no reads. */
export function addCacheHit({ span }: OperationSpan, { final, live, missing }: KindCounts): void {
  const count = final + live + missing;
  span.addEvent('cache hit', { 'gateway.read.source': 'response', 'gateway.read.count': count });
}
