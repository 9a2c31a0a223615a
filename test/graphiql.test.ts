/** GraphiQL as a newcomer meets it: in a real browser, without a network, answered by a click. */
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCommand } from './commands.ts';
import { openHouse } from './house.ts';

const executablePath = process.env.CHROMIUM ?? findCommand('chromium', 'chromium-browser', 'google-chrome');
const wanted = executablePath !== undefined || process.env.CI !== undefined;

describe('the page', () => {
  it('is sent packed, and not again to a browser that has it', async () => {
    await using house = await openHouse();
    const first = await fetch(house.url, { headers: { accept: 'text/html', 'accept-encoding': 'gzip' } });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const html = await first.text();
    expect(Number(first.headers.get('content-length'))).toBeLessThan(gzipSync(html).length * 1.1);

    const etag = first.headers.get('etag') ?? '';
    const second = await fetch(house.url, { headers: { accept: 'text/html', 'if-none-match': etag } });
    expect([second.status, await second.text()]).toEqual([304, '']);
  });

  it('is sent plain to whoever cannot unpack it', async () => {
    await using house = await openHouse();
    for (const coding of ['identity', 'br, gzip;q=0']) {
      const plain = await fetch(house.url, { headers: { accept: 'text/html', 'accept-encoding': coding } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toContain('<div id="root">');
    }
  });

  it('does not stand in the way of a query by GET', async () => {
    await using house = await openHouse();
    const response = await fetch(`${house.url}?query={__typename}`, {
      headers: { accept: 'application/json', 'apollo-require-preflight': 'true' },
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});

describe.skipIf(!wanted)('in a browser (needs Chromium: apt-get install chromium, or its path in CHROMIUM)', () => {
  let browser: Browser;

  beforeAll(async () => {
    if (executablePath === undefined) throw new Error('No Chromium on this machine, and in CI there must be one.');
    const offline = [
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ];
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...offline] });
  });

  afterAll(() => browser?.close());

  it('loads without a network, runs the example by a click, and shows the schema’s descriptions', async () => {
    await using house = await openHouse();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const foreign: string[] = [];
    await page.route('**/*', (route) => {
      const url = route.request().url();
      if (url.startsWith(new URL('/', house.url).href) || url.startsWith('data:') || url.startsWith('blob:')) {
        return route.continue();
      }
      foreign.push(url);
      return route.abort();
    });

    await page.goto(house.url);
    await page.getByRole('button', { name: /^execute query/i }).click();
    const answer = page.locator('.graphiql-response');
    await expect.poll(() => answer.innerText(), { timeout: 20_000 }).toContain('+971500000000');
    expect(await answer.innerText()).toContain('"DELIVERED"');
    expect(house.sandbox.callCount()).toBe(1);
    const { SCREENSHOT: path } = process.env;
    if (path) await page.screenshot({ path });

    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await page.getByRole('link', { name: 'Query', exact: true }).click();
    await expect
      .poll(() => page.locator('.graphiql-plugin').innerText())
      .toContain('The delivery log of one Viber send request.');
    expect(foreign).toEqual([]);
  });

  it.each([
    ['SSE', ''],
    ['WebSocket', '?subscriptions=ws'],
  ])('follows a log over %s, until it is final', async (transport, search) => {
    await using house = await openHouse({ sandbox: { now: () => performance.now() * 5 } });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${house.url}${search}`);
    await page.getByRole('tab', { name: 'LiveLog' }).click();
    const execute = page.getByRole('button', { name: /^execute query/i });
    const answer = page.locator('.graphiql-response');
    // GraphiQL takes a moment to learn which operation its new tab has; a click before that does nothing, and is repeated.
    const clickedText = async () => {
      if (await execute.isVisible()) await execute.click();
      return answer.innerText();
    };
    await expect.poll(clickedText, { timeout: 20_000 }).toContain('"SENT"');
    await expect.poll(() => answer.innerText(), { timeout: 20_000 }).not.toContain('"SENT"');
    expect(await answer.innerText()).toContain('"UNDELIVERED"');
    // The button says so when the server has completed the stream.
    await execute.waitFor();
    expect(sockets).toEqual(transport === 'SSE' ? [] : [house.url.replace('http', 'ws')]);
  });
});
