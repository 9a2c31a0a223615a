/**
 * What comes on a connection and is no request to answer: bytes that are no HTTP, tunnels (CONNECT), unknown expectations, and clients
 * that are too slow. node:http would answer without words, or not at all.
 */
import { randomUUID } from 'node:crypto';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Guard } from './guard.ts';
import { type RefusalKind, refuseRequest, refuseSocket } from './refusals.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';

export function refuseOtherThanRequests(server: Server, guard: Guard): void {
  server.on(
    'connect',
    guard(
      (_request, socket) => refuse(socket, 'methodNotAllowed'),
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
      (error, socket) => refuseBytes(error, socket as Socket),
      (_error, socket) => socket,
    ),
  );
}

/** A second fault of the same bytes is not told again, and in the middle of a response nothing can be told. */
function refuseBytes({ code }: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  if (socket.writableEnded) return;
  if (socket._httpMessage?.headersSent) socket.destroy();
  else refuse(socket, kindOf(code));
}

function refuse(socket: Duplex, kind: RefusalKind): void {
  if (socket.writable) refuseSocket(socket, kind, responseHeaders(randomUUID()));
  else socket.destroy();
}

/** As node:http names what its parser and its clocks find. */
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
