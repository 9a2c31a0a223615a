/** The processes that npm's scripts start: how they come up, how they refuse, and how they go. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { findCommand } from './commands.ts';

const root = new URL('..', import.meta.url);

function start(script: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [script], { cwd: root, env: { PATH: process.env.PATH, ...environment } });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines = createInterface({ input: child.stdout });

  async function lineWith(words: string): Promise<string> {
    for await (const line of lines) if (line.includes(words)) return line;
    throw new Error(`The process ended before it said "${words}":\n${errors}`);
  }

  return { child, ended, lineWith, errors: () => errors };
}

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('listens, and goes with status 0 at %s', async (signal) => {
    const { child, ended, lineWith } = start('src/main.ts', { PORT: '0' });
    const { url } = JSON.parse(await lineWith('listening'));
    expect((await fetch(new URL('/ready', url))).status).toBe(200);
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
  });

  it('names every wrong setting, and ends with status 1', async () => {
    const { ended, errors } = start('src/main.ts', { PORT: '-1', MAX_REQUEST_IDS: 'many' });
    expect(await ended).toEqual([1, null]);
    expect(errors()).toMatch(/PORT: expected .+\n.+MAX_REQUEST_IDS: expected /);
    expect(errors()).not.toMatch(/\bat .+:\d+/);
  });

  it('says what to do when the port is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { ended, errors } = start('src/main.ts', { PORT: String(port) });
    expect(await ended).toEqual([1, null]);
    expect(errors()).toContain(`Port ${port} of 127.0.0.1 is in use: set PORT`);
  });
});

describe('npm run sandbox', () => {
  const curl = findCommand('curl');

  it.skipIf(!curl)('prints a line that works when it is pasted (needs curl)', async () => {
    const { child, ended, lineWith } = start('src/demo.ts', { PORT: '0', SANDBOX_PORT: '0' });
    const line = await lineWith('curl -s');
    const answer = JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' }));
    const message = { status: 'SENT', viberCost: 0.0004 };
    expect(answer).toEqual({ data: { viberLog: { messages: [message, message] } } });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  it('names a wrong setting of its own, too', async () => {
    const { ended, errors } = start('src/demo.ts', { SANDBOX_PORT: 'any' });
    expect(await ended).toEqual([1, null]);
    expect(errors()).toContain('SANDBOX_PORT: expected a whole number from 0 to 65535, got "any"');
  });
});
