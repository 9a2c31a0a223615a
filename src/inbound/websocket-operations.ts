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
import type { Operation, ServerContext } from '../graphql/context.ts';
import type { DocumentTurns } from '../graphql/document-turns.ts';
import type { Documents } from '../graphql/documents.ts';
import type { PreparedSubscription } from '../graphql/fast-path/subscription-runner.ts';
import type { MaskError } from '../graphql/mask-error.ts';
import { isStream, type LogOperation, noteEvent } from '../graphql/operation-log.ts';
import type { RateLimit } from '../graphql/rate-limit.ts';
import type { Bytes } from '../graphql/response/json-writer.ts';
import { codesIn } from '../graphql/response/response-errors.ts';
import type { Frame, Responses, Written } from '../graphql/response/responses.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Runners } from './fast-path.ts';
import { newOperationId } from './response-headers.ts';
import { WebSocketEvents } from './websocket-events.ts';
import type { Connection, Running, WrittenMessage } from './websocket-running.ts';

/** Yoga's pipeline for one operation, plug-ins applied. */
type Enveloped = {
  schema: GraphQLSchema;
  parse: (source: string) => ExecutionArgs['document'];
  validate: (schema: GraphQLSchema, document: ExecutionArgs['document']) => readonly GraphQLError[];
  contextFactory: () => unknown;
  execute: (args: ExecutionArgs) => OperationResult;
  subscribe: (args: ExecutionArgs) => OperationResult;
};

/** Yoga's plug-ins look into `params` for the name of the operation. */
export type GetEnveloped = (
  context: ServerContext & { request: { signal: AbortSignal }; params?: Pick<SubscribePayload, 'operationName'> },
) => Enveloped;

/** What the protocol's server hands back to us when an operation is to be run. */
type Prepared = ExecutionArgs & Run;
type Run = { start: Start; operation: Operation; running: Running };

type Start = () => OperationResult;

type ConnectionContext = Context<Record<string, unknown> | undefined, Connection>;

export type OperationParts = {
  getEnveloped: GetEnveloped;
  documents: Documents;
  documentTurns: DocumentTurns;
  responses: Responses;
  maskError: MaskError;
  logOperation: LogOperation;
  /** Null: there is no limit. */
  rateLimit: RateLimit | null;
  telemetry: Pick<Telemetry, 'responseSent'>;
  /** Null: everything goes through Yoga. */
  runners: Runners | null;
};

