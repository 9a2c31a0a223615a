/** All of the noise at once, beside 20 well-behaved callers, for minutes: none of their operations fails, and memory is level. */
import { type Noise, noises } from './noise.ts';
import { readSteadily } from './others.ts';
import type { AllAtOnce } from './results.ts';
import { warmUp } from './scenarios.ts';
import { openStage } from './stage.ts';
import { type Counts, createTally } from './tally.ts';

const aloneSeconds = 20;

export async function measureAllAtOnce(
  root: string,
  seconds: number,
  onProgress: (told: string) => void,
): Promise<AllAtOnce> {
  await using stage = await openStage(root);
  await warmUp(stage);
  const alone = await readSteadily(stage, AbortSignal.timeout(aloneSeconds * 1000));
  onProgress(`alone: p95 ${alone.p95Ms().toFixed(0)} ms`);
  const ended = new AbortController();
  stage.gateway.child.once('exit', () => ended.abort());
  const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), ended.signal]);
  const beside = createTally();
  const noisy: Record<string, Counts> = {};
  const nowMb: number[] = [];
  const sampling = setInterval(() => {
    if (signal.aborted) return;
    nowMb.push(stage.memoryMb().nowMb);
    if (nowMb.length % 10 !== 0) return;
    const figures = `${beside.failed()} of ${beside.operations()} operations failed, p95 ${beside.p95Ms().toFixed(0)} ms`;
    onProgress(`${nowMb.length} s of ${seconds}: ${figures}, ${nowMb.at(-1)?.toFixed(0)} MB`);
  }, 1000);
  const noise = Object.entries(noises).map(([, { told, make }]) => {
    const tally = createTally();
    noisy[told] = tally.counts;
    return again(make)(stage, signal, tally);
  });
  await Promise.all([readSteadily(stage, signal, beside), ...noise]);
  clearInterval(sampling);
  const { peakMb } = stage.memoryMb();
  const minute = Math.min(60, Math.floor(seconds / 5));
  return {
    row: 'all',
    noise: 'all of it at once',
    others: {
      operations: beside.operations(),
      failed: beside.failed(),
      results: beside.counts,
      aloneP95Ms: alone.p95Ms(),
      besideP95Ms: beside.p95Ms(),
    },
    noisy: {},
    noises: noisy,
    peakMb,
    hasLatencyGoal: false,
    secondMinuteMb: mean(nowMb.slice(minute, 2 * minute)),
    lastMinuteMb: mean(nowMb.slice(-minute)),
  };
}

/** Some noise ends by itself: it begins anew each half a minute. */
function again(noise: Noise): Noise {
  return async (stage, signal, tally) => {
    while (!signal.aborted) await noise(stage, AbortSignal.any([signal, AbortSignal.timeout(30_000)]), tally);
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
