/**
 * The traces of one gateway: the span of an operation, of each of its reads, and of each attempt of a read. Without a collector these files
 * do not run.
 *
 * No name, attribute or event of a span has a token, an id, an address, or anything else that a client or D7 has chosen.
 */
import { trace } from '@opentelemetry/api';
import type { StartTrace } from '../graphql/context.ts';
import type { Telemetry } from '../telemetry.ts';
import type { SharedReads } from '../viber-log/shared-reads.ts';
import { addCacheHit, createOperationSpans, type OperationSpans } from './operation-spans.ts';
import { createReadSpans, type RunInSpan } from './read-spans.ts';
import { startSdk, type TracesConfig } from './sdk.ts';

export type GatewayTraces = {
  /** The same telemetry, which ends the spans of operations. */
  traced: (telemetry: Telemetry) => Telemetry;
  /** The same reads, each in a span. */
  tracedReads: (sharedReads: SharedReads) => SharedReads;
  startTrace: StartTrace;
  /** Sends the last spans. */
  close: () => Promise<void>;
};

export async function openGatewayTraces(config: TracesConfig, onNotSent: () => void): Promise<GatewayTraces> {
  const close = await startSdk(config, onNotSent);
  const tracer = trace.getTracer('viber-log-gateway');
  const operations = createOperationSpans(tracer);
  const runInSpan = createReadSpans(tracer);
  return {
    traced: (telemetry) => createTracedTelemetry(telemetry, operations),
    tracedReads: (sharedReads) => createTracedReads(sharedReads, operations, runInSpan),
    startTrace: operations.start,
    close,
  };
}

function createTracedTelemetry(telemetry: Telemetry, operations: OperationSpans): Telemetry {
  return {
    ...telemetry,
    operation(event) {
      const trace = operations.end(event);
      telemetry.operation(trace === event.trace ? event : { ...event, trace });
    },
  };
}

function createTracedReads(sharedReads: SharedReads, operations: OperationSpans, runInSpan: RunInSpan): SharedReads {
  return {
    ...sharedReads,
    openFor(caller, counts) {
      const callerReads = sharedReads.openFor(caller, counts);
      const operation = operations.of(caller.trace);
      // What is not sampled costs no more than its own span, which D7's requests carry on.
      if (!operation?.span.isRecording()) return callerReads;
      return {
        ...callerReads,
        countCached(results) {
          addCacheHit(operation, results);
          callerReads.countCached(results);
        },
        read: (requestId, budget, cacheFilter) =>
          runInSpan(operation, (span) => callerReads.read(requestId, { ...budget, span }, cacheFilter)),
      };
    },
  };
}
