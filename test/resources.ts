/**
 * What keeps a process awake: sockets, servers and timers, by kind; and who listens to the process itself. The test runner's own
 * are there before and after.
 */
import { expect } from 'vitest';

export function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|Timeout|Immediate/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  counts.listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return counts;
}

/** The test's own clients let go of their sockets in their own time; after that nothing is left, no timer either. */
export async function expectNothingLeft(before: Record<string, number>): Promise<void> {
  await expect
    .poll(() => Object.entries(resources()).filter(([kind, count]) => count > (before[kind] ?? 0)), { timeout: 15_000 })
    .toEqual([]);
}
