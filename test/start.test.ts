/** The processes that npm's scripts start: how they come up, how they refuse, and how they go. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { findCommand } from './commands.ts';
import { type Running, start, urlOf } from './process.ts';

const query = (requestId: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' },
  body: JSON.stringify({ query: `{ viberLog(requestId: "${requestId}") { __typename } }` }),
});

async function startBefore(url: string, settings: Record<string, string> = {}): Promise<Running> {
  return start('src/main.ts', { PORT: '0', D7_BASE_URL: url, ...settings });
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('listens, and goes with status 0 at %s', async (signal) => {
    await using gateway = start('src/main.ts', { PORT: '0' });
    const url = await urlOf(gateway);
    expect((await fetch(new URL('/health', url))).status).toBe(200);
    expect(await (await fetch(new URL('/ready', url))).json()).toEqual({ ok: true });
    gateway.child.kill(signal);
    expect(await gateway.ended).toEqual([0, null]);
    // The log is written to its last line.
    expect(gateway.written()).toContain('"msg":"stopping"');
  });

  it('has written the code that it has compiled once it listens, for the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'compile-cache-'));
    await using gateway = start('src/main.ts', { PORT: '0', NODE_COMPILE_CACHE: folder });
    await urlOf(gateway);
    await expect.poll(async () => (await readdir(folder, { recursive: true })).length).toBeGreaterThan(500);
    gateway.child.kill('SIGKILL');
    await gateway.ended;
    await rm(folder, { recursive: true });
  });

  it('is alive and ready when D7 is down', async () => {
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: 'http://127.0.0.1:9' });
    const url = await urlOf(gateway);
    expect((await (await fetch(url, query('a'))).json()).errors[0].extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    for (const probe of ['/health', '/ready']) expect((await fetch(new URL(probe, url))).status).toBe(200);
  });

  it('says that it is not ready while it drains, and still answers', async () => {
    await using sandbox = await openSandbox();
    await using gateway = await startBefore(sandbox.url, { DRAIN_DELAY_SECONDS: '1' });
    const url = await urlOf(gateway);
    gateway.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(new URL('/ready', url))).status).toBe(503);
    const late = await fetch(url, query('recipients-1'));
    expect(await late.json()).toEqual({ data: { viberLog: { __typename: 'ViberLog' } } });
    expect(late.headers.get('connection')).toBe('close');
    expect(await gateway.ended).toEqual([0, null]);
  });

  it('answers what it has taken before it goes', async () => {
    await using sandbox = await openSandbox();
    await using gateway = await startBefore(sandbox.url, { UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.5' });
    const answer = fetch(await urlOf(gateway), query('silent'));
    await expect.poll(() => sandbox.callCount()).toBe(1);
    gateway.child.kill('SIGTERM');
    expect((await (await answer).json()).errors[0].extensions.code).toBe('UPSTREAM_TIMEOUT');
    expect(await gateway.ended).toEqual([0, null]);
  });

  it('cuts off in time whoever does not finish', async () => {
    await using sandbox = await openSandbox();
    await using gateway = await startBefore(sandbox.url, { SHUTDOWN_TIMEOUT_SECONDS: '0.3' });
    const answer = fetch(await urlOf(gateway), query('silent')).catch(() => 'cut off');
    await expect.poll(() => sandbox.callCount()).toBe(1);
    gateway.child.kill('SIGTERM');
    expect(await answer).toBe('cut off');
    expect(await gateway.ended).toEqual([0, null]);
  });

  it('ends at once at a second signal', async () => {
    await using sandbox = await openSandbox();
    await using gateway = await startBefore(sandbox.url);
    const answer = fetch(await urlOf(gateway), query('silent')).catch(() => 'cut off');
    await expect.poll(() => sandbox.callCount()).toBe(1);
    gateway.child.kill('SIGTERM');
    await gateway.lineWith('stopping');
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toEqual([1, null]);
    expect(await answer).toBe('cut off');
  });

  it('names every wrong setting, and ends with status 1', async () => {
    await using gateway = start('src/main.ts', { PORT: '-1', MAX_REQUEST_IDS: 'many' });
    expect(await gateway.ended).toEqual([1, null]);
    expect(gateway.written()).toMatch(/PORT: expected .+\n.+MAX_REQUEST_IDS: expected /);
    expect(gateway.written()).not.toMatch(/ {4}at /);
  });

  // redis/node-redis#1728
  it('names a wrong REDIS_URL without its value, and a missing CACHE_SECRET with it', async () => {
    for (const REDIS_URL of ['redis://redis.example/abc', 'redis://user:p%ss@redis.example']) {
      await using gateway = start('src/main.ts', { PORT: '-1', REDIS_URL });
      expect(await gateway.ended).toEqual([1, null]);
      expect(gateway.written()).toMatch(/PORT: expected .+\n.+REDIS_URL: expected .+\n.+CACHE_SECRET: expected /);
      for (const secret of ['abc', 'p%ss', 'redis.example']) expect(gateway.written()).not.toContain(secret);
    }
  });

  it('logs the effective settings, without secrets and addresses', async () => {
    const secrets = { D7_BASE_URL: 'http://127.0.0.1:9', CACHE_SECRET: 'a secret of thirty-two characters' };
    await using gateway = start('src/main.ts', { PORT: '0', NODE_ENV: 'production', D7_TOKEN: 'token', ...secrets });
    await urlOf(gateway);
    const { settings } = JSON.parse(await gateway.lineWith('effective settings'));
    expect(settings).toMatchObject({
      PORT: 0,
      NODE_ENV: 'production',
      INTROSPECTION: false,
      FAST_PATH: true,
      MAX_DEPTH: 12,
      CORS_ORIGINS: [],
      D7_BASE_URL: 'set',
      CACHE_SECRET: 'set',
    });
    for (const name of ['REDIS_URL', 'TRUSTED_DOCUMENTS', 'D7_TOKEN']) expect(settings).not.toHaveProperty(name);
    for (const secret of Object.values(secrets)) expect(gateway.written()).not.toContain(secret);
  });

  it('says what to do when the port is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await using gateway = start('src/main.ts', { PORT: String(port) });
    expect(await gateway.ended).toEqual([1, null]);
    expect(gateway.written()).toContain(`Port ${port} of 127.0.0.1 is in use: set PORT`);
  });
});

describe('npm run sandbox', () => {
  const curl = findCommand('curl');

  it.skipIf(!curl)('prints a line that works when it is pasted (needs curl)', async () => {
    await using demo = start('src/demo.ts', { PORT: '0', SANDBOX_PORT: '0' });
    const line = await demo.lineWith('curl -s');
    const answer = JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' }));
    const message = { status: 'SENT', viberCost: 0.0004 };
    expect(answer).toEqual({ data: { viberLog: { messages: [message, message] } } });
    demo.child.kill('SIGINT');
    expect(await demo.ended).toEqual([0, null]);
  });

  it('names a wrong setting of its own together with those of the gateway', async () => {
    const wrong = { SANDBOX_PORT: 'any', PORT: '-1', REDIS_URL: 'redis://127.0.0.1' };
    // The sandbox replaces D7, so no value of it is wrong here.
    await using demo = start('src/demo.ts', { ...wrong, D7_BASE_URL: 'nowhere' });
    expect(await demo.ended).toEqual([1, null]);
    expect(demo.written()).toMatch(
      /PORT: expected .+\n.+SANDBOX_PORT: expected .+, got "any"\n.+CACHE_SECRET: expected /,
    );
    expect(demo.written()).not.toContain('D7_BASE_URL');
  });
});
