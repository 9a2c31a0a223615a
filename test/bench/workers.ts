/**
 * WORKERS=1 beside WORKERS=2: `node test/bench/workers.ts`, with wrk as the client and nginx as D7 (`apt-get install wrk nginx`). Writes
 * workers.md. `--seconds`, `--rounds` and `--out` change the run.
 *
 * Both run on the same two cores. Where the machine has no more, the client and D7 take their time from these as well, and so hide a part
 * of what the second worker brings. So the report has the CPU time of a request, too, which says what two free cores would bring.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { logOf } from '../../src/sandbox/logs.ts';
import { freePort } from '../free-port.ts';
import { productionFlags } from '../process.ts';
import { cpuMsOf } from './process-figures.ts';
import { askOne, askPage, bodyFor } from './questions.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { seconds: text, rounds: text, out: text } });
const seconds = Number(values.seconds ?? 10);
const rounds = Number(values.rounds ?? 5);
const out = values.out ?? new URL('workers.md', import.meta.url).pathname;

const root = new URL('../..', import.meta.url);
const hasFreeCores = availableParallelism() >= 4;
const gatewayCores = '0,1';
const otherCores = hasFreeCores ? `2-${availableParallelism() - 1}` : '0,1';
const workloads = {
  one: { connections: 32, body: bodyFor('gateway', askOne('@')) },
  page: { connections: 16, body: bodyFor('gateway', askPage(Array.from({ length: 25 }, () => '@'))) },
} as const;
const workerCounts = [1, 2] as const;

type Figures = { perSecond: number; cpuMs: number };
type WorkloadName = keyof typeof workloads;

const measured: Record<WorkloadName, Record<(typeof workerCounts)[number], Figures[]>> = {
  one: { 1: [], 2: [] },
  page: { 1: [], 2: [] },
};
await using d7 = await openD7();
for (let round = 0; round < rounds; round += 1) {
  for (const count of workerCounts) {
    await using gateway = await openGateway(count, d7.port);
    for (const [name, workload] of Object.entries(workloads)) {
      await load(gateway.port, workload, 2);
      const before = gateway.cpuMs();
      const { good, perSecond } = await load(gateway.port, workload, seconds);
      const figures = { perSecond, cpuMs: (gateway.cpuMs() - before) / good };
      measured[name as WorkloadName][count].push(figures);
      console.error(
        `round ${round + 1} of ${rounds}, ${name}, WORKERS=${count}: ${perSecond.toFixed(0)} a second, ${figures.cpuMs.toFixed(3)} ms of CPU each`,
      );
    }
  }
}
const report = reportOf();
writeFileSync(out, report);
console.log(report);

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function reportOf(): string {
  const rows = Object.entries(measured).map(([name, { 1: one, 2: two }]) => {
    const perSecond = (figures: readonly Figures[]) => median(figures.map((figure) => figure.perSecond));
    const cpuMs = (figures: readonly Figures[]) => median(figures.map((figure) => figure.cpuMs));
    // Runs of the same round met the machine at the same speed.
    const ratio = median(two.map((figures, index) => figures.perSecond / (one[index]?.perSecond ?? Number.NaN)));
    const free = median(two.map((figures, index) => (2 * (one[index]?.cpuMs ?? Number.NaN)) / figures.cpuMs));
    const cells = [perSecond(one).toFixed(0), perSecond(two).toFixed(0), `**${ratio.toFixed(2)} ×**`];
    return `| *${name}* | ${[...cells, cpuMs(one).toFixed(3), cpuMs(two).toFixed(3), `${free.toFixed(2)} ×`].join(' | ')} |`;
  });
  const sharing = hasFreeCores
    ? 'The client and D7 have other cores.'
    : 'The client (wrk) and D7 (nginx) share these two cores.';
  return `# Workers

\`node test/bench/workers.ts\`: the gateway with one worker and with two, on the same two cores. ${sharing}
Every response is checked: it has the logs of one request, and no error. Medians of ${rounds} rounds of ${seconds} s each.

${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}.

| Workload | 1 worker, per s | 2 workers, per s | Ratio | CPU ms per request, 1 | CPU ms, 2 | With two free cores at most |
| --- | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}

CPU time is that of the primary and all workers. The last column is twice the ratio of both: what the second worker brings where nothing else
needs its core.
`;
}

async function load(port: number, { connections, body }: (typeof workloads)[WorkloadName], forSeconds: number) {
  const script = new URL('workers.lua', import.meta.url).pathname;
  const run = `run${Math.random().toString(36).slice(2)}`;
  const options = ['-t', '1', '-c', String(connections), '-d', `${forSeconds}s`, '-s', script];
  const headers = ['-H', 'content-type: application/json', '-H', 'authorization: Bearer sandbox-token'];
  const command = ['taskset', '-c', otherCores, 'wrk', ...options, ...headers, `http://127.0.0.1:${port}/graphql`];
  const [program = '', ...rest] = [...command, '--', body, run];
  const { stdout } = await promisify(execFile)(program, rest);
  const result = JSON.parse(/^RESULT (.+)$/m.exec(stdout)?.[1] ?? '{}');
  const { good, wrong, lost, microseconds } = result as Record<'good' | 'wrong' | 'lost' | 'microseconds', number>;
  if (!(good > 0) || wrong > 0 || lost > 0) throw new Error(`${wrong} wrong, ${lost} lost: ${stdout}`);
  return { good, perSecond: good / (microseconds / 1e6) };
}

async function openGateway(workers: number, d7Port: number) {
  const port = await freePort();
  const environment = { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), WORKERS: String(workers) };
  const child = spawn('taskset', ['-c', gatewayCores, process.execPath, ...productionFlags, 'src/main.ts'], {
    cwd: root,
    env: { ...environment, D7_BASE_URL: `http://127.0.0.1:${d7Port}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const pid = child.pid as number;
  await untilReady(port);
  // The last worker may still be starting.
  while (workers > 1 && childrenOf(pid).length < workers) await pause(50);
  await pause(2000);
  const cpuMs = () => [pid, ...childrenOf(pid)].reduce((sum, each) => sum + cpuMsOf(each), 0);
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port, cpuMs, [Symbol.asyncDispose]: stop };
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** nginx says of each id what D7 would: a log of two messages. */
async function openD7() {
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  const port = await freePort();
  const log = JSON.stringify(logOf('$id', 2)).replaceAll("'", "\\'");
  const server = `listen 127.0.0.1:${port}; keepalive_requests 1000000000; location ~ ^/report/v1/viber-log/(?<id>.+)$ { default_type application/json; return 200 '${log}'; }`;
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid nginx.pid; worker_rlimit_nofile 4096; events { worker_connections 2048; } http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ')} server { ${server} } }`,
  );
  const command = ['-c', otherCores, 'nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
  const child = spawn('taskset', command, { stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true });
  };
  return { port, [Symbol.asyncDispose]: stop };
}

async function untilReady(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => null);
    if (response?.ok) return;
    await pause(50);
  }
  throw new Error('The gateway did not start in time.');
}
