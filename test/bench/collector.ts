/** A collector of traces that takes all spans and keeps none. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let opening: Promise<string> | undefined;

/** One for all contenders, until the process ends. */
export function collectorUrl(): Promise<string> {
  opening ??= open();
  return opening;
}

async function open(): Promise<string> {
  const server = createServer((request, response) => request.resume().on('end', () => response.end())).unref();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
