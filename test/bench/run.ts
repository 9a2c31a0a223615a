/**
 * What the gateway costs beside its peers, how it grows, and what a stranger can do to it: `npm run bench`.
 *
 * CPU time is what the operating system says that the contender's process took, its threads included (Linux: /proc), for each
 * request that was answered. Every contender is correct before it counts. See options.ts for what a run can be told.
 */
import { cpus } from 'node:os';
import { countAttackSteps, measureAttack } from './attack.ts';
import { chartOf } from './chart.ts';
import { compare } from './compare.ts';
import { countGrowthSteps, measureGrowth } from './growth.ts';
import { instruments } from './instruments.ts';
import { countLiveSteps, measureLive } from './live.ts';
import { measureRound, measureStart } from './measure.ts';
import { type RunOptions, readOptions } from './options.ts';
import { writeFiles } from './output.ts';
import { preparePeers } from './peers.ts';
import { type Progress, startProgress } from './progress.ts';
import { reportOf, tellCpu } from './report.ts';
import type { Figures, Origin, Results, Rounds, StartFigures } from './results.ts';
import { contendersOf, type Workload, workloads } from './workloads.ts';

await main();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  instruments[options.load].expectInstalled();
  if (options.pairs) {
    const isGood = await compare(options.pairs, options, originOf(options));
    process.exitCode = isGood ? 0 : 1;
    return;
  }
  preparePeers(options.contenders);
  const progress = startProgress(countSteps(options));
  const results = await measureParts(options, progress);
  const report = reportOf(results);
  writeFiles(options.out, {
    'results.json': `${JSON.stringify(results, null, 2)}\n`,
    'report.md': `${report}\n`,
    'chart.svg': chartOf(results),
  });
  console.log(report);
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
  const { parts } = options;
  const results: Results = { ...originOf(options), workloads: {} };
  if (parts.includes('peers')) await measurePeers(results, options, progress);
  if (parts.includes('growth')) results.growth = await measureGrowth(options, progress);
  if (parts.includes('live')) results.live = await measureLive(options, progress);
  if (parts.includes('attack')) results.attack = await measureAttack(options, progress);
  return results;
}

function originOf({ load, rounds, turns, seconds }: RunOptions): Origin {
  return {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    seconds,
    load,
    rounds,
    turns,
  };
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
