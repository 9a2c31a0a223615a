/**
 * The second door: GraphQL over WebSocket, in the protocol graphql-transport-ws. Behind it everything is the same, plug-ins and
 * limits included, since each operation goes through Yoga's own pipeline.
 *
 * The library's own adapter for `ws` writes to the console whatever goes wrong on a socket, so these few lines stand in its place.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Responses } from '../graphql/responses.ts';
import type { Telemetry } from '../telemetry.ts';
import { mayOpenWebSocket } from './cross-origin.ts';
import type { Upgrade } from './listener.ts';
import { traceContextOf } from './trace-context.ts';
import { type Connection, createOperations, type GetEnveloped, messageOf } from './websocket-operations.ts';

export type WebSocketConfig = {
  path: string;
  corsOrigins: readonly string[];
  maxMessageBytes: number;
  /** How long a connection may stay that has nothing under way. */
  idleMs: number;
};

export type WebSockets = {
  upgrade: Upgrade;
  /** Tells all clients to go, and to come back elsewhere. */
  close: () => void;
};

/** How often it is looked whether the other side is still there; one that did not answer since the last time is not. */
const pingEveryMs = 15_000;
/** How long a client may take to say goodbye. */
const goodbyeMs = 1000;

export function createWebSockets(
  config: WebSocketConfig,
  getEnveloped: GetEnveloped,
  responses: Responses,
  telemetry: Telemetry,
): WebSockets {
  const door = new WebSocketServer({ noServer: true, maxPayload: config.maxMessageBytes, handleProtocols });
  const protocol = makeServer(createOperations(getEnveloped, responses, telemetry));
  const alive = new WeakSet<WebSocket>();
  let pings: NodeJS.Timeout | undefined;

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever goes away while being answered is nobody to tell of it.
    socket.on('error', () => {});
    const { pathname } = new URL(request.url ?? '/', 'http://gateway');
    if (pathname !== config.path) refuse(socket, '404 Not Found');
    else if (!mayOpenWebSocket(request, config.corsOrigins)) refuse(socket, '403 Forbidden');
    else door.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, request));
  }

  function serve(webSocket: WebSocket, request: IncomingMessage): void {
    const controller = new AbortController();
    let underWay = 0;
    let idle = startIdling(webSocket, config.idleMs);
    const connection: Connection = {
      authorizations: request.headersDistinct.authorization ?? [],
      trace: traceContextOf(request.headers),
      signal: controller.signal,
      written: new Map(),
      onBegin() {
        underWay += 1;
        clearTimeout(idle);
      },
      onEnd() {
        underWay -= 1;
        if (underWay === 0) idle = startIdling(webSocket, config.idleMs);
      },
    };

    const closed = protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (text) => send(webSocket, messageOf(connection, text)),
        close: (code, reason) => webSocket.close(code, reason),
        onMessage: (take) => webSocket.on('message', (message) => take(String(message)).catch(fail)),
      },
      connection,
    );

    /** A bug of ours; what the client did wrong is told by the protocol itself. */
    function fail(error: unknown): void {
      telemetry.unexpectedError(error);
      webSocket.close(CloseCode.InternalServerError, 'Internal server error');
    }

    // A frame that is too large, or none at all: `ws` closes the connection with the code that says so.
    webSocket.on('error', () => {});
    webSocket.on('pong', () => alive.add(webSocket));
    webSocket.once('close', (code, reason) => {
      clearTimeout(idle);
      controller.abort();
      void closed(code, String(reason));
      if (door.clients.size === 0) clearInterval(pings);
    });
    alive.add(webSocket);
    if (door.clients.size === 1) pings = setInterval(ping, pingEveryMs);
  }

  function ping(): void {
    for (const webSocket of door.clients) {
      if (!alive.delete(webSocket)) webSocket.terminate();
      else webSocket.ping();
    }
  }

  function close(): void {
    for (const webSocket of door.clients) webSocket.close(1001, 'Going away');
    const goodbye = setTimeout(() => {
      for (const webSocket of door.clients) webSocket.terminate();
    }, goodbyeMs);
    // With nobody left there is nothing to wait for.
    door.close(() => clearTimeout(goodbye));
  }

  return { upgrade, close };
}

function startIdling(webSocket: WebSocket, idleMs: number): NodeJS.Timeout | undefined {
  if (webSocket.readyState !== webSocket.OPEN) return undefined;
  return setTimeout(() => webSocket.close(1000, 'Idle'), idleMs);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Done when the message is on its way, so that a client who does not read holds back whoever writes to it. */
function send(webSocket: WebSocket, message: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    // That a message was not sent is told by the end of the connection, which follows.
    webSocket.send(message, { binary: false }, () => resolve());
  });
}
