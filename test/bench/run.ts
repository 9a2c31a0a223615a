/**
 * What the gateway costs beside its peers, how it grows, and what a stranger can do to it: `npm run bench`.
 *
 * CPU time is what the operating system says that the contender's process took, its threads included (Linux: /proc), for each
 * request that was answered. Every contender is correct before it counts. See options.ts for what a run can be told.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { checkOut, verdictOn } from './against.ts';
import { countAttackSteps, measureAttack } from './attack.ts';
import { chartOf } from './chart.ts';
import { countGrowthSteps, measureGrowth } from './growth.ts';
import { instruments } from './instruments.ts';
import { countLiveSteps, measureLive } from './live.ts';
import { measureRound, measureStart } from './measure.ts';
import { type RunOptions, readOptions } from './options.ts';
import { preparePeers } from './peers.ts';
import { type Progress, startProgress } from './progress.ts';
import { ablationTableOf, reportOf, tellCpu } from './report.ts';
import type { Figures, Results, Rounds, StartFigures } from './results.ts';
import { contendersOf, type Workload, workloads } from './workloads.ts';

await main();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  instruments[options.load].expectInstalled();
  preparePeers(options.contenders);
  if (options.against) process.env.BEFORE_TREE = checkOut(options.against);
  const progress = startProgress(countSteps(options));
  const results = await measureParts(options, progress);
  if (options.against) {
    const { text, isGood } = verdictOn(results, options.against);
    console.log(text);
    process.exitCode = isGood ? 0 : 1;
    return;
  }
  if (options.ablations) {
    const table = ablationTableOf(results);
    console.log(table);
    if (isFullRun(options)) writeFileSync(new URL('ablations.md', import.meta.url), `${table}\n`);
    return;
  }
  const report = reportOf(results);
  writeResults(options.out, results, report);
  console.log(report);
}

/** What stands in the repository comes from a run of at least as many turns. */
function isFullRun({ rounds, turns }: RunOptions): boolean {
  return rounds * turns >= 9;
}

function countSteps(options: RunOptions): number {
  const { parts, contenders, rounds, turns } = options;
  const steps: Record<string, number> = {
    peers: options.workloads.reduce(
      (sum, name) => sum + contendersOf(name, contenders).length * rounds * (name in workloads ? turns : 1),
      0,
    ),
    growth: countGrowthSteps(options),
    live: countLiveSteps(),
    attack: countAttackSteps(),
  };
  return parts.reduce((sum, part) => sum + (steps[part] ?? 0), 0);
}

async function measureParts(options: RunOptions, progress: Progress): Promise<Results> {
  const { parts, rounds, turns, seconds } = options;
  const results: Results = {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    seconds,
    load: options.load,
    rounds,
    turns,
    workloads: {},
  };
  if (parts.includes('peers')) await measurePeers(results, options, progress);
  if (parts.includes('growth')) results.growth = await measureGrowth(options, progress);
  if (parts.includes('live')) results.live = await measureLive(options, progress);
  if (parts.includes('attack')) results.attack = await measureAttack(options, progress);
  return results;
}

async function measurePeers(results: Results, options: RunOptions, progress: Progress): Promise<void> {
  for (const name of options.workloads) {
    const workload = workloads[name];
    if (workload) results.workloads[name] = await measureWorkload(name, workload, options, progress);
    else results.start = await measureStarts(options, progress);
  }
}

async function measureWorkload(name: string, workload: Workload, options: RunOptions, progress: Progress) {
  const { rounds } = options;
  const contenders = contendersOf(name, options.contenders);
  const measured: Rounds<Figures>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const told = ({ cpuMs }: Figures, contender: string) => `${name}, round ${round}: ${contender} ${tellCpu(cpuMs)}`;
    measured.push(
      await measureRound(contenders, workload, options, (contender, figures) =>
        progress.step(told(figures, contender)),
      ),
    );
  }
  return joined(contenders, measured);
}

async function measureStarts({ contenders, rounds }: RunOptions, progress: Progress) {
  const measured: Rounds<StartFigures>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const all: Rounds<StartFigures> = {};
    for (const contender of contendersOf('start', contenders)) {
      const figures = await measureStart(contender);
      all[contender] = [figures];
      progress.step(`start, round ${round}: ${contender} ${figures.wallMs.toFixed(0)} ms`);
    }
    measured.push(all);
  }
  return joined(contendersOf('start', contenders), measured);
}

function joined<Measured>(contenders: readonly string[], rounds: readonly Rounds<Measured>[]): Rounds<Measured> {
  return Object.fromEntries(contenders.map((name) => [name, rounds.flatMap((round) => round[name] ?? [])]));
}

function writeResults(out: string, results: Results, report: string): void {
  const folder = new URL(out.endsWith('/') ? out : `${out}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('results.json', folder), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(new URL('report.md', folder), `${report}\n`);
  writeFileSync(new URL('chart.svg', folder), chartOf(results));
}
