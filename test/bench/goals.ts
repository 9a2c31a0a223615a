/** What the gateway is held to, and whether a run has reached it. */
import type { AttackFigures } from './attack.ts';
import type { Growth } from './growth.ts';
import { costsOf, median, type Results, ratioOf } from './results.ts';

export type Goal = { name: string; atMost: number; reached: number };

/** CPU time a request, in times of another contender's. */
const cpuGoals = [
  { workload: 'one', of: 'raw-map', atMost: 1.2 },
  { workload: 'page', of: 'raw-map', atMost: 1 },
  { workload: 'same', of: 'raw', atMost: 0.5 },
  { workload: 'missing', of: 'raw-map', atMost: 1.2 },
  { workload: 'large', of: 'raw-map', atMost: 0.9 },
];

/** Those that the run can tell; each is a number that should be small. */
export function goalsOf(results: Results): Goal[] {
  return [
    ...cpuGoals.flatMap(({ workload, of, atMost }) =>
      goalOf(`CPU of ${workload}, of ${of}`, atMost, ratioOf(costsOf(results)[workload] ?? {}, 'cpuMs', 'gateway', of)),
    ),
    ...Object.entries(results.workloads).flatMap(([workload, rounds]) =>
      goalOf(`peak memory of ${workload}, of mercurius`, 1, ratioOf(rounds, 'peakMb', 'gateway', 'mercurius')),
    ),
    ...(results.growth ? growthGoalsOf(results.growth) : []),
    ...(results.attack ?? []).map(attackGoalOf),
  ];
}

function goalOf(name: string, atMost: number, reached: number | null): Goal[] {
  return reached === null ? [] : [{ name, atMost, reached }];
}

function growthGoalsOf({ rows, halfLoad }: Growth): Goal[] {
  const costs = rows.gateway ?? {};
  const counts = Object.keys(costs)
    .map(Number)
    .toSorted((a, b) => a - b);
  const perRow = (count: number) => median((costs[count] ?? []).map(({ cpuMs }) => cpuMs / count));
  const [least = 0] = counts;
  const dearest = Math.max(...counts.map(perRow));
  return [
    { name: `CPU a row, the dearest, of that of ${least}`, atMost: 1, reached: dearest / perRow(least) },
    ...goalOf('CPU a row of 100000, of that of 1000', 1.25, perRow(100_000) / perRow(1000)),
    {
      name: 'p99 at half load, of p50',
      atMost: 2,
      reached: median((halfLoad.gateway ?? []).map(({ p99Ms, p50Ms }) => p99Ms / p50Ms)),
    },
  ];
}

function attackGoalOf({ timesEach, turns }: AttackFigures): Goal {
  const name = `p99 beside strange documents, each ${timesEach} ×, of p99 alone`;
  return { name, atMost: 2, reached: median(turns.map(({ alone, beside }) => beside.p99Ms / alone.p99Ms)) };
}
