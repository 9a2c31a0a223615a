/**
 * A long run in which everything breaks, and no response may be wrong: `npm run soak`. Exits with 1 if one is wrong or missing. See
 * options.ts for what it can be told.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { memoryMbOf } from '../bench/process-figures.ts';
import { readNoisily, readNothing, readSteadily, subscribe } from './clients.ts';
import { readOptions } from './options.ts';
import { reportOf, type Sample } from './report.ts';
import { openStage, replicas, type Stage } from './stage.ts';
import { Tally } from './tally.ts';

const options = readOptions(process.argv.slice(2));
const totalMs = options.minutes * 60_000;
const sampleEveryMs = Math.max(1000, totalMs / 120);
const tellEveryMs = Math.max(5000, totalMs / 60);
const leastBehindSeconds = 15;

const tally = new Tally();
const samples: Sample[] = [];
let restarts = 0;
const startedMs = performance.now();
const stage = await openStage();
const soakMs = performance.now();
const over = AbortSignal.timeout(totalMs);

const subscribers = subscribe({ url: stage.url, tally });
const clients = { url: stage.url, tally, signal: over };
await Promise.all([
  readSteadily(clients),
  readNoisily(clients),
  readNothing(clients),
  restartInTurn(stage),
  breakRedis(stage),
  breakD7(stage),
  sample(stage),
  tell(),
]);
const behindSeconds = await untilCaughtUp();
await subscribers.close();
const calls = stage.d7.calls();
await stage[Symbol.asyncDispose]();

const { counts, wrong, lost } = tally;
const report = reportOf({
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores`,
  node: process.version,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  minutes: options.minutes,
  restarts,
  calls,
  counts,
  wrong,
  lost,
  behindSeconds,
  samples,
});
writeFileSync(options.out, report);
console.log(report);
console.error(`Written to ${options.out}, after ${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes.`);
const isGood = !counts.wrong && !counts.lost && behindSeconds < leastBehindSeconds;
if (isGood) await rm(stage.folder, { recursive: true });
else console.error(`The logs of nginx and the replicas are in ${stage.folder}.`);
process.exit(isGood ? 0 : 1);

async function restartInTurn({ restart }: Stage): Promise<void> {
  while (!over.aborted) {
    for (const replica of replicas) {
      await untilSoak(performance.now() - soakMs + Math.max(2000, totalMs / 60));
      if (over.aborted) return;
      await restart(replica);
      restarts += 1;
    }
  }
}

async function breakRedis({ redis }: Stage): Promise<void> {
  for (const [from, to] of [
    [0.2, 0.28],
    [0.6, 0.68],
  ] as const) {
    await untilSoak(from * totalMs);
    await redis.kill();
    say('Redis is killed');
    await untilSoak(to * totalMs);
    await redis.start();
    say('Redis runs again');
  }
}

async function breakD7({ d7 }: Stage): Promise<void> {
  for (const [from, to, state] of [
    [0.4, 0.45, 'failing'],
    [0.8, 0.84, 'silent'],
  ] as const) {
    await untilSoak(from * totalMs);
    tally.beginOutage();
    d7.switchTo(state);
    say(`D7 is ${state}`);
    await untilSoak(to * totalMs);
    d7.switchTo('well');
    tally.endOutage();
    say('D7 is well again');
  }
}

async function sample({ pids }: Stage): Promise<void> {
  while (!over.aborted) {
    const memoryMb = Object.fromEntries(Object.entries(pids()).map(([name, pid]) => [name, residentMb(pid)]));
    samples.push({ seconds: (performance.now() - soakMs) / 1000, memoryMb });
    await pause(sampleEveryMs);
  }
}

/** NaN where the process has just ended. */
function residentMb(pid: number): number {
  try {
    return memoryMbOf(pid).nowMb;
  } catch {
    return Number.NaN;
  }
}

async function tell(): Promise<void> {
  while (!over.aborted) {
    const { wrong: wrongCount = 0, lost: lostCount = 0 } = tally.counts;
    const logs = tally.counts['right logs'] ?? 0;
    say(`${logs} right logs, ${wrongCount} wrong, ${lostCount} lost, ${restarts} restarts, ${memoryNow()}`);
    await pause(tellEveryMs);
  }
}

function memoryNow(): string {
  const last = samples.at(-1)?.memoryMb ?? {};
  return Object.entries(last)
    .map(([name, mb]) => `${name} ${mb.toFixed(0)} MB`)
    .join(', ');
}

function say(what: string): void {
  const seconds = Math.round((performance.now() - soakMs) / 1000);
  console.error(`${seconds} of ${Math.round(totalMs / 1000)} s: ${what}`);
}

/** @param ms since the soak began. */
async function untilSoak(ms: number): Promise<void> {
  await pause(Math.max(0, soakMs + ms - performance.now()));
}

/** All have reconnected and have a recent event, or too much time has passed. */
async function untilCaughtUp(): Promise<number> {
  const deadlineMs = performance.now() + 30_000;
  while (subscribers.behindSeconds() >= leastBehindSeconds && performance.now() < deadlineMs) await pause(200);
  return subscribers.behindSeconds();
}
