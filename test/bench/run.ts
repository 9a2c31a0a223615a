/**
 * What the gateway costs beside its peers: `npm run bench`. One run, one table; interleaved rounds, medians, ratios.
 *
 * CPU time is what the operating system says that the contender's process took, its threads included (Linux: /proc), for each
 * request that was answered. `npm run bench -- --only gateway,raw-map --workloads one,page --seconds 2 --rounds 3` does less.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { type Measured, openClient, runLoad } from './load.ts';
import { report } from './report.ts';

export type Figures = {
  cpuMs: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  peakMb: number;
  callsPerRequest: number;
};
export type Results = {
  machine: string;
  node: string;
  date: string;
  seconds: number;
  rounds: number;
  /** By workload, then by contender. */
  workloads: Record<string, Record<string, Figures>>;
};

const here = new URL('./', import.meta.url);
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    workloads: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string', default: 'results.json' },
  },
});
/** Linux counts a process's time in hundredths of a second. */
const ticksPerSecond = 100;
/** The data that a question was answered with first. */
const correct = new Map<string, unknown>();
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);

const selection = `
  __typename
  ... on ViberLog {
    requestId totalRecipients channel
    messages { msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime }
  }
  ... on NotFound { requestId code message }
`;
const one = `query One($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;
const page = `query Page($requestIds: [ID!]!) { viberLogs(requestIds: $requestIds) { ${selection} } }`;
const oneOf = (requestId: string) => JSON.stringify({ query: one, variables: { requestId } });
const pageOf = (requestIds: string[]) => JSON.stringify({ query: page, variables: { requestIds } });

type Workload = {
  connections: number;
  bodyOf: (index: number) => string;
  delayMs?: number;
  /** Whether the gateway may keep what it reads, as it does by default. */
  keeps?: boolean;
};

const allWorkloads: Record<string, Workload> = {
  one: { connections: 32, bodyOf: (index) => oneOf(`recipients-2-${index}`) },
  page: {
    connections: 8,
    bodyOf: (index) => pageOf(Array.from({ length: 25 }, (_, item) => `recipients-2-${index}-${item}`)),
  },
  same: { connections: 32, bodyOf: () => oneOf('recipients-2'), keeps: true },
  missing: { connections: 32, bodyOf: (index) => oneOf(`missing-${index}`) },
  large: { connections: 4, bodyOf: (index) => oneOf(`recipients-10000-${index}`) },
  slow: { connections: 256, bodyOf: (index) => oneOf(`recipients-2-${index}`), delayMs: 50 },
};

const allContenders = ['raw', 'raw-map', 'gateway', 'mercurius', 'apollo-server', 'yoga'];
const chosen = (all: string[], names: string | undefined) =>
  all.filter((name) => names?.split(',').includes(name) ?? true);
const contenders = chosen(allContenders, options.only);

await main();

async function main(): Promise<void> {
  if (!existsSync(new URL('node_modules', here))) {
    console.error('Installing the peers …');
    execFileSync('npm', ['ci'], { cwd: here, stdio: 'inherit' });
  }
  pin(process.pid, 1);
  const results: Results = {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    seconds,
    rounds,
    workloads: {},
  };
  for (const name of chosen(Object.keys(allWorkloads), options.workloads)) {
    results.workloads[name] = await measureAll(name, allWorkloads[name] as Workload);
  }
  writeFileSync(new URL(options.out, here), `${JSON.stringify(results, null, 2)}\n`);
  console.log(report(results));
}

async function measureAll(name: string, workload: Workload): Promise<Record<string, Figures>> {
  const measured = new Map<string, Figures[]>(contenders.map((contender) => [contender, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const figures = await measure(contender, workload);
      measured.get(contender)?.push(figures);
      console.error(`${name}, round ${round}: ${contender} ${(figures.cpuMs * 1000).toFixed(0)} µs a request`);
    }
  }
  return Object.fromEntries([...measured].map(([contender, figures]) => [contender, medians(figures)]));
}

/** A fresh process for each round, warmed up, so that no round inherits another's heap. */
async function measure(
  contender: string,
  { connections, bodyOf, delayMs = 0, keeps = false }: Workload,
): Promise<Figures> {
  const upstreamPort = await freePort();
  const upstream = run('upstream.ts', 1, { PORT: String(upstreamPort), DELAY_MS: String(delayMs) });
  const port = await freePort();
  const process_ = start(contender, port, upstreamPort, keeps);
  try {
    await listening(upstreamPort);
    await listening(port);
    await expectCorrect(contender, port, bodyOf(1e8));
    const load = { port, connections, bodyOf };
    await runLoad({ ...load, seconds: Math.min(1, seconds / 2), bodyOf: (index) => bodyOf(index + 1e9) });
    const callsBefore = await callsOf(upstreamPort);
    const cpuBefore = cpuMsOf(process_.pid);
    const measured = await runLoad({ ...load, seconds });
    const cpuMs = cpuMsOf(process_.pid) - cpuBefore;
    if (measured.failed > 0) throw new Error(`${contender}: ${measured.failed} requests failed.`);
    return figuresOf(measured, cpuMs, (await callsOf(upstreamPort)) - callsBefore, peakMbOf(process_.pid));
  } finally {
    process_.kill();
    upstream.kill();
  }
}

function figuresOf({ requests, latenciesMs }: Measured, cpuMs: number, calls: number, peakMb: number): Figures {
  const at = (part: number) => latenciesMs[Math.floor(latenciesMs.length * part)] ?? 0;
  return {
    cpuMs: cpuMs / requests,
    requestsPerSecond: requests / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    peakMb,
    callsPerRequest: calls / requests,
  };
}

/** All answer the same data to the same question, the raw proxy aside, which knows no GraphQL. Whoever does not is not measured. */
async function expectCorrect(contender: string, port: number, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body });
  const answer = (await response.text()) || 'nothing';
  if (!response.ok) throw new Error(`${contender} answered ${response.status}: ${answer.slice(0, 300)}`);
  if (contender === 'raw') return;
  const { data } = JSON.parse(answer);
  const expected = correct.get(body) ?? data;
  correct.set(body, expected);
  if (!isDeepStrictEqual(data, expected)) throw new Error(`${contender} answered otherwise: ${answer.slice(0, 300)}`);
}

function start(contender: string, port: number, upstreamPort: number, keeps: boolean) {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  if (contender !== 'gateway') return run(`contenders/${contender}.ts`, 0, { PORT: String(port), UPSTREAM: upstream });
  const unkept = { CACHE_FINAL_TTL_SECONDS: '0', CACHE_LIVE_TTL_SECONDS: '0', CACHE_NOT_FOUND_TTL_SECONDS: '0' };
  return run('../../src/main.ts', 0, { PORT: String(port), D7_BASE_URL: upstream, ...(keeps ? {} : unkept) });
}

/** In production, each on its own core, what it writes thrown away by the system: writing it is part of its cost. */
function run(script: string, core: number, environment: Record<string, string>) {
  const file = new URL(script, here).pathname;
  const flags = process.env.BENCH_FLAGS && script.includes('main.ts') ? process.env.BENCH_FLAGS.split(' ') : [];
  const child = spawn(process.execPath, [...flags, file], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const pid = child.pid as number;
  pin(pid, core);
  return { pid, kill: () => child.kill(process.env.BENCH_FLAGS ? 'SIGINT' : 'SIGKILL') };
}

function pin(pid: number, core: number): void {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
  } catch {
    // Without taskset the system decides; the figures move more then.
  }
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const reached = await openClient(port).catch(() => null);
    if (reached) {
      reached.close();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('A contender did not come up within ten seconds.');
}

async function callsOf(upstreamPort: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${upstreamPort}/calls`)).text());
}

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

function peakMbOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function medians(figures: Figures[]): Figures {
  const names = Object.keys(figures[0] ?? {}) as (keyof Figures)[];
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return Object.fromEntries(names.map((name) => [name, median(figures.map((one) => one[name]))])) as Figures;
}
