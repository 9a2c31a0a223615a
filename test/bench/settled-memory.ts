/** What the gateway's process holds after garbage collections; memory-probe.ts answers in it. */
import { once } from 'node:events';
import { memoryMbOf } from './process-figures.ts';
import type { Started } from './processes.ts';

type Memory = { rss: number; heapUsed: number; external: number };
/** Heap is V8's and what it holds outside of it. */
export type MemoryEach = { rssBytes: number; heapBytes: number };

export const memoryProbeFlags = ['--expose-gc', '--import', new URL('memory-probe.ts', import.meta.url).href];

/** Once two readings a second apart differ by less than a hundredth. */
export async function settledMemory(started: Started): Promise<Memory> {
  let lastMb = 0;
  for (let tries = 0; tries < 20; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await collectGarbage(started);
    const { nowMb } = memoryMbOf(started.pid);
    if (Math.abs(nowMb - lastMb) < lastMb / 100) break;
    lastMb = nowMb;
  }
  return collectGarbage(started);
}

export function memoryEach(before: Memory, after: Memory, count: number): MemoryEach {
  return {
    rssBytes: (after.rss - before.rss) / count,
    heapBytes: (after.heapUsed + after.external - before.heapUsed - before.external) / count,
  };
}

async function collectGarbage({ child }: Started): Promise<Memory> {
  child.send('memory');
  const [memory] = await once(child, 'message');
  return memory as Memory;
}
