/** The gateway behind a real nginx, under a sub-path, with the configuration that `.deploy/nginx.conf` ships. */
import { createClient } from 'graphql-sse';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import { findCommand } from './commands.ts';
import { type House, openHouse } from './house.ts';
import { nginxWanted, openNginx } from './nginx.ts';
import { connect } from './websocket-client.ts';

const chromiumPath = process.env.CHROMIUM ?? findCommand('chromium', 'chromium-browser', 'google-chrome');
const authorization = `Bearer ${sandboxToken}`;

const openTrusting = (): Promise<House> => openHouse({ settings: { TRUSTED_PROXIES: '127.0.0.1' } });

describe.runIf(nginxWanted)('behind nginx (needs nginx: apt-get install nginx)', () => {
  it('answers a POST under the sub-path', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx([house.url]);
    const headers = { 'content-type': 'application/json', authorization };
    const response = await fetch(proxy.url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });

  it('sends events at once', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx([house.url]);
    const client = createClient({ url: proxy.url, headers: { authorization }, retryAttempts: 0 });
    const query = 'subscription { viberLog(requestId: "moving") { __typename } }';
    const events = client.iterate({ query });
    // The log moves for ten seconds: a buffer would hold this event as long.
    expect((await events.next()).value).toEqual({ data: { viberLog: { __typename: 'ViberLog' } } });
    await events.return?.();
  });

  it('accepts a WebSocket of a page of its own origin, and of no other', async () => {
    await using house = await openTrusting();
    await using proxy = await openNginx([house.url]);
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
      await using proxy = await openNginx([house.url]);
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
