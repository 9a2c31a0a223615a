/**
 * Runs reads in spans. The span goes with the budget of the read to whatever the read does, so that a read without a span has no more to do
 * than to find that there is none.
 */
import { ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api';
import type { OperationSpan } from './operation-spans.ts';
import { type CallsByOutcome, ReadSpan } from './read-span.ts';

export type RunInSpan = <Result extends object>(
  operation: OperationSpan,
  read: (span: ReadSpan) => Promise<Result>,
) => Promise<Result>;

export function createReadSpans(tracer: Tracer): RunInSpan {
  const calls: CallsByOutcome = new WeakMap();

  /**
   * A subscription may last a quarter of an hour, and all that follow one log share its polls. So each poll is a trace of its own, with a
   * link to the subscription that was the first.
   */
  function startSpan({ span, isSubscription }: OperationSpan): Span {
    if (!isSubscription) return tracer.startSpan('read', {}, trace.setSpan(ROOT_CONTEXT, span));
    return tracer.startSpan('poll', { links: [{ context: span.spanContext() }] }, ROOT_CONTEXT);
  }

  return async (operation, read) => {
    const span = new ReadSpan(tracer, startSpan(operation), calls);
    try {
      const result = await read(span);
      span.end(result);
      return result;
    } catch (error) {
      span.fail(error);
      throw error;
    }
  };
}
