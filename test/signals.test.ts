/** Whoever of npm and its process is signalled, none is left behind: the port is free again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { readme } from './readme.ts';

const root = new URL('..', import.meta.url);

const silent = {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' },
  body: JSON.stringify({ query: '{ viberLog(requestId: "silent") { __typename } }' }),
};

type Signalled = 'npm' | 'its process' | 'both';

/** A script as npm runs it, its process and the url that it listens on. */
async function startByNpm(script: string, { ofItsOwnGroup = false, workers = 1 } = {}) {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, PORT: '0', SANDBOX_PORT: '0', LOG_LEVEL: 'info', WORKERS: String(workers) };
  const npm = spawn('npm', ['run', script], { cwd: root, env, detached: ofItsOwnGroup });
  const ended = once(npm, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let written = '';
  for (const output of [npm.stdout, npm.stderr]) {
    output.setEncoding('utf8').on('data', (text) => {
      written += text;
    });
  }
  await expect.poll(() => written, { timeout: 30_000 }).toContain('"msg":"listening"');
  const url: string = JSON.parse(written.split('\n').find((line) => line.includes('listening')) ?? '').url;
  const descendants = descendantsOf(npm.pid as number);
  const [child = 0] = descendants;
  const close = async () => {
    for (const pid of [npm.pid as number, ...descendants]) kill(pid, 'SIGKILL');
    await ended;
  };
  return { npm, child, descendants, url, ended, written: () => written, [Symbol.asyncDispose]: close };
}

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

async function isListening(url: string): Promise<boolean> {
  return fetch(new URL('/health', url)).then(
    () => true,
    () => false,
  );
}

describe.skipIf(!existsSync(`/proc/self/task/${process.pid}/children`))('a process that npm started (Linux)', () => {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const;
  const table = ['start', 'sandbox'].flatMap((script) => [
    ...signals.map((signal) => [script, 'npm', signal] as const),
    [script, 'its process', 'SIGTERM'] as const,
    [script, 'both', 'SIGINT'] as const,
  ]);

  it.each<readonly [string, Signalled, NodeJS.Signals]>([
    ...table,
    ['dev', 'npm', 'SIGTERM'],
    ['dev', 'npm', 'SIGKILL'],
    ['dev', 'its process', 'SIGHUP'],
  ])(
    'leaves nothing behind: npm run %s, %s gets %s',
    async (script, signalled, signal) => {
      await using running = await startByNpm(script);
      expect(await isListening(running.url)).toBe(true);
      if (signalled !== 'its process') kill(running.npm.pid as number, signal);
      if (signalled !== 'npm') kill(running.child, signal);
      await running.ended;
      await expect.poll(() => isListening(running.url)).toBe(false);
      await expect.poll(() => running.descendants.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    },
    60_000,
  );

  it.each<readonly [string, Signalled, NodeJS.Signals]>([
    ['start', 'npm', 'SIGKILL'],
    ['start', 'npm', 'SIGTERM'],
    ['sandbox', 'both', 'SIGINT'],
  ])(
    'leaves no worker behind: npm run %s, %s gets %s',
    async (script, signalled, signal) => {
      await using running = await startByNpm(script, { workers: 2 });
      // Its process, and two workers of that.
      expect(running.descendants.length).toBe(3);
      kill(running.npm.pid as number, signal);
      // As a terminal does: the whole group.
      if (signalled === 'both') for (const pid of running.descendants) kill(pid, signal);
      await running.ended;
      await expect.poll(() => isListening(running.url)).toBe(false);
      await expect.poll(() => running.descendants.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
      expect(running.written().split('"msg":"stopping"')).toHaveLength(2);
    },
    60_000,
  );

  it('leaves nothing behind when npm is killed while its process starts', async () => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0' };
    const npm = spawn('npm', ['start'], { cwd: root, env, stdio: 'ignore' });
    const ended = once(npm, 'exit');
    let child = 0;
    await expect
      .poll(
        () => {
          child = descendantsOf(npm.pid as number)[0] ?? 0;
          return child > 0 && readFileSync(`/proc/${child}/cmdline`, 'latin1').startsWith('node');
        },
        { interval: 5 },
      )
      .toBe(true);
    kill(npm.pid as number, 'SIGKILL');
    await ended;
    try {
      await expect.poll(() => existsSync(`/proc/${child}`)).toBe(false);
    } finally {
      kill(child, 'SIGKILL');
    }
  }, 60_000);

  it('drains once when a terminal hangs up on it and npm', async () => {
    await using running = await startByNpm('sandbox');
    const answer = fetch(running.url, silent);
    kill(running.npm.pid as number, 'SIGKILL');
    await expect.poll(() => running.written()).toContain('"npm ended"');
    kill(running.child, 'SIGHUP');
    expect((await answer).status).toBe(200);
    await expect.poll(() => existsSync(`/proc/${running.child}`)).toBe(false);
    expect(running.written().split('"msg":"stopping"')).toHaveLength(2);
  }, 60_000);

  it('drains once when its whole group gets SIGHUP', async () => {
    await using running = await startByNpm('sandbox', { ofItsOwnGroup: true });
    const answer = fetch(running.url, silent);
    // Asked later and answered: so the other one has arrived.
    for (const _ of ['once', 'twice']) expect(await isListening(running.url)).toBe(true);
    kill(-(running.npm.pid as number), 'SIGHUP');
    expect((await answer).status).toBe(200);
    await expect.poll(() => existsSync(`/proc/${running.child}`)).toBe(false);
    expect(running.written().split('"msg":"stopping"')).toHaveLength(2);
  }, 60_000);

  it('drains once when Ctrl-C reaches it and npm', async () => {
    await using running = await startByNpm('start');
    kill(running.child, 'SIGINT');
    kill(running.npm.pid as number, 'SIGINT');
    await running.ended;
    expect(running.written().split('"msg":"stopping"')).toHaveLength(2);
    expect(running.written()).toContain('"signal":"SIGINT"');
  }, 60_000);
});

it('the command that operators are given is the one of npm start, without npm', () => {
  const command = manifest.scripts.start.replace('NPM_PID=$PPID exec node', 'node_modules/.bin/node');
  expect(readme.split('\n')).toContain(command);
});
