/** Counts what operations came to. */
import { percentile } from '../bench/load.ts';
import type { Outcome } from './caller.ts';

export type Counts = Record<string, number>;
export type Tally = {
  add: (outcome: Outcome) => void;
  count: (result: string) => void;
  operations: () => number;
  /** Operations of which anything failed. */
  failed: () => number;
  /** Of those that did not fail: a rejection is fast. */
  p95Ms: () => number;
  /** By result, one for each id that was requested. */
  counts: Counts;
};

export function createTally(): Tally {
  const latenciesMs: number[] = [];
  const counts: Counts = {};
  let operations = 0;

  function count(result: string): void {
    counts[result] = (counts[result] ?? 0) + 1;
  }
  function add({ latencyMs, results }: Outcome): void {
    operations += 1;
    if (results.every((result) => result === 'ok')) latenciesMs.push(latencyMs);
    results.forEach(count);
  }
  return {
    add,
    count,
    operations: () => operations,
    failed: () => operations - latenciesMs.length,
    p95Ms: () => percentile(latenciesMs, 0.95),
    counts,
  };
}
