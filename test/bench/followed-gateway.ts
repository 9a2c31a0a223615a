/** The gateway in front of the benchmark's D7, open for many subscribers with one token, and warm. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startContender } from './contenders.ts';
import { nodeInstrument } from './instruments.ts';
import { type Started, untilListening } from './processes.ts';
import { memoryProbeFlags } from './settled-memory.ts';
import { openMany, type Subscription } from './subscriptions.ts';

export type FollowedGateway = Started & {
  /** What the first ones bring into memory is the code that serves them, and not theirs. */
  warm: (openOne: (index: number) => Promise<Subscription>, seconds?: number) => Promise<void>;
};

const warmers = 200;

/** @param count of the subscribers that it has to serve. */
export async function openFollowedGateway(count: number, nodeFlags: readonly string[] = []): Promise<FollowedGateway> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await nodeInstrument.openUpstream());
  const many = String(2 * count + warmers);
  const gateway = stack.use(
    await startContender('gateway', {
      upstreamPort: upstream.port,
      keeps: true,
      settings: { LIVE_MAX_SUBSCRIPTIONS: many, LIVE_MAX_SUBSCRIPTIONS_PER_CALLER: many },
      nodeFlags: [...memoryProbeFlags, ...nodeFlags],
      hasChannel: true,
    }),
  );
  await untilListening(gateway);
  const opened = stack.move();

  async function warm(openOne: (index: number) => Promise<Subscription>, seconds = 0): Promise<void> {
    const subscriptions = await openMany(warmers, openOne);
    await sleep(seconds * 1000);
    for (const subscription of subscriptions) subscription.close();
  }

  return { ...gateway, warm, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
