/**
 * The last look at an answer's errors: each has a code, and none brings along what it was made of.
 *
 * Our own errors are whole by then. These are graphql-js's and Yoga's: variables that do not fit, an operation that is not
 * there, a body that is no JSON. Yoga hangs the parser's own message on the last, and that quotes the body.
 */
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isRefusal } from './errors.ts';

export function useCodedErrors(): Plugin {
  return {
    onResultProcess({ result }) {
      for (const error of (result as ExecutionResult).errors ?? []) complete(error.extensions, isRefusal(error));
    },
  };
}

/** The same for a door where Yoga does not write the answer: without what it notes for itself. */
export function codedError(error: GraphQLError): GraphQLFormattedError {
  // A copy: the compiler's errors may have no extensions at all, and a parser's error is kept for the next time.
  const completed: Record<string, unknown> = { ...error.extensions };
  complete(completed, isRefusal(error));
  const { http: _http, unexpected: _unexpected, ...extensions } = completed;
  return { ...error.toJSON(), extensions };
}

/**
 * `spec` is Yoga's mark for what GraphQL over HTTP (section 6.4.1) lets clients of plain application/json be told with
 * status 200. It sets it on whatever fails in the parser or in validation; a refusal keeps its status for every client.
 */
function complete(extensions: { code?: unknown; originalError?: unknown; http?: object }, isOurs: boolean): void {
  // Whatever has a code of its own keeps it; without one it is the request that was not understood.
  extensions.code ??= 'BAD_USER_INPUT';
  const isUnreadable = extensions.originalError !== undefined;
  if (isUnreadable) delete extensions.originalError;
  if (isUnreadable || isOurs) extensions.http = { ...extensions.http, spec: false };
}
