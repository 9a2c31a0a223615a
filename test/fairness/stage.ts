/** The gateway with its production settings on one core, the upstream and the callers on the other. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Pool } from 'undici';
import { memoryMbOf } from '../bench/process-figures.ts';
import { type Started, startScript, untilListening } from '../bench/processes.ts';

export type Stage = AsyncDisposable & {
  gateway: Started;
  upstream: Started;
  /** As many connections to the gateway as its callers need. */
  pool: Pool;
  /** @throws Error when the gateway has ended. */
  memoryMb: () => ReturnType<typeof memoryMbOf>;
  switchOutage: (state: 'on' | 'off') => Promise<void>;
};

/** `root` is the folder of the tree that is measured: this one, or an older one with the same harness. */
export async function openStage(root: string): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await startScript({ path: '../fairness/upstream.ts', core: 1 }));
  await untilListening(upstream);
  const gateway = stack.use(await startGateway(root, upstream.port));
  await untilListening(gateway);
  // A run that is cut off leaves no process behind.
  const kill = () => [upstream, gateway].forEach(({ child }) => void child.kill('SIGKILL'));
  const exit = () => process.exit(1);
  process.once('exit', kill).once('SIGTERM', exit).once('SIGINT', exit);
  stack.defer(() => void process.off('exit', kill).off('SIGTERM', exit).off('SIGINT', exit));
  const pool = new Pool(`http://127.0.0.1:${gateway.port}`);
  stack.defer(() => pool.destroy());

  async function switchOutage(state: 'on' | 'off'): Promise<void> {
    await fetch(`http://127.0.0.1:${upstream.port}/outage/${state}`, { method: 'POST' });
  }
  function memoryMb() {
    const memory = memoryMbOf(gateway.pid);
    // A process that has just ended has no memory any more.
    if (Number.isNaN(memory.nowMb)) throw new Error('The gateway has ended.');
    return memory;
  }
  return { gateway, upstream, pool, memoryMb, switchOutage, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function startGateway(root: string, upstreamPort: number): Promise<Started> {
  const folder = resolve(root);
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { scripts: { start: string } };
  return startScript({
    path: `${folder}/src/main.ts`,
    core: 0,
    nodeFlags: scripts.start.split(' ').filter((word) => word.startsWith('--')),
    environment: { D7_BASE_URL: `http://127.0.0.1:${upstreamPort}` },
  });
}
