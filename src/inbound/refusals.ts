/**
 * Refusals of requests that do not reach GraphQL: status, code and message of each kind, in one table. A refusal has the format of all
 * error responses, and the header x-request-id.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../graphql/error-codes.ts';

type Refusal = { status: number; code: ErrorCode; message: string; headers?: readonly string[] };

export type RefusalKind = keyof typeof refusals;

const refusals = {
  messageInvalid: { status: 400, code: 'BAD_REQUEST', message: 'This is not a valid HTTP/1.1 request.' },
  targetInvalid: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The request target is not valid (RFC 9112, section 3.2).',
  },
  hostInvalid: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The request needs one header Host with a valid value (RFC 9110, section 7.2).',
  },
  handshakeInvalid: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The WebSocket handshake is not valid (RFC 6455, section 4.2.1).',
  },
  originNotListed: {
    status: 403,
    code: 'ORIGIN_NOT_ALLOWED',
    message: 'Pages of {origin} may not send requests here: the setting CORS_ORIGINS does not list it.',
  },
  notFound: { status: 404, code: 'NOT_FOUND', message: 'Nothing is served at this path. GraphQL is at /graphql.' },
  methodNotAllowed: {
    status: 405,
    code: 'BAD_REQUEST',
    message: 'GraphQL only supports GET and POST requests.',
    headers: ['allow', 'GET, POST'],
  },
  notAcceptable: {
    status: 406,
    code: 'NOT_ACCEPTABLE',
    message: 'The header Accept allows no media type that this server has: accept application/json.',
  },
  requestTooSlow: { status: 408, code: 'REQUEST_TIMEOUT', message: 'The request did not arrive in time.' },
  chunkExtensionsTooLarge: { status: 413, code: 'REQUEST_ENTITY_TOO_LARGE', message: 'The request is too large.' },
  mediaTypeUnknown: {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'A body of this media type is not supported: send application/json.',
  },
  expectationUnknown: { status: 417, code: 'BAD_REQUEST', message: 'Only the expectation 100-continue is supported.' },
  webSocketVersionUnknown: {
    status: 426,
    code: 'UPGRADE_REQUIRED',
    message: 'Only version 13 of the WebSocket protocol is supported.',
    headers: ['upgrade', 'websocket', 'sec-websocket-version', '13'],
  },
  tooManyPipelined: {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    message: 'Too many pipelined requests wait on this connection.',
  },
  headersTooLarge: {
    status: 431,
    code: 'REQUEST_HEADER_FIELDS_TOO_LARGE',
    message: 'The headers of the request are too large.',
  },
  stopping: { status: 503, code: 'SERVICE_STOPPING', message: 'The gateway is stopping. Connect again.' },
} as const satisfies Record<string, Refusal>;

/** How long a refused client may take to read the refusal and close its side. */
const lingerMs = 1000;

/**
 * @param headers of every response: names and values alternate.
 * @param origin of the page that sent the request, for a refusal that names it.
 */
export function refuseRequest(
  response: ServerResponse,
  kind: RefusalKind,
  headers: readonly string[],
  origin?: string,
): void {
  const { status }: Refusal = refusals[kind];
  const body = bodyOf(kind, origin);
  response.writeHead(status, [...headers, ...headersOf(kind, body)]);
  response.end(body);
}

/** For connections without a response object: after bytes that are not a request, and for protocol upgrades. */
export function refuseSocket(socket: Duplex, kind: RefusalKind, headers: readonly string[], origin?: string): void {
  const { status }: Refusal = refusals[kind];
  const body = bodyOf(kind, origin);
  const all = [...headers, ...headersOf(kind, body), 'connection', 'close'];
  const lines = all.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  // Closing a connection with unread bytes resets it, and the client may then lose the response.
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
}

function bodyOf(kind: RefusalKind, origin = ''): string {
  const { message, code } = refusals[kind];
  return JSON.stringify({ errors: [{ message: message.replace('{origin}', readable(origin)), extensions: { code } }] });
}

/** Bounded, and safe in a body and in the log: whoever sends it may send anything. */
export function readable(origin: string): string {
  return /^[!-~]{1,100}$/.test(origin) ? origin : 'an origin that is not valid';
}

function headersOf(kind: RefusalKind, body: string): string[] {
  const { headers = [] }: Refusal = refusals[kind];
  return [...headers, 'content-type', 'application/json; charset=utf-8', 'content-length', String(body.length)];
}
