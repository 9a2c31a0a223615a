/** How latencies spread at half of what a contender can do. The requests come on a schedule, which Node keeps in every run. */
import { type Instrument, instruments, type Upstream } from './instruments.ts';
import { expectAnswered } from './load.ts';
import { runOpenLoop } from './open-loop.ts';
import type { RunOptions } from './options.ts';
import { cpuMsOf, cpuMsOfEndedChildren } from './process-figures.ts';
import { loadOf, openUpstreamFor, type Ready, startReady } from './ready.ts';
import { type Workload, workloads } from './workloads.ts';

export type HalfLoad = {
  capacityPerSecond: number;
  /** How much of its core the contender took, and load and upstream together of theirs: whoever is near 1 is what is measured. */
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

/** One stall of a tenth of a second is one in a hundred requests of ten seconds: latencies need longer, and a warm process. */
const warmTurns = 5;
const openTurns = 10;

export async function measureHalfLoad(contender: string, options: RunOptions): Promise<HalfLoad> {
  const workload = workloads.one as Workload;
  const instrument = instruments[options.load];
  await using upstream = await openUpstreamFor(instrument, workload);
  await using ready = await startReady(contender, workload, upstream, options.nodeFlags);
  const capacity = await measureCapacity(ready, upstream, instrument, options);

  const rate = { perSecond: capacity.capacityPerSecond / 2, seconds: options.seconds * openTurns };
  const { bodyOf } = loadOf(ready, options, 0);
  const openLoad = { ...rate, bodyOf: (index: number) => bodyOf(3e9 + index) };
  const readBusy = busyMeter(ready.started.pid, upstream.pid);
  const half = await runOpenLoop({ ...openLoad, port: ready.started.port });
  expectAnswered(`${contender} at half load`, half);
  const { busy, othersBusy } = readBusy();
  const alone = await runOpenLoop({ ...openLoad, port: upstream.port });
  return {
    ...capacity,
    ratePerSecond: rate.perSecond,
    busy,
    othersBusy,
    p50Ms: half.p50Ms,
    p99Ms: half.p99Ms,
    instrumentP50Ms: alone.p50Ms,
    instrumentP99Ms: alone.p99Ms,
  };
}

async function measureCapacity(ready: Ready, upstream: Upstream, { runLoad }: Instrument, options: RunOptions) {
  await runLoad(loadOf(ready, { ...options, seconds: options.seconds * warmTurns }, 0));
  const readBusy = busyMeter(ready.started.pid, upstream.pid);
  const measured = await runLoad(loadOf(ready, options, 1));
  const { busy, othersBusy } = readBusy();
  expectAnswered(ready.contender, measured);
  const { requests, seconds } = measured;
  return { capacityPerSecond: requests / seconds, busyAtCapacity: busy, othersBusyAtCapacity: othersBusy };
}

/** Which part of a core a contender has taken since, and the upstream with whoever asks. */
function busyMeter(pid: number, upstreamPid: number) {
  const read = () => ({
    ms: performance.now(),
    own: cpuMsOf(pid),
    others: cpuMsOf(upstreamPid) + cpuMsOf(process.pid) + cpuMsOfEndedChildren(process.pid),
  });
  const before = read();
  return () => {
    const after = read();
    const tookMs = after.ms - before.ms;
    return { busy: (after.own - before.own) / tookMs, othersBusy: (after.others - before.others) / tookMs };
  };
}
