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

  it('has the schema in it only where introspection is on', async () => {
    for (const INTROSPECTION of ['on', 'off']) {
      await using house = await openHouse({ settings: { INTROSPECTION } });
      const html = await (await fetch(house.url, { headers: { accept: 'text/html' } })).text();
      expect(html.includes('The delivery log of one Viber send request.'), INTROSPECTION).toBe(INTROSPECTION === 'on');
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

  it('loads without a network, runs the example by a click, and documents the types of the product', async () => {
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
    const docs = page.locator('.graphiql-plugin');
    await docs.getByRole('link', { name: 'ViberLog', exact: true }).waitFor();
    const types = await docs.getByRole('link').allInnerTexts();
    const builtIn = ['Boolean', 'Float', 'ID', 'Int', 'String'];
    expect(types.slice(0, 3)).toEqual(['Query', 'Subscription', 'ViberLogResult']);
    expect(types.slice(-builtIn.length).toSorted()).toEqual(builtIn);
    await docs.getByRole('link', { name: 'Query', exact: true }).click();
    await expect.poll(() => docs.innerText()).toContain('The delivery log of one Viber send request.');
    expect(`${types} ${await docs.innerText()}`).not.toMatch(/_entities|_service|federation__|link__/);
    expect(foreign).toEqual([]);
  });

  it('opens each tab at its first press, and runs its operation at once', async () => {
    await using house = await openHouse();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(house.url);
    const answer = page.locator('.graphiql-response');
    for (const [name, expected] of [
      ['SeveralLogs', '"NotFound"'],
      ['Summary', '"deliveryRate"'],
      ['FailedMessages', '"totalCount"'],
      ['LiveSummary', '"progress"'],
      ['LiveLog', '"SENT"'],
      ['OneLog', '"DELIVERED"'],
    ] as const) {
      const tab = page.getByRole('tab', { name: new RegExp(`^${name}`) });
      const { x, y } = (await tab.boundingBox()) ?? { x: 0, y: 0 };
      await page.mouse.move(x + 20, y + 15);
      await page.mouse.down();
      // A person holds the button for a moment: the page draws what the press changes.
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
      await page.mouse.up();
      expect(await tab.getAttribute('aria-selected')).toBe('true');
      await page.evaluate("document.querySelector('.graphiql-execute-button').click()");
      await expect.poll(() => answer.innerText(), { timeout: 20_000 }).toContain(expected);
    }
  }, 60_000);

  it('explains what to do about a token that D7 does not accept, and keeps no token', async () => {
    await using house = await openHouse({ sandbox: { tokens: ['other-token'] } });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(house.url);
    const execute = page.getByRole('button', { name: /^execute query/i });
    const hint = page.locator('#token-hint');
    for (const name of ['OneLog', 'LiveLog']) {
      await page.getByRole('tab', { name }).click();
      await hint.waitFor({ state: 'hidden' });
      await execute.click();
      await hint.waitFor();
      expect(await hint.innerText()).toMatch(/^D7 does not accept this API token.+"Authorization": "Bearer/s);
    }
    const { SCREENSHOT_HINT: path } = process.env;
    if (path) await page.screenshot({ path });

    await page.locator('.graphiql-editor-tool .monaco-editor:visible').click();
    // To the end of `"Bearer sandbox-token"`, in the second line. The editor would close braces and quotes that are typed.
    for (const key of ['Control+Home', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key);
    for (const _character of 'sandbox-token') await page.keyboard.press('Backspace');
    await page.keyboard.insertText('other-token');
    await execute.click();
    await expect.poll(() => page.locator('.graphiql-response').innerText()).toContain('"messages"');
    expect(await hint.isVisible()).toBe(false);
    const stored = await page.evaluate<string>('JSON.stringify(localStorage)');
    expect(stored).toContain('OneLog');
    expect(`${stored} ${page.url()}`).not.toContain('-token');
  }, 60_000);

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
    await execute.click();
    const answer = page.locator('.graphiql-response');
    await expect.poll(() => answer.innerText(), { timeout: 20_000 }).toContain('"SENT"');
    await expect.poll(() => answer.innerText(), { timeout: 20_000 }).not.toContain('"SENT"');
    expect(await answer.innerText()).toContain('"UNDELIVERED"');
    // The button says so when the server has completed the stream.
    await execute.waitFor();
    expect(sockets).toEqual(transport === 'SSE' ? [] : [house.url.replace('http', 'ws')]);
  });
});
