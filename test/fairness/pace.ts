/** Fixed rates. Each generator states its own, so that the measurement fits on the cores that it shares with the gateway. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts an action at each due moment, and waits for none of them: a latency that counts from `dueMs` includes what a stalled
 * gateway costs everybody who would have sent meanwhile (no coordinated omission). Resolves when the last one has ended.
 */
export async function atRate(
  perSecond: number,
  signal: AbortSignal,
  action: (index: number, dueMs: number) => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  const actions = new Set<Promise<void>>();
  for (let index = 0; !signal.aborted; index += 1) {
    const dueMs = startedMs + (index / perSecond) * 1000;
    await sleep(Math.max(0, dueMs - performance.now()), null, { signal }).catch(() => {});
    if (signal.aborted) break;
    const running = action(index, dueMs).finally(() => actions.delete(running));
    actions.add(running);
  }
  await Promise.all(actions);
}

/** As many loops as `workers`, each of which starts its next action when the last one has ended, and `leastMs` after its start. */
export async function inLoops(
  workers: number,
  leastMs: number,
  signal: AbortSignal,
  action: () => Promise<void>,
): Promise<void> {
  async function loop(): Promise<void> {
    while (!signal.aborted) await Promise.all([action(), sleep(leastMs, null, { signal }).catch(() => {})]);
  }
  await Promise.all(Array.from({ length: workers }, loop));
}
