/** What the gateway is held to, and whether a run has reached it. */
import type { AttackFigures } from './attack.ts';
import { growthGoalsOf } from './goals-growth.ts';
import type { Live } from './live.ts';
import { costsOf, type Figures, median, type Results, ratioOf } from './results.ts';

export type Goal = {
  name: string;
  bound: number;
  /** Where more is better. */
  isLeast?: true;
  /** Times what is compared with, if nothing else is said. */
  unit?: 'µs' | 'KB';
  reached: number;
};

type CpuGoal = { workload: string; of: string; bound: number };

/** CPU time a request, in times of another contender's: `raw-map@large` is that of raw-map under *large*. */
const cpuGoals: readonly CpuGoal[] = [
  { workload: 'one', of: 'raw-map', bound: 1.1 },
  { workload: 'trusted', of: 'raw-map', bound: 1.05 },
  { workload: 'page', of: 'raw-map', bound: 1 },
  { workload: 'same', of: 'raw', bound: 0.35 },
  { workload: 'missing', of: 'raw-map', bound: 1.1 },
  { workload: 'large', of: 'raw-map', bound: 0.6 },
  { workload: 'summary', of: 'raw-map@large', bound: 0.3 },
  { workload: 'summary', of: 'raw@large', bound: 1.3 },
  { workload: 'huge', of: 'raw', bound: 2 },
  { workload: 'entities', of: 'gateway@page', bound: 1.1 },
  { workload: 'entities', of: 'mercurius-federation', bound: 0.5 },
  { workload: 'entities', of: 'apollo-subgraph', bound: 0.5 },
  { workload: 'slow', of: 'raw-map', bound: 1.1 },
];
const maxEventUs = 10;
const maxFollowerKb = { sse: 16, websocket: 12 };

/** Those that the run can tell. */
export function goalsOf(results: Results): Goal[] {
  const { slow } = results.workloads;
  return [
    ...cpuGoals.flatMap((goal) => cpuGoalOf(goal, results)),
    ...(slow ? slowGoalsOf(slow) : []),
    ...(results.start
      ? goalOf(
          { name: 'time to start, of mercurius', bound: 1 },
          ratioOf(results.start, 'wallMs', 'gateway', 'mercurius'),
        )
      : []),
    ...(results.live ?? []).flatMap(liveGoalsOf),
    ...(results.growth ? growthGoalsOf(results.growth) : []),
    ...peakGoalsOf(results),
    ...(results.attack ?? []).map(attackGoalOf),
  ];
}

export function isReached({ bound, isLeast, reached }: Goal): boolean {
  return isLeast ? reached >= bound : reached <= bound;
}

function goalOf(goal: Omit<Goal, 'reached'>, reached: number | null): Goal[] {
  return reached === null ? [] : [{ ...goal, reached }];
}

function cpuGoalOf({ workload, of, bound }: CpuGoal, results: Results): Goal[] {
  const rounds = costsOf(results)[workload] ?? {};
  return goalOf({ name: `CPU of ${workload}, of ${of}`, bound }, ratioOf(rounds, 'cpuMs', 'gateway', of));
}

function slowGoalsOf(rounds: Record<string, Figures[]>): Goal[] {
  return [
    ...goalOf(
      { name: 'requests/s of slow, of raw', bound: 0.97, isLeast: true },
      ratioOf(rounds, 'requestsPerSecond', 'gateway', 'raw'),
    ),
    ...goalOf(
      { name: 'peak memory of slow, of mercurius', bound: 1 },
      ratioOf(rounds, 'peakMb', 'gateway', 'mercurius'),
    ),
  ];
}

/** Of the other workloads. */
function peakGoalsOf({ workloads: { slow: _slow, ...workloads } }: Results): Goal[] {
  return Object.entries(workloads).flatMap(([workload, rounds]) =>
    goalOf(
      { name: `peak memory of ${workload}, of mercurius`, bound: 1 },
      ratioOf(rounds, 'peakMb', 'gateway', 'mercurius'),
    ),
  );
}

function liveGoalsOf({ transport, turns, rssBytes }: Live): Goal[] {
  const eventUs = median(turns.map(({ cpuMs }) => cpuMs * 1000));
  return [
    { name: `live, ${transport}: CPU an event`, bound: maxEventUs, unit: 'µs', reached: eventUs },
    {
      name: `live, ${transport}: memory a follower`,
      bound: maxFollowerKb[transport],
      unit: 'KB',
      reached: rssBytes / 1024,
    },
  ];
}

function attackGoalOf({ timesEach, turns }: AttackFigures): Goal {
  const name = `p99 beside strange documents, each ${timesEach} ×, of p99 alone`;
  return { name, bound: 2, reached: median(turns.map(({ alone, beside }) => beside.p99Ms / alone.p99Ms)) };
}
