/** A Redis server of the test's own: a real one, which can be killed, stopped, filled and looked through. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { expect } from 'vitest';
import { findCommand } from './commands.ts';
import { freePort } from './free-port.ts';

const redisCommand = findCommand('redis-server');
/** Where there must be one, a missing one fails. */
export const redisWanted = redisCommand !== undefined || process.env.CI !== undefined;

export type Redis = AsyncDisposable & {
  url: string;
  start: () => Promise<void>;
  kill: () => Promise<void>;
  /** Stops it from answering, its connections left open. */
  freeze: () => void;
  thaw: () => void;
  /** One command, by a client of the test's own. */
  send: (...command: string[]) => Promise<unknown>;
  /** Every key and value that it holds, as one text. */
  dump: () => Promise<string>;
  /** The keys of the results in it; beside them each caller has an epoch of 16 bytes. */
  resultKeys: () => Promise<string[]>;
  epochKeys: () => Promise<string[]>;
};

export async function openRedis(...options: string[]): Promise<Redis> {
  if (redisCommand === undefined) throw new Error('No redis-server on this machine, and in CI there must be one.');
  const command = redisCommand;
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(command, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...options]);
    const { stdout } = child;
    let written = '';
    for await (const chunk of stdout ?? []) {
      written += chunk;
      if (written.includes('Ready to accept connections')) break;
    }
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async function send(...words: string[]): Promise<unknown> {
    const client = createClient({ url });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  async function dump(): Promise<string> {
    const keys = (await send('KEYS', '*')) as string[];
    const values = await Promise.all(keys.map((key) => send('GET', key)));
    return [...keys, ...values].join('\n');
  }

  async function keysWhere(matches: (length: number) => boolean): Promise<string[]> {
    const keys = (await send('KEYS', '*')) as string[];
    const lengths = await Promise.all(keys.map((key) => send('STRLEN', key)));
    return keys.filter((_, index) => matches(lengths[index] as number));
  }

  await start();
  return {
    url,
    start,
    kill,
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    send,
    dump,
    resultKeys: () => keysWhere((length) => length > 16),
    epochKeys: () => keysWhere((length) => length === 16),
    [Symbol.asyncDispose]: kill,
  };
}

type Slots = readonly [first: number, last: number];

/** The nodes of a Redis Cluster, each of which serves some of the 16 384 slots. */
export async function openRedisCluster(...slots: Slots[]): Promise<AsyncDisposable & { nodes: Redis[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-'));
  const nodes: Redis[] = [];
  for (const [first, last] of slots) {
    const busPort = String(await freePort());
    const files = ['--dir', directory, '--cluster-config-file', `${busPort}.conf`];
    const node = await openRedis('--cluster-enabled', 'yes', '--cluster-port', busPort, ...files);
    nodes.push(node);
    await node.send('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
    const { hostname, port } = new URL(node.url);
    await nodes[0]?.send('CLUSTER', 'MEET', hostname, port, busPort);
  }
  for (const node of nodes) await expect.poll(() => node.send('CLUSTER', 'INFO')).toContain('cluster_state:ok');
  const close = async () => {
    for (const node of nodes) await node.kill();
    await rm(directory, { recursive: true });
  };
  return { nodes, [Symbol.asyncDispose]: close };
}
