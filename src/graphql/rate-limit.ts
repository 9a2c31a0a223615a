/**
 * Limits how many logs each caller, and all callers together, may ask for in a window: for both execution paths and all transports.
 *
 * An operation counts as the distinct logs that it asks for, each of which may be a call to D7, and as one where it asks for none. It counts
 * once nothing else refuses it, and also where a limit rejects it. All operations without a readable token are one caller.
 */
import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Telemetry } from '../telemetry.ts';
import { type CallerKeyOf, callerHashOf } from '../viber-log/caller-key.ts';
import type { RateLimiter } from '../viber-log/rate-limiter.ts';
import type { RateCount } from '../viber-log/rate-windows.ts';
import { bearerTokenIn } from './bearer-token.ts';
import type { Admission, Operation, ServerContext } from './context.ts';
import { publicError } from './errors.ts';
import type { CostedOperation, CostOf } from './operation-cost.ts';

export type RateLimit = {
  /** Counts the operation, once. */
  admit: (operation: Operation, logs: number) => Admission;
  /** The same for an operation whose logs are not counted yet. */
  admitRequest: (request: CostedOperation, operation: Operation) => Admission;
};

const withoutToken = '';

export function createRateLimit(
  { countCaller, countTotal }: RateLimiter,
  windowSeconds: number,
  costOf: CostOf,
  callerKeyOf: CallerKeyOf,
  telemetry: Pick<Telemetry, 'rateLimited'>,
): RateLimit {
  const addHeaders = createHeaders(windowSeconds);

  function admit(operation: Operation, logs: number): Admission {
    const { admission } = operation;
    if (admission !== undefined) return admission;
    const token = bearerTokenIn(operation.authorizations);
    const callerKey = token === undefined ? withoutToken : callerKeyOf(token);
    const counts = countsOf(callerKey, Math.max(1, logs));
    operation.admission =
      counts instanceof Promise
        ? counts.then((known) => decide(operation, callerKey, known))
        : decide(operation, callerKey, counts);
    return operation.admission;
  }

  function decide(operation: Operation, callerKey: string, counts: RateCounts): GraphQLError | null {
    const { responseHeaders } = operation;
    if (responseHeaders) addHeaders(responseHeaders, counts);
    const exceeded = counts.caller?.isExceeded ? 'caller' : counts.total?.isExceeded ? 'total' : null;
    if (exceeded === null) return null;
    telemetry.rateLimited({
      operationId: operation.id,
      caller: callerKey === withoutToken ? undefined : callerHashOf(callerKey),
      reason: exceeded,
    });
    return publicError(exceeded === 'caller' ? 'callerRateExceeded' : 'totalRateExceeded', {
      retryAfterSeconds: counts[exceeded]?.resetSeconds,
    });
  }

  /** What the limit of its caller rejects does not use up the limit of all. */
  function countsOf(callerKey: string, logs: number): RateCounts | Promise<RateCounts> {
    const caller = countCaller ? countCaller(callerKey, logs) : null;
    if (caller instanceof Promise) return caller.then((known) => withTotal(known, logs));
    return withTotal(caller, logs);
  }

  function withTotal(caller: RateCount | null, logs: number): RateCounts | Promise<RateCounts> {
    const total = countTotal && !caller?.isExceeded ? countTotal(logs) : null;
    return total instanceof Promise ? total.then((known) => ({ caller, total: known })) : { caller, total };
  }

  function admitRequest(request: CostedOperation, operation: Operation): Admission {
    const cost = costOf(request);
    return typeof cost === 'number' ? admit(operation, cost) : null;
  }

  return { admit, admitRequest };
}

export type RateCounts = { caller: RateCount | null; total: RateCount | null };

/** Nearly every response has the state of its caller alone, and that limit does not change. */
function createHeaders(windowSeconds: number): (headers: string[], counts: RateCounts) => void {
  let limit = -1;
  let policy = '';
  return (headers, counts) => {
    const { caller, total } = counts;
    if (caller === null || total?.isExceeded) {
      headers.push(...rateLimitHeaders(counts, windowSeconds));
      return;
    }
    if (caller.limit !== limit) {
      limit = caller.limit;
      policy = policyOf('caller', caller, windowSeconds);
    }
    headers.push('ratelimit-policy', policy, 'ratelimit', stateOf('caller', caller));
  };
}

/**
 * Structured fields, by draft-ietf-httpapi-ratelimit-headers-10. How much all callers have left is told only where nothing is left: it would
 * show each caller what the others do.
 */
export function rateLimitHeaders({ caller, total }: RateCounts, windowSeconds: number): string[] {
  const told = total?.isExceeded ? total : null;
  if (caller === null && told === null) return [];
  return [
    'ratelimit-policy',
    joined(caller && policyOf('caller', caller, windowSeconds), told && policyOf('total', told, windowSeconds)),
    'ratelimit',
    joined(caller && stateOf('caller', caller), told && stateOf('total', told)),
  ];
}

function policyOf(name: string, { limit }: RateCount, windowSeconds: number): string {
  return `"${name}";q=${limit};w=${windowSeconds}`;
}

function stateOf(name: string, { remaining, resetSeconds }: RateCount): string {
  return `"${name}";r=${remaining};t=${resetSeconds}`;
}

function joined(one: string | null, other: string | null): string {
  return one === null || other === null ? `${one ?? other}` : `${one}, ${other}`;
}

/** Comes after whatever else refuses an operation. */
export function useRateLimit({ admitRequest }: RateLimit): Plugin<ServerContext, ServerContext> {
  const limit = async ({ args, setResultAndStopExecution }: Rejectable) => {
    const rejection = await admitRequest(args, args.contextValue.operation);
    if (rejection) setResultAndStopExecution({ errors: [rejection] });
  };
  return { onExecute: limit, onSubscribe: limit };
}

type Rejectable = {
  args: CostedOperation & { contextValue: ServerContext };
  setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
};
