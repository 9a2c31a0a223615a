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
import type { RateCount, RateLimiter } from '../viber-log/rate-limiter.ts';
import { bearerTokenIn } from './bearer-token.ts';
import type { Operation, ServerContext } from './context.ts';
import { publicError } from './errors.ts';
import type { CostedOperation, CostOf } from './operation-cost.ts';

export type RateLimit = {
  /** Counts the operation, once. Null where it may run. */
  admit: (operation: Operation, logs: number) => Promise<GraphQLError | null>;
  /** The same for an operation whose logs are not counted yet. */
  admitRequest: (request: CostedOperation, operation: Operation) => Promise<GraphQLError | null> | null;
};

const withoutToken = '';

export function createRateLimit(
  { countCaller, countTotal }: RateLimiter,
  windowSeconds: number,
  costOf: CostOf,
  callerKeyOf: CallerKeyOf,
  telemetry: Pick<Telemetry, 'rateLimited'>,
): RateLimit {
  async function admit(operation: Operation, logs: number): Promise<GraphQLError | null> {
    if (operation.isCounted) return null;
    operation.isCounted = true;
    const token = bearerTokenIn(operation.authorizations);
    const callerKey = token === undefined ? withoutToken : callerKeyOf(token);
    const counts = await countsOf(callerKey, Math.max(1, logs));
    operation.responseHeaders?.push(...rateLimitHeaders(counts, windowSeconds));
    const exceeded = counts.caller?.isExceeded ? 'caller' : counts.total?.isExceeded ? 'total' : null;
    if (exceeded === null) return null;
    telemetry.rateLimited({
      operationId: operation.id,
      caller: token === undefined ? undefined : callerHashOf(callerKey),
      reason: exceeded,
    });
    return publicError(exceeded === 'caller' ? 'callerRateExceeded' : 'totalRateExceeded', {
      retryAfterSeconds: counts[exceeded]?.resetSeconds,
    });
  }

  /** What the limit of its caller rejects does not use up the limit of all. */
  async function countsOf(callerKey: string, logs: number): Promise<RateCounts> {
    const caller = countCaller ? await countCaller(callerKey, logs) : null;
    const total = countTotal && !caller?.isExceeded ? await countTotal(logs) : null;
    return { caller, total };
  }

  function admitRequest(request: CostedOperation, operation: Operation): Promise<GraphQLError | null> | null {
    const cost = costOf(request);
    return typeof cost === 'number' ? admit(operation, cost) : null;
  }

  return { admit, admitRequest };
}

export type RateCounts = { caller: RateCount | null; total: RateCount | null };

/**
 * Structured fields, by draft-ietf-httpapi-ratelimit-headers-10. How much all callers have left is told only where nothing is left: it would
 * show each caller what the others do.
 */
export function rateLimitHeaders({ caller, total }: RateCounts, windowSeconds: number): string[] {
  const told = [
    ...(caller ? [{ name: 'caller', ...caller }] : []),
    ...(total?.isExceeded ? [{ name: 'total', ...total }] : []),
  ];
  if (told.length === 0) return [];
  const policies = told.map(({ name, limit }) => `"${name}";q=${limit};w=${windowSeconds}`);
  const states = told.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`);
  return ['ratelimit-policy', policies.join(', '), 'ratelimit', states.join(', ')];
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
