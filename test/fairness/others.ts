/** The well-behaved callers: each has a token of its own, and reads one new log at a time at a fixed rate. */
import { type Caller, newIds, openCaller } from './caller.ts';
import { atRate } from './pace.ts';
import type { Stage } from './stage.ts';
import { createTally, type Tally } from './tally.ts';

const callers = 20;
const readsPerSecondEach = 5;

export async function readSteadily(stage: Stage, signal: AbortSignal, tally = createTally()): Promise<Tally> {
  const all = Array.from({ length: callers }, (_, index) => openCaller(stage.pool, `other-${index}`));
  await atRate(callers * readsPerSecondEach, signal, async (index, dueMs) => {
    const caller = all[index % callers] as Caller;
    tally.add(await caller.read(newIds('rows-2', 1), dueMs));
  });
  return tally;
}

/** All of these callers request a page at the same instant. */
export async function readPagesAtOnce(
  stage: Stage,
  callerCount: number,
  pageSize: number,
  tally: Tally,
): Promise<void> {
  const pages = Array.from({ length: callerCount }, (_, index) =>
    openCaller(stage.pool, `page-${index}`).read(newIds('rows-2', pageSize)),
  );
  for (const outcome of await Promise.all(pages)) tally.add(outcome);
}
