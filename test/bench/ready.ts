/** A contender that has answered one question of its workload as it should, and the load that it gets next. */
import { startContender } from './contenders.ts';
import { expectCorrect } from './correctness.ts';
import type { Instrument, InstrumentName, Upstream } from './instruments.ts';
import type { CheckedAnswer, Load } from './load.ts';
import { type Started, untilListening } from './processes.ts';
import { bodyFor } from './questions.ts';
import { busyConnections, partsOf, type Workload, workloads } from './workloads.ts';

export type Ready = { name: string; contender: string; started: Started; workload: Workload; answer: CheckedAnswer };
export type Pace = { seconds: number; load: InstrumentName };

/** Of the question whose answer is looked at first. No two turns ask for the same log, and its ten digits occur nowhere else. */
const checkedIndex = 9_876_543_210;
const turnSpan = 1e7;

/** Whom the upstream has to know. */
function requestIdsOf({ questionOf, beside = [] }: Workload): readonly string[] {
  const all = [questionOf, ...beside.map((name) => questionsFor(name, questionOf))];
  return all.flatMap((one) => one(checkedIndex).requestIds);
}

/** The D7 of a workload. */
export function openUpstreamFor({ openUpstream }: Instrument, workload: Workload) {
  return openUpstream({ delayMs: workload.delayMs ?? 0, requestIds: requestIdsOf(workload) });
}

/** @throws Error naming the contender and what it answered. */
export async function startReady(
  name: string,
  workloadOfAll: Workload,
  upstream: Upstream,
  nodeFlags: readonly string[],
): Promise<Ready & AsyncDisposable> {
  const { contender } = partsOf(name);
  const workload = { ...workloadOfAll, questionOf: questionsFor(name, workloadOfAll.questionOf) };
  const { keeps = false } = workload;
  const settings = workload.settings?.() ?? {};
  const started = await startContender(contender, { upstreamPort: upstream.port, keeps, settings, nodeFlags });
  try {
    await untilListening(started);
    const question = workload.questionOf(checkedIndex);
    const text = await expectCorrect({ contender, port: started.port, upstreamPort: upstream.port, question });
    const answer = { index: checkedIndex, text };
    return { name, contender, started, workload, answer, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

export function loadOf({ contender, started, workload, answer }: Ready, pace: Pace, turn: number): Load {
  const bodyOf = (index: number) => bodyFor(contender, workload.questionOf(index));
  const connections = pace.load === 'wrk' ? (workload.busyConnections ?? busyConnections) : workload.connections;
  return { port: started.port, connections, seconds: pace.seconds, firstIndex: turn * turnSpan, bodyOf, answer };
}

function questionsFor(name: string, otherwise: Workload['questionOf']): Workload['questionOf'] {
  const { asked } = partsOf(name);
  return (asked && workloads[asked]?.questionOf) || otherwise;
}
