/** Two replicas that share a Redis, behind nginx, in front of a D7 that can break. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { openNginx } from '../nginx.ts';
import { productionFlags } from '../process.ts';
import { openRedis, type Redis } from '../redis.ts';
import { type D7, openD7 } from './d7.ts';

export type Stage = AsyncDisposable & {
  url: string;
  d7: D7;
  redis: Redis;
  /** SIGTERM, and a new process after the end of the old one. @throws Error if it does not end with code 0. */
  restart: (replica: number) => Promise<void>;
  pids: () => Record<string, number>;
  /** The logs of nginx and of the replicas are there. */
  folder: string;
};

export const replicas = [0, 1] as const;
const root = new URL('../..', import.meta.url);
const patienceMs = 30_000;

export async function openStage(): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'soak-'));
  const d7 = stack.use(await openD7());
  const redis = stack.use(await openRedis());
  const ports = [await freePort(), await freePort()];
  const settings = {
    D7_BASE_URL: d7.url,
    REDIS_URL: redis.url,
    CACHE_SECRET: 'a secret of the soak, of thirty-two characters',
    TRUSTED_PROXIES: '127.0.0.1',
    CLIENT_STALL_SECONDS: '5',
    LOG_LEVEL: 'warn',
  };
  const children: ChildProcess[] = [];

  async function startReplica(replica: number): Promise<void> {
    const file = openSync(join(folder, `replica-${replica}.log`), 'a');
    const env = { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(ports[replica]), ...settings };
    children[replica] = spawn(process.execPath, [...productionFlags, 'src/main.ts'], {
      cwd: root,
      env,
      stdio: ['ignore', file, file],
    });
    await untilReady(`http://127.0.0.1:${ports[replica]}/ready`);
  }

  async function restart(replica: number): Promise<void> {
    const old = children[replica] as ChildProcess;
    const ended = once(old, 'exit');
    old.kill('SIGTERM');
    const [code, signal] = await ended;
    if (code !== 0) throw new Error(`Replica ${replica} ended with ${code ?? signal}.`);
    await startReplica(replica);
  }

  stack.defer(async () => {
    for (const child of children) child.kill('SIGKILL');
  });
  await Promise.all(replicas.map(startReplica));
  const upstreams = ports.map((port) => `http://127.0.0.1:${port}`);
  const nginx = stack.use(await openNginx(upstreams, join(folder, 'nginx.log')));
  const pids = () => ({
    'replica 1': children[0]?.pid ?? 0,
    'replica 2': children[1]?.pid ?? 0,
    'clients and D7': process.pid,
  });
  return { url: nginx.url, d7, redis, restart, pids, folder, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  while (performance.now() < deadlineMs) {
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    await pause(50);
  }
  throw new Error('A replica did not start in time.');
}
