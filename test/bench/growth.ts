/**
 * Whether the gateway grows as it should: what a row costs in logs of 10 to 100 000 recipients, how latencies spread at half of
 * what it can do, and what an idle subscriber takes.
 */
import { openUpstream, startContender } from './contenders.ts';
import { type IdleSubscribers, measureIdleSubscribers } from './idle-subscribers.ts';
import { expectAnswered, percentile, runLoad } from './load.ts';
import { measureRound } from './measure.ts';
import { runOpenLoop } from './open-loop.ts';
import type { RunOptions } from './options.ts';
import { cpuMsOf } from './process-figures.ts';
import { untilListening } from './processes.ts';
import type { Progress } from './progress.ts';
import { askOne, bodyFor } from './questions.ts';
import type { Rounds } from './results.ts';
import { workloads } from './workloads.ts';

type HalfLoad = {
  capacityPerSecond: number;
  /** How much of its core the gateway took, and load and upstream together of theirs: whoever is near 1 is what is measured. */
  busyAtCapacity: number;
  othersBusyAtCapacity: number;
  ratePerSecond: number;
  busy: number;
  othersBusy: number;
  p50Ms: number;
  p99Ms: number;
  /** The same schedule sent to the upstream itself: what the instrument adds. */
  instrumentP50Ms: number;
  instrumentP99Ms: number;
};

export type Growth = {
  /** By contender, then by recipients. */
  rows: Record<string, Rounds<{ cpuMs: number }>>;
  halfLoad: HalfLoad[];
  idleSubscribers: IdleSubscribers[];
};

const rowCounts = [10, 100, 1000, 10_000, 100_000];
const rowContenders = ['gateway', 'raw-map'];
/** One stall of a tenth of a second is one in a hundred requests of ten seconds: latencies need longer, and a warm process. */
const warmTurns = 5;
const openTurns = 10;
const idleKinds = [
  { transport: 'sse', ownLogs: false },
  { transport: 'sse', ownLogs: true },
  { transport: 'websocket', ownLogs: false },
] as const;

export function countGrowthSteps({ rounds, turns }: RunOptions): number {
  return rounds * (rowCounts.length * rowContenders.length * turns + 1) + idleKinds.length;
}

export async function measureGrowth(options: RunOptions, progress: Progress): Promise<Growth> {
  const growth: Growth = { rows: {}, halfLoad: [], idleSubscribers: [] };
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const count of rowCounts) await measureRows(count, growth, options, progress);
    const halfLoad = await measureHalfLoad(options);
    growth.halfLoad.push(halfLoad);
    progress.step(`half load: p99 ${(halfLoad.p99Ms / halfLoad.p50Ms).toFixed(2)} x p50`);
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
    questionOf: (index: number) => askOne(`recipients-${count}-${index}`),
    settings: { UPSTREAM_MAX_BODY_BYTES: String(64 * 1024 ** 2) },
  };
  await measureRound(rowContenders, workload, options, (contender, { cpuMs }) => {
    growth.rows[contender] ??= {};
    const rounds = growth.rows[contender];
    rounds[count] = [...(rounds[count] ?? []), { cpuMs }];
    progress.step(`${count} recipients: ${contender} ${((cpuMs / count) * 1000).toFixed(2)} µs a row`);
  });
}

async function measureHalfLoad({ seconds, nodeFlags }: RunOptions): Promise<HalfLoad> {
  await using upstream = await openUpstream();
  await using gateway = await startContender('gateway', { upstreamPort: upstream.port, nodeFlags });
  await untilListening(gateway);
  const { port, pid } = gateway;
  const { connections = 32, questionOf = askAny } = workloads.one ?? {};
  const bodyOf = (start: number) => (index: number) => bodyFor('gateway', questionOf(start + index));
  await runLoad({ port, connections, seconds: seconds * warmTurns, bodyOf: bodyOf(1e9) });

  const readBusy = busyMeter(pid, upstream.pid);
  const { requests, seconds: took } = await runLoad({ port, connections, seconds, bodyOf: bodyOf(2e9) });
  const { busy: busyAtCapacity, othersBusy: othersBusyAtCapacity } = readBusy();
  const capacityPerSecond = requests / took;

  const load = { perSecond: capacityPerSecond / 2, seconds: seconds * openTurns };
  const readBusyAtHalf = busyMeter(pid, upstream.pid);
  const half = await runOpenLoop({ ...load, port, bodyOf: bodyOf(3e9) });
  expectAnswered('half load', half);
  const { busy, othersBusy } = readBusyAtHalf();
  const instrument = await runOpenLoop({ ...load, port: upstream.port, bodyOf: bodyOf(3e9) });
  return {
    capacityPerSecond,
    busyAtCapacity,
    othersBusyAtCapacity,
    ratePerSecond: load.perSecond,
    busy,
    othersBusy,
    p50Ms: percentile(half.latenciesMs, 0.5),
    p99Ms: percentile(half.latenciesMs, 0.99),
    instrumentP50Ms: percentile(instrument.latenciesMs, 0.5),
    instrumentP99Ms: percentile(instrument.latenciesMs, 0.99),
  };
}

const askAny = (index: number) => askOne(`recipients-2-${index}`);

/** Which part of a core a contender has taken since, and the upstream with this process. */
function busyMeter(pid: number, upstreamPid: number) {
  const read = () => ({
    ms: performance.now(),
    own: cpuMsOf(pid),
    others: cpuMsOf(upstreamPid) + cpuMsOf(process.pid),
  });
  const before = read();
  return () => {
    const after = read();
    const tookMs = after.ms - before.ms;
    return { busy: (after.own - before.own) / tookMs, othersBusy: (after.others - before.others) / tookMs };
  };
}
