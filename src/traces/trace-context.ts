/**
 * From the headers of W3C Trace Context to a parent of spans, and from a span to the headers.
 */
import {
  type Context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { TraceContext } from '../d7/call-span.ts';

/** Without a parent where the client sent none, or ids that consist of zeros only (section 3.2.2). */
export function parentIn({ traceparent, tracestate }: TraceContext): Context {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  const parent: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(parent)) return ROOT_CONTEXT;
  if (tracestate !== undefined) parent.traceState = createTraceState(tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

/** What a request carries so that its receiver continues the trace of this span. */
export function traceContextOf(context: SpanContext): TraceContext & { traceparent: string } {
  const traceparent = traceparentOf(context);
  const tracestate = context.traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${flagsOf(traceFlags)}`;
}

function flagsOf(traceFlags: number): string {
  if (traceFlags === TraceFlags.NONE) return '00';
  return traceFlags === TraceFlags.SAMPLED ? '01' : traceFlags.toString(16).padStart(2, '0');
}
