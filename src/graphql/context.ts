/**
 * What one operation knows of its caller: how it reads logs, and follows them, with the caller's token.
 */
import type { GraphQLError } from 'graphql';
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { Caller } from '../d7/attempt.ts';
import type { TraceContext } from '../d7/call-span.ts';
import type { Cancellation } from '../d7/cancellation.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { LiveStream } from '../viber-log/live-log.ts';
import type { LiveLogs } from '../viber-log/live-logs.ts';
import { createViberLogLoader, type ScheduleBatch, type ViberLogLoader } from '../viber-log/loader.ts';
import { ReadCounts } from '../viber-log/read-counts.ts';
import type { CallerReads, SharedReads } from '../viber-log/shared-reads.ts';
import { bearerTokenIn, tokenFaultIn } from './bearer-token.ts';
import { publicError } from './errors.ts';
import { MessageIndex } from './message-index.ts';
import { HeldObjects, PendingResponse } from './response/pending-response.ts';
import { RowBudget } from './views/row-budget.ts';

export type OperationLimits = {
  maxRequestIds: number;
  /** Calls to D7 that one operation may make. operation-cost.ts refuses more before anything runs: this is for what it does not see. */
  maxUpstreamCalls: number;
  /** Calls to D7 that one operation may have in flight at once. */
  concurrentCalls: number;
  /** Rows that one operation may visit for summaries, filters and pages. */
  maxComputedRows: number;
  /** For all that the operation reads. */
  timeoutMs: number;
};

type OperationType = 'query' | 'mutation' | 'subscription';

/** One call of a client, from its first byte: what the server knows of it before GraphQL is spoken. */
export type Operation = {
  id: string;
  startedMs: number;
  /** Every value that was sent as `Authorization`: which of several is right cannot be known. */
  authorizations: readonly string[];
  trace: TraceContext;
  /** By which the client introduced itself. */
  clientName?: string | undefined;
  /** The client wants D7's current answer, and no cached one. */
  bypassesCache: boolean;
  /** Of its document, where the client wants to have it registered. */
  registration?: DocumentRegistration | undefined;
  /** The type and the name in the document, once they are known. */
  type?: OperationType | undefined;
  name?: string | undefined;
  /** Whether the document is a trusted one: then no client can choose the name. */
  isTrusted?: boolean;
  /** Once it reads with a token. */
  callerKey?: string;
  /** By the rate limits, once they have counted it. */
  admission?: Admission;
  /** Those of its HTTP response, to add to: names and values in turn. */
  responseHeaders?: string[] | undefined;
  /** Once it is run. */
  reads?: ReadCounts;
  /** Of its response, or of all its events, before they are compressed. */
  bodyBytes?: number;
  /** Once it is run. Whoever sends the response ends it. */
  response?: PendingResponse;
  /** The public codes of its events so far. */
  eventCodes?: readonly string[];
  /** An error stands in the place of an event, and will pass: the present state is to be sent once more. */
  repeatEvent?: () => void;
};

/** Null where the operation may run. At once where the counts are in memory. */
export type Admission = GraphQLError | null | Promise<GraphQLError | null>;

/** Called once the document is known to be valid, and with the caller's key once D7 has accepted the token. */
export type DocumentRegistration = (callerKey?: string) => void;

export type ServerContext = { operation: Operation };

export type OperationContext = ServerContext & {
  limits: OperationLimits;
  response: PendingResponse;
  rowBudget: RowBudget;
  messageIndex: () => MessageIndex;
  /** Called with each log that was read: D7 has accepted the token. */
  onAccepted: () => void;
  /** The caller's own reads. @throws GraphQLError UNAUTHENTICATED */
  reads: () => CallerReads;
  /** Called where a log is read, so that the schema itself needs no token. @throws GraphQLError UNAUTHENTICATED */
  viberLogs: () => ViberLogLoader;
  /** @throws GraphQLError UNAUTHENTICATED */
  liveViberLogs: () => { subscribe: (requestId: string) => LiveStream };
};

/** Begins the trace of an operation that reads, once its type is known. What it returns takes the place of the client's trace. */
export type StartTrace = (operation: Pick<Operation, 'type' | 'startedMs' | 'trace'>) => TraceContext;

/** What reads logs, for all operations. */
type ViberLogs = { sharedReads: SharedReads; liveLogs: LiveLogs; bytesInFlight: BytesInFlight };

export type CreateContext = ReturnType<typeof createContextFactory>;

/** @param startTrace null: the gateway has no spans of its own. */
export function createContextFactory(
  { sharedReads, liveLogs, bytesInFlight }: ViberLogs,
  limits: OperationLimits,
  startTrace: StartTrace | null,
) {
  const held = new HeldObjects(bytesInFlight);

  /** @param scheduleBatch where all ids are asked for at once: when to begin with them. */
  return (operation: Operation, cancellation: Cancellation, scheduleBatch?: ScheduleBatch) => {
    const token = bearerTokenIn(operation.authorizations);
    const response = new PendingResponse(held, token ?? '');
    operation.response = response;
    const counts = new ReadCounts();
    operation.reads = counts;
    let loader: ViberLogLoader | undefined;
    let opened: CallerReads | undefined;
    let messageIndex: MessageIndex | undefined;

    function reads(): CallerReads {
      if (opened) return opened;
      opened = sharedReads.openFor(caller(), counts);
      operation.callerKey = opened.callerKey;
      return opened;
    }

    function onAccepted(): void {
      operation.registration?.(reads().callerKey);
      operation.registration = undefined;
    }

    function caller(): Caller {
      if (token === undefined) throw tokenFaultIn(operation.authorizations);
      if (startTrace !== null) operation.trace = startTrace(operation);
      const { id: operationId, trace } = operation;
      return { token, operationId, trace };
    }

    function openLoader(): ViberLogLoader {
      const { read } = reads();
      const deadlineMs = operation.startedMs + limits.timeoutMs;
      const budget = { cancellation, deadlineMs, priority: 'interactive', span: null } as const;
      const cacheFilter = operation.bypassesCache ? null : sharedReads.isFresh;
      const hold = (result: ReadResult) => {
        onAccepted();
        return response.hold(result);
      };
      let calls = 0;

      function readWithinLimit(requestId: string): Promise<ReadResult> {
        calls += 1;
        const { maxUpstreamCalls: limit } = limits;
        if (calls > limit) return Promise.reject(publicError('tooManyUpstreamCalls', { limit }));
        return read(requestId, budget, cacheFilter);
      }

      return createViberLogLoader(readWithinLimit, hold, limits.concurrentCalls, scheduleBatch);
    }

    return {
      operation,
      limits,
      response,
      rowBudget: new RowBudget(limits.maxComputedRows),
      reads,
      onAccepted,
      messageIndex() {
        messageIndex ??= new MessageIndex();
        return messageIndex;
      },
      viberLogs() {
        loader ??= openLoader();
        return loader;
      },
      liveViberLogs() {
        const subscriber = caller();
        return { subscribe: (requestId: string) => liveLogs.subscribe(requestId, subscriber, counts) };
      },
    };
  };
}
