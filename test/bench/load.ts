/** A closed loop: each client asks again as soon as it has its answer. */
import { openClient } from './client.ts';

export type Load = {
  port: number;
  connections: number;
  seconds: number;
  /** No two turns ask with the same indexes, where logs are meant to be new. */
  firstIndex: number;
  bodyOf: (index: number) => string;
  /** The contender's correct answer to one of these bodies. */
  answer: CheckedAnswer;
};
export type CheckedAnswer = { index: number; text: string };
export type Measured = {
  requests: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** What came where something else should have; empty where nothing came. */
  failures: readonly string[];
};

export async function runLoad({
  port,
  connections,
  seconds,
  firstIndex,
  bodyOf,
}: Omit<Load, 'answer'>): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  let index = firstIndex;
  const failures: string[] = [];

  async function askUntilTheEnd(): Promise<void> {
    const client = await openClient(port);
    while (performance.now() < startedMs + seconds * 1000) {
      const askedMs = performance.now();
      const { isGood, text } = await client.ask(bodyOf(index++));
      latenciesMs.push(performance.now() - askedMs);
      if (!isGood) failures.push(text);
    }
    client.close();
  }

  await Promise.all(Array.from({ length: connections }, askUntilTheEnd));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  return { requests: latenciesMs.length, seconds: tookSeconds, ...percentilesOf(latenciesMs), failures };
}

export function percentilesOf(latenciesMs: readonly number[]): { p50Ms: number; p99Ms: number } {
  return { p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** @throws Error with the first of what came. */
export function expectAnswered(who: string, { requests, failures }: Measured): void {
  if (failures.length === 0) return;
  throw new Error(
    `${who}: ${failures.length} of ${requests} requests failed: ${failures[0]?.slice(0, 1000) || 'no answer'}`,
  );
}
