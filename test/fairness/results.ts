/** What a run has measured, as it stands in results.json, and what it is held to. */
import { median } from '../bench/results.ts';
import type { Counts } from './tally.ts';

/** Where and when. */
export type Origin = { machine: string; node: string; date: string; commit: string; seconds: number };

export type Row = {
  row: string;
  noise: string;
  others: { operations: number; failed: number; results: Counts; aloneP95Ms: number; besideP95Ms: number };
  noisy: Counts;
  peakMb: number;
  /** Whether the others' p95 is held to a goal. */
  hasLatencyGoal: boolean;
};

/** Turns of gateway and raw proxy, each beside its neighbour in time. */
export type Throughput = { told: string; failed: number; gatewayPerSecond: number[]; rawPerSecond: number[] };

export type AllAtOnce = Row & { secondMinuteMb: number; lastMinuteMb: number; noises: Record<string, Counts> };

export type Results = {
  rows?: Origin & { rows: Row[]; throughputs: Throughput[] };
  allAtOnce?: Origin & AllAtOnce;
};

export type Goal = { name: string; goal: string; measured: string; isReached: boolean };

const maxRatio = 3;
const maxPeakMb = 512;
const minThroughput = 0.9;
/** The collector decides when memory is given back: a tenth more is still level. */
const maxGrowth = 1.1;

export function goalsOf({ rows, allAtOnce }: Results): Goal[] {
  const goals = [...(rows?.rows ?? []).flatMap(rowGoalsOf), ...(rows?.throughputs ?? []).flatMap(throughputGoalsOf)];
  // All of it keeps the core busy with work that is allowed: it is held to no latency, and to a level memory.
  if (allAtOnce) goals.push(failureGoalOf(allAtOnce.row, allAtOnce.others), levelGoalOf(allAtOnce));
  return goals;
}

function rowGoalsOf({ row, others, peakMb, hasLatencyGoal }: Row): Goal[] {
  const goals = [failureGoalOf(row, others)];
  if (hasLatencyGoal)
    goals.push(goalOf(`${row}: others’ p95, of p95 alone`, `≤ ${maxRatio} ×`, latencyRatio(others), maxRatio, times));
  goals.push(goalOf(`${row}: peak memory`, `≤ ${maxPeakMb} MB`, peakMb, maxPeakMb, (mb) => `${mb.toFixed(0)} MB`));
  return goals;
}

function failureGoalOf(row: string, others: Row['others']): Goal {
  return goalOf(`${row}: others’ failures`, 'none', others.failed, 0, (value) => String(value));
}

function throughputGoalsOf({ told, failed, ...turns }: Throughput): Goal[] {
  const ratio = throughputRatio(turns);
  const name = `10, ${told}`;
  return [
    goalOf(`${name}: failures`, 'none', failed, 0, (value) => String(value)),
    {
      name: `${name}: responses/s, of raw`,
      goal: `≥ ${minThroughput} ×`,
      measured: times(ratio),
      isReached: ratio >= minThroughput,
    },
  ];
}

function levelGoalOf({ row, secondMinuteMb, lastMinuteMb }: AllAtOnce): Goal {
  const growth = lastMinuteMb / secondMinuteMb;
  return goalOf(`${row}: memory of the last minute, of the second`, `≤ ${maxGrowth} ×`, growth, maxGrowth, times);
}

function goalOf(name: string, goal: string, value: number, atMost: number, format: (value: number) => string): Goal {
  return { name, goal, measured: format(value), isReached: value <= atMost };
}

export const times = (ratio: number) => (Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)} ×`);

/** None where nothing succeeded. */
export function latencyRatio({ aloneP95Ms, besideP95Ms }: Row['others']): number {
  return besideP95Ms > 0 ? besideP95Ms / aloneP95Ms : Number.NaN;
}

/** The machine's speed drifts: so the ratio is taken between neighbours in time. */
export function throughputRatio({
  gatewayPerSecond,
  rawPerSecond,
}: Pick<Throughput, 'gatewayPerSecond' | 'rawPerSecond'>) {
  return median(gatewayPerSecond.map((perSecond, turn) => perSecond / (rawPerSecond[turn] ?? Number.NaN)));
}
