/** A process of its own for everybody: in production, on a core of its own, what it writes thrown away by the system. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { freePort } from '../free-port.ts';
import { openClient } from './client.ts';

export type Script = {
  path: string;
  core: number;
  environment?: NodeJS.ProcessEnv;
  nodeFlags?: readonly string[];
  /** Whether the process can be talked to, see memory-probe.ts. */
  hasChannel?: boolean;
};
type Program = {
  core: number;
  port: number;
  environment?: NodeJS.ProcessEnv;
  hasChannel?: boolean;
  stopSignal?: NodeJS.Signals;
};
export type Started = AsyncDisposable & { pid: number; port: number; child: ChildProcess; startedMs: number };

const here = new URL('./', import.meta.url);
const patienceMs = 20_000;
const canPin = availableParallelism() > 1 && pin(process.pid, 1);

/** In Node. Writing its log is part of what a contender costs; keeping it is not. */
export async function startScript({ path, core, environment, nodeFlags = [], hasChannel }: Script): Promise<Started> {
  const port = await freePort();
  return startProgram([process.execPath, ...nodeFlags, new URL(path, here).pathname], {
    core,
    port,
    environment: { NODE_ENV: 'production', PORT: String(port), ...environment },
    hasChannel: hasChannel ?? false,
    // A profiler writes what it knows when the process ends by itself.
    stopSignal: nodeFlags.some((flag) => flag.includes('prof')) ? 'SIGINT' : 'SIGKILL',
  });
}

export function startProgram(command: readonly string[], options: Program): Started {
  const { core, port, environment, hasChannel = false, stopSignal = 'SIGKILL' } = options;
  const [program = '', ...rest] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const startedMs = performance.now();
  const child = spawn(program, rest, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', ...(hasChannel ? (['ipc'] as const) : [])],
  });

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(stopSignal);
    await once(child, 'exit');
  }

  return { pid: child.pid as number, port, child, startedMs, [Symbol.asyncDispose]: stop };
}

/** @throws Error when it has ended, or does not listen in time. */
export async function untilListening({ port, child, startedMs }: Started, everyMs = 10): Promise<void> {
  while (performance.now() < startedMs + patienceMs) {
    if (child.exitCode !== null) throw new Error(`A process ended before it listened: ${child.spawnargs.join(' ')}`);
    const client = await openClient(port).catch(() => null);
    if (client) return client.close();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`A process did not listen in time: ${child.spawnargs.join(' ')}`);
}

/** Without taskset the system decides; the figures move more then. */
function pin(pid: number, core: number): boolean {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
