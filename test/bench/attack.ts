/**
 * A stranger sends ten thousand documents a minute, each of them new, beside normal traffic: what that does to the others'
 * latency, and to memory. Once each document comes once, and once three times, so that it counts as one that comes back.
 */
import { openUpstream, startContender } from './contenders.ts';
import { expectAnswered, percentile } from './load.ts';
import { runOpenLoop } from './open-loop.ts';
import type { RunOptions } from './options.ts';
import { memoryMbOf } from './process-figures.ts';
import { untilListening } from './processes.ts';
import type { Progress } from './progress.ts';
import { askOne, bodyFor } from './questions.ts';
import { strangeDocument } from './strange-documents.ts';

export type AttackFigures = {
  documentsPerMinute: number;
  timesEach: number;
  normalPerSecond: number;
  seconds: number;
  aloneP50Ms: number;
  aloneP99Ms: number;
  besideP50Ms: number;
  besideP99Ms: number;
  /** How late the questions themselves were: what the instrument adds. */
  latenessP99Ms: number;
  /** The most that the process ever held: before, halfway, and in the end. */
  peakMbBefore: number;
  peakMbHalfway: number;
  peakMbAfter: number;
};
export type Attack = AttackFigures[];

const documentsPerMinute = 10_000;
const normalPerSecond = 500;
const varieties = [1, 3];

export function countAttackSteps(): number {
  return varieties.length;
}

export async function measureAttack(options: RunOptions, progress: Progress): Promise<Attack> {
  const attack: Attack = [];
  for (const timesEach of varieties) {
    const figures = await measureVariety(timesEach, options);
    attack.push(figures);
    const { aloneP99Ms, besideP99Ms } = figures;
    progress.step(`attack, each document ${timesEach} x: p99 ${aloneP99Ms.toFixed(2)} -> ${besideP99Ms.toFixed(2)} ms`);
  }
  return attack;
}

async function measureVariety(timesEach: number, { attackSeconds, nodeFlags }: RunOptions): Promise<AttackFigures> {
  await using upstream = await openUpstream();
  await using gateway = await startContender('gateway', { upstreamPort: upstream.port, keeps: true, nodeFlags });
  await untilListening(gateway);
  const { port, pid } = gateway;
  const normal = (seconds: number, start: number) =>
    runOpenLoop({
      port,
      perSecond: normalPerSecond,
      seconds,
      bodyOf: (index) => bodyFor('gateway', askOne(`recipients-2-${start + index}`)),
    });
  await normal(Math.min(5, attackSeconds), 1e9);

  const alone = await normal(attackSeconds, 2e9);
  const peakMbBefore = memoryMbOf(pid).peakMb;
  let peakMbHalfway = Number.NaN;
  const halfway = setTimeout(() => {
    peakMbHalfway = memoryMbOf(pid).peakMb;
  }, attackSeconds * 500);
  const perSecond = (documentsPerMinute / 60) * timesEach;
  const bodyOf = (index: number) => JSON.stringify({ query: strangeDocument(Math.floor(index / timesEach)) });
  const [beside, attack] = await Promise.all([
    normal(attackSeconds, 3e9),
    runOpenLoop({ port, perSecond, seconds: attackSeconds, bodyOf }),
  ]);
  clearTimeout(halfway);
  expectAnswered('normal traffic alone', alone);
  expectAnswered('normal traffic beside strange documents', beside);
  expectAnswered('strange documents', attack);
  return {
    documentsPerMinute,
    timesEach,
    normalPerSecond,
    seconds: attackSeconds,
    aloneP50Ms: percentile(alone.latenciesMs, 0.5),
    aloneP99Ms: percentile(alone.latenciesMs, 0.99),
    besideP50Ms: percentile(beside.latenciesMs, 0.5),
    besideP99Ms: percentile(beside.latenciesMs, 0.99),
    latenessP99Ms: beside.latenessP99Ms,
    peakMbBefore,
    peakMbHalfway,
    peakMbAfter: memoryMbOf(pid).peakMb,
  };
}
