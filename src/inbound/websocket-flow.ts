/**
 * Backpressure on one WebSocket: a client that asks faster than it is answered, or that does not read, waits. Its messages stay in the
 * network; nothing of it fails, and what it costs is bounded.
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export type FlowLimits = {
  /** How many operations that are no subscriptions may be in flight. */
  maxOperations: number;
  /** How much may be written and not yet taken by the client. */
  maxUnreadBytes: number;
};

export type FlowClient = {
  /** Is given the client's messages in order, each as soon as there is capacity. */
  take: (text: string) => void;
  /** The client is listened to again. */
  onResume: () => void;
};

export type FlowParts = {
  webSocket: WebSocket;
  /** Its own. */
  socket: Duplex;
  limits: FlowLimits;
  client: FlowClient;
};

/** Past this much unread, nothing more is read or begun. */
const highWaterBytes = 1024 * 1024;

/** A class, since there may be ten thousand: closures would be memory of each. */
export class Flow {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #limits: FlowLimits;
  readonly #client: FlowClient;
  /** A paused `ws` still delivers the messages of its current packet. */
  readonly #received: string[] = [];
  readonly #writers: (() => void)[] = [];
  #inFlight = 0;
  #isWriting = false;
  #isStopped = false;

  constructor({ webSocket, socket, limits, client }: FlowParts) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#limits = limits;
    this.#client = client;
    // Not left to `ws`, which would answer pings for ever to a client that does not read.
    webSocket.on('ping', (data) => {
      webSocket.pong(data, false, () => this.#proceed());
      this.#proceed();
    });
  }

  /** Called with each message. */
  receive(text: string): void {
    if (this.#isStopped) return;
    this.#received.push(text);
    this.#proceed();
  }

  /** An operation is in flight. */
  begin(): void {
    this.#inFlight += 1;
  }

  end(): void {
    this.#inFlight -= 1;
    this.#proceed();
  }

  /** Resolves when the message is handed to the socket: backpressure from a client that does not read. */
  send(message: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      // That a message was not sent is known by the end of the connection, which follows.
      this.#webSocket.send(message, { binary: false }, () => {
        resolve();
        this.#proceed();
      });
      this.#endIfUnread();
    });
  }

  /**
   * The same for a short text of one byte in each character, with a callback, at once or later. Frame and text go in one piece, past `ws`, which would write
   * two: without compression it keeps nothing back.
   */
  writeShort(text: string, onHanded: () => void): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) {
      onHanded();
      return;
    }
    this.#socket.write(textFrameHead(text.length) + text, 'latin1');
    this.#endIfUnread();
    // Nearly always the system has it by now, and a callback would take a turn. Otherwise this one comes after it.
    if (this.#socket.writableLength === 0) onHanded();
    else this.#socket.write('', 'latin1', onHanded);
  }

  /** Resolves when little is unread and no other result is being written: so results do not pile up for a slow client. */
  async acquireWriting(): Promise<void> {
    if (this.#isStopped) return;
    if (this.#isWriting || !this.#isWritable) return new Promise((resolve) => this.#writers.push(resolve));
    this.#isWriting = true;
  }

  /** The same, where nothing is to be waited for. */
  tryAcquireWriting(): boolean {
    if (this.#isWriting || !this.#isWritable) return false;
    this.#isWriting = true;
    return true;
  }

  releaseWriting(): void {
    this.#isWriting = false;
    this.#proceed();
  }

  /** Nothing more is taken from the client. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#received.length = 0;
    for (const resume of this.#writers.splice(0)) resume();
    // So that the client's own close frame is read.
    this.#webSocket.resume();
  }

  get #isWritable(): boolean {
    return this.#webSocket.bufferedAmount <= highWaterBytes;
  }

  get #hasCapacity(): boolean {
    return this.#inFlight < this.#limits.maxOperations && this.#isWritable;
  }

  /** To be called whenever there may be more capacity, or less. */
  #proceed(): void {
    if (this.#isStopped) return;
    if (this.#writers.length > 0 && !this.#isWriting && this.#isWritable) {
      this.#isWriting = true;
      this.#writers.shift()?.();
    }
    while (this.#received.length > 0 && this.#hasCapacity) this.#client.take(this.#received.shift() as string);
    if (this.#received.length > 0 || !this.#hasCapacity) this.#webSocket.pause();
    else if (this.#webSocket.isPaused) this.#resume();
  }

  #resume(): void {
    this.#client.onResume();
    this.#webSocket.resume();
  }

  #endIfUnread(): void {
    if (this.#webSocket.bufferedAmount > this.#limits.maxUnreadBytes) this.#webSocket.terminate();
  }
}

/** Of a whole, unmasked text frame (RFC 6455, section 5.2) with less than 64 KB. */
function textFrameHead(length: number): string {
  if (length < 126) return String.fromCharCode(0x81, length);
  return String.fromCharCode(0x81, 126, length >> 8, length & 0xff);
}
