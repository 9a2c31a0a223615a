/**
 * Refuses what arrives on a connection and is not a normal request: bytes that are not HTTP, tunnels (CONNECT), unknown expectations, and
 * requests that arrive too slowly. node:http would respond without a body, or not at all.
 */
import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Guard } from './guard.ts';
import { type RefusalKind, refuseRequest, refuseSocket } from './refusals.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';

export function refuseNonRequests(server: Server, guard: Guard): void {
  server.on(
    'connect',
    guard(
      (request, socket) => refuse(socket, 'methodNotAllowed', operationIdOf(request)),
      (_request, socket) => socket,
    ),
  );
  server.on(
    'checkExpectation',
    guard(
      (request, response) => refuseRequest(response, 'expectationUnknown', responseHeaders(operationIdOf(request))),
      ({ socket }) => socket,
    ),
  );
  server.on(
    'clientError',
    guard(
      (error, socket) => refuseInvalid(error, socket as Socket),
      (_error, socket) => socket,
    ),
  );
}

/** A second error about the same bytes is ignored. In the middle of another response, a refusal cannot be sent. */
function refuseInvalid({ code }: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  if (socket.writableEnded) return;
  if (socket._httpMessage?.headersSent) socket.destroy();
  else refuse(socket, kindOf(code));
}

/** @param operationId a new one where there is no request to take it from. */
function refuse(socket: Duplex, kind: RefusalKind, operationId: string = randomUUID()): void {
  if (socket.writable) refuseSocket(socket, kind, responseHeaders(operationId));
  else socket.destroy();
}

/** The codes are those of node:http's parser and timeouts. */
function kindOf(code: string | undefined): RefusalKind {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headersTooLarge';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'chunkExtensionsTooLarge';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'requestTooSlow';
    default:
      return 'messageInvalid';
  }
}
