/**
 * An emulator of D7's endpoint on a real loopback socket, for the demo, the tests and the benchmarks.
 *
 * It shares no code with the gateway: an emulator with the decoder's assumptions could not reveal a wrong one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendDetail, sendNoSuchLog, sendUnauthorized } from './answers.ts';
import { sandboxPage } from './page.ts';
import { scenarioFor } from './scenarios.ts';

type Call = {
  requestId: string;
  authorization: string | undefined;
  /** Names and values alternate, as received. */
  rawHeaders: readonly string[];
};

export type Sandbox = AsyncDisposable & {
  /** The origin: the gateway's D7_BASE_URL. */
  url: string;
  /** The last calls of the endpoint, oldest first, at most `rememberedCalls`. */
  calls: readonly Call[];
  /** The number of calls of the endpoint since the sandbox was opened. */
  callCount: () => number;
  /** The number of calls whose connection was closed before the response was complete. */
  abortedCount: () => number;
  close: () => Promise<void>;
};

export type SandboxOptions = {
  host?: string;
  /** 0 takes any free port. */
  port?: number;
  /** The accepted tokens. Each one is a separate account. */
  tokens?: readonly string[];
  /** The clock of the moving log, in milliseconds. */
  now?: () => number;
};

export const sandboxToken = 'sandbox-token';
const rememberedCalls = 1000;
const rememberedIds = 10_000;
const logPath = '/report/v1/viber-log/';

export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, tokens = [sandboxToken], now = Date.now } = options;
  const calls: Call[] = [];
  const callsById = new Map<string, number>();
  const firstRequestMs = new Map<string, number>();
  let callCount = 0;
  let abortedCount = 0;

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
    if (path === '/') return sendSandboxPage(response);
    if (!path.startsWith(logPath)) return sendDetail(response, 404, 'Not Found');
    if (request.method !== 'GET') return sendDetail(response, 405, 'Method Not Allowed');
    return answerLog(decoded(path.slice(logPath.length)), request, response);
  });

  function answerLog(requestId: string, request: IncomingMessage, response: ServerResponse) {
    record(requestId, request);
    response.once('close', () => {
      if (!response.writableFinished) abortedCount += 1;
    });
    const account = tokens.findIndex((token) => request.headers.authorization === `Bearer ${token}`);
    if (account === -1) return sendUnauthorized(response);
    const found = scenarioFor(requestId);
    if (found === undefined) return sendNoSuchLog(response);
    const { scenario, suffix } = found;
    return scenario.answer(response, { requestId, suffix, account, secondsSinceFirstRequest: secondsSince(requestId) });
  }

  function record(requestId: string, { headers: { authorization }, rawHeaders }: IncomingMessage): void {
    callCount += 1;
    deleteOldest(callsById, rememberedIds);
    callsById.set(requestId, (callsById.get(requestId) ?? 0) + 1);
    calls.push({ requestId, authorization, rawHeaders });
    if (calls.length > rememberedCalls) calls.shift();
  }

  function secondsSince(requestId: string): number {
    deleteOldest(firstRequestMs, rememberedIds);
    const first = firstRequestMs.get(requestId) ?? now();
    firstRequestMs.set(requestId, first);
    return (now() - first) / 1000;
  }

  function sendSandboxPage(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(sandboxPage({ callCount, callsById, tokens }));
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.once('close', resolve));
    server.close();
    server.closeAllConnections();
    await closed;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    callCount: () => callCount,
    abortedCount: () => abortedCount,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A Map iterates in insertion order, so its first key is the oldest. */
function deleteOldest(map: Map<string, number>, maxSize: number): void {
  if (map.size < maxSize) return;
  const [oldest] = map.keys();
  map.delete(oldest as string);
}
