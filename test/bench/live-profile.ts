/**
 * Prints where the workload *live* spends its time, for each event, and what a follower holds in memory, by the kind of object:
 * `node test/bench/live-profile.ts sse 10000`, or `websocket`.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFollowedGateway } from './followed-gateway.ts';
import { createFollower, type Follower } from './follower.ts';
import { logs, warmSeconds } from './live.ts';
import type { Started } from './processes.ts';
import type { ProfileOrder } from './profile-probe.ts';
import { openMany, subscribe, type Transport } from './subscriptions.ts';

const seconds = 10;
const shown = 30;
const leastBytes = 24;
const flags = ['--import', new URL('profile-probe.ts', import.meta.url).href];

const [transport = 'sse', count = '10000'] = process.argv.slice(2);
await profile(transport as Transport, Number(count));

async function profile(transport: Transport, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'live-profile-'));
  await using gateway = await openFollowedGateway(count, flags);
  const followers: Follower[] = [];
  const open = (index: number) => {
    const follower = createFollower(transport, `moving-2-${index % logs}`, false);
    followers.push(follower);
    return subscribe(transport, { port: gateway.port, ...follower });
  };
  try {
    await gateway.warm(open, warmSeconds);
    followers.length = 0;
    const before = await heapOf(gateway, join(folder, 'before.heapsnapshot'));
    const opened = await openMany(count, open);
    await sleep(warmSeconds * 1000);
    await ask(gateway, { profile: 'begin' });
    const eventsBefore = eventsOf(followers);
    await sleep(seconds * 1000);
    const events = eventsOf(followers) - eventsBefore;
    const cpu = (await ask(gateway, { profile: 'end' })) as Profiler.Profile;
    console.log(`${transport}: ${count} followers, ${Math.round(events / seconds)} events/s`);
    printTime(cpu, events);
    printMemory(before, await heapOf(gateway, join(folder, 'after.heapsnapshot')), count);
    for (const subscription of opened) subscription.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function eventsOf(followers: readonly Follower[]): number {
  return followers.reduce((sum, follower) => sum + follower.events(), 0);
}

async function ask({ child }: Started, order: ProfileOrder): Promise<unknown> {
  child.send(order);
  const [answer] = await once(child, 'message');
  return answer;
}

/** By file, and by function. */
function printTime({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, events: number): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFile = new Map<string, number>();
  const byFunction = new Map<string, number>();
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = frames.get(id) as Profiler.Profile['nodes'][0]['callFrame'];
    if (functionName === '(idle)' || url === 'node:inspector') return;
    const us = timeDeltas[index] ?? 0;
    const file = url.replace(/^.*node_modules\//, '').replace(/^.*\/src\//, 'src/');
    add(byFile, file || functionName, us);
    add(byFunction, `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`, us);
  });
  for (const [name, by] of Object.entries({ file: byFile, function: byFunction })) {
    const total = [...by.values()].reduce((sum, us) => sum + us, 0);
    console.log(`\nµs an event, by ${name}: ${(total / events).toFixed(1)}`);
    print(by, (us) => (us / events).toFixed(2));
  }
}

type Heap = Map<string, { bytes: number; objects: number }>;

async function heapOf(gateway: Started, path: string): Promise<Heap> {
  await ask(gateway, { heap: path });
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(path, 'utf8'));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ];
  const heap: Heap = new Map();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[type][nodes[at + type]];
    // A string's name is its text, a closure's that of its function.
    const key = /string|number|array|code|shape/.test(kind)
      ? `(${kind})`
      : `${strings[nodes[at + name]].slice(0, 60)} (${kind})`;
    const known = heap.get(key) ?? { bytes: 0, objects: 0 };
    heap.set(key, { bytes: known.bytes + nodes[at + size], objects: known.objects + 1 });
  }
  return heap;
}

function printMemory(before: Heap, after: Heap, count: number): void {
  const bytes = new Map<string, number>();
  let total = 0;
  for (const [key, now] of after) {
    const each = (now.bytes - (before.get(key)?.bytes ?? 0)) / count;
    total += each;
    const objects = (now.objects - (before.get(key)?.objects ?? 0)) / count;
    if (each >= leastBytes) bytes.set(`${objects.toFixed(1).padStart(6)} × ${key}`, each);
  }
  console.log(`\nBytes of the heap a follower: ${Math.round(total)}`);
  print(bytes, (each) => each.toFixed(0), 60);
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}

function print(values: Map<string, number>, format: (value: number) => string, most = shown): void {
  const sorted = [...values].sort(([, one], [, other]) => other - one).slice(0, most);
  for (const [key, value] of sorted) console.log(`${format(value).padStart(8)}  ${key}`);
}
