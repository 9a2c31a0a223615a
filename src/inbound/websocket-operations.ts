/**
 * From a message of graphql-transport-ws to an operation in Yoga's pipeline, and its results back.
 */
import { randomUUID } from 'node:crypto';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import type { Context, OperationResult, ServerOptions, SubscribePayload } from 'graphql-ws';
import type { TraceContext } from '../d7/attempt.ts';
import { codedError } from '../graphql/coded-errors.ts';
import type { Operation, ServerContext } from '../graphql/context.ts';
import { codesOf, isStream, logOperation } from '../graphql/operation-log.ts';
import type { Telemetry } from '../telemetry.ts';

/** One client's connection. */
export type Connection = {
  /** Of the request that opened it: a router puts the token there. */
  authorizations: readonly string[];
  trace: TraceContext;
  /** Aborted when it is closed. */
  signal: AbortSignal;
  /** Each operation is told when it begins, and when it has ended. */
  onBegin: () => void;
  onEnd: () => void;
};

/** Yoga's pipeline for one operation, plug-ins applied. */
type Enveloped = {
  schema: GraphQLSchema;
  parse: (source: string) => ExecutionArgs['document'];
  validate: (schema: GraphQLSchema, document: ExecutionArgs['document']) => readonly GraphQLError[];
  contextFactory: () => unknown;
  execute: (args: ExecutionArgs) => OperationResult;
  subscribe: (args: ExecutionArgs) => OperationResult;
};

export type GetEnveloped = (context: ServerContext & { request: { signal: AbortSignal } }) => Enveloped;

/** What the protocol's server hands back to us when an operation is to be run. */
type Prepared = ExecutionArgs & { enveloped: Enveloped; operation: Operation };

type ConnectionContext = Context<Record<string, unknown> | undefined, Connection>;

export function createOperations(
  getEnveloped: GetEnveloped,
  telemetry: Telemetry,
): ServerOptions<Record<string, unknown> | undefined, Connection> {
  async function prepare(context: ConnectionContext, payload: SubscribePayload): Promise<Prepared | GraphQLError[]> {
    const operation = operationOf(context, payload);
    const { signal } = context.extra;
    const enveloped = getEnveloped({ operation, request: { signal } });
    const faults = (errors: readonly GraphQLError[]) => {
      logOperation(telemetry, operation, codesOf({ errors: errors.map(codedError) }));
      return [...errors];
    };
    try {
      const { schema, parse, validate, contextFactory } = enveloped;
      const { query, operationName, variables } = payload;
      const document = parse(query);
      const errors = validate(schema, document);
      if (errors.length > 0) return faults(errors);
      if (!getOperationAST(document, operationName)) return faults([noSuchOperation()]);
      const contextValue = await contextFactory();
      return { schema, document, operationName, variableValues: variables, contextValue, enveloped, operation };
    } catch (error) {
      if (error instanceof GraphQLError) return faults([error]);
      throw error;
    }
  }

  return {
    async onSubscribe(context, _id, payload) {
      const prepared = await prepare(context, payload);
      if (!Array.isArray(prepared)) context.extra.onBegin();
      return prepared;
    },
    execute: (args) => (args as Prepared).enveloped.execute(args),
    subscribe: (args) => (args as Prepared).enveloped.subscribe(args),
    onOperation(_context, _id, _payload, args, result) {
      // A stream has its line in the log when it ends.
      if (isStream(result)) return;
      const { errors } = result as ExecutionResult;
      logOperation(telemetry, (args as Prepared).operation, codesOf({ errors: errors?.map(codedError) }));
    },
    onNext(_context, _id, _payload, _args, { errors, ...rest }) {
      if (errors) return { errors: errors.map(codedError), ...rest } as FormattedExecutionResult;
    },
    onError: (_context, _id, _payload, errors) => errors.map(codedError),
    onComplete: ({ extra }) => extra.onEnd(),
  };
}

function operationOf({ extra, connectionParams }: ConnectionContext, { extensions }: SubscribePayload): Operation {
  const authorizations = [
    ...extra.authorizations,
    ...authorizationsIn(connectionParams),
    ...authorizationsIn(extensions?.headers),
  ];
  return {
    id: randomUUID(),
    startedMs: performance.now(),
    // The same token may come in several places; of two that differ none is taken.
    authorizations: [...new Set(authorizations)],
    trace: extra.trace,
    wantsAnew: false,
  };
}

/**
 * Clients in a browser cannot set a header here: theirs comes, spelt like the header, in the payload of `connection_init`, or,
 * from GraphiQL, in the extensions of each operation.
 */
function authorizationsIn(headers: unknown): string[] {
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .map(([, value]) => String(value));
}

function noSuchOperation(): GraphQLError {
  return new GraphQLError('Unable to identify operation.', { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
