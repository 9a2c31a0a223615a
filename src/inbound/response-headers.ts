/**
 * The headers of every response: the operation id, and directives for browsers and caches.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const idShape = /^[A-Za-z0-9._-]{1,64}$/;

/** The client's own id if it is safe in a log and a header; otherwise a new one. */
export function operationIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && idShape.test(given) ? given : newOperationId();
}

export function newOperationId(): string {
  const id = randomUUID();
  // Node makes it of ten strings, which become one when it is looked at.
  idShape.test(id);
  return id;
}

/** Names and values alternate. */
export function responseHeaders(operationId: string): string[] {
  return ['x-request-id', operationId, 'x-content-type-options', 'nosniff', 'cache-control', 'private, no-store'];
}
