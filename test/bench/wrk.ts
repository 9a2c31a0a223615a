/** A closed loop by wrk: 64 and more busy connections, at a small part of what a client in Node takes of the core beside the contender. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { token } from './client.ts';
import type { Load, Measured } from './load.ts';
import { requireProgram } from './programs.ts';

type Turn = { requests: number; seconds: number; failures: number; failure: string };
type Latency = { p50Ms: number; p99Ms: number; lost: number };

const script = new URL('wrk.lua', import.meta.url).pathname;
const patienceSeconds = 20;
/** All numbers have as many digits, so that all answers have the same length. */
const firstNumber = 1e9;

export async function runWrk({ port, connections, seconds, firstIndex, bodyOf, answer }: Load): Promise<Measured> {
  const command = requireProgram('wrk');
  const folder = mkdtempSync(join(tmpdir(), 'bench-wrk-'));
  const files = { request: join(folder, 'request'), answer: join(folder, 'answer') };
  const body = bodyOf(answer.index);
  writeFileSync(files.request, requestWith(body, port));
  writeFileSync(files.answer, answer.text);
  const load = ['-t', '1', '-c', String(connections), '-d', '1h', '--timeout', `${patienceSeconds}s`, '-s', script];
  const turn = [files.request, files.answer, String(answer.index), String(firstNumber + firstIndex), String(seconds)];
  const child = spawn(command, [...load, `http://127.0.0.1:${port}/graphql`, '--', ...turn], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const impatient = setTimeout(() => child.kill('SIGINT'), (seconds + patienceSeconds) * 1000);
  const told: { turn?: Turn; latency?: Latency } = {};
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [, name = '', json = ''] = /^(turn|latency) (\{.*\})$/.exec(line) ?? [];
    if (name === '') return;
    Object.assign(told, { [name]: JSON.parse(json) });
    // It would wait for its hour; so it reports what it has.
    if (name === 'turn') child.kill('SIGINT');
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  clearTimeout(impatient);
  rmSync(folder, { recursive: true });
  return measuredOf(told.turn, told.latency);
}

/** wrk sends what the script hands it, so the head is complete. */
function requestWith(body: string, port: number): string {
  const length = Buffer.byteLength(body);
  return `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nauthorization: ${token}\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

function measuredOf(turn: Turn | undefined, latency: Latency | undefined): Measured {
  if (!turn || !latency) {
    return { requests: 0, seconds: 0, p50Ms: 0, p99Ms: 0, failures: ['wrk did not get an answer to each request'] };
  }
  const { requests, seconds, failures, failure } = turn;
  const lost = Array.from({ length: latency.lost }, () => '');
  return { requests, seconds, ...latency, failures: [...Array.from({ length: failures }, () => failure), ...lost] };
}
