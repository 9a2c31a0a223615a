/**
 * The span of one read, its events, and the spans of its attempts.
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CallSpan, TraceContext } from '../d7/call-span.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { ReadSource } from '../telemetry.ts';
import type { ResultKind } from '../viber-log/freshness.ts';
import { traceContextOf } from './trace-context.ts';

type EndedAttempt = Parameters<CallSpan['endAttempt']>[0];

/** Which read made the call that had this outcome: a result or a failure, which all reads that share the call get. */
export type CallsByOutcome = WeakMap<object, SpanContext>;

export class ReadSpan implements CallSpan {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly #calls: CallsByOutcome;
  #source: ReadSource | undefined;
  #attempts = 0;
  #attempt: Span | undefined;

  constructor(tracer: Tracer, span: Span, calls: CallsByOutcome) {
    this.#tracer = tracer;
    this.#span = span;
    this.#context = trace.setSpan(ROOT_CONTEXT, span);
    this.#calls = calls;
  }

  onRead(source: ReadSource, kind: ResultKind): void {
    this.#source = source;
    this.#span.setAttributes({ 'gateway.read.source': source, 'gateway.read.kind': kind });
    if (source === 'memory' || source === 'redis') this.#span.addEvent('cache hit', { 'gateway.read.source': source });
  }

  onRetry(): void {
    this.#span.addEvent('retry');
  }

  /** @returns what the request to D7 carries. */
  startAttempt(): TraceContext {
    const attributes = { 'http.request.method': 'GET', 'http.request.resend_count': this.#attempts };
    this.#attempts += 1;
    this.#attempt = this.#tracer.startSpan('attempt', { kind: SpanKind.CLIENT, attributes }, this.#context);
    return traceContextOf(this.#attempt.spanContext());
  }

  /** @returns the trace of the attempt. */
  endAttempt({ outcome, reason, startedMs, queueMs, status }: EndedAttempt): TraceContext | undefined {
    const span = this.#attempt;
    span?.addEvent('dequeued', {}, startedMs + queueMs);
    if (status > 0) span?.setAttribute('http.response.status_code', status);
    this.#endAttempt(reason === undefined ? undefined : outcome);
    return span && traceContextOf(span.spanContext());
  }

  /** @param reason why the call was not sent. */
  endUnsentAttempt(reason: string): void {
    this.#endAttempt(reason);
  }

  #endAttempt(failure: string | undefined): void {
    if (failure !== undefined && this.#attempt) markFailed(this.#attempt, failure);
    this.#attempt?.end();
    this.#attempt = undefined;
  }

  /** The attempt goes on if other reads wait for it. */
  end(result: object): void {
    this.#relateTo(result, this.#source === 'shared');
    this.#span.end();
  }

  fail(error: unknown): void {
    // Telemetry gets no event of a call that failed, from the reads that shared it.
    if (error instanceof ViberLogFailure) this.#relateTo(error, this.#attempts === 0 && this.#calls.has(error));
    markFailed(this.#span, error instanceof ViberLogFailure ? error.kind : '_OTHER');
    this.#span.end();
  }

  #relateTo(outcome: object, isShared: boolean): void {
    if (!isShared) {
      this.#calls.set(outcome, this.#span.spanContext());
      return;
    }
    this.#span.addEvent('shared call');
    const context = this.#calls.get(outcome);
    // The read that started the call may have ended without its outcome.
    if (context) this.#span.addLink({ context });
  }
}

function markFailed(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}
