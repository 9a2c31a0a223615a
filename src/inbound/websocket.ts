/**
 * GraphQL over WebSocket, in the protocol graphql-transport-ws: who may connect, who is still there, and the end of all connections.
 * Operations run as over HTTP, with the same plug-ins and limits, since each goes through Yoga's pipeline.
 *
 * These files replace the library's adapter for `ws`, which writes every socket error to the console.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Telemetry } from '../telemetry.ts';
import { mayOpenWebSocket } from './cross-origin.ts';
import type { Upgrade } from './listener.ts';
import { type RefusalKind, readable, refuseSocket } from './refusals.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';
import { ClientConnection, type WebSocketConfig } from './websocket-connection.ts';
import { createOperations, type OperationParts } from './websocket-operations.ts';

export type WebSockets = {
  upgrade: Upgrade;
  /** Asks all clients to disconnect, and to connect elsewhere. */
  close: () => void;
};

/** How often it is looked whether the other side is still there; one that did not answer since the last time is not. */
const pingEveryMs = 15_000;
/** How long a client may take to answer a close frame, and how long when the process stops. */
const closeTimeoutMs = 2000;
const goodbyeMs = 1000;
/** Not a function of the handshake: that would keep its request for as long as the socket lives. */
const ignore = () => {};
/** RFC 6455, section 4.2.1: the base64 of 16 bytes. */
const keyShape = /^[+/0-9A-Za-z]{22}==$/;

export function createWebSockets(
  config: WebSocketConfig,
  parts: OperationParts & { telemetry: Telemetry },
): WebSockets {
  const options = { noServer: true, maxPayload: config.maxMessageBytes, handleProtocols, closeTimeout: closeTimeoutMs };
  const server = new WebSocketServer({ ...options, autoPong: false });
  const protocol = makeServer(createOperations(parts));
  const { documents, telemetry } = parts;
  const alive = new WeakSet<WebSocket>();
  const isAlive = (webSocket: WebSocket) => void alive.add(webSocket);
  const connectionParts = { protocol, config, idParams: documents.idParams, telemetry, isAlive, onClosed };
  let isClosing = false;
  let pings: NodeJS.Timeout | undefined;

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The client may disconnect during the response.
    socket.on('error', ignore);
    const refusal = isClosing ? 'stopping' : refusalOf(request, config);
    if (refusal === 'originNotListed') telemetry.originRefused({ origin: readable(request.headers.origin ?? '') });
    if (refusal) refuse(socket, request, refusal);
    else server.handleUpgrade(request, socket, head, (webSocket) => accept(webSocket, request));
  }

  // The response to the handshake. Each operation has an id of its own.
  server.on('headers', (headers, request) => headers.push(`x-request-id: ${operationIdOf(request)}`));
  // What `ws` finds wrong beside that.
  server.on('wsClientError', (_error, socket, request) => refuse(socket, request, 'handshakeInvalid'));

  function accept(webSocket: WebSocket, request: IncomingMessage): void {
    new ClientConnection(webSocket, request, connectionParts).serve();
    alive.add(webSocket);
    // The same listener for all, without a closure of each.
    webSocket.on('pong', onPong);
    if (server.clients.size === 1) pings = setInterval(ping, pingEveryMs);
  }

  function onPong(this: WebSocket): void {
    alive.add(this);
  }

  function onClosed(): void {
    if (server.clients.size === 0) clearInterval(pings);
  }

  function ping(): void {
    for (const webSocket of server.clients) {
      // A paused socket reads no pong. slow-clients.ts notices a client that has gone: what is written for it does not move.
      if (webSocket.isPaused) alive.add(webSocket);
      if (!alive.delete(webSocket)) webSocket.terminate();
      else webSocket.ping();
    }
  }

  function close(): void {
    isClosing = true;
    for (const webSocket of server.clients) webSocket.close(1001, 'Going away');
    const goodbye = setTimeout(() => {
      for (const webSocket of server.clients) webSocket.terminate();
    }, goodbyeMs);
    // Without clients there is nothing to wait for.
    server.close(() => clearTimeout(goodbye));
  }

  return { upgrade, close };
}

function refusalOf(request: IncomingMessage, { corsOrigins, trustedProxies }: WebSocketConfig): RefusalKind | null {
  const { 'sec-websocket-key': key = '', 'sec-websocket-version': version } = request.headers;
  if (!mayOpenWebSocket(request, corsOrigins, trustedProxies)) return 'originNotListed';
  if (version !== undefined && version !== '13') return 'webSocketVersionUnknown';
  return version !== undefined && keyShape.test(key) ? null : 'handshakeInvalid';
}

function refuse(socket: Duplex, request: IncomingMessage, kind: RefusalKind): void {
  refuseSocket(socket, kind, responseHeaders(operationIdOf(request)), request.headers.origin);
}
