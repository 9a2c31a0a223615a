/**
 * The caller's trace (W3C Trace Context), which the gateway forwards to D7: unchanged, unless it has spans of its own. Headers that do not
 * match the specification are dropped, so that callers cannot send arbitrary text upstream.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { TraceContext } from '../d7/call-span.ts';

/** Section 3.2: version, trace id, parent id and flags. A later version may append more. */
const traceparentShape = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{1,64})?$/;
/** Section 3.3: a list of key=value. The gateway drops one longer than 512 characters, the length that it should at least forward. */
const tracestateShape = /^[a-z0-9][!-~ \t]{1,511}$/;

export function traceContextOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext {
  if (typeof traceparent !== 'string' || !traceparentShape.test(traceparent)) return {};
  if (typeof tracestate !== 'string' || !tracestateShape.test(tracestate)) return { traceparent };
  return { traceparent, tracestate };
}
