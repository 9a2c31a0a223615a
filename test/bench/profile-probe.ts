/** Loaded before the gateway, and only to see where its time and its memory go: see live-profile.ts. */
import { Session } from 'node:inspector/promises';
import { writeHeapSnapshot } from 'node:v8';

export type ProfileOrder = { profile: 'begin' | 'end' } | { heap: string };

const session = new Session();
session.connect();

process.on('message', async (order: ProfileOrder | string) => {
  if (typeof order === 'string') return;
  if ('heap' in order) process.send?.(writeHeapSnapshot(order.heap));
  else if (order.profile === 'begin') process.send?.(await begin());
  else process.send?.((await session.post('Profiler.stop')).profile);
});

async function begin(): Promise<string> {
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return 'begun';
}
