/**
 * Runs plain queries without Yoga's pipeline: once the pipeline has validated a document, it is cached with its execution plan, and the plan
 * reads its logs and writes the response.
 *
 * It runs only what is certain to run. Everything else goes through Yoga, with its body: queries without a plan, and all that is refused (a
 * document that is not valid or is no query, variables that do not fit, too many calls), so that refusals are worded in one place.
 */
import type { GraphQLError } from 'graphql';
import type { Cancellation } from '../../d7/cancellation.ts';
import type { CallerReads } from '../../viber-log/shared-reads.ts';
import { bearerTokenIn } from '../bearer-token.ts';
import type { Variables } from '../collect-fields.ts';
import type { CreateContext, Operation, OperationContext } from '../context.ts';
import { type RefusalHttp, refusalHttpOf } from '../errors.ts';
import type { MaskError } from '../mask-error.ts';
import type { CostLimits, CostOf } from '../operation-cost.ts';
import type { RateLimit } from '../rate-limit.ts';
import type { CompressedForms } from '../response/compressed-forms.ts';
import type { Bytes } from '../response/json-writer.ts';
import type { Responses, Written } from '../response/responses.ts';
import type { ViberLogSchema } from '../schema.ts';
import { type Asked, askedBy, findAsked, itemsIn, logsIn, resultsIn } from './plan-executor.ts';
import type { Planned, PreparedOperation } from './prepared-operation.ts';
import type { CachedResponse, ResponseCache } from './response-cache.ts';
import type { Found } from './response-writer.ts';

export type QueryParams = {
  operationName?: string | null | undefined;
  variables?: Record<string, unknown> | null | undefined;
};

export type QueryResponse = Pick<Written, 'body' | 'codes'> & {
  /** Where the response is cached. */
  forms?: CompressedForms | undefined;
  /** Where a refusal stands in the place of the whole response. */
  http?: RefusalHttp | undefined;
};

export type QueryRunner = {
  /** Null: nothing was run, and Yoga has to answer. */
  run: (
    prepared: PreparedOperation,
    params: QueryParams,
    operation: Operation,
    cancellation: Cancellation,
  ) => Promise<QueryResponse> | QueryResponse | null;
};

export type QueryRunnerParts = {
  viberLogSchema: ViberLogSchema;
  cost: CostLimits;
  costOf: CostOf;
  /** Null: there is no limit. */
  rateLimit: RateLimit | null;
  responses: Responses;
  /** Null where no response is cached. */
  responseCache: ResponseCache | null;
  createContext: CreateContext;
  maskError: MaskError;
};

export function createQueryRunner(parts: QueryRunnerParts): QueryRunner {
  const { viberLogSchema, cost, costOf, rateLimit, responseCache, createContext, responses, maskError } = parts;
  /** A query with no more items than this is within both limits. */
  const certainlyFew = Math.min(cost.maxItems, cost.maxUpstreamCalls);
  const { schema } = viberLogSchema;

  function run(
    query: PreparedOperation,
    { variables: sent }: QueryParams,
    operation: Operation,
    cancellation: Cancellation,
  ) {
    if (query.type !== 'query') return null;
    const given = sent ?? {};
    const areCoerced = query.areCoerced(given);
    // Lists that are too long are refused before each of their items is coerced.
    if (!areCoerced && isRefused(query, given)) return null;
    const variables = areCoerced ? given : query.coerced(given);
    if (variables === null) return null;
    const planned = query.plannedFor(variables);
    const asked = planned && askedBy(planned.plan, variables);
    if (planned === null || asked === null) return null;
    if (planned.plan.needsToken && bearerTokenIn(operation.authorizations) === undefined) return null;
    if (areCoerced && itemsIn(asked) > certainlyFew && isRefused(query, given)) return null;

    operation.type = 'query';
    operation.name = query.name;
    operation.registration?.();
    // The plan asks for all ids in one go: the batch can begin in the next microtask.
    const context = createContext(operation, cancellation, queueMicrotask);
    return rateLimit === null
      ? respond(planned, asked, context)
      : respondWithinRate(rateLimit, planned, asked, context);
  }

  function isRefused({ document, operationName }: PreparedOperation, variableValues: Variables): boolean {
    return typeof costOf({ schema, document, operationName, variableValues }) !== 'number';
  }

  function respondWithinRate(
    { admit }: RateLimit,
    planned: Planned,
    asked: readonly Asked[],
    context: OperationContext,
  ): Promise<QueryResponse> | QueryResponse {
    const admission = admit(context.operation, logsIn(asked));
    if (admission === null) return respond(planned, asked, context);
    if (!(admission instanceof Promise)) return refuse(admission, context);
    return admission.then((late) => (late === null ? respond(planned, asked, context) : refuse(late, context)));
  }

  async function refuse(error: GraphQLError, context: OperationContext): Promise<QueryResponse> {
    return responseOf(await responses.writeResult({ errors: [error] }, context.response));
  }

  function respond(planned: Planned, asked: readonly Asked[], context: OperationContext) {
    const reads = planned.isCached && responseCache ? readsOf(context) : null;
    if (responseCache === null || reads === null) return readAndRespond(planned, asked, context, () => undefined);
    const key = `${planned.number} ${JSON.stringify(asked)}`;
    const cached = context.operation.bypassesCache ? undefined : responseCache.find(key, reads);
    if (cached) {
      const written = responses.writeAgain(cached.body, context.response);
      // A refusal may stand in its place.
      return responseOf(written, written.body === cached.body ? cached.forms : undefined);
    }
    const askedMs = Date.now();
    return readAndRespond(planned, asked, context, (body, found) =>
      responseCache.put(key, reads, body, resultsIn(found), askedMs),
    );
  }

  /** @param cache is given a response without errors. */
  async function readAndRespond(
    { plan, write }: Planned,
    asked: readonly Asked[],
    context: OperationContext,
    cache: (body: Bytes, found: readonly Found[]) => CachedResponse | undefined,
  ): Promise<QueryResponse> {
    const { found, views, errors } = await findAsked(plan, asked, context);
    const writing = responses.write(
      (out, formatted) => write(out, found, views, formatted),
      errors.map(maskError),
      context.response,
    );
    const written = writing instanceof Promise ? await writing : writing;
    return responseOf(written, written.codes.length === 0 ? cache(written.body, found)?.forms : undefined);
  }

  return { run };
}

function responseOf({ body, codes, errors }: Written, forms?: CompressedForms): QueryResponse {
  return { body, codes, forms, http: errors.length === 1 ? refusalHttpOf(errors[0] as GraphQLError) : undefined };
}

/** Null without a readable token: then there is nothing to share. */
function readsOf(context: OperationContext): CallerReads | null {
  try {
    return context.reads();
  } catch {
    return null;
  }
}
