/**
 * One client's WebSocket: its operations, counted from begin to end, and its close when nothing is in flight for long.
 */
import type { IncomingMessage } from 'node:http';
import { CloseCode, MessageType, type makeServer } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { TraceContext } from '../d7/call-span.ts';
import { unexpected } from '../graphql/errors.ts';
import type { Telemetry } from '../telemetry.ts';
import { clientNameOf } from './client-name.ts';
import type { TrustedProxies } from './forwarded.ts';
import { traceContextOf } from './trace-context.ts';
import { Flow, type FlowClient, type FlowLimits } from './websocket-flow.ts';
import { writtenFor } from './websocket-operations.ts';
import { messageOf } from './websocket-payload.ts';
import type { Connection, Running, WrittenMessage } from './websocket-running.ts';

export type WebSocketConfig = {
  corsOrigins: readonly string[];
  trustedProxies: TrustedProxies;
  maxMessageBytes: number;
  /** How long a connection may stay that has nothing in flight. */
  idleMs: number;
  flow: FlowLimits;
};

const ignore = () => {};

/** What all connections share. */
export type ConnectionParts = {
  protocol: ReturnType<typeof makeServer<Record<string, unknown> | undefined, Connection>>;
  config: WebSocketConfig;
  /** The parameters that may name a document. */
  idParams: readonly string[];
  telemetry: Telemetry;
  /** The client is there, though it has not been listened to. */
  isAlive: (webSocket: WebSocket) => void;
  onClosed: () => void;
};

/** A class, since there may be ten thousand: closures would be memory of each. */
export class ClientConnection implements Connection, FlowClient {
  readonly authorizations: readonly string[];
  readonly trace: TraceContext;
  readonly clientName: string | undefined;
  written: Map<string, WrittenMessage> | undefined;
  readonly #parts: ConnectionParts;
  readonly #webSocket: WebSocket;
  readonly #flow: Flow;
  readonly #running = new Set<Running>();
  #begun: Running | undefined;
  #handle: ((text: string) => Promise<void>) | undefined;
  #idle: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #isClosed = false;

  constructor(webSocket: WebSocket, request: IncomingMessage, parts: ConnectionParts) {
    this.authorizations = request.headersDistinct.authorization ?? [];
    this.trace = traceContextOf(request.headers);
    this.clientName = clientNameOf(request.headers);
    this.#parts = parts;
    this.#webSocket = webSocket;
    this.#flow = new Flow({ webSocket, socket: request.socket, limits: parts.config.flow, client: this });
  }

  /** Once. */
  serve(): void {
    const webSocket = this.#webSocket;
    this.#startIdling();
    const closed = this.#parts.protocol.opened(
      {
        protocol: webSocket.protocol,
        send: (text) => this.#send(text),
        close: (code, reason) => this.#close(code as number, reason as string),
        onMessage: (handle) => {
          this.#handle = handle;
        },
      },
      this,
    );
    // A frame that is too large, or none at all: `ws` closes the connection with the code that says so.
    webSocket.on('error', ignore);
    webSocket.on('message', (message) => this.#flow.receive(String(message)));
    webSocket.on('close', (code, reason) => {
      this.#onClosed();
      this.#parts.onClosed();
      closed(code, String(reason)).catch(this.#parts.telemetry.unexpectedError);
      // The protocol's server forgets a subscription whose id was another's, which the client has just completed.
      for (const { stream } of this.#running) void stream?.return?.();
    });
  }

  /** Most connections need none: an EventTarget is large. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isClosed) this.#controller.abort();
    return this.#controller.signal;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  take(text: string): void {
    const taken = this.#handle?.(messageOf(text, this.#parts.idParams) as string);
    const operation = this.#lastBegun();
    const end = () => operation && this.#end(operation);
    taken?.then(end, (error) => {
      this.#fail(error, operation);
      end();
    });
  }

  onResume(): void {
    this.#parts.isAlive(this.#webSocket);
  }

  begin(id: string): Running {
    this.#stopIdling();
    const begun: Running = { id, isStream: false, isWriting: false, operation: undefined, stream: undefined };
    this.#begun = begun;
    this.#running.add(begun);
    this.#flow.begin();
    return begun;
  }

  /** Subscriptions are limited elsewhere: they may stay for long, and cost little. */
  becomeStream(operation: Running): void {
    if (operation.isStream || !this.#running.has(operation)) return;
    operation.isStream = true;
    this.#flow.end();
  }

  async beginWriting(operation: Running): Promise<void> {
    await this.#flow.acquireWriting();
    operation.isWriting = true;
  }

  tryBeginWriting(operation: Running): boolean {
    operation.isWriting = this.#flow.tryAcquireWriting();
    return operation.isWriting;
  }

  endWriting(operation: Running): void {
    if (operation.isWriting) this.#flow.releaseWriting();
    operation.isWriting = false;
  }

  write(message: Buffer): Promise<void> {
    return this.#flow.send(message);
  }

  writeShort(text: string, onHanded: () => void): void {
    this.#flow.writeShort(text, onHanded);
  }

  /** The protocol's hook for an operation is called before its first await: so it is known which message began which operation. */
  #lastBegun(): Running | undefined {
    const operation = this.#begun;
    this.#begun = undefined;
    return operation;
  }

  async #send(text: string): Promise<void> {
    const written = writtenFor(this, text);
    await this.#flow.send(written?.message ?? text);
    if (!written) return;
    written.running.operation?.response?.handedOver();
    this.endWriting(written.running);
  }

  #end(running: Running): void {
    this.#running.delete(running);
    running.operation?.response?.end();
    this.endWriting(running);
    if (!running.isStream) this.#flow.end();
    if (this.#running.size === 0) this.#startIdling();
  }

  /** A bug of ours; the client's other operations go on. The protocol's server itself reports the client's own faults. */
  #fail(error: unknown, operation: Running | undefined): void {
    this.#parts.telemetry.unexpectedError(error);
    if (!operation) this.#close(CloseCode.InternalServerError, 'Internal server error');
    else void this.#flow.send(JSON.stringify({ id: operation.id, type: MessageType.Error, payload: [unexpected] }));
  }

  #close(code: number, reason: string): void {
    this.#flow.stop();
    this.#webSocket.close(code, reason);
  }

  #onClosed(): void {
    this.#isClosed = true;
    this.#stopIdling();
    this.#flow.stop();
    this.#controller?.abort();
  }

  #startIdling(): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.#idle = setTimeout(() => this.#close(1000, 'Idle'), this.#parts.config.idleMs);
  }

  #stopIdling(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }
}
