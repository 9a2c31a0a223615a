/**
 * The span of an operation. It begins with the first byte of the request and ends with the operation's line in the log.
 *
 * Its name is the type of the operation: a client chooses the name of the operation, and could choose one for each request.
 */
import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { TraceContext } from '../d7/call-span.ts';
import type { Operation, StartTrace } from '../graphql/context.ts';
import type { Telemetry } from '../telemetry.ts';
import type { KindCounts } from '../viber-log/freshness.ts';
import { parentIn, traceparentOf } from './trace-context.ts';

type OperationEvent = Parameters<Telemetry['operation']>[0];
type Beginning = Pick<Operation, 'type' | 'startedMs' | 'trace'>;

/** What the calls of an operation carry, and its span. */
export class OperationSpan implements TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly span: Span;
  readonly isSubscription: boolean;

  constructor(span: Span, isSubscription: boolean) {
    const context = span.spanContext();
    this.traceparent = traceparentOf(context);
    const tracestate = context.traceState?.serialize();
    if (tracestate) this.tracestate = tracestate;
    this.span = span;
    this.isSubscription = isSubscription;
  }
}

export type OperationSpans = {
  start: StartTrace;
  /** @param trace which `start` has returned. */
  of: (trace: TraceContext) => OperationSpan | undefined;
  /** @returns its trace. */
  end: (event: OperationEvent) => TraceContext;
};

/** As the semantic conventions of OpenTelemetry have it, where a document is no operation. */
const nameless = 'GraphQL Operation';

const noAttributes: Attributes = {};
/** The SDK copies them. */
const attributesOf = {
  query: { 'graphql.operation.type': 'query' },
  mutation: { 'graphql.operation.type': 'mutation' },
  subscription: { 'graphql.operation.type': 'subscription' },
} as const satisfies Record<NonNullable<Operation['type']>, Attributes>;

export function createOperationSpans(tracer: Tracer): OperationSpans {
  function start({ type, startedMs, trace }: Beginning): OperationSpan {
    if (trace instanceof OperationSpan) return trace;
    const attributes = type === undefined ? noAttributes : attributesOf[type];
    const options = { kind: SpanKind.SERVER, startTime: startedMs, attributes };
    const span = tracer.startSpan(type ?? nameless, options, parentIn(trace));
    return new OperationSpan(span, type === 'subscription');
  }

  /** An operation that has read nothing, such as one that is refused, begins only here. */
  function end({ operationType: type, startedMs, trace, codes }: OperationEvent): OperationSpan {
    const operation = start({ type, startedMs, trace });
    const { span } = operation;
    if (!span.isRecording()) return operation;
    const [code] = codes;
    if (code !== undefined) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
    span.end(performance.now());
    return operation;
  }

  return { start, of: (trace) => (trace instanceof OperationSpan ? trace : undefined), end };
}

/** The whole response was cached: there are no reads. */
export function addCacheHit({ span }: OperationSpan, { final, live, missing }: KindCounts): void {
  const count = final + live + missing;
  span.addEvent('cache hit', { 'gateway.read.source': 'response', 'gateway.read.count': count });
}
