/**
 * What a subscriber takes that nothing happens to: memory of the gateway's process before and with thousands of them, all with
 * one token, on a connection each. What the system's kernel holds for a connection is not in it.
 */
import { startContender } from './contenders.ts';
import { nodeInstrument } from './instruments.ts';
import { untilListening } from './processes.ts';
import { type MemoryEach, memoryEach, memoryProbeFlags, settledMemory } from './settled-memory.ts';
import { expectOpen, openMany, subscribe, type Transport } from './subscriptions.ts';

export type IdleKind = {
  transport: Transport;
  /** Each follows a log of its own, and the gateway polls every one of them; otherwise all follow one. */
  ownLogs: boolean;
};
export type IdleSubscribers = IdleKind & MemoryEach & { subscribers: number };

const warmers = 200;
const query = 'subscription($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { requestId } } }';

export async function measureIdleSubscribers(kind: IdleKind, subscribers: number): Promise<IdleSubscribers> {
  const { transport, ownLogs } = kind;
  await using upstream = await nodeInstrument.openUpstream();
  const many = String(2 * subscribers + warmers);
  await using gateway = await startContender('gateway', {
    upstreamPort: upstream.port,
    keeps: true,
    settings: { LIVE_MAX_SUBSCRIPTIONS: many, LIVE_MAX_SUBSCRIPTIONS_PER_CALLER: many },
    nodeFlags: memoryProbeFlags,
    hasChannel: true,
  });
  await untilListening(gateway);
  const { port } = gateway;
  const open = (index: number) => subscribe(transport, { port, query, requestId: `sent-2-${ownLogs ? index : 'all'}` });

  // What the first ones bring into memory is the code that serves them, and not theirs.
  for (const warmer of await openMany(warmers, (index) => open(-1 - index))) warmer.close();
  const before = await settledMemory(gateway);
  const opened = await openMany(subscribers, open);
  const after = await settledMemory(gateway);
  expectOpen(`Idle subscribers, ${transport}`, opened);
  for (const subscription of opened) subscription.close();
  return { ...kind, subscribers, ...memoryEach(before, after, subscribers) };
}
