/**
 * The caller's place in a distributed trace (W3C Trace Context), handed on to D7 as it came: this gateway adds no span of its
 * own. What is not written as the specification says is dropped, so that it carries nothing else upstream.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { TraceContext } from '../d7/attempt.ts';

/** Section 3.2: version, trace id, parent id, flags; of a later version something may follow. */
const traceparentShape = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{1,64})?$/;
/** Section 3.3: a list of key=value, at most 512 characters of it worth handing on. */
const tracestateShape = /^[a-z0-9][!-~ \t]{1,511}$/;

export function traceContextOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext {
  if (typeof traceparent !== 'string' || !traceparentShape.test(traceparent)) return {};
  if (typeof tracestate !== 'string' || !tracestateShape.test(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}
