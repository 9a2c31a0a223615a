/**
 * Runs the queries that come again and again, without the pipeline around them: once Yoga's own has found a document to be valid,
 * it is kept with what is known of it, and from its third run on it is compiled.
 *
 * Only what is sure to be run is taken here. Whatever is refused (a document that is not valid or no query, variables that do
 * not fit, too many calls) is left to the long way, so that every refusal is worded in one place.
 *
 * A compiler must not let strangers burn the processor with ever new documents. So a document has to come back to be compiled, a
 * few a second at most are, and as few are kept as parsed ones.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { maskError } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { createAllowance } from './allowance.ts';
import { codedError } from './coded-errors.ts';
import type { Operation, OperationContext } from './context.ts';
import { documentBounds } from './document-cache.ts';
import { unexpected } from './errors.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { nameOf } from './operation-log.ts';
import { distinctUpstreamCalls, mostUpstreamCalls } from './upstream-cost.ts';

export type QueryParams = {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
};

type QueryAnswer = { body: string | Buffer; codes: readonly string[] };

export type QueryRunner = {
  /** Null: nothing was run, and the long way has to answer. */
  run: (params: QueryParams, operation: Operation, signal: AbortSignal) => Promise<QueryAnswer | null> | null;
};

export type QueryRunnerParts = {
  schema: GraphQLSchema;
  maxUpstreamCalls: number;
  /** The document, where the long way's parser and rules let it through. */
  validDocument: (source: string) => DocumentNode | null;
  keptAnswers: KeptAnswers;
  createContext: (operation: Operation, signal: AbortSignal) => OperationContext;
  /** Told of what is a bug of ours, with its name and place. */
  onUnexpected: (error: GraphQLError) => void;
};

type Known = {
  document: DocumentNode;
  name: string | undefined;
  /** How many calls to D7 it can cost, whatever its variables are. */
  mostCalls: number;
  runs: number;
  compiled: CompiledQuery | null;
};

const runsBeforeCompiling = 2;
const compilationsPerSecond = 5;

export function createQueryRunner(parts: QueryRunnerParts): QueryRunner {
  const { schema, maxUpstreamCalls, keptAnswers, createContext } = parts;
  const documents = new LRUCache<string, Known>({ ...documentBounds, sizeCalculation: (_known, key) => key.length });
  const mayCompile = createAllowance(compilationsPerSecond, () => performance.now());

  function run(params: QueryParams, operation: Operation, signal: AbortSignal): Promise<QueryAnswer | null> | null {
    const known = knownOf(params);
    if (known === null) return null;
    const { document } = known;
    const { operationName, variables: variableValues } = params;
    const asked = { schema, document, operationName, variableValues };
    if (known.mostCalls > maxUpstreamCalls && distinctUpstreamCalls(asked) > maxUpstreamCalls) return null;

    operation.name = known.name;
    const contextValue = createContext(operation, signal);
    const keeping = keepingFor(params, contextValue);
    const kept = keeping && !operation.wantsAnew ? keptAnswers.find(keeping.question, keeping.reads) : undefined;
    if (kept) return Promise.resolve({ body: kept, codes: [] });

    const compiled = compiledOf(known, operationName);
    const result = compiled
      ? compiled.query(undefined, contextValue, variableValues ?? {})
      : execute({ ...asked, contextValue });
    return answerOf(
      result,
      (text) => keeping && keptAnswers.keep(keeping.question, keeping.reads, text, contextValue.readings),
    );
  }

  /** Null without a token: then there is nothing to share. */
  function keepingFor({ query, operationName, variables }: QueryParams, context: OperationContext) {
    if (context.operation.authorizations.length === 0) return null;
    try {
      return { question: `${operationName ?? ''}\n${query}\n${JSON.stringify(variables)}`, reads: context.reads() };
    } catch {
      return null;
    }
  }

  function knownOf({ query, operationName }: QueryParams): Known | null {
    const key = `${operationName ?? ''}\n${query}`;
    const known = documents.get(key);
    if (known) return known;
    const document = parts.validDocument(query);
    if (document === null || getOperationAST(document, operationName)?.operation !== 'query') return null;
    const name = nameOf(document, operationName);
    const fresh = { document, name, mostCalls: mostUpstreamCalls(document), runs: 0, compiled: null };
    documents.set(key, fresh);
    return fresh;
  }

  function compiledOf(known: Known, operationName: string | null | undefined): CompiledQuery | null {
    known.runs += 1;
    if (known.compiled || known.runs <= runsBeforeCompiling || !mayCompile()) return known.compiled;
    const compiled = compileQuery(schema, known.document, operationName ?? undefined, {
      // What the resolvers give has been checked by the decoder, field by field.
      disableLeafSerialization: true,
      disablingCapturingStackErrors: true,
    });
    if (isCompiledQuery(compiled)) known.compiled = compiled;
    return known.compiled;
  }

  async function answerOf(
    pending: ExecutionResult | Promise<ExecutionResult>,
    keep: (text: string) => Buffer | null | undefined,
  ): Promise<QueryAnswer | null> {
    const { errors, data } = await pending;
    // Without data nothing was run: the variables do not fit.
    if (data === undefined) return null;
    if (!errors?.length) {
      const text = JSON.stringify({ data });
      return { body: keep(text) ?? text, codes: [] };
    }
    const told = errors.map(toldOf);
    return { body: JSON.stringify({ errors: told, data }), codes: [...new Set(told.map(codeOf))] };
  }

  /** A bug is masked as Yoga does it; the compiler's errors know their place as such, and not by the nodes that Yoga goes by. */
  function toldOf(error: GraphQLError): GraphQLFormattedError {
    const seen = maskError(error, unexpected.message, false) as GraphQLError;
    if (seen === error) return codedError(error);
    parts.onUnexpected(error);
    return { ...codedError(seen), ...(error.locations && { locations: error.locations }) };
  }

  return { run };
}

function codeOf({ extensions }: { extensions?: Record<string, unknown> }): string {
  return String(extensions?.code);
}
