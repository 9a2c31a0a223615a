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

export type FlowParts = {
  webSocket: WebSocket;
  /** Its own. */
  socket: Duplex;
  limits: FlowLimits;
  /** Is given the client's messages in order, each as soon as there is capacity. */
  take: (text: string) => void;
  /** The client is listened to again. */
  onResume: () => void;
};

export type Flow = {
  /** Called with each message. */
  receive: (text: string) => void;
  /** An operation is in flight. */
  begin: () => void;
  end: () => void;
  /** Resolves when the message is handed to the socket: backpressure from a client that does not read. */
  send: (message: string | Buffer) => Promise<void>;
  /** The same for a short text of one byte in each character, with a callback. */
  writeShort: (text: string, onHanded: () => void) => void;
  /** Resolves when little is unread and no other result is being written: so results do not pile up for a slow client. */
  acquireWriting: () => Promise<void>;
  /** The same, where nothing is to be waited for. */
  tryAcquireWriting: () => boolean;
  releaseWriting: () => void;
  /** Nothing more is taken from the client. */
  stop: () => void;
};

/** Past this much unread, nothing more is read or begun. */
const highWaterBytes = 1024 * 1024;

export function createFlow({ webSocket, socket, limits, take, onResume }: FlowParts): Flow {
  /** A paused `ws` still delivers the messages of its current packet. */
  const received: string[] = [];
  const writers: (() => void)[] = [];
  let inFlight = 0;
  let isWriting = false;
  let isStopped = false;

  const isWritable = () => webSocket.bufferedAmount <= highWaterBytes;
  const hasCapacity = () => inFlight < limits.maxOperations && isWritable();

  function receive(text: string): void {
    if (isStopped) return;
    received.push(text);
    proceed();
  }

  /** To be called whenever there may be more capacity, or less. */
  function proceed(): void {
    if (isStopped) return;
    if (writers.length > 0 && !isWriting && isWritable()) {
      isWriting = true;
      writers.shift()?.();
    }
    while (received.length > 0 && hasCapacity()) take(received.shift() as string);
    if (received.length > 0 || !hasCapacity()) webSocket.pause();
    else if (webSocket.isPaused) resume();
  }

  function resume(): void {
    onResume();
    webSocket.resume();
  }

  function send(message: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      // That a message was not sent is known by the end of the connection, which follows.
      webSocket.send(message, { binary: false }, () => {
        resolve();
        proceed();
      });
      endIfUnread();
    });
  }

  /** Frame and text in one piece, past `ws`, which would write two: without compression it keeps nothing back. */
  function writeShort(text: string, onHanded: () => void): void {
    if (webSocket.readyState !== webSocket.OPEN) {
      onHanded();
      return;
    }
    socket.write(textFrameHead(text.length) + text, 'latin1', onHanded);
    endIfUnread();
  }

  function endIfUnread(): void {
    if (webSocket.bufferedAmount > limits.maxUnreadBytes) webSocket.terminate();
  }

  function tryAcquireWriting(): boolean {
    if (isWriting || !isWritable()) return false;
    isWriting = true;
    return true;
  }

  async function acquireWriting(): Promise<void> {
    if (isStopped) return;
    if (isWriting || !isWritable()) return new Promise((resolve) => writers.push(resolve));
    isWriting = true;
  }

  function releaseWriting(): void {
    isWriting = false;
    proceed();
  }

  function stop(): void {
    if (isStopped) return;
    isStopped = true;
    received.length = 0;
    for (const resume of writers.splice(0)) resume();
    // So that the client's own close frame is read.
    webSocket.resume();
  }

  // Not left to `ws`, which would answer pings for ever to a client that does not read.
  webSocket.on('ping', (data) => {
    webSocket.pong(data, false, proceed);
    proceed();
  });

  return {
    receive,
    begin() {
      inFlight += 1;
    },
    end() {
      inFlight -= 1;
      proceed();
    },
    send,
    writeShort,
    acquireWriting,
    tryAcquireWriting,
    releaseWriting,
    stop,
  };
}

/** Of a whole, unmasked text frame (RFC 6455, section 5.2) with less than 64 KB. */
function textFrameHead(length: number): string {
  if (length < 126) return String.fromCharCode(0x81, length);
  return String.fromCharCode(0x81, 126, length >> 8, length & 0xff);
}
