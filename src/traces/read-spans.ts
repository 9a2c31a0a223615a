/**
 * Runs reads in spans.
 *
 * Each read has an asynchronous context of its own. So every event that telemetry gets belongs to a known read, and neither the caches nor
 * the client of D7 pass spans on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Span, type Tracer, trace } from '@opentelemetry/api';
import type { TraceAttempt } from '../d7/client.ts';
import type { OperationSpan } from './operation-spans.ts';
import { type CallsByOutcome, ReadSpan } from './read-span.ts';

export type ReadSpans = {
  run: <Result extends object>(operation: OperationSpan, read: () => Promise<Result>) => Promise<Result>;
  /** The read in whose context this is called. */
  current: () => ReadSpan | undefined;
  traceAttempt: TraceAttempt;
};

export function createReadSpans(tracer: Tracer): ReadSpans {
  const storage = new AsyncLocalStorage<ReadSpan>();
  const calls: CallsByOutcome = new WeakMap();
  const current = () => storage.getStore();

  async function run<Result extends object>(operation: OperationSpan, read: () => Promise<Result>): Promise<Result> {
    const span = new ReadSpan(tracer, startSpan(operation), calls);
    try {
      const result = await storage.run(span, read);
      span.end(result);
      return result;
    } catch (error) {
      span.fail(error);
      throw error;
    }
  }

  /**
   * A subscription may last a quarter of an hour, and all that follow one log share its polls. So each poll is a trace of its own, with a
   * link to the subscription that was the first.
   */
  function startSpan({ span, isSubscription }: OperationSpan): Span {
    if (!isSubscription) return tracer.startSpan('read', {}, trace.setSpan(ROOT_CONTEXT, span));
    return tracer.startSpan('poll', { links: [{ context: span.spanContext() }] }, ROOT_CONTEXT);
  }

  return { run, current, traceAttempt: (caller) => current()?.startAttempt() ?? caller.trace };
}
