/**
 * Whether the gateway grows as it should: what a row costs in logs of 10 to 100 000 recipients, how latencies spread at half of
 * what it can do, and what an idle subscriber takes.
 */
import { type HalfLoad, measureHalfLoad } from './half-load.ts';
import { type IdleSubscribers, measureIdleSubscribers } from './idle-subscribers.ts';
import { measureRound } from './measure.ts';
import type { RunOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { askOne } from './questions.ts';
import type { Rounds } from './results.ts';

export type Growth = {
  /** By contender, then by recipients. */
  rows: Record<string, Rounds<{ cpuMs: number }>>;
  halfLoad: Rounds<HalfLoad>;
  idleSubscribers: IdleSubscribers[];
};

const rowCounts = [10, 100, 1000, 10_000, 100_000];
const rowContenders = ['gateway', 'raw-map'];
const halfLoadContenders = ['raw', 'gateway'];
const idleKinds = [
  { transport: 'sse', ownLogs: false },
  { transport: 'sse', ownLogs: true },
  { transport: 'websocket', ownLogs: false },
] as const;

export function countGrowthSteps({ rounds, turns }: RunOptions): number {
  return rounds * (rowCounts.length * rowContenders.length * turns + halfLoadContenders.length) + idleKinds.length;
}

export async function measureGrowth(options: RunOptions, progress: Progress): Promise<Growth> {
  const growth: Growth = { rows: {}, halfLoad: {}, idleSubscribers: [] };
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const count of rowCounts) await measureRows(count, growth, options, progress);
    for (const contender of halfLoadContenders) {
      const halfLoad = await measureHalfLoad(contender, options);
      growth.halfLoad[contender] = [...(growth.halfLoad[contender] ?? []), halfLoad];
      progress.step(`half load: ${contender} p99 ${halfLoad.p99Ms.toFixed(2)} ms, p50 ${halfLoad.p50Ms.toFixed(2)} ms`);
    }
  }
  for (const kind of idleKinds) {
    const idle = await measureIdleSubscribers(kind, options.subscribers);
    growth.idleSubscribers.push(idle);
    progress.step(`idle subscribers, ${idle.transport}: ${idle.rssBytes.toFixed(0)} bytes each`);
  }
  return growth;
}

async function measureRows(count: number, growth: Growth, options: RunOptions, progress: Progress): Promise<void> {
  const workload = {
    connections: Math.min(32, Math.max(2, 40_000 / count)),
    // As many as the gateway has memory for: all their logs are in flight at once.
    busyConnections: Math.min(64, Math.max(2, 160_000 / count)),
    questionOf: (index: number) => askOne(`recipients-${count}-${index}`),
    settings: () => ({ UPSTREAM_MAX_BODY_BYTES: String(64 * 1024 ** 2) }),
  };
  await measureRound(rowContenders, workload, options, (contender, { cpuMs }) => {
    growth.rows[contender] ??= {};
    const rounds = growth.rows[contender];
    rounds[count] = [...(rounds[count] ?? []), { cpuMs }];
    progress.step(`${count} recipients: ${contender} ${((cpuMs / count) * 1000).toFixed(2)} µs a row`);
  });
}
