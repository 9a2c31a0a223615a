/** A closed loop: each client asks again as soon as it has its answer. */
import { openClient } from './client.ts';

export type Load = { port: number; connections: number; seconds: number; bodyOf: (index: number) => string };
export type Measured = {
  requests: number;
  seconds: number;
  latenciesMs: readonly number[];
  /** What came where something else should have; empty where nothing came. */
  failures: readonly string[];
};

export async function runLoad({ port, connections, seconds, bodyOf }: Load): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  let index = 0;
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
  return { requests: latenciesMs.length, seconds: tookSeconds, latenciesMs: sortedNumbers(latenciesMs), failures };
}

export const sortedNumbers = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

/** @throws Error with the first of what came. */
export function expectAnswered(who: string, { requests, failures }: Measured): void {
  if (failures.length === 0) return;
  throw new Error(
    `${who}: ${failures.length} of ${requests} requests failed: ${failures[0]?.slice(0, 1000) || 'no answer'}`,
  );
}

export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
