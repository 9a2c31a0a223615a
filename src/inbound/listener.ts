/**
 * The server's socket: timeouts, limits on clients, and the drain when the process is to stop.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createGuard, type OnUnexpected } from './guard.ts';
import { createPipeline } from './pipeline.ts';
import { refuseOtherThanRequests } from './protocol-faults.ts';
import { createRouter, type RouterParts } from './router.ts';
import { type SlowClientLimits, watchSlowClients } from './slow-clients.ts';

export type ListenerConfig = {
  host: string;
  port: number;
  /** How long a client may take to send its headers, and its whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  maxConnections: number;
  /** How many requests of one connection may wait for the response before theirs. */
  maxPipelinedRequests: number;
  slowClients: SlowClientLimits;
  /** How long a stop goes on taking requests, so that whoever asks /ready sends no new ones. */
  drainDelayMs: number;
  /** How long a stop may take in all. */
  shutdownTimeoutMs: number;
};

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export type Listener = {
  url: string;
  /** @param endStreams called when no more requests are taken: whatever would not end by itself is to end. */
  close: (endStreams: () => void) => Promise<void>;
};

/** Node looks for clients that are over their time every 30 s by default: then a limit of 5 s may mean 35. */
const checkEveryMs = 500;
const closeIdleEveryMs = 50;

export type ListenerParts = Omit<RouterParts, 'isDraining'> & {
  config: ListenerConfig;
  /** Takes over a connection whose client wants to speak WebSocket from here on. */
  upgrade: Upgrade;
  onUnexpected: OnUnexpected;
};

export async function openListener({ config, onUnexpected, ...parts }: ListenerParts): Promise<Listener> {
  let draining = false;
  const guard = createGuard(onUnexpected);
  const router = createRouter({ ...parts, isDraining: () => draining });
  const answer = guard(router.answer, ({ socket }) => socket);
  const listen = createPipeline(config.maxPipelinedRequests, answer);

  const server = createServer({
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
    // Refused by the router, with words.
    requireHostHeader: false,
    // The kernel looks for clients that vanished, where nothing is to be written for long.
    keepAlive: true,
    shouldUpgradeCallback: guard.orFalse(router.isWebSocket),
  });
  server.maxConnections = config.maxConnections;
  const slowClients = watchSlowClients(server, config.slowClients);
  server.on(
    'request',
    guard(listen, ({ socket }) => socket),
  );
  server.on(
    'upgrade',
    guard(parts.upgrade, (_request, socket) => socket),
  );
  refuseOtherThanRequests(server, guard);

  /** Those that were taken are answered; connections that bear no request are closed; whoever is left is cut off in time. */
  async function close(endStreams: () => void): Promise<void> {
    if (draining) return;
    draining = true;
    await pause(config.drainDelayMs);
    endStreams();
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection whose last answer was under way when the server closed stays open, idle, until somebody closes it.
    const idle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
    const last = setTimeout(() => slowClients.destroyAll(), config.shutdownTimeoutMs - config.drainDelayMs);
    await closed;
    slowClients.stop();
    clearInterval(idle);
    clearTimeout(last);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  // Connections that cannot be accepted, for want of files: the next one may be.
  server.on('error', onUnexpected);
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}`, close };
}
