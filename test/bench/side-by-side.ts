/**
 * Two contenders at the same time, on the same core, each under a load of its own. Whatever slows the machine slows both, so the ratio of
 * their CPU times is exact where the times are not. Latencies and throughput mean nothing here: each of them has half a core.
 */
import { type Instrument, instruments } from './instruments.ts';
import { expectAnswered, type Load } from './load.ts';
import { measureStart } from './measure.ts';
import { cpuMsOf } from './process-figures.ts';
import { loadOf, openUpstreamFor, type Pace, type Ready, startReady } from './ready.ts';
import type { Rounds } from './results.ts';
import type { Workload } from './workloads.ts';

type Plan = Pace & { turns: number; nodeFlags: readonly string[] };
type Costs = Rounds<{ cpuMs: number }>;

/** In turns. A process gets faster for so long, and the two not at the same moments. */
const warmTurns = 6;

/** CPU time of a request, by contender and turn. They are started in the order of their names. */
export async function measureSideBySide(names: readonly string[], workload: Workload, plan: Plan): Promise<Costs> {
  const instrument = instruments[plan.load];
  await using upstream = await openUpstreamFor(instrument, workload);
  await using all = new AsyncDisposableStack();
  const ready: Ready[] = [];
  for (const name of names) ready.push(all.use(await startReady(name, workload, upstream, plan.nodeFlags)));
  const measureAll = (seconds: number, turn: number) =>
    Promise.all(ready.map((one) => measureCost(one, loadOf(one, { ...plan, seconds }, turn), instrument)));
  await measureAll(plan.seconds * warmTurns, 0);
  const turns: number[][] = [];
  for (let turn = 1; turn <= plan.turns; turn += 1) turns.push(await measureAll(plan.seconds, turn));
  return byName(names, turns);
}

/** The same of starts. The first of each may be the one that compiles the code, and does not count. */
export async function measureStartsSideBySide(names: readonly string[], turns: number): Promise<Costs> {
  const measured: number[][] = [];
  for (let turn = 0; turn <= turns; turn += 1) {
    const starts = await Promise.all(names.map(measureStart));
    if (turn > 0) measured.push(starts.map(({ cpuMs }) => cpuMs));
  }
  return byName(names, measured);
}

async function measureCost({ name, started: { pid } }: Ready, load: Load, { runLoad }: Instrument): Promise<number> {
  const beforeMs = cpuMsOf(pid);
  const measured = await runLoad(load);
  const cpuMs = cpuMsOf(pid) - beforeMs;
  expectAnswered(name, measured);
  return cpuMs / measured.requests;
}

function byName(names: readonly string[], turns: readonly (readonly number[])[]): Costs {
  return Object.fromEntries(
    names.map((name, place) => [name, turns.map((costs) => ({ cpuMs: costs[place] ?? Number.NaN }))]),
  );
}
