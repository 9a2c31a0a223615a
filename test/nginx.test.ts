/** The gateway behind a real nginx, under a sub-path, with the configuration that `.deploy/nginx.conf` ships. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-sse';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import { findCommand } from './commands.ts';
import { freePort } from './free-port.ts';
import { type House, openHouse } from './house.ts';
import { documentAt } from './readme.ts';
import { connect } from './websocket-client.ts';

const nginx = findCommand('nginx');
const chromiumPath = process.env.CHROMIUM ?? findCommand('chromium', 'chromium-browser', 'google-chrome');
const authorization = `Bearer ${sandboxToken}`;

type Nginx = AsyncDisposable & { url: string };

async function openNginx(upstream: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const shipped = documentAt('.deploy/nginx.conf')
    .replace('server 127.0.0.1:4000;', `server ${new URL(upstream).host};`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  const around = `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ${temporary.join(' ')}`;
  await writeFile(join(folder, 'nginx.conf'), `${around}\n${shipped}\n}`);
  const child = spawn(nginx ?? 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']);
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  return { url: `http://127.0.0.1:${port}/viber/graphql`, [Symbol.asyncDispose]: () => stop(child, folder) };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true });
}

const openTrusting = (): Promise<House> => openHouse({ settings: { TRUSTED_PROXIES: '127.0.0.1' } });

describe.skipIf(!(nginx || process.env.CI))('behind nginx (needs nginx: apt-get install nginx)', () => {
  it('answers a POST under the sub-path', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx(house.url);
    const headers = { 'content-type': 'application/json', authorization };
    const response = await fetch(proxy.url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('sends events at once', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx(house.url);
    const client = createClient({ url: proxy.url, headers: { authorization }, retryAttempts: 0 });
    const query = 'subscription { viberLog(requestId: "moving") { __typename } }';
    const events = client.iterate({ query });
    // The log moves for ten seconds: a buffer would hold this event as long.
    expect((await events.next()).value).toEqual({ data: { viberLog: { __typename: 'ViberLog' } } });
    await events.return?.();
  });

  it('accepts a WebSocket of a page of its own origin, and of no other', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx(house.url);
    const { origin } = new URL(proxy.url);
    await using client = await connect(proxy, { headers: { origin }, path: '/viber/graphql' });
    expect((await client.run('{ __typename }'))[0].payload).toEqual({ data: { __typename: 'Query' } });
    for (const other of ['https://evil.example', origin.replace('http', 'https')]) {
      const opened = connect(proxy, { headers: { origin: other }, path: '/viber/graphql' });
      await expect(opened).rejects.toThrow('403');
    }
  });

  it.skipIf(!(chromiumPath || process.env.CI)).each(['', '?subscriptions=ws'])(
    'shows GraphiQL, which follows a log: %s',
    async (search) => {
      await using house = await openTrusting();
      await using proxy = await openNginx(house.url);
      const browser = await chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        const query = 'subscription { viberLog(requestId: "recipients-1") { __typename } }';
        await page.goto(`${proxy.url}${search || '?'}&query=${encodeURIComponent(query)}`);
        await page.locator('.graphiql-execute-button').click();
        await expect.poll(() => page.locator('.result-window').innerText(), { timeout: 20_000 }).toContain('ViberLog');
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});
