/**
 * One line in the log for each operation, when it has ended: its name, the public codes it was answered with, whose it was, and what it
 * cost.
 */
import { type DocumentNode, type GraphQLError, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Telemetry } from '../telemetry.ts';
import { type CallerKeyOf, callerHashOf } from '../viber-log/caller-key.ts';
import { bearerTokenIn } from './bearer-token.ts';
import type { Operation, ServerContext } from './context.ts';
import type { ErrorCode } from './error-codes.ts';
import { codesIn } from './response/response-errors.ts';

/** The client chose the name, and may have chosen one as long as its request. */
const longestName = 64;
const passing: ErrorCode = 'OVERLOADED';

export type LogOperation = (operation: Operation, codes: readonly string[]) => void;

export function createOperationLog(telemetry: Telemetry, callerKeyOf: CallerKeyOf): LogOperation {
  /** Undefined without a readable token. Also an operation that is refused before it reads anything has a caller. */
  function callerOf({ callerKey, authorizations }: Operation): string | undefined {
    if (callerKey !== undefined) return callerHashOf(callerKey);
    const token = bearerTokenIn(authorizations);
    return token === undefined ? undefined : callerHashOf(callerKeyOf(token));
  }

  return (operation, codes) => {
    const { id, type, name, isTrusted = false, clientName, startedMs, reads, bodyBytes, trace } = operation;
    telemetry.operation({
      operationId: id,
      operationType: type,
      operationName: name,
      isTrusted,
      clientName,
      caller: callerOf(operation),
      codes,
      cached: reads?.cached ?? 0,
      shared: reads?.shared ?? 0,
      called: reads?.called ?? 0,
      bytes: bodyBytes,
      startedMs,
      trace,
    });
  };
}

export function useOperationLog(logOperation: LogOperation, onEvent: () => void): Plugin<ServerContext, ServerContext> {
  const logEvents = (operation: Operation) => logOperation(operation, operation.eventCodes ?? []);

  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      nameOperation(contextValue.operation, document, operationName);
    },
    onSubscribe({ args: { document, operationName, contextValue } }) {
      const { operation } = contextValue;
      nameOperation(operation, document, operationName);
      return { onSubscribeResult: () => ({ onNext: onEvent, onEnd: () => logEvents(operation) }) };
    },
    onResultProcess({ result, serverContext }) {
      // A stream has its line when it ends.
      if (!isStream(result)) logOperation(serverContext.operation, codesOf(result));
    },
  };
}

/** @returns whether an error stands in its place that will pass. */
export function noteEvent(operation: Operation, bytes: number, codes: readonly string[]): boolean {
  operation.bodyBytes = (operation.bodyBytes ?? 0) + bytes;
  if (codes.length === 0) return false;
  operation.eventCodes = [...new Set([...(operation.eventCodes ?? []), ...codes])];
  return codes.includes(passing);
}

function nameOperation(operation: Operation, document: DocumentNode, name: string | null | undefined): void {
  operation.type = getOperationAST(document, name)?.operation;
  operation.name = nameOf(document, name);
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
