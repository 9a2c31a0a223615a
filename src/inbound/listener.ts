/**
 * The HTTP server: timeouts, limits on clients, and the drain when the process stops.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { createGuard, type OnUnexpected } from './guard.ts';
import { createPipeline } from './pipeline.ts';
import { refuseNonRequests } from './protocol-faults.ts';
import { RequestMessage } from './request-message.ts';
import { createRouter, type RouterParts } from './router.ts';
import { type SlowClientLimits, watchSlowClients } from './slow-clients.ts';

export type ListenerConfig = {
  host: string;
  port: number;
  /** How long a client may take to send its headers, and its whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /**
   * How long a connection may be idle. It has to be longer than a proxy keeps it: the request that a proxy sends just when the gateway closes the
   * connection is lost. Many proxies keep it for 60 seconds; Node's own default is 5.
   */
  keepAliveMs: number;
  maxConnections: number;
  /** How many requests of one connection may wait for earlier responses (pipeline.ts). */
  maxPipelinedRequests: number;
  slowClients: SlowClientLimits;
  /** How long a stopping gateway still accepts requests, until load balancers that poll /ready send no new ones. */
  drainDelayMs: number;
  /** The time limit of the whole stop, drain delay included. */
  shutdownTimeoutMs: number;
};

export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export type Listener = {
  url: string;
  /**
   * @param endStreams ends subscriptions, which do not end by themselves. Called when no more requests are accepted.
   * @param isReplaced by another process, which has the same port: load balancers need not know.
   */
  close: (endStreams: () => void, isReplaced?: boolean) => Promise<void>;
};

/** Node checks its timeouts every 30 s by default: then a limit of 5 s could mean 35. */
const checkEveryMs = 500;
const closeIdleEveryMs = 50;

export type ListenerParts = Omit<RouterParts, 'isDraining' | 'isReady'> & {
  config: ListenerConfig;
  /** Handles a WebSocket handshake and the connection after it. */
  upgrade: Upgrade;
  onUnexpected: OnUnexpected;
};

export async function openListener({ config, onUnexpected, ...parts }: ListenerParts): Promise<Listener> {
  let draining = false;
  let ready = true;
  const guard = createGuard(onUnexpected);
  const router = createRouter({ ...parts, isDraining: () => draining, isReady: () => ready });
  const answer = guard(router.answer, ({ socket }) => socket);
  const listen = createPipeline(config.maxPipelinedRequests, answer);

  const server = createServer({
    IncomingMessage: RequestMessage,
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveMs,
    connectionsCheckingInterval: checkEveryMs,
    // The router refuses such a request, with a message.
    requireHostHeader: false,
    // TCP keep-alive detects vanished clients on connections that are idle for long.
    keepAlive: true,
    shouldUpgradeCallback: guard.orFalse(router.isWebSocket),
  });
  server.maxConnections = config.maxConnections;
  // Otherwise full workers would pass a connection round for ever.
  Object.assign(server, { dropMaxConnection: true });
  const slowClients = watchSlowClients(server, config.slowClients);
  server.on(
    'request',
    guard(listen, ({ socket }) => socket),
  );
  server.on(
    'upgrade',
    guard(parts.upgrade, (_request, socket) => socket),
  );
  refuseNonRequests(server, guard);

  /** Answers the accepted requests and closes idle connections. After the time limit it destroys all connections. */
  async function close(endStreams: () => void, isReplaced = false): Promise<void> {
    if (draining) return;
    draining = true;
    ready = isReplaced;
    await pause(config.drainDelayMs);
    endStreams();
    const closed = new Promise((resolve) => server.close(resolve));
    // `server.close` leaves connections open that become idle later.
    const closingIdle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
    const timeLimit = setTimeout(() => slowClients.destroyAll(), config.shutdownTimeoutMs - config.drainDelayMs);
    await closed;
    slowClients.stop();
    clearInterval(closingIdle);
    clearTimeout(timeLimit);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  // For instance, a connection cannot be accepted because the process has too many open files. The server keeps listening.
  server.on('error', onUnexpected);
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}`, close };
}
