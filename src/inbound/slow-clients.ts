/**
 * Closes connections of clients that do not read. Unread bytes stay in this process's memory, so a connection is closed when the client
 * has received nothing for a while, or when too many bytes are unread. HTTP, event streams and WebSockets are sockets of one server, and
 * have the same limits.
 */
import type { Server, Socket } from 'node:net';

export type SlowClientLimits = {
  /** How long unread bytes may be pending without any progress. */
  stallMs: number;
  maxUnreadBytes: number;
};

export type SlowClients = {
  destroyAll: () => void;
  stop: () => void;
};

type Progress = { flushedBytes: number; sinceMs: number };

const maxCheckIntervalMs = 500;

export function watchSlowClients(server: Server, { stallMs, maxUnreadBytes }: SlowClientLimits): SlowClients {
  const progress = new Map<Socket, Progress>();
  server.on('connection', (socket) => {
    progress.set(socket, { flushedBytes: -1, sinceMs: 0 });
    socket.on('close', forget);
  });

  /** One listener for all, without a closure of each. */
  function forget(this: Socket): void {
    progress.delete(this);
  }

  function closeSlow(): void {
    const nowMs = performance.now();
    for (const [socket, last] of progress) {
      if (isTooSlow(socket, last, nowMs)) socket.destroy();
    }
  }

  function isTooSlow(socket: Socket, last: Progress, nowMs: number): boolean {
    if (socket.writableLength === 0) {
      last.sinceMs = nowMs;
      return false;
    }
    if (socket.writableLength > maxUnreadBytes) return true;
    const flushedBytes = flushedBytesOf(socket);
    if (flushedBytes !== last.flushedBytes) {
      last.flushedBytes = flushedBytes;
      last.sinceMs = nowMs;
    }
    return nowMs - last.sinceMs >= stallMs;
  }

  const timer = setInterval(closeSlow, Math.min(maxCheckIntervalMs, stallMs / 4)).unref();
  return {
    destroyAll() {
      for (const socket of progress.keys()) socket.destroy();
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * The number of bytes that the kernel has accepted, which it does as the client reads. Node's own counters change only when a write is
 * complete, and one write may be a response of 20 MB. Only libuv's queue shows partial progress; Node's `Socket._onTimeout`
 * (lib/net.js) reads it in the same way.
 */
function flushedBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { bytesWritten?: number; writeQueueSize?: number } };
  return (handle?.bytesWritten ?? 0) - (handle?.writeQueueSize ?? 0);
}
