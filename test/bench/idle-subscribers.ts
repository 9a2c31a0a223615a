/**
 * What a subscriber takes that nothing happens to: memory of the gateway's process before and with thousands of them, all with
 * one token, on a connection each. What the system's kernel holds for a connection is not in it.
 */
import { openFollowedGateway } from './followed-gateway.ts';
import { type MemoryEach, memoryEach, settledMemory } from './settled-memory.ts';
import { expectOpen, openMany, subscribe, type Transport } from './subscriptions.ts';

export type IdleKind = {
  transport: Transport;
  /** Each follows a log of its own, and the gateway polls every one of them; otherwise all follow one. */
  ownLogs: boolean;
};
export type IdleSubscribers = IdleKind & MemoryEach & { subscribers: number };

const query = 'subscription($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { requestId } } }';

export async function measureIdleSubscribers(kind: IdleKind, subscribers: number): Promise<IdleSubscribers> {
  const { transport, ownLogs } = kind;
  await using gateway = await openFollowedGateway(subscribers);
  const { port } = gateway;
  const open = (index: number) => subscribe(transport, { port, query, requestId: `sent-2-${ownLogs ? index : 'all'}` });

  await gateway.warm((index) => open(-1 - index));
  const before = await settledMemory(gateway);
  const opened = await openMany(subscribers, open);
  const after = await settledMemory(gateway);
  expectOpen(`Idle subscribers, ${transport}`, opened);
  for (const subscription of opened) subscription.close();
  return { ...kind, subscribers, ...memoryEach(before, after, subscribers) };
}
