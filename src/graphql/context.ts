/**
 * What one operation knows of its caller: a loader that reads logs with the caller's token, while the caller waits.
 */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { D7Client } from '../viber-log/client.ts';
import { createViberLogLoader, type ViberLogLoader } from '../viber-log/loader.ts';
import { bearerToken } from './bearer-token.ts';

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
  /** The name in the document, once it is known. */
  name?: string | undefined;
};

export type ServerContext = { operation: Operation; req: IncomingMessage };

export type OperationContext = ServerContext & {
  limits: OperationLimits;
  /** @throws GraphQLError UNAUTHENTICATED, where a log is asked for and no sooner: the schema can be read without a token. */
  viberLogs: () => ViberLogLoader;
};

export function createContextFactory(d7: D7Client, limits: OperationLimits) {
  return ({ request, req, operation }: ServerContext & { request: Request }) => {
    let loader: ViberLogLoader | undefined;

    function openLoader(): ViberLogLoader {
      const { signal } = request;
      // Each call under way listens whether the caller has gone; Node takes more than ten listeners for a leak.
      setMaxListeners(0, signal);
      const caller = {
        token: bearerToken(req.headersDistinct.authorization ?? []),
        operationId: operation.id,
        signal,
        deadlineMs: operation.startedMs + limits.timeoutMs,
      };
      return createViberLogLoader((requestId) => d7.fetchViberLog(requestId, caller), limits.concurrentCalls);
    }

    return {
      limits,
      viberLogs() {
        loader ??= openLoader();
        return loader;
      },
    };
  };
}
