/** Two contenders beside each other: how many times the CPU time of the other a request takes, in every round. */

/** `contender` is measured in times of `other`. */
export type Pair = { contender: string; other: string };
export type Comparison = Pair & { workload: string; ratios: readonly number[] };

/** The geometric mean, for which it makes no difference who is divided by whom, and its standard error, null of a single ratio. */
export function estimateOf(ratios: readonly number[]): { ratio: number; error: number | null } {
  const logs = ratios.map(Math.log);
  const mean = meanOf(logs);
  if (logs.length < 2) return { ratio: Math.exp(mean), error: null };
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  return { ratio: Math.exp(mean), error: Math.sqrt(variance / logs.length) };
}

export function tellError(error: number | null): string {
  return error === null ? '' : `± ${(100 * error).toFixed(1)} %`;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
