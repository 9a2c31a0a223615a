/**
 * What the gateway costs beside its peers, how it grows, and what a stranger can do to it: `npm run bench`.
 *
 * CPU time is what the operating system says that the contender's process took, its threads included (Linux: /proc), for each
 * request that was answered. Every contender is correct before it counts. See options.ts for what a run can be told.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { countAttackSteps, measureAttack } from './attack.ts';
import { chartOf } from './chart.ts';
import { countGrowthSteps, measureGrowth } from './growth.ts';
import { measure, measureStart } from './measure.ts';
import { type RunOptions, readOptions } from './options.ts';
import { preparePeers } from './peers.ts';
import { type Progress, startProgress } from './progress.ts';
import { reportOf } from './report.ts';
import type { Results, Rounds } from './results.ts';
import { workloads } from './workloads.ts';

await main();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  preparePeers(options.contenders);
  const progress = startProgress(countSteps(options));
  const results = await measureParts(options, progress);
  const report = reportOf(results);
  writeResults(options.out, results, report);
  console.log(report);
}

function countSteps(options: RunOptions): number {
  const { parts, contenders, rounds } = options;
  const steps: Record<string, number> = {
    peers: options.workloads.length * contenders.length * rounds,
    growth: countGrowthSteps(options),
    attack: countAttackSteps(),
  };
  return parts.reduce((sum, part) => sum + (steps[part] ?? 0), 0);
}

async function measureParts(options: RunOptions, progress: Progress): Promise<Results> {
  const { parts, rounds, seconds } = options;
  const results: Results = {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    seconds,
    rounds,
    workloads: {},
  };
  if (parts.includes('peers')) await measurePeers(results, options, progress);
  if (parts.includes('growth')) results.growth = await measureGrowth(options, progress);
  if (parts.includes('attack')) results.attack = await measureAttack(options, progress);
  return results;
}

async function measurePeers(results: Results, options: RunOptions, progress: Progress): Promise<void> {
  for (const name of options.workloads) {
    const workload = workloads[name];
    if (workload) {
      const measureOne = (contender: string) => measure(contender, workload, options);
      results.workloads[name] = await measureRounds(name, options, progress, measureOne);
    } else {
      results.start = await measureRounds(name, options, progress, measureStart);
    }
  }
}

/** Round by round through all contenders: what the machine does meanwhile meets them alike. */
async function measureRounds<Measured extends { cpuMs: number }>(
  workload: string,
  { contenders, rounds }: RunOptions,
  progress: Progress,
  measureOne: (contender: string) => Promise<Measured>,
): Promise<Rounds<Measured>> {
  const measured: Rounds<Measured> = Object.fromEntries(contenders.map((contender) => [contender, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const figures = await measureOne(contender);
      measured[contender]?.push(figures);
      progress.step(`${workload}, round ${round}: ${contender} ${(figures.cpuMs * 1000).toFixed(0)} µs`);
    }
  }
  return measured;
}

function writeResults(out: string, results: Results, report: string): void {
  const folder = new URL(out.endsWith('/') ? out : `${out}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('results.json', folder), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(new URL('report.md', folder), `${report}\n`);
  writeFileSync(new URL('chart.svg', folder), chartOf(results));
}
