/**
 * Runs queries without the pipeline around them: once Yoga's own has found a document to be valid, it is kept with what is known
 * of it. Where it has a plan (execution-plan.ts), its logs are read and written as the plan says; anything else graphql-js executes.
 *
 * Only what is sure to be run is taken here. Whatever is refused (a document that is not valid or no query, variables that do
 * not fit, too many calls) is left to the long way, so that every refusal is worded in one place.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { maskError } from 'graphql-yoga';
import type { Cancellation } from '../../d7/cancellation.ts';
import type { CallerReads } from '../../viber-log/shared-reads.ts';
import type { Variables } from '../collect-fields.ts';
import type { CreateContext, Operation, OperationContext } from '../context.ts';
import { createDocumentCache } from '../document-cache.ts';
import { unexpected } from '../errors.ts';
import { type CostLimits, costRefusalOf } from '../operation-cost.ts';
import type { Bytes } from '../response/json-writer.ts';
import type { Responses, Written } from '../response/responses.ts';
import { type Asked, askedBy, findAsked, itemsIn, readingsIn } from './plan-executor.ts';
import { type Planned, PreparedQuery } from './prepared-query.ts';
import type { ResponseCache } from './response-cache.ts';
import type { Found } from './response-writer.ts';

export type QueryParams = {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
};

export type QueryResponse = Pick<Written, 'body' | 'codes'>;

export type QueryRunner = {
  /** Null: nothing was run, and the long way has to answer. */
  run: (
    params: QueryParams,
    operation: Operation,
    cancellation: Cancellation,
  ) => Promise<QueryResponse | null> | QueryResponse | null;
};

export type QueryRunnerParts = {
  schema: GraphQLSchema;
  cost: CostLimits;
  /** The document, where the long way's parser and rules let it through. */
  validDocument: (source: string) => DocumentNode | null;
  responses: Responses;
  /** Null where nothing is kept. */
  responseCache: ResponseCache | null;
  createContext: CreateContext;
  /** Told of what is a bug of ours, with its name and place. */
  onUnexpected: (error: GraphQLError) => void;
};

export function createQueryRunner(parts: QueryRunnerParts): QueryRunner {
  const { schema, cost, responseCache, createContext, responses } = parts;
  /** Whoever asks for no more than this is within both limits. */
  const certainlyFew = Math.min(cost.maxItems, cost.maxUpstreamCalls);
  const queries = createDocumentCache<PreparedQuery>();

  function run(params: QueryParams, operation: Operation, cancellation: Cancellation) {
    const query = knownQueryOf(params);
    if (query === null) return null;
    const given = params.variables ?? {};
    const areCoerced = query.areCoerced(given);
    // Lists that are too long are refused before each of their items is coerced.
    if (!areCoerced && isRefused(query, given)) return null;
    const variables = areCoerced ? given : query.coerced(given);
    if (variables === null) return null;
    const planned = query.plannedFor(variables);
    const asked = planned && askedBy(planned.plan, variables);
    const mayBeRefused = areCoerced && !(asked && itemsIn(asked) <= certainlyFew);
    if (mayBeRefused && isRefused(query, given)) return null;

    operation.name = query.name;
    const context = createContext(operation, cancellation);
    return planned && asked ? answerPlanned(query, planned, asked, context) : answerExecuted(query, given, context);
  }

  function knownQueryOf({ query: source, operationName }: QueryParams): PreparedQuery | null {
    const key = operationName ? `${operationName}\n${source}` : source;
    const known = queries.get(key);
    if (known) return known;
    const document = parts.validDocument(source);
    if (document === null || getOperationAST(document, operationName)?.operation !== 'query') return null;
    const query = new PreparedQuery(schema, document, operationName);
    query.isKept = queries.set(key, query);
    return query;
  }

  function isRefused({ document, operationName }: PreparedQuery, variableValues: Variables): boolean {
    return costRefusalOf({ schema, document, operationName, variableValues }, cost) !== null;
  }

  function answerPlanned(
    { isKept }: PreparedQuery,
    planned: Planned,
    asked: readonly Asked[],
    context: OperationContext,
  ) {
    const reads = isKept && responseCache ? readsOf(context) : null;
    if (responseCache === null || reads === null) return answerFound(planned, asked, context, () => {});
    const question = `${planned.number} ${JSON.stringify(asked)}`;
    const kept = context.operation.bypassesCache ? undefined : responseCache.find(question, reads);
    if (kept) return responses.writeAgain(kept, context.response);
    const askedMs = Date.now();
    return answerFound(planned, asked, context, (body, found) =>
      responseCache.keep(question, reads, body, readingsIn(found), askedMs),
    );
  }

  /** @param keep is given an answer without errors. */
  async function answerFound(
    { plan, write }: Planned,
    asked: readonly Asked[],
    context: OperationContext,
    keep: (body: Bytes, found: readonly Found[]) => void,
  ): Promise<QueryResponse> {
    const { found, errors } = await findAsked(plan, asked, context);
    const writing = responses.write((out, told) => write(out, found, told), errors.map(masked), context.response);
    const written = writing instanceof Promise ? await writing : writing;
    if (written.codes.length === 0) keep(written.body, found);
    return written;
  }

  async function answerExecuted(
    { document, operationName }: PreparedQuery,
    variableValues: Variables,
    contextValue: OperationContext,
  ): Promise<QueryResponse | null> {
    const result: ExecutionResult = await execute({ schema, document, operationName, variableValues, contextValue });
    const { errors = [], data } = result;
    // Without data nothing was run: the variables do not fit.
    if (data === undefined) return null;
    return responses.writeResult({ errors: errors.map(masked), data }, contextValue.response);
  }

  /** A bug is masked as Yoga does it. */
  function masked(error: GraphQLError): GraphQLError {
    const seen = maskError(error, unexpected.message, false) as GraphQLError;
    if (seen !== error) parts.onUnexpected(error);
    return seen;
  }

  return { run };
}

/** Null without a readable token: then there is nothing to share. */
function readsOf(context: OperationContext): CallerReads | null {
  try {
    return context.reads();
  } catch {
    return null;
  }
}