export function createOperations(
  parts: OperationParts,
): ServerOptions<Record<string, unknown> | undefined, Connection> {
  const { getEnveloped, documents, documentTurns, responses, maskError, logOperation, rateLimit, telemetry, runners } =
    parts;
  const single = new WeakMap<object, Written>();

  async function prepare(context: ConnectionContext, payload: SubscribePayload, running: Running) {
    const operation = operationOf(context, payload);
    running.operation = operation;
    const faults = (errors: readonly GraphQLError[]) => {
      const bounded = responses.bounded(errors);
      logOperation(operation, codesIn(bounded));
      return [...bounded];
    };
    try {
      const { query, operationName, variables } = payload;
      const requested = documents.documentOf({ ...payload }, operation);
      if (requested) await documentTurns.turnFor(requested.text, operation);
      const prepared = requested && runners?.prepared.find(requested, operationName);
      const followed = prepared && runners?.subscriptions.prepare(prepared, payload, operation);
      if (followed) {
        const rejection = await followed.admit();
        if (rejection) return faults([rejection]);
        // The protocol's server keeps the payload as long as the subscription.
        Object.assign(payload, { query: '', variables: null });
        return follow(followed, operation, running, context.extra);
      }
      const { signal } = context.extra;
      const enveloped = getEnveloped({ operation, request: { signal }, params: { operationName } });
      const { schema, parse, validate, contextFactory } = enveloped;
      const document = parse(requested?.text ?? query);
      const errors = validate(schema, document);
      if (errors.length > 0) return faults(errors);
      if (!getOperationAST(document, operationName)) return faults([noSuchOperation()]);
      const contextValue = await contextFactory();
      const args = { schema, document, operationName, variableValues: variables, contextValue };
      // Before it begins, so that the protocol has an `error` for it, and nothing else.
      const rejection = rateLimit && (await rateLimit.admitRequest(args, operation));
      if (rejection) return faults([rejection]);
      const isStream = getOperationAST(document, operationName)?.operation === 'subscription';
      const start = () => (isStream ? enveloped.subscribe(args) : enveloped.execute(args));
      return { ...args, start, operation, running } satisfies Prepared;
    } catch (error) {
      return faults([maskError(error)]);
    }
  }

  /** The protocol's server looks only at the document: it finds a subscription there. */
  function follow(
    { document, operationName, follow: openFollower }: PreparedSubscription,
    operation: Operation,
    running: Running,
    connection: Connection,
  ) {
    const onSent = (bytes: number) => telemetry.responseSent('websocket', bytes, bytes);
    const start = () => {
      const events = new WebSocketEvents(frameOf(running.id), running, connection, onSent);
      openFollower(() => events);
      return events;
    };
    return { document, operationName, start, operation, running } as unknown as Prepared;
  }

  /** Whatever an operation throws is its own failure, and not the end of the connection. */
  async function run(prepared: Run) {
    const { start } = prepared;
    // The protocol's server keeps the arguments as long as a subscription.
    prepared.start = hasStarted;
    try {
      return (await start()) as ExecutionResult | AsyncGenerator<ExecutionResult>;
    } catch (error) {
      return { errors: [maskError(error)] };
    }
  }

  return {
    // Not async before `begin`: it is called with the message.
    onSubscribe: (context, id, payload) => prepare(context, payload, context.extra.begin(id)),
    execute: (args) => run(args as Prepared),
    subscribe: (args) => run(args as Prepared),
    async onOperation({ extra }, id, _payload, args, result) {
      const { operation, running } = args as Prepared;
      // A stream has its line in the log when it ends.
      if (isStream(result)) {
        running.stream = result[Symbol.asyncIterator]();
        return extra.becomeStream(running);
      }
      await extra.beginWriting(running);
      // The client has disconnected.
      if (extra.isClosed) operation.response?.end();
      const written = await responses.writeResult(result as ExecutionResult, operation.response, frameOf(id));
      operation.bodyBytes = written.body.length;
      logOperation(operation, written.codes);
      single.set(result as object, written);
    },
    async onNext({ extra }, id, _payload, args, result) {
      const { operation, running } = args as Prepared;
      if (running.isStream) await extra.beginWriting(running);
      const written = single.get(result) ?? (await responses.writeResult(result, operation.response, frameOf(id)));
      const { body, codes } = written;
      if (running.isStream && noteEvent(operation, body.length, codes)) operation.repeatEvent?.();
      telemetry.responseSent('websocket', body.length, body.length);
      return standingFor(body, running, extra);
    },
    onError: ({ extra }, _id, _payload, errors) =>
      // A closed connection aborts its streams: no one reads how they end.
      extra.isClosed ? [] : errors.map((error) => responses.formatted(maskError(error))),
  };
}

function hasStarted(): never {
  throw new Error('An operation was started twice.');
}

/** A `next` message of the protocol around a response. */
function frameOf(id: string): Frame {
  return { before: `{"id":${JSON.stringify(id)},"type":"next","payload":`, after: '}' };
}

/** What the protocol's server sends in place of a message that is written already; it would stringify a large one in one go. */
function standingFor(body: Bytes, running: Running, connection: Connection): FormattedExecutionResult {
  const key = randomUUID();
  // A string of the writer has one byte in each of its characters.
  const message = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  connection.written ??= new Map();
  connection.written.set(key, { message, running });
  return { extensions: { written: key } };
}

const standIn = /"payload":\{"extensions":\{"written":"([0-9a-f-]{36})"\}\}\}$/;

/** The written message whose key a placeholder message has. */
export function writtenFor({ written }: Connection, text: string): WrittenMessage | undefined {
  const key = written !== undefined && written.size > 0 ? standIn.exec(text)?.[1] : undefined;
  const found = key === undefined ? undefined : written?.get(key);
  if (key !== undefined) written?.delete(key);
  return found;
}

function operationOf({ extra, connectionParams }: ConnectionContext, { extensions }: SubscribePayload): Operation {
  const authorizations = [
    ...extra.authorizations,
    ...authorizationsIn(connectionParams),
    ...authorizationsIn(extensions?.headers),
  ];
  return {
    id: newOperationId(),
    startedMs: performance.now(),
    // The same token may come in several places; of two that differ none is taken.
    authorizations: [...new Set(authorizations)],
    trace: extra.trace,
    clientName: extra.clientName,
    bypassesCache: false,
  };
}

/**
 * Clients in a browser cannot set a header here: theirs comes, spelt like the header, in the payload of `connection_init`, or,
 * from GraphiQL, in the extensions of each operation.
 */
function authorizationsIn(headers: unknown): string[] {
  if (typeof headers !== 'object' || headers === null) return [];
  return (
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() === 'authorization')
      // What is no text is no token either, and must not be lost beside one that is.
      .map(([, value]) => (typeof value === 'string' ? value : 'no text'))
  );
}

function noSuchOperation(): GraphQLError {
  return new GraphQLError('Unable to identify operation.', { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
