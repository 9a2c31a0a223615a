/** Two gateways at the same time under the benchmark's load, and the CPU time that Linux tells of a process. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { cpuMsOf } from './bench/process-figures.ts';
import { ratioOf } from './bench/results.ts';
import { measureSideBySide } from './bench/side-by-side.ts';
import { type Workload, workloads } from './bench/workloads.ts';

const plan = { load: 'node', seconds: 0.2, turns: 5, nodeFlags: [] } as const;

it.each([[['gateway', 'without-fast-path']], [['without-fast-path', 'gateway']]])(
  'measures both in every turn, whoever is started first: %j',
  async (order) => {
    const costs = await measureSideBySide(order, workloads.one as Workload, plan);
    expect(Object.values(costs).map((turns) => turns.length)).toEqual([5, 5]);
    // It is about three: the median of the turns stays above one on a busy machine, too.
    expect(ratioOf(costs, 'cpuMs', 'without-fast-path', 'gateway')).toBeGreaterThan(1);
  },
);

it('sees in the CPU time of a process what takes it less than a tick of the clock', async () => {
  const child = fork(fileURLToPath(new URL('fixtures/busy-process.ts', import.meta.url)));
  const pid = child.pid as number;
  await once(child, 'spawn');
  const takenMs: number[] = [];
  for (let message = 0; message < 10; message += 1) {
    const beforeMs = cpuMsOf(pid);
    child.send('go');
    await expect.poll(() => cpuMsOf(pid) - beforeMs, { timeout: 5000 }).toBeGreaterThan(2);
    takenMs.push(cpuMsOf(pid) - beforeMs);
  }
  child.kill();
  expect(takenMs.toSorted((a, b) => a - b)[0]).toBeLessThan(10);
});
