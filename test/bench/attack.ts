/**
 * A stranger sends ten thousand documents a minute, each of them new, beside normal traffic: what that does to the others'
 * latency, and to memory. Once each document comes once, and once three times, so that it counts as one that comes back.
 */
import { startContender } from './contenders.ts';
import { nodeInstrument } from './instruments.ts';
import { expectAnswered } from './load.ts';
import { runOpenLoop } from './open-loop.ts';
import type { RunOptions } from './options.ts';
import { memoryMbOf } from './process-figures.ts';
import { type Started, untilListening } from './processes.ts';
import type { Progress } from './progress.ts';
import { askOne, bodyFor } from './questions.ts';
import { strangeDocument } from './strange-documents.ts';

/** The normal traffic's latencies, and how late the questions themselves were, which is what the instrument adds. */
type Latencies = { p50Ms: number; p99Ms: number; latenessP99Ms: number };

/** Normal traffic alone and beside the attack, in turns; and the most memory that the process ever held, before and after each. */
export type AttackTurn = { alone: Latencies; beside: Latencies; peakMbBefore: number; peakMbAfter: number };

export type AttackFigures = {
  documentsPerMinute: number;
  timesEach: number;
  normalPerSecond: number;
  /** How long the attack lasted in all. */
  seconds: number;
  turns: AttackTurn[];
};

const documentsPerMinute = 10_000;
const normalPerSecond = 500;
const varieties = [1, 3];
const turnCount = 3;
/** No two turns ask for the same log. */
const turnSpan = 1e7;

export function countAttackSteps(): number {
  return varieties.length * turnCount;
}

export async function measureAttack(options: RunOptions, progress: Progress): Promise<AttackFigures[]> {
  const attack: AttackFigures[] = [];
  for (const timesEach of varieties) attack.push(await measureVariety(timesEach, options, progress));
  return attack;
}

async function measureVariety(timesEach: number, options: RunOptions, progress: Progress): Promise<AttackFigures> {
  const { attackSeconds: seconds, nodeFlags } = options;
  const turnSeconds = seconds / turnCount;
  await using upstream = await nodeInstrument.openUpstream();
  await using gateway = await startContender('gateway', { upstreamPort: upstream.port, keeps: true, nodeFlags });
  await untilListening(gateway);
  await sendNormal(gateway, turnSeconds / 2, 0);
  const turns: AttackTurn[] = [];
  for (let turn = 1; turn <= turnCount; turn += 1) {
    const { alone, beside, ...memory } = await measureTurn(gateway, timesEach, turnSeconds, turn);
    turns.push({ alone, beside, ...memory });
    const told = `p99 ${alone.p99Ms.toFixed(1)} ms alone, ${beside.p99Ms.toFixed(1)} beside`;
    progress.step(`strange documents, each ${timesEach} ×: ${told}`);
  }
  return { documentsPerMinute, timesEach, normalPerSecond, seconds, turns };
}

async function measureTurn(gateway: Started, timesEach: number, seconds: number, turn: number): Promise<AttackTurn> {
  const alone = await sendNormal(gateway, seconds / 2, 2 * turn);
  const peakMbBefore = memoryMbOf(gateway.pid).peakMb;
  const [beside] = await Promise.all([
    sendNormal(gateway, seconds, 2 * turn + 1),
    sendStrange(gateway, seconds, turn, timesEach),
  ]);
  return { alone, beside, peakMbBefore, peakMbAfter: memoryMbOf(gateway.pid).peakMb };
}

async function sendNormal({ port }: Started, seconds: number, turn: number): Promise<Latencies> {
  const bodyOf = (index: number) => bodyFor('gateway', askOne(`recipients-2-${turn * turnSpan + index}`));
  const measured = await runOpenLoop({ port, perSecond: normalPerSecond, seconds, bodyOf });
  expectAnswered('normal traffic', measured);
  const { p50Ms, p99Ms, latenessP99Ms } = measured;
  return { p50Ms, p99Ms, latenessP99Ms };
}

async function sendStrange({ port }: Started, seconds: number, turn: number, timesEach: number): Promise<void> {
  const perSecond = (documentsPerMinute / 60) * timesEach;
  const documentOf = (index: number) => strangeDocument(turn * turnSpan + Math.floor(index / timesEach));
  const bodyOf = (index: number) => JSON.stringify({ query: documentOf(index) });
  expectAnswered('strange documents', await runOpenLoop({ port, perSecond, seconds, bodyOf }));
}
