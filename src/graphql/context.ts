/**
 * What one operation knows of its caller: how it reads logs, and follows them, with the caller's token.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { Caller, TraceContext } from '../d7/attempt.ts';
import type { Cancellation } from '../d7/cancellation.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { LiveUpdate } from '../viber-log/live-log.ts';
import type { LiveLogs } from '../viber-log/live-logs.ts';
import { createViberLogLoader, type ViberLogLoader } from '../viber-log/loader.ts';
import type { CallerReads, SharedReads } from '../viber-log/shared-reads.ts';
import { bearerTokenIn, tokenFaultIn } from './bearer-token.ts';
import { MessageIndex } from './message-index.ts';
import { HeldObjects, PendingResponse } from './response/pending-response.ts';

export type OperationLimits = {
  maxRequestIds: number;
  /** Calls to D7 that one operation may have under way at once. */
  concurrentCalls: number;
  /** For all that the operation reads. */
  timeoutMs: number;
};

/** One call of a client, from its first byte: what the server knows of it before GraphQL is spoken. */
export type Operation = {
  id: string;
  startedMs: number;
  /** What was sent as `Authorization`: every one of them, so that nobody has to guess which one counts. */
  authorizations: readonly string[];
  trace: TraceContext;
  /** The client wants to hear it from D7, and not what was kept. */
  bypassesCache: boolean;
  /** The name in the document, once it is known. */
  name?: string | undefined;
  /** Once it is run. Whoever sends the response ends it. */
  response?: PendingResponse;
};

export type ServerContext = { operation: Operation };

export type OperationContext = ServerContext & {
  limits: OperationLimits;
  response: PendingResponse;
  messageIndex: () => MessageIndex;
  /** The caller's own reads. @throws GraphQLError UNAUTHENTICATED */
  reads: () => CallerReads;
  /** @throws GraphQLError UNAUTHENTICATED, where a log is asked for and no sooner: the schema can be read without a token. */
  viberLogs: () => ViberLogLoader;
  /** @throws GraphQLError UNAUTHENTICATED */
  liveViberLogs: () => { subscribe: (requestId: string) => AsyncIterableIterator<LiveUpdate> };
};

/** What reads logs, for all operations. */
type ViberLogs = { sharedReads: SharedReads; liveLogs: LiveLogs; bytesInFlight: BytesInFlight };

export type CreateContext = ReturnType<typeof createContextFactory>;

export function createContextFactory({ sharedReads, liveLogs, bytesInFlight }: ViberLogs, limits: OperationLimits) {
  const held = new HeldObjects(bytesInFlight);

  return (operation: Operation, cancellation: Cancellation) => {
    const token = bearerTokenIn(operation.authorizations);
    const response = new PendingResponse(held, token ?? '');
    operation.response = response;
    let loader: ViberLogLoader | undefined;
    let opened: CallerReads | undefined;
    let messageIndex: MessageIndex | undefined;

    function reads(): CallerReads {
      opened ??= sharedReads.openFor(caller());
      return opened;
    }

    function caller(): Caller {
      if (token === undefined) throw tokenFaultIn(operation.authorizations);
      const { id: operationId, trace } = operation;
      return { token, operationId, trace };
    }

    function openLoader(): ViberLogLoader {
      const { read } = reads();
      const deadlineMs = operation.startedMs + limits.timeoutMs;
      const budget = { cancellation, deadlineMs, priority: 'interactive' } as const;
      const cacheFilter = operation.bypassesCache ? null : sharedReads.isFresh;
      const hold = (reading: ReadResult) => response.hold(reading);
      return createViberLogLoader(
        (requestId) => read(requestId, budget, cacheFilter).then(hold),
        limits.concurrentCalls,
      );
    }

    return {
      operation,
      limits,
      response,
      reads,
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
        return { subscribe: (requestId: string) => liveLogs.subscribe(requestId, subscriber) };
      },
    };
  };
}
