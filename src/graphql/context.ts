/**
 * What one operation knows of its caller: a loader that reads logs with the caller's token.
 */
import type { D7Client } from '../viber-log/client.ts';
import { createViberLogLoader, type ViberLogLoader } from '../viber-log/loader.ts';
import { bearerToken } from './bearer-token.ts';

export type OperationLimits = {
  maxRequestIds: number;
  /** Calls to D7 that one operation may have under way at once. */
  concurrentCalls: number;
};

export type OperationContext = {
  limits: OperationLimits;
  /** @throws GraphQLError UNAUTHENTICATED, where a log is asked for and no sooner: the schema can be read without a token. */
  viberLogs: () => ViberLogLoader;
};

export function createContextFactory(d7: D7Client, limits: OperationLimits) {
  return ({ request }: { request: Request }): OperationContext => {
    let loader: ViberLogLoader | undefined;
    return {
      limits,
      viberLogs() {
        loader ??= openLoader(bearerToken(request.headers.get('authorization')));
        return loader;
      },
    };
  };

  function openLoader(token: string): ViberLogLoader {
    return createViberLogLoader((requestId) => d7.fetchViberLog(requestId, token), limits.concurrentCalls);
  }
}
