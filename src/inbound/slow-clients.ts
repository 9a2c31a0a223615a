/**
 * Clients that do not read. What is written for them stays in memory until they do; so a connection is closed when nothing of it has
 * moved for a while, or when it is too much. HTTP, event streams and WebSockets are all sockets of one server, and watched alike.
 */
import type { Server, Socket } from 'node:net';

export type SlowClientLimits = {
  /** How long nothing of what is written may be taken by the client. */
  stallMs: number;
  /** How much may be written and not yet taken. */
  maxUnreadBytes: number;
};

export type SlowClients = {
  destroyAll: () => void;
  stop: () => void;
};

type Progress = { takenBytes: number; sinceMs: number };

const longestPauseMs = 500;

export function watchSlowClients(server: Server, { stallMs, maxUnreadBytes }: SlowClientLimits): SlowClients {
  const progress = new Map<Socket, Progress>();
  server.on('connection', (socket) => {
    progress.set(socket, { takenBytes: -1, sinceMs: 0 });
    socket.once('close', () => progress.delete(socket));
  });

  function look(): void {
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
    const takenBytes = takenBytesOf(socket);
    if (takenBytes !== last.takenBytes) {
      last.takenBytes = takenBytes;
      last.sinceMs = nowMs;
    }
    return nowMs - last.sinceMs >= stallMs;
  }

  const looking = setInterval(look, Math.min(longestPauseMs, stallMs / 4)).unref();
  return {
    destroyAll() {
      for (const socket of progress.keys()) socket.destroy();
    },
    stop: () => clearInterval(looking),
  };
}

/**
 * How much the kernel has taken, which it does as the client reads. Node's own counts know no part of a write, and one write may be
 * a response of 20 MB: only libuv's queue tells, which Node's own `Socket._onTimeout` (lib/net.js) asks in the same way.
 */
function takenBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { bytesWritten?: number; writeQueueSize?: number } };
  return (handle?.bytesWritten ?? 0) - (handle?.writeQueueSize ?? 0);
}
