/**
 * One line in the log for each operation, when it has ended: its name and the public codes it was answered with.
 */
import { type DocumentNode, type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Telemetry } from '../telemetry.ts';
import type { Operation, ServerContext } from './context.ts';
import { codesIn } from './response/response-errors.ts';

/** The client chose the name, and may have chosen one as long as its request. */
const longestName = 64;

export function useOperationLog(telemetry: Telemetry): Plugin<ServerContext, ServerContext> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      contextValue.operation.name = nameOf(document, operationName);
    },
    onSubscribe({ args: { document, operationName, contextValue } }) {
      const { operation } = contextValue;
      operation.name = nameOf(document, operationName);
      const codes = new Set<string>();
      return {
        onSubscribeResult: () => ({
          onNext({ result }) {
            for (const code of codesOf(result)) codes.add(code);
          },
          onEnd: () => logOperation(telemetry, operation, [...codes]),
        }),
      };
    },
    onResultProcess({ result, serverContext }) {
      // A stream has its line when it ends.
      if (!isStream(result)) logOperation(telemetry, serverContext.operation, codesOf(result));
    },
  };
}

export function logOperation(telemetry: Telemetry, operation: Operation, codes: readonly string[]): void {
  const { id, name, clientName, startedMs } = operation;
  telemetry.operation({ operationId: id, operationName: name, clientName, codes, startedMs });
}

function codesOf(result: unknown): string[] {
  const { errors = [] } = result as { errors?: readonly GraphQLError[] };
  return codesIn(errors);
}

export function isStream(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

export function nameOf(document: DocumentNode, operationName: string | null | undefined): string | undefined {
  return getOperationAST(document, operationName)?.name?.value.slice(0, longestName);
}
