/**
 * Contenders under one workload. In a round all of them are started anew, so that no round inherits another's heap or luck with the
 * compiler; then they take turns, a second or so each, so that a turn and the next one meet the machine at the same speed.
 */
import { countCalls, openUpstream, startContender } from './contenders.ts';
import { expectCorrect } from './correctness.ts';
import { expectAnswered, percentile, runLoad } from './load.ts';
import { cpuMsOf, memoryMbOf } from './process-figures.ts';
import { type Started, untilListening } from './processes.ts';
import { askOne, bodyFor } from './questions.ts';
import type { Figures, Rounds, StartFigures } from './results.ts';
import type { Workload } from './workloads.ts';

export type Pace = { turns: number; seconds: number; nodeFlags: readonly string[] };
type OnMeasured = (contender: string, figures: Figures) => void;

/** Warm for twice as long as a turn takes. */
const warmTurns = 2;
/** No two turns ask for the same log, where logs are meant to be new. */
const turnSpan = 1e7;

export async function measureRound(
  contenders: readonly string[],
  workload: Workload,
  pace: Pace,
  onMeasured: OnMeasured,
): Promise<Rounds<Figures>> {
  await using upstream = await openUpstream(workload.delayMs);
  await using all = new AsyncDisposableStack();
  const started = new Map<string, Started>();
  for (const contender of contenders) {
    const process = await startContender(contender, {
      ...workload,
      upstreamPort: upstream.port,
      nodeFlags: pace.nodeFlags,
    });
    started.set(contender, all.use(process));
    await warmUp(contender, process, upstream, workload, pace);
  }
  const measured: Rounds<Figures> = Object.fromEntries(contenders.map((contender) => [contender, []]));
  for (let turn = 1; turn <= pace.turns; turn += 1) {
    for (const [contender, process] of started) {
      const figures = await measureTurn(contender, process, upstream, workload, pace.seconds, turn);
      measured[contender]?.push(figures);
      onMeasured(contender, figures);
    }
  }
  return measured;
}

async function warmUp(contender: string, started: Started, upstream: Started, workload: Workload, pace: Pace) {
  await untilListening(started);
  const question = workload.questionOf(-1);
  await expectCorrect({ contender, port: started.port, upstreamPort: upstream.port, question });
  await runLoad(loadOf(contender, started, workload, pace.seconds * warmTurns, 0));
}

async function measureTurn(
  contender: string,
  started: Started,
  upstream: Started,
  workload: Workload,
  turnSeconds: number,
  turn: number,
): Promise<Figures> {
  const callsBefore = await countCalls(upstream);
  const cpuBeforeMs = cpuMsOf(started.pid);
  const measured = await runLoad(loadOf(contender, started, workload, turnSeconds, turn));
  const cpuMs = cpuMsOf(started.pid) - cpuBeforeMs;
  expectAnswered(contender, measured);
  const { requests, seconds, latenciesMs } = measured;
  return {
    cpuMs: cpuMs / requests,
    requestsPerSecond: requests / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    peakMb: memoryMbOf(started.pid).peakMb,
    callsPerRequest: ((await countCalls(upstream)) - callsBefore) / requests,
  };
}

function loadOf(contender: string, { port }: Started, workload: Workload, seconds: number, turn: number) {
  const { connections, questionOf } = workload;
  const bodyOf = (index: number) => bodyFor(contender, questionOf(turn * turnSpan + index));
  return { port, connections, seconds, bodyOf };
}

/** From the start of the process to its first correct answer. */
export async function measureStart(contender: string): Promise<StartFigures> {
  await using upstream = await openUpstream();
  await using started = await startContender(contender, { upstreamPort: upstream.port });
  await untilListening(started, 2);
  const { port, pid, startedMs } = started;
  await expectCorrect({ contender, port, upstreamPort: upstream.port, question: askOne('recipients-2') });
  return { wallMs: performance.now() - startedMs, cpuMs: cpuMsOf(pid), peakMb: memoryMbOf(pid).peakMb };
}
