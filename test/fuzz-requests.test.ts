/**
 * 20 000 requests composed of valid and broken parts, plain and as upgrades, against gateways in processes of their own.
 * `FUZZ_SEED=7 npm test -- fuzz-requests` sends those of another seed.
 */
import { connect as connectSocket } from 'node:net';
import { expect, it } from 'vitest';
import { openSandbox, sandboxToken } from '../src/sandbox/sandbox.ts';
import { type Running, start, urlOf } from './process.ts';
import { randomRequest } from './random-requests.ts';
import { isWhole, parse } from './raw-http.ts';
import { connect } from './websocket-client.ts';

const fuzzSeed = Number(process.env.FUZZ_SEED ?? 1);
const requestsPerGateway = 10_000;
const parallelSockets = 50;
/** A request that lacks something gets no response: first its client ends, and then it is gone. */
const endAfterMs = 150;
const destroyAfterMs = 300;

const innards = /^\s+at | {4}at |node_modules|file:\/\/|\.ts:/m;
const normalLines = new Set([
  'effective settings',
  'listening',
  'origin refused: CORS_ORIGINS does not list it',
  'operation',
  'upstream attempt',
  'upstream attempt failed',
  'upstream calls not sent',
]);

it.each(['production', 'development'])(
  'Requests composed of valid and broken parts get no 5xx and no stack trace (%s)',
  { timeout: 180_000 },
  async (NODE_ENV) => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { NODE_ENV, PORT: '0', D7_BASE_URL: sandbox.url });
    const url = await urlOf(gateway);
    const firstSeed = fuzzSeed * 1_000_003 + (NODE_ENV === 'production' ? 0 : requestsPerGateway);
    const statuses = await fuzz(gateway, url, firstSeed);
    expect(oddLinesOf(gateway)).toEqual([]);
    await expectWell(url);
    // The parts are valid often enough that requests get through to every place.
    for (const status of [101, 200, 204, 400, 403, 404, 405, 406, 415, 417, 426, 431]) {
      expect(statuses.get(status) ?? 0, `responses with status ${status}`).toBeGreaterThan(0);
    }
  },
);

/** @returns how many responses had each status. 0: none came. */
async function fuzz(gateway: Running, url: string, firstSeed: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const open = new Set<string>();
  const faults: string[] = [];
  let sent = 0;
  // Where the log has a fault or the process is gone, the cause is one of those that were open.
  const suspectOpen = (what: string) => faults.push(reportOf(what, [...open]));
  gateway.child.stdout?.on('data', (text: string) => {
    if (text.includes('unexpected error')) suspectOpen('the log has an unexpected error');
  });
  const onExit = () => suspectOpen('the process is gone');
  gateway.child.once('exit', onExit);

  async function sendInTurn(): Promise<void> {
    while (sent < requestsPerGateway && faults.length === 0) {
      const seed = firstSeed + sent++;
      const request = randomRequest(seed);
      open.add(request);
      const text = await responseTo(url, request, seed % 4 === 0);
      open.delete(request);
      const { status } = parse(text);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const fault = faultIn(text);
      if (fault) faults.push(reportOf(`${fault}:\n${text.slice(0, 2000)}`, [request]));
    }
  }

  await Promise.all(Array.from({ length: parallelSockets }, sendInTurn));
  gateway.child.off('exit', onExit);
  if (faults.length > 0) throw new Error(faults[0]);
  return statuses;
}

function faultIn(text: string): string | null {
  // Several responses may have come, where several requests went out.
  if (/^HTTP\/1\.1 5\d\d /m.test(text)) return 'a response has a status 5xx';
  const { status, headers } = parse(text);
  // GraphiQL's page has a whole application in it.
  if (status === 200 && headers['content-type']?.startsWith('text/html')) return null;
  return innards.test(text) ? 'a response shows the inside' : null;
}

function reportOf(what: string, requests: readonly string[]): string {
  const texts = requests.map((request) => JSON.stringify(request.slice(0, 4000)));
  return `FUZZ_SEED=${fuzzSeed}: ${what}\nThe request, or one of these:\n${texts.join('\n')}`;
}

/** What came until the first response was whole, the connection closed, or nothing happened for a while. */
function responseTo(url: string, request: string, endsAtOnce: boolean): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connectSocket({ port: Number(port), host: hostname, allowHalfOpen: true });
    const ending = setTimeout(() => socket.end(), endAfterMs);
    const settle = () => {
      clearTimeout(ending);
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(destroyAfterMs, settle);
    socket.on('error', settle).on('end', settle).on('close', settle);
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      if (isWhole(text)) settle();
    });
    const bytes = Buffer.from(request, 'latin1');
    if (endsAtOnce) socket.end(bytes);
    else socket.write(bytes);
  });
}

function oddLinesOf({ written }: Running): string[] {
  const lines = written().split('\n').filter(Boolean);
  return lines.filter((line) => innards.test(line) || !normalLines.has(messageOf(line)));
}

function messageOf(line: string): string {
  return line.startsWith('{') ? JSON.parse(line).msg : line;
}

async function expectWell(url: string): Promise<void> {
  const query = '{ viberLog(requestId: "recipients-2") { __typename } }';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sandboxToken}` },
    body: JSON.stringify({ query }),
  });
  expect(await response.json()).toEqual({ data: { viberLog: { __typename: 'ViberLog' } } });
  await using webSocket = await connect({ url });
  expect(await webSocket.run(query)).toMatchObject([
    { type: 'next', payload: { data: { viberLog: { __typename: 'ViberLog' } } } },
    { type: 'complete' },
  ]);
}
