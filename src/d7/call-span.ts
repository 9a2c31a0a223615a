/**
 * The span of a read, as the calls that it makes know it. The read hands it down with its budget.
 */
import type { Telemetry } from '../telemetry.ts';

/** A traceparent and tracestate (W3C Trace Context), where a caller has sent valid ones. */
export type TraceContext = { traceparent?: string; tracestate?: string };

type Attempt = Parameters<Telemetry['attempt']>[0];
type Read = Parameters<Telemetry['read']>;

export type CallSpan = {
  /** @returns what the request to D7 carries. */
  startAttempt: () => TraceContext;
  /** @returns the trace of the attempt, if one was started. */
  endAttempt: (attempt: Omit<Attempt, 'trace'>) => TraceContext | undefined;
  /** @param reason why the call was not sent. */
  endUnsentAttempt: (reason: string) => void;
  onRetry: () => void;
  onRead: (source: Read[0], kind: Read[1]) => void;
};
