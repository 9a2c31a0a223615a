/**
 * One line in the log for each operation: its name and the public codes it was answered with.
 */
import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Telemetry } from '../telemetry.ts';
import type { ServerContext } from './context.ts';

/** The client chose the name, and may have chosen one as long as its request. */
const longestName = 64;

export function useOperationLog(telemetry: Telemetry): Plugin<ServerContext, ServerContext> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      contextValue.operation.name = getOperationAST(document, operationName)?.name?.value.slice(0, longestName);
    },
    onResultProcess({ result, serverContext }) {
      const { id, name, startedMs } = serverContext.operation;
      telemetry.operation({ operationId: id, operationName: name, codes: codesOf(result), startedMs });
    },
  };
}

function codesOf(result: unknown): string[] {
  const { errors = [] } = result as { errors?: readonly { extensions?: { code?: unknown } }[] };
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code)))];
}
