/**
 * The door: sockets, their timeouts, the two probes, the id of each call, and the way out when the process is to stop.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '../graphql/context.ts';
import { traceContextOf } from './trace-context.ts';

export type ListenerConfig = {
  host: string;
  port: number;
  /** How long a client may take to send its headers, and its whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How long a stop goes on taking requests, so that whoever asks /ready sends no new ones. */
  drainDelayMs: number;
  /** How long a stop may take in all. */
  shutdownTimeoutMs: number;
};

export type HandleContext = {
  operation: Operation;
  /** What every answer bears: names and values in turn. */
  headers: readonly string[];
};

export type Handle = (request: IncomingMessage, response: ServerResponse, context: HandleContext) => unknown;

/** Takes over a connection whose client wants to speak another protocol from here on. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export type Listener = {
  url: string;
  /** @param endStreams called when no more requests are taken: whatever would not end by itself is to end. */
  close: (endStreams: () => void) => Promise<void>;
};

/** Node looks for clients that are over their time every 30 s by default: then a limit of 5 s may mean 35. */
const checkEveryMs = 500;
const closeIdleEveryMs = 50;
const authorization = 'authorization';

export async function openListener(config: ListenerConfig, handle: Handle, upgrade: Upgrade): Promise<Listener> {
  let draining = false;

  const listen: RequestListener = (request, response) => {
    if (request.url === '/health') return answerProbe(response, true, draining);
    if (request.url === '/ready') return answerProbe(response, !draining, draining);
    const operation = operationOf(request);
    handle(request, response, { operation, headers: headersFor(operation, draining) });
  };

  const server = createServer(
    {
      headersTimeout: config.headersTimeoutMs,
      requestTimeout: config.requestTimeoutMs,
      connectionsCheckingInterval: checkEveryMs,
    },
    listen,
  );

  server.on('upgrade', upgrade);

  /** Those that were taken are answered; connections that bear no request are closed; whoever is left is cut off in time. */
  async function close(endStreams: () => void): Promise<void> {
    if (draining) return;
    draining = true;
    await pause(config.drainDelayMs);
    endStreams();
    const closed = new Promise((resolve) => server.close(resolve));
    // A connection whose last answer was under way when the server closed stays open, idle, until somebody closes it.
    const idle = setInterval(() => server.closeIdleConnections(), closeIdleEveryMs);
    const last = setTimeout(() => server.closeAllConnections(), config.shutdownTimeoutMs - config.drainDelayMs);
    await closed;
    clearInterval(idle);
    clearTimeout(last);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}`, close };
}

function headersFor({ id }: Operation, draining: boolean): string[] {
  const headers = ['x-request-id', id, 'x-content-type-options', 'nosniff', 'cache-control', 'private, no-store'];
  if (draining) headers.push('connection', 'close');
  return headers;
}

/** Whether the process lives, and whether it wants requests. Neither asks D7: its troubles are told in the answers. */
function answerProbe(response: ServerResponse, well: boolean, draining: boolean): void {
  if (draining) response.setHeader('connection', 'close');
  response.writeHead(well ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ ok: well }));
}

function operationOf(request: IncomingMessage): Operation {
  return {
    id: operationIdOf(request),
    startedMs: performance.now(),
    authorizations: authorizationsIn(request.rawHeaders),
    trace: traceContextOf(request.headers),
    wantsAnew: wantsAnew(request.headers['cache-control']),
  };
}

function wantsAnew(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /\b(no-cache|max-age=0)\b/i.test(cacheControl);
}

/** Each that came: of several, `headers` would tell the first alone. Names and values stand there in turn. */
function authorizationsIn(rawHeaders: readonly string[]): string[] {
  const authorizations: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== authorization.length || name.toLowerCase() !== authorization) continue;
    authorizations.push(rawHeaders[index + 1] as string);
  }
  return authorizations;
}

/** The client's own id, where it is short and plain enough for a log and a header; otherwise a new one. */
function operationIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
}
