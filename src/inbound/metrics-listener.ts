/**
 * Serves the metrics on a port of their own, which need not be open to clients.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGuard, type OnUnexpected } from './guard.ts';
import { refuseNonRequests } from './protocol-faults.ts';
import { refuseRequest } from './refusals.ts';
import { faultInTarget, pathOf } from './request-target.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';

export type MetricsListenerConfig = { host: string; port: number };

export type MetricsListener = { url: string; close: () => Promise<void> };

export type MetricsText = (accept: string | undefined) => Promise<{ contentType: string; body: string }>;

const path = '/metrics';
/** A few collectors, each with one connection. */
const maxConnections = 20;
const timeouts = { headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 500 };

export async function openMetricsListener(
  { host, port }: MetricsListenerConfig,
  metrics: MetricsText,
  onUnexpected: OnUnexpected,
): Promise<MetricsListener> {
  const guard = createGuard(onUnexpected);
  const server = createServer({ ...timeouts, requireHostHeader: false });
  server.maxConnections = maxConnections;
  server.on(
    'request',
    guard(answer, ({ socket }) => socket),
  );
  refuseNonRequests(server, guard);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = responseHeaders(operationIdOf(request));
    const fault = faultInTarget(request);
    if (fault) return refuseRequest(response, fault, [...headers, 'connection', 'close']);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || pathOf(request) !== path) return refuseRequest(response, 'notFound', headers);
    const { contentType, body } = await metrics(request.headers.accept);
    response.writeHead(200, [
      ...headers,
      'content-type',
      contentType,
      'content-length',
      String(Buffer.byteLength(body)),
    ]);
    response.end(body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', onUnexpected);

  /** A collector that is being answered asks again elsewhere: nothing waits for it. */
  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  const { port: opened } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${opened}${path}`, close };
}
