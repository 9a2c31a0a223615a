/**
 * Contenders under one workload. In a round all of them are started anew, so that no round inherits another's heap or luck with the
 * compiler; then they take turns, a second or so each, so that a turn and the next one meet the machine at the same speed.
 */
import { startContender } from './contenders.ts';
import { expectCorrect } from './correctness.ts';
import { type Instrument, instruments, nodeInstrument, type Upstream } from './instruments.ts';
import { expectAnswered, type Load } from './load.ts';
import { cpuMsOf, memoryMbOf } from './process-figures.ts';
import { untilListening } from './processes.ts';
import { askOne } from './questions.ts';
import { loadOf, openUpstreamFor, type Pace, type Ready, startReady } from './ready.ts';
import type { Figures, Rounds, StartFigures } from './results.ts';
import type { Workload } from './workloads.ts';

type Plan = Pace & { turns: number; nodeFlags: readonly string[] };
type OnMeasured = (contender: string, figures: Figures) => void;

/** In turns. With a busy core a contender gets faster for some seconds. */
const warmTurns = { node: 2, wrk: 5 };

export async function measureRound(
  contenders: readonly string[],
  workload: Workload,
  plan: Plan,
  onMeasured: OnMeasured,
): Promise<Rounds<Figures>> {
  const instrument = instruments[plan.load];
  await using upstream = await openUpstreamFor(instrument, workload);
  await using all = new AsyncDisposableStack();
  const ready: Ready[] = [];
  for (const contender of contenders) {
    const one = all.use(await startReady(contender, workload, upstream, plan.nodeFlags));
    ready.push(one);
    await instrument.runLoad(loadOf(one, { ...plan, seconds: plan.seconds * warmTurns[plan.load] }, 0));
  }
  const measured: Rounds<Figures> = Object.fromEntries(contenders.map((contender) => [contender, []]));
  for (let turn = 1; turn <= plan.turns; turn += 1) {
    for (const one of ready) {
      const figures = await measureTurn(one, loadOf(one, plan, turn), upstream, instrument);
      measured[one.name]?.push(figures);
      onMeasured(one.name, figures);
    }
  }
  return measured;
}

async function measureTurn(
  { name, started: { pid } }: Ready,
  load: Load,
  upstream: Upstream,
  { runLoad }: Instrument,
): Promise<Figures> {
  const callsBefore = await upstream.countCalls();
  const cpuBeforeMs = cpuMsOf(pid);
  const measured = await runLoad(load);
  const cpuMs = cpuMsOf(pid) - cpuBeforeMs;
  expectAnswered(name, measured);
  const { requests, seconds, p50Ms, p99Ms } = measured;
  return {
    cpuMs: cpuMs / requests,
    requestsPerSecond: requests / seconds,
    p50Ms,
    p99Ms,
    peakMb: memoryMbOf(pid).peakMb,
    callsPerRequest: ((await upstream.countCalls()) - callsBefore) / requests,
  };
}

/** From the start of the process to its first correct answer. */
export async function measureStart(contender: string): Promise<StartFigures> {
  await using upstream = await nodeInstrument.openUpstream();
  await using started = await startContender(contender, { upstreamPort: upstream.port });
  await untilListening(started, 2);
  const { port, pid, startedMs } = started;
  await expectCorrect({ contender, port, upstreamPort: upstream.port, question: askOne('recipients-2') });
  return { wallMs: performance.now() - startedMs, cpuMs: cpuMsOf(pid), peakMb: memoryMbOf(pid).peakMb };
}
