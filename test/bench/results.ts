/** What a run has measured, as it stands in its JSON: every turn, so that ratios can be taken between neighbours. */
import type { AttackFigures } from './attack.ts';
import type { Growth } from './growth.ts';
import type { InstrumentName } from './instruments.ts';
import type { Live } from './live.ts';

export type Figures = {
  cpuMs: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  peakMb: number;
  callsPerRequest: number;
};

/** From the start of a process to its first correct answer. */
export type StartFigures = { cpuMs: number; wallMs: number; peakMb: number };

/** By contender: every turn of every round, in the order in which they were taken, and as many for all. */
export type Rounds<Measured> = Record<string, Measured[]>;

/** Where, when and how a run measured. */
export type Origin = {
  machine: string;
  node: string;
  date: string;
  seconds: number;
  /** Who asked; see instruments.ts. */
  load?: InstrumentName;
  /** All processes were started anew in each, and took so many turns. */
  rounds: number;
  turns: number;
};

export type Results = Origin & {
  workloads: Record<string, Rounds<Figures>>;
  start?: Rounds<StartFigures>;
  growth?: Growth;
  live?: Live[];
  attack?: AttackFigures[];
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function medians<Name extends string>(rounds: readonly Record<Name, number>[]): Record<Name, number> {
  const names = Object.keys(rounds[0] ?? {}) as Name[];
  const entries = names.map((name) => [name, median(rounds.map((round) => round[name]))]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/**
 * How many times what the other costs. The machine's speed drifts, and the contenders take turns: so the ratio is taken between
 * neighbouring turns, and of those the median. Null where the two were not both measured.
 */
export function ratioOf<Name extends string>(
  rounds: Rounds<Record<Name, number>>,
  name: Name,
  contender: string,
  other: string,
): number | null {
  const ones = rounds[contender] ?? [];
  const others = rounds[other] ?? [];
  if (ones.length === 0 || ones.length !== others.length) return null;
  return median(ones.map((one, round) => one[name] / (others[round]?.[name] ?? Number.NaN)));
}

/** CPU time of every workload, the start among them. */
export function costsOf({ workloads, start }: Results): Record<string, Rounds<{ cpuMs: number }>> {
  return start ? { ...workloads, start } : workloads;
}
