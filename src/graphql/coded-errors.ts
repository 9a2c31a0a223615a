/**
 * The last look at an answer's errors: each has a code, and none brings along what it was made of.
 *
 * Our own errors are whole by then. These are graphql-js's and Yoga's: variables that do not fit, an operation that is not
 * there, a body that is no JSON. Yoga hangs the parser's own message on the last, and that quotes the body.
 */
import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export function useCodedErrors(): Plugin {
  return {
    onResultProcess({ result }) {
      for (const error of (result as ExecutionResult).errors ?? []) complete(error.extensions);
    },
  };
}

function complete(extensions: { code?: unknown; originalError?: unknown; http?: unknown }): void {
  // Whatever has a code of its own keeps it; without one it is the request that was not understood.
  extensions.code ??= 'BAD_USER_INPUT';
  if (extensions.originalError === undefined) return;
  delete extensions.originalError;
  // Yoga would now take it for a fault of GraphQL, which plain application/json is told with status 200.
  extensions.http = { ...(extensions.http as object | undefined), spec: false };
}
