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
import type { Operation, ServerContext } from '../graphql/context.ts';
import type { Bytes } from '../graphql/json-writer.ts';
import { isStream, logOperation } from '../graphql/operation-log.ts';
import { codesIn, formattedError } from '../graphql/response-errors.ts';
import type { Frame, Responses, Written } from '../graphql/responses.ts';
import type { Telemetry } from '../telemetry.ts';

/** One client's connection. */
export type Connection = {
  /** Of the request that opened it: a router puts the token there. */
  authorizations: readonly string[];
  trace: TraceContext;
  /** Aborted when it is closed. */
  signal: AbortSignal;
  /** Messages that are written already, by the key that stands for each in what the protocol's server has to send. */
  written: Map<string, Buffer>;
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
  responses: Responses,
  telemetry: Telemetry,
): ServerOptions<Record<string, unknown> | undefined, Connection> {
  /** By the payload, which is all that the end of an operation is told of it. */
  const operations = new WeakMap<SubscribePayload, Operation>();
  const single = new WeakMap<object, Written>();

  async function prepare(context: ConnectionContext, payload: SubscribePayload): Promise<Prepared | GraphQLError[]> {
    const operation = operationOf(context, payload);
    operations.set(payload, operation);
    const { signal } = context.extra;
    const enveloped = getEnveloped({ operation, request: { signal } });
    const faults = (errors: readonly GraphQLError[]) => {
      const bounded = responses.bounded(errors);
      logOperation(telemetry, operation, codesIn(bounded));
      return [...bounded];
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
    async onOperation(_context, id, _payload, args, result) {
      // A stream has its line in the log when it ends.
      if (isStream(result)) return;
      const { operation } = args as Prepared;
      const written = await responses.writeResult(result as ExecutionResult, operation.response, frameOf(id));
      logOperation(telemetry, operation, written.codes);
      single.set(result as object, written);
    },
    async onNext({ extra }, id, _payload, args, result) {
      const { operation } = args as Prepared;
      const { body } = single.get(result) ?? (await responses.writeResult(result, operation.response, frameOf(id)));
      return standingFor(body, extra);
    },
    onError: (_context, _id, _payload, errors) => errors.map(formattedError),
    onComplete({ extra }, _id, payload) {
      operations.get(payload)?.response?.end();
      extra.onEnd();
    },
  };
}

/** A `next` message of the protocol around a response. */
function frameOf(id: string): Frame {
  return { before: `{"id":${JSON.stringify(id)},"type":"next","payload":`, after: '}' };
}

/** What the protocol's server sends in place of a message that is written already; it would stringify a large one in one go. */
function standingFor(body: Bytes, { written }: Connection): FormattedExecutionResult {
  const key = randomUUID();
  // A string of the writer has one byte in each of its characters.
  written.set(key, typeof body === 'string' ? Buffer.from(body, 'latin1') : body);
  return { extensions: { written: key } };
}

const standIn = /"payload":\{"extensions":\{"written":"([0-9a-f-]{36})"\}\}\}$/;

/** The message itself, where another one stands for it. */
export function messageOf({ written }: Connection, text: string): string | Buffer {
  const key = written.size > 0 ? standIn.exec(text)?.[1] : undefined;
  const message = key === undefined ? undefined : written.get(key);
  if (key === undefined || message === undefined) return text;
  written.delete(key);
  return message;
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
