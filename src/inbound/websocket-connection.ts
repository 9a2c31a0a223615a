/**
 * One client's WebSocket: its operations, counted from begin to end, and its close when nothing is in flight for long.
 */
import type { IncomingMessage } from 'node:http';
import { CloseCode, MessageType, type makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { unexpected } from '../graphql/errors.ts';
import type { Telemetry } from '../telemetry.ts';
import { clientNameOf } from './client-name.ts';
import type { TrustedProxies } from './forwarded.ts';
import { traceContextOf } from './trace-context.ts';
import { createFlow, type FlowLimits } from './websocket-flow.ts';
import { writtenFor } from './websocket-operations.ts';
import { withQuery } from './websocket-payload.ts';
import type { Connection, Running } from './websocket-running.ts';

export type WebSocketConfig = {
  corsOrigins: readonly string[];
  trustedProxies: TrustedProxies;
  maxMessageBytes: number;
  /** How long a connection may stay that has nothing in flight. */
  idleMs: number;
  flow: FlowLimits;
};

export type ConnectionParts = {
  webSocket: WebSocket;
  request: IncomingMessage;
  protocol: ReturnType<typeof makeServer<Record<string, unknown> | undefined, Connection>>;
  config: WebSocketConfig;
  /** The parameters that may name a document. */
  idParams: readonly string[];
  telemetry: Telemetry;
  /** The client is there: it answered a ping, or has not been listened to. */
  isAlive: () => void;
};

export function serveConnection(parts: ConnectionParts): void {
  const { webSocket, request, protocol, config, idParams, telemetry, isAlive } = parts;
  const controller = new AbortController();
  const running = new Set<Running>();
  let begun: Running | undefined;
  let handle: (text: string) => Promise<void> = async () => {};
  let idle = startIdling();
  const flow = createFlow({ webSocket, socket: request.socket, limits: config.flow, take, onResume: isAlive });

  const connection: Connection = {
    authorizations: request.headersDistinct.authorization ?? [],
    trace: traceContextOf(request.headers),
    clientName: clientNameOf(request.headers),
    signal: controller.signal,
    written: new Map(),
    begin,
    becomeStream,
    beginWriting,
    tryBeginWriting,
    endWriting,
    writeShort: flow.writeShort,
    write: flow.send,
  };

  const closed = protocol.opened(
    {
      protocol: webSocket.protocol,
      send,
      close,
      onMessage: (take) => {
        handle = take;
      },
    },
    connection,
  );

  function take(text: string): void {
    const taken = handle(withQuery(text, idParams));
    const operation = lastBegun();
    const ended = operation ? () => end(operation) : () => {};
    taken.catch((error) => fail(error, operation)).finally(ended);
  }

  /** The protocol's hook for an operation is called before its first await: so it is known which message began which operation. */
  function lastBegun(): Running | undefined {
    const operation = begun;
    begun = undefined;
    return operation;
  }

  function begin(id: string): Running {
    clearTimeout(idle);
    begun = { id, isStream: false, isWriting: false };
    running.add(begun);
    flow.begin();
    return begun;
  }

  /** Subscriptions are limited elsewhere: they may stay for long, and cost little. */
  function becomeStream(operation: Running): void {
    if (operation.isStream || !running.has(operation)) return;
    operation.isStream = true;
    flow.end();
  }

  async function beginWriting(operation: Running): Promise<void> {
    await flow.acquireWriting();
    operation.isWriting = true;
  }

  function tryBeginWriting(operation: Running): boolean {
    operation.isWriting = flow.tryAcquireWriting();
    return operation.isWriting;
  }

  function endWriting(operation: Running): void {
    if (operation.isWriting) flow.releaseWriting();
    operation.isWriting = false;
  }

  async function send(text: string): Promise<void> {
    const written = writtenFor(connection, text);
    await flow.send(written?.message ?? text);
    if (!written) return;
    written.running.operation?.response?.handedOver();
    endWriting(written.running);
  }

  function end(operation: Running): void {
    running.delete(operation);
    operation.operation?.response?.end();
    endWriting(operation);
    if (!operation.isStream) flow.end();
    if (running.size === 0) idle = startIdling();
  }

  /** A bug of ours; the client's other operations go on. The protocol's server itself reports the client's own faults. */
  function fail(error: unknown, operation: Running | undefined): void {
    telemetry.unexpectedError(error);
    if (!operation) close(CloseCode.InternalServerError, 'Internal server error');
    else void flow.send(JSON.stringify({ id: operation.id, type: MessageType.Error, payload: [unexpected] }));
  }

  function close(code: number, reason: string): void {
    flow.stop();
    webSocket.close(code, reason);
  }

  function startIdling(): NodeJS.Timeout | undefined {
    if (webSocket.readyState !== webSocket.OPEN) return undefined;
    return setTimeout(() => close(1000, 'Idle'), config.idleMs);
  }

  // A frame that is too large, or none at all: `ws` closes the connection with the code that says so.
  webSocket.on('error', () => {});
  webSocket.on('message', (message) => flow.receive(String(message)));
  webSocket.on('pong', isAlive);
  webSocket.once('close', (code, reason) => {
    clearTimeout(idle);
    flow.stop();
    controller.abort();
    closed(code, String(reason)).catch(telemetry.unexpectedError);
    // The protocol's server forgets a subscription whose id was another's, which the client has just completed.
    for (const operation of running) operation.leave?.();
  });
}
