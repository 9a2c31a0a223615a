/** How the gateway may grow with rows, and what its latencies may be at half load. */
import type { Goal } from './goals.ts';
import type { Growth } from './growth.ts';
import { median, ratioOf } from './results.ts';

export function growthGoalsOf({ rows, halfLoad }: Growth): Goal[] {
  const p99OfRaw = ratioOf(halfLoad, 'p99Ms', 'gateway', 'raw');
  return [
    ...(p99OfRaw === null ? [] : [{ name: 'p99 at half load, of raw', bound: 1.5, reached: p99OfRaw }]),
    ...rowGoalsOf(rows.gateway ?? {}),
  ];
}

function rowGoalsOf(costs: Growth['rows'][string]): Goal[] {
  const counts = Object.keys(costs)
    .map(Number)
    .toSorted((a, b) => a - b);
  const [least] = counts;
  if (least === undefined) return [];
  const perRow = (count: number) => median((costs[count] ?? []).map(({ cpuMs }) => cpuMs / count));
  const dearest = Math.max(...counts.map(perRow));
  return [
    { name: `CPU a row, the dearest, of that of ${least}`, bound: 1, reached: dearest / perRow(least) },
    { name: 'CPU a row of 100000, of that of 1000', bound: 1.25, reached: perRow(100_000) / perRow(1000) },
  ];
}
