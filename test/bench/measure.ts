/** One contender under one workload, in a process of its own: no round inherits another's heap. */
import { countCalls, openUpstream, startContender } from './contenders.ts';
import { expectCorrect } from './correctness.ts';
import { expectAnswered, percentile, runLoad } from './load.ts';
import { cpuMsOf, memoryMbOf } from './process-figures.ts';
import { untilListening } from './processes.ts';
import { bodyFor } from './questions.ts';
import type { Figures, StartFigures } from './results.ts';
import { type Workload, workloads } from './workloads.ts';

export type Pace = { seconds: number; nodeFlags: readonly string[] };

export async function measure(contender: string, workload: Workload, pace: Pace): Promise<Figures> {
  const { connections, questionOf, delayMs, ...options } = workload;
  await using upstream = await openUpstream(delayMs);
  const upstreamPort = upstream.port;
  await using started = await startContender(contender, { upstreamPort, nodeFlags: pace.nodeFlags, ...options });
  const { pid, port } = started;
  await untilListening(started);
  await expectCorrect({ contender, port, upstreamPort, question: questionOf(2e9) });
  // Warm, and never asked for anything twice that is meant to be new.
  const bodyOf = (index: number) => bodyFor(contender, questionOf(index));
  await runLoad({ port, connections, seconds: pace.seconds, bodyOf: (index) => bodyOf(index + 1e9) });

  const callsBefore = await countCalls(upstream);
  const cpuBeforeMs = cpuMsOf(pid);
  const measured = await runLoad({ port, connections, seconds: pace.seconds, bodyOf });
  const cpuMs = cpuMsOf(pid) - cpuBeforeMs;
  expectAnswered(contender, measured);
  const { requests, seconds, latenciesMs } = measured;
  return {
    cpuMs: cpuMs / requests,
    requestsPerSecond: requests / seconds,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    peakMb: memoryMbOf(pid).peakMb,
    callsPerRequest: ((await countCalls(upstream)) - callsBefore) / requests,
  };
}

/** From the start of the process to its first correct answer. */
export async function measureStart(contender: string): Promise<StartFigures> {
  await using upstream = await openUpstream();
  const question = workloads.one?.questionOf(0) as ReturnType<Workload['questionOf']>;
  await using started = await startContender(contender, { upstreamPort: upstream.port });
  await untilListening(started, 2);
  await expectCorrect({ contender, port: started.port, upstreamPort: upstream.port, question });
  const wallMs = performance.now() - started.startedMs;
  return { wallMs, cpuMs: cpuMsOf(started.pid), peakMb: memoryMbOf(started.pid).peakMb };
}
