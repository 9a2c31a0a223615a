/**
 * The gateway beside that of another commit, or beside itself without one part each: `--against COMMIT` and `--ablations`. Which of
 * the two was started first can matter, so each round starts them twice, in both orders.
 */
import { checkOut, verdictOn } from './against.ts';
import { type Comparison, estimateOf, type Pair } from './comparison.ts';
import type { RunOptions } from './options.ts';
import { writeFiles } from './output.ts';
import { type Progress, startProgress } from './progress.ts';
import { ablationTableOf } from './report.ts';
import { type Origin, ratioOf } from './results.ts';
import { measureSideBySide, measureStartsSideBySide } from './side-by-side.ts';
import { workloads } from './workloads.ts';

/** A start takes longer than a turn, and differs less from the next one. */
const turnsPerStart = 4;

/** Whether all is well. */
export async function compare(pairs: readonly Pair[], options: RunOptions, origin: Origin): Promise<boolean> {
  const { against, rounds, out } = options;
  if (against) process.env.BEFORE_TREE = checkOut(against);
  const progress = startProgress(options.workloads.length * pairs.length * rounds * 2);
  const comparisons: Comparison[] = [];
  for (const workload of options.workloads) {
    for (const pair of pairs) {
      comparisons.push({ ...pair, workload, ratios: await measureRatios(pair, workload, options, progress) });
    }
  }
  if (against) {
    const { text, isGood } = verdictOn(comparisons, against);
    console.log(text);
    return isGood;
  }
  const table = ablationTableOf(origin, comparisons);
  console.log(table);
  writeFiles(out, { 'ablations.md': `${table}\n` });
  return true;
}

async function measureRatios(pair: Pair, workload: string, options: RunOptions, progress: Progress): Promise<number[]> {
  const { contender, other } = pair;
  const ratios: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    const starts: number[] = [];
    for (const order of [
      [other, contender],
      [contender, other],
    ]) {
      const ratio = await measurePair(pair, order, workload, options);
      starts.push(ratio);
      progress.step(`${workload}, round ${round}, ${order[0]} first: ${contender} ${ratio.toFixed(3)} × ${other}`);
    }
    ratios.push(estimateOf(starts).ratio);
  }
  return ratios;
}

/** After one start of both: the median of what the contender costs in times of the other, turn by turn. */
async function measurePair({ contender, other }: Pair, order: readonly string[], name: string, options: RunOptions) {
  const workload = workloads[name];
  const costs = workload
    ? await measureSideBySide(order, workload, options)
    : await measureStartsSideBySide(order, Math.ceil(options.turns / turnsPerStart));
  return ratioOf(costs, 'cpuMs', contender, other) ?? Number.NaN;
}
