/** Rows 8, 9, 11, 12 and 13: what each measures beside the other callers, on a stage of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { noises } from './noise.ts';
import { readPagesAtOnce, readSteadily } from './others.ts';
import type { Row } from './results.ts';
import { openStage, type Stage } from './stage.ts';
import { createTally, type Tally } from './tally.ts';

export type Scenario = { row: string; measure: (root: string, seconds: number) => Promise<Row> };
type Measured = { alone: Tally; beside: Tally; noisy: Tally };
type Measure = (stage: Stage, seconds: number) => Promise<Measured>;

/** As long as the gateway's circuit stays open by default, and a little: the next call is the one that probes. */
const circuitOpenMs = 2100;

export const scenarios: Scenario[] = [
  scenarioOf('8', noises.crowd.told, beside('crowd')),
  scenarioOf('9', '33 callers, a page of 25 each, at the same instant', bursts(33)),
  scenarioOf('9', '64 callers, a page of 25 each, at the same instant', bursts(64)),
  scenarioOf('11', noises.hanging.told, beside('hanging')),
  scenarioOf('11', noises.failing.told, beside('failing')),
  scenarioOf(
    '12',
    'D7 recovers, the circuit may probe; 20 callers, a page of 25 each, at once',
    recoveries(circuitOpenMs),
  ),
  // Calls that wait for an open circuit wait as long as it is open: only their failures are held to a goal.
  scenarioOf('12', 'D7 recovers; 20 callers, a page of 25 each, in that moment', recoveries(0), false),
  scenarioOf('13', noises.unreadSockets.told, beside('unreadSockets', 25)),
  scenarioOf('13', noises.unreadWebSocket.told, beside('unreadWebSocket', 20)),
];

function scenarioOf(row: string, noise: string, measure: Measure, hasLatencyGoal = true): Scenario {
  return { row, measure: measureRow };

  async function measureRow(root: string, seconds: number): Promise<Row> {
    await using stage = await openStage(root);
    await warmUp(stage);
    const { alone, beside, noisy } = await measure(stage, seconds);
    if (alone.failed() > 0) throw new Error(`Without noise, too, there are failures: ${JSON.stringify(alone.counts)}`);
    const others = {
      operations: beside.operations(),
      failed: beside.failed(),
      results: beside.counts,
      aloneP95Ms: alone.p95Ms(),
      besideP95Ms: beside.p95Ms(),
    };
    return { row, noise, others, noisy: noisy.counts, peakMb: stage.memoryMb().peakMb, hasLatencyGoal };
  }
}

/** Code that is not compiled yet would make the p95 alone look slow, and the goal easy. */
export async function warmUp(stage: Stage): Promise<void> {
  await readSteadily(stage, AbortSignal.timeout(2000));
  await readPagesAtOnce(stage, 10, 25, createTally());
}

/** Steady reads alone, and then beside the noise. */
function beside(name: keyof typeof noises, leastSeconds = 0): Measure {
  return async (stage, seconds) => {
    const noisy = createTally();
    const alone = await readSteadily(stage, AbortSignal.timeout(seconds * 1000));
    const signal = AbortSignal.timeout(Math.max(seconds, leastSeconds) * 1000);
    const [tally] = await Promise.all([readSteadily(stage, signal), noises[name].make(stage, signal, noisy)]);
    return { alone, beside: tally, noisy };
  };
}

/** One caller's page by itself, and then all at the same instant. */
function bursts(callers: number): Measure {
  return async (stage, seconds) => {
    const tallies = { alone: createTally(), beside: createTally(), noisy: createTally() };
    for (let page = 0; page < seconds * 2; page += 1) await readPagesAtOnce(stage, 1, 25, tallies.alone);
    for (let burst = 0; burst < seconds; burst += 1) {
      await readPagesAtOnce(stage, callers, 25, tallies.beside);
      await sleep(500);
    }
    return tallies;
  };
}

/** The same burst with D7 healthy, and then after an outage that all callers have seen. */
function recoveries(waitMs: number): Measure {
  return async (stage, seconds) => {
    const tallies = { alone: createTally(), beside: createTally(), noisy: createTally() };
    for (let round = 0; round < Math.max(2, seconds / 4); round += 1) {
      await readPagesAtOnce(stage, 20, 25, tallies.alone);
      await stage.switchOutage('on');
      await readSteadily(stage, AbortSignal.timeout(2000), tallies.noisy);
      await stage.switchOutage('off');
      await sleep(waitMs);
      await readPagesAtOnce(stage, 20, 25, tallies.beside);
      // Until the ramp is over.
      await sleep(circuitOpenMs);
      await readSteadily(stage, AbortSignal.timeout(2000));
    }
    return tallies;
  };
}
