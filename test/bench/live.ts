/**
 * Followers of logs that move: a hundred logs change every second, and thousands follow them, on a connection each and with one token.
 * What an event takes of the gateway's core, polls included, and what a follower takes of its memory.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openFollowedGateway } from './followed-gateway.ts';
import { createFollower, type Follower } from './follower.ts';
import type { RunOptions } from './options.ts';
import { cpuMsOf } from './process-figures.ts';
import type { Started } from './processes.ts';
import type { Progress } from './progress.ts';
import { type MemoryEach, memoryEach, settledMemory } from './settled-memory.ts';
import { expectOpen, openMany, type Subscription, subscribe, type Transport } from './subscriptions.ts';

type LiveTurn = { cpuMs: number; eventsPerSecond: number };
/** `cpuMs` is of one event. */
export type Live = MemoryEach & { transport: Transport; followers: number; logs: number; turns: LiveTurn[] };

const transports = ['sse', 'websocket'] as const;
export const logs = 100;
export const warmSeconds = 4;
/** A log changes once in a second, so a turn has some changes of each. */
const turnSeconds = 5;
/** One in so many followers reads each event whole. */
const readEvery = 50;

export function countLiveSteps(): number {
  return transports.length;
}

export async function measureLive(options: RunOptions, progress: Progress): Promise<Live[]> {
  const live: Live[] = [];
  for (const transport of transports) {
    const measured = await measureTransport(transport, options);
    live.push(measured);
    const told = measured.turns.map(({ cpuMs }) => (cpuMs * 1000).toFixed(1)).join(', ');
    progress.step(`${measured.followers} followers, ${transport}: ${told} µs an event`);
  }
  return live;
}

async function measureTransport(
  transport: Transport,
  { followers: count, turns: turnCount, nodeFlags }: RunOptions,
): Promise<Live> {
  await using gateway = await openFollowedGateway(count, nodeFlags);
  const open = (index: number, followers: Follower[]): Promise<Subscription> => {
    const follower = createFollower(transport, `moving-2-${index % logs}`, index % readEvery === 0);
    followers.push(follower);
    return subscribe(transport, { port: gateway.port, ...follower });
  };

  await gateway.warm((index) => open(index, []), warmSeconds);
  const before = await settledMemory(gateway);
  const followers: Follower[] = [];
  const opened = await openMany(count, (index) => open(index, followers));
  await sleep(warmSeconds * 1000);
  const turns: LiveTurn[] = [];
  for (let turn = 1; turn <= turnCount; turn += 1) turns.push(await measureTurn(gateway, followers));
  const after = await settledMemory(gateway);
  expectOpen(`Followers, ${transport}`, opened);
  for (const follower of followers) follower.expectRight();
  for (const subscription of opened) subscription.close();
  return { transport, followers: count, logs, turns, ...memoryEach(before, after, count) };
}

/** A gateway that cannot keep up sends each follower the latest state, and fewer events. */
async function measureTurn({ pid }: Started, followers: readonly Follower[]): Promise<LiveTurn> {
  const countsBefore = followers.map((follower) => follower.events());
  const startedMs = performance.now();
  const cpuBeforeMs = cpuMsOf(pid);
  await sleep(turnSeconds * 1000);
  const cpuMs = cpuMsOf(pid) - cpuBeforeMs;
  const seconds = (performance.now() - startedMs) / 1000;
  const counts = followers.map((follower, index) => follower.events() - (countsBefore[index] ?? 0));
  const events = counts.reduce((sum, one) => sum + one, 0);
  return { cpuMs: cpuMs / events, eventsPerSecond: events / seconds };
}
