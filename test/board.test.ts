/** The delivery board in a real browser, in front of the gateway and the sandbox. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtFiles } from '../src/board/build.ts';
import manifest from '../src/board/generated/persisted-documents.json' with { type: 'json' };
import { type BoardOptions, cardOf, chromiumPath, launchBrowser, openBoard, startBoard } from './board/browser.ts';
import { readCsv } from './board/csv-reader.ts';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { freePort } from './free-port.ts';
import { type HouseOptions, openHouse } from './house.ts';

const board = { BOARD: 'on' };
const quick = { LIVE_MIN_INTERVAL_SECONDS: '0.1', LIVE_MAX_INTERVAL_SECONDS: '0.3' };
const maxScriptBytes = 60 * 1024;
/** What comes by itself after a pause comes late on a busy machine. */
const patient = { timeout: 25_000 };
const dist = new URL('../src/board/dist/', import.meta.url);

function openBoardHouse({ settings, ...options }: HouseOptions = {}) {
  return openHouse({ settings: { ...board, ...quick, ...settings }, ...options });
}

describe('the files', () => {
  it('are those of a new build: npm run board', async () => {
    const built = await builtFiles();
    expect(readdirSync(dist).toSorted()).toEqual([...built.keys()].toSorted());
    const differing = [...built].filter(([name, content]) => !readFileSync(new URL(name, dist)).equals(content));
    expect(differing.map(([name]) => name)).toEqual([]);
  });

  it('are small, compressed, and not sent again to a browser that has them', async () => {
    await using house = await openBoardHouse();
    const url = new URL('/board/board.js', house.url);
    const first = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    expect(Number(first.headers.get('content-length'))).toBeLessThanOrEqual(maxScriptBytes);
    expect(gzipSync(await first.text()).length).toBeLessThanOrEqual(maxScriptBytes);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await fetch(url, { headers })).status).toBe(304);
  });

  it('allow nothing but themselves and the named gateways', async () => {
    await using house = await openBoardHouse({ settings: { BOARD_GATEWAYS: 'https://g.example.com' } });
    const page = await fetch(new URL('/', house.url), { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toMatch(/https?:|<style|style=/);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
        "connect-src 'self' https://g.example.com wss://g.example.com; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect([page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual([
      'private, no-cache',
      'no-referrer',
    ]);
  });

  it('are not there without BOARD=on, and other paths are as before with it', async () => {
    await using off = await openHouse();
    expect((await fetch(new URL('/board/board.js', off.url))).status).toBe(404);
    await using on = await openBoardHouse();
    for (const path of ['/board/index.html', '/board/', '/board/../server.ts', '/board/%2e%2e/build.ts']) {
      expect((await fetch(new URL(path, on.url))).status).toBe(404);
    }
    expect(await (await fetch(new URL('/', on.url))).text()).toContain('GraphQL is at /graphql');
  });
});

describe.skipIf(chromiumPath === undefined && process.env.CI === undefined)('in a browser (needs Chromium)', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  afterAll(() => browser?.close());

  const open = (url: string, ids: readonly string[], options?: BoardOptions) => openBoard(browser, url, ids, options);
  const text = (page: Page, id: string) => cardOf(page, id).innerText();

  it('shows a campaign from sent to final without a reload, with one small event for each change', async () => {
    // Each poll finds ten seconds more gone by, however busy the machine is.
    let looks = 0;
    await using house = await openBoardHouse({
      sandbox: { now: () => 5000 * looks++ },
      settings: { LIVE_MAX_INTERVAL_SECONDS: '0.1' },
    });
    const page = await (await browser.newContext()).newPage();
    const foreign: string[] = [];
    const events: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(house.url).origin) foreign.push(request.url());
    });
    const sent: string[] = [];
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => sent.push(String(payload)));
      socket.on('framereceived', ({ payload }) => events.push(String(payload)));
    });
    await page.goto(new URL('/#ids=campaign', house.url).href);
    await page.evaluate('window.isSamePage = true');
    await page.getByLabel('D7 API token').fill('sandbox-token');
    await page.getByRole('button', { name: 'Watch', exact: true }).click();

    await expect.poll(() => text(page, 'campaign')).toContain('Live');
    await expect.poll(() => text(page, 'campaign'), { timeout: 50_000 }).toContain('Complete');
    expect(await page.evaluate('window.isSamePage')).toBe(true);
    const card = await text(page, 'campaign');
    const { summary } = (
      await house.ask(
        '{ viberLog(requestId: "campaign") { ... on ViberLog { summary { delivered undelivered totalCost } } } }',
      )
    ).body.data.viberLog;
    expect(card).toContain(summary.delivered.toLocaleString('en'));
    expect(card).toContain(String(summary.undelivered));
    expect(card).toContain(String(summary.totalCost));
    expect(card).toContain('3,200 of 3,200');
    // What went back stays visible after it is well again.
    expect(card).toMatch(/Taken back\s+[\d,]+ status(es)? at [\d:]+ in SA/);
    expect(await page.title()).toContain('delivered');

    const logs = events.filter((event) => event.includes('"type":"next"') && event.includes('"summary"'));
    expect(new Set(logs).size).toBe(logs.length);
    expect(logs.length).toBeGreaterThan(5);
    expect(logs.length).toBeLessThanOrEqual(house.sandbox.callCount());
    expect(Math.max(...events.map((event) => event.length))).toBeLessThan(2000);
    expect(events.join()).not.toMatch(/"nodes"|"recipient"|msgId/);
    expect(foreign).toEqual([]);
    // A gateway that runs trusted documents only knows what the board sends.
    const queries = sent.map((frame) => JSON.parse(frame)).filter(({ type }) => type === 'subscribe');
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.filter(({ payload }) => !Object.values(manifest).includes(payload.query))).toEqual([]);
  }, 60_000);

  it('keeps the token in the tab alone, and needs no other documents than those of its manifest', async () => {
    const documents = new URL('../src/board/generated/persisted-documents.json', import.meta.url).pathname;
    await using house = await openBoardHouse({ settings: { TRUSTED_DOCUMENTS: documents } });
    const page = await open(house.url, ['recipients-3']);
    await expect.poll(() => text(page, 'recipients-3')).toContain('Complete');
    expect(page.url()).not.toContain('sandbox-token');
    expect(await page.evaluate('[localStorage.length, document.cookie]')).toEqual([0, '']);
    await page.reload();
    await expect.poll(() => text(page, 'recipients-3')).toContain('Complete');
    await page.getByRole('button', { name: 'Show rows of recipients-3' }).click();
    await page.getByRole('dialog').getByText('3 matching rows').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Change the token' }).click();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('D7 fails while the gateway tries: tells what is the matter with each log', async () => {
    await using house = await openBoardHouse({
      settings: { UPSTREAM_HEADERS_TIMEOUT_SECONDS: '1', BREAKER_MIN_CALLS: '10000' },
    });
    const ids = ['missing', 'error-429', 'error-503', 'silent', 'error-402', 'error-403', 'bad!id', 'recipients-7'];
    const page = await open(house.url, ids);
    const expected: Record<string, RegExp> = {
      missing: /Looking.*No log yet.*Looking for \d+ s/s,
      'error-429': /Rate limit.*gateway keeps trying/s,
      'error-503': /D7 is down.*gateway keeps trying/s,
      silent: /D7 is slow/,
      'error-402': /Insufficient credit.*Top it up.*Try again/s,
      'error-403': /Not allowed.*may not read this log/s,
      'bad!id': /Not a valid id.*request_id/s,
      'recipients-7': /Complete.*85\.7 %.*delivered, of 7 final/s,
    };
    for (const [id, words] of Object.entries(expected)) await expect.poll(() => text(page, id)).toMatch(words);
    // One place for what screen readers say: the ends and the troubles, no figure.
    const said = page.locator('[role=status].hidden');
    await expect.poll(() => said.innerText()).toMatch(/error-402: Insufficient credit|recipients-7 is complete|more\./);
    expect(await page.getByText('8 logs, 7 without figures').isVisible()).toBe(true);
  });

  it('The gateway gives up a log: tells why, and tries again', async () => {
    await using house = await openBoardHouse({
      settings: { LIVE_NOT_FOUND_SECONDS: '0.2', LIVE_FAILURE_SECONDS: '0.2', LIVE_MAX_SECONDS: '1.5' },
    });
    const page = await open(house.url, ['missing', 'error-429', 'error-503', 'status-spellings']);
    await expect.poll(() => text(page, 'missing')).toMatch(/No log.*No log with this id.*Look again/s);
    await expect.poll(() => text(page, 'error-429')).toMatch(/Rate limit.*Next attempt in \d+ s.*Try again/s);
    await expect.poll(() => text(page, 'error-503')).toMatch(/D7 is down.*Next attempt in \d+ s/s);
    await expect.poll(() => text(page, 'status-spellings')).toMatch(/Not followed.*stopped asking D7.*33\.3 %/s);
    await cardOf(page, 'status-spellings').getByRole('button', { name: 'Follow again' }).click();
    await expect.poll(() => text(page, 'status-spellings')).toContain('Live');
    const calls = house.sandbox.callCount();
    await cardOf(page, 'missing').getByRole('button', { name: 'Look again' }).click();
    await expect.poll(() => house.sandbox.callCount()).toBeGreaterThan(calls);
  });

  it('D7 rejects the token of a board: asks for another one, at the start and later, and keeps the figures until then', async () => {
    const tokens = ['sandbox-token'];
    await using house = await openBoardHouse({ sandbox: { tokens } });
    const page = await open(house.url, ['status-spellings'], { token: 'expired' });
    const alert = page.getByRole('alert');
    const change = async (token: string) => {
      await alert.getByRole('button', { name: 'Change the token' }).click();
      await page.getByLabel('D7 API token').fill(token);
      await page.getByRole('button', { name: 'Watch', exact: true }).click();
    };
    await expect.poll(() => alert.innerText()).toMatch(/Token rejected.*has not expired/s);
    await change('Bearer sandbox-token');
    await expect.poll(() => text(page, 'status-spellings')).toContain('Live');
    tokens[0] = 'next-token';
    await expect.poll(() => alert.innerText()).toMatch(/Token rejected.*has not expired/s);
    expect(await text(page, 'status-spellings')).toMatch(/Token rejected.*33\.3 %/s);
    await change('next-token');
    await expect.poll(() => text(page, 'status-spellings')).toContain('Live');
    expect(await alert.count()).toBe(0);
  });

  it('D7 limits the rate of a log that is followed: says so, and goes on by itself', async () => {
    let isLimited = true;
    await using fake = await openFakeUpstream((id) =>
      isLimited ? http('429 Too Many Requests', '{}', { 'retry-after': 1 }) : http('200 OK', log(id)),
    );
    await using house = await openBoardHouse({ settings: { D7_BASE_URL: fake.url, LIVE_FAILURE_SECONDS: '0' } });
    const page = await open(house.url, ['a']);
    await expect.poll(() => text(page, 'a')).toMatch(/Rate limit.*D7 or the gateway.*Next attempt in \d+ s/s);
    isLimited = false;
    await expect.poll(() => text(page, 'a'), patient).toContain('Live');
  });

  it('The gateway limits the rate of a board: says so, and goes on by itself', async () => {
    await using house = await openBoardHouse({
      settings: { RATE_LIMIT_PER_CALLER: '1', RATE_LIMIT_WINDOW_SECONDS: '1' },
    });
    const page = await open(house.url, ['recipients-3', 'recipients-4']);
    const notices = await recordNotices(page);
    await expect.poll(() => text(page, 'recipients-3'), patient).toContain('Complete');
    await expect.poll(() => text(page, 'recipients-4'), patient).toContain('Complete');
    expect((await notices()).join()).toContain('Rate limit');
  });

  it('The log of a new campaign appears late: looks for it, and follows it', async () => {
    let now = 0;
    await using house = await openBoardHouse({ sandbox: { now: () => now } });
    const page = await open(house.url, ['campaign-late']);
    await expect.poll(() => text(page, 'campaign-late')).toMatch(/Looking.*No log yet.*may appear late/s);
    now = 15_000;
    await expect.poll(() => text(page, 'campaign-late')).toMatch(/Live.*of 900/s);
  });

  it('The gateway restarts: says that the connection is lost, keeps the figures, and goes on by itself', async () => {
    const settings = { PORT: String(await freePort()) };
    let now = 0;
    const sandbox = { now: () => now };
    const first = await openBoardHouse({ settings, sandbox });
    const page = await open(first.url, ['moving', 'recipients-3']);
    const notices = await recordNotices(page);
    await expect.poll(() => text(page, 'moving')).toContain('Live');
    await expect.poll(() => text(page, 'recipients-3')).toContain('Complete');
    now = 3500;
    await expect.poll(() => text(page, 'moving')).toContain('delivered, of 3 final');
    expect((await notices()).join()).not.toContain('Connection lost');
    await first[Symbol.asyncDispose]();
    await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/Connection lost.*connects again by itself/s);
    expect(await text(page, 'moving')).toMatch(/Disconnected.*delivered, of 3 final/s);
    expect(await text(page, 'recipients-3')).toContain('Complete');

    // The new sandbox counts from its own first request.
    let later = 0;
    await using _second = await openBoardHouse({ settings, sandbox: { now: () => (later += 1000) } });
    await expect.poll(() => page.locator('.connection').innerText(), patient).toMatch(/Connected\s+again since/);
    await expect.poll(() => text(page, 'moving'), patient).toMatch(/Complete.*delivered, of 10 final/s);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('The network of the browser is gone for a while: says that the connection is lost while a log needs it, and goes on by itself', async () => {
    let now = 0;
    const house = await openBoardHouse({ sandbox: { now: () => now } });
    const page = await open(house.url, ['moving', 'recipients-3']);
    await expect.poll(() => text(page, 'moving')).toContain('Live');
    const notices = await recordNotices(page);
    await page.context().setOffline(true);
    await expect.poll(async () => (await notices()).join()).toContain('Connection lost');
    await page.context().setOffline(false);
    now = 3500;
    await expect.poll(() => text(page, 'moving'), patient).toMatch(/Live.*delivered, of 3 final/s);
    expect(await page.getByRole('alert').count()).toBe(0);

    await house[Symbol.asyncDispose]();
    await expect.poll(() => page.getByRole('alert').count()).toBe(1);
    await page.getByRole('button', { name: 'Remove moving' }).click();
    await expect.poll(() => page.locator('.connection').innerText()).toBe('Idle');
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('The gateway closes an idle WebSocket: says nothing, and connects again for the rows', async () => {
    let now = 0;
    await using house = await openBoardHouse({
      sandbox: { now: () => now },
      settings: { WEBSOCKET_IDLE_SECONDS: '0.3' },
    });
    const page = await open(house.url, ['moving']);
    await expect.poll(() => text(page, 'moving')).toContain('Live');
    const notices = await recordNotices(page);
    // The board closes a WebSocket that it does not need. Here it leaves that to the gateway.
    await page.evaluate('window.close = WebSocket.prototype.close; WebSocket.prototype.close = () => {}');
    now = 60_000;
    await expect.poll(() => text(page, 'moving')).toContain('Complete');
    await expect.poll(() => page.locator('.connection').innerText()).toBe('Idle');
    await page.evaluate('WebSocket.prototype.close = window.close');
    // Nobody misses a network that nothing needs.
    await page.context().setOffline(true);
    await expect.poll(() => page.evaluate('navigator.onLine')).toBe(false);
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Show rows of moving' }).click();
    await page.getByRole('dialog').getByText('10 matching rows').waitFor();
    expect((await notices()).join()).not.toContain('Connection lost');
  });

  it('A stream reaches its time limit while the log moves: follows it again, and neither a final log nor an idle one', async () => {
    // Each poll finds a second more gone by: soon ten, after which one log is final, and not 225, after which the other one is.
    let now = 0;
    await using house = await openBoardHouse({
      sandbox: { now: () => (now += 1000) },
      settings: { LIVE_MAX_SECONDS: '3', LIVE_MAX_INTERVAL_SECONDS: '0.1' },
    });
    const ids = ['campaign-failing', 'moving', 'recipients-3', 'status-spellings'];
    const page = await (await browser.newContext()).newPage();
    const followed: string[] = [];
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload: frame }) => {
        const { payload } = JSON.parse(String(frame));
        if (payload?.query?.startsWith('subscription')) followed.push(payload.variables.requestId);
      }),
    );
    await startBoard(page, house.url, ids);
    await expect.poll(() => text(page, 'campaign-failing')).toContain('Live');
    const notices = await recordNotices(page);
    const times = (id: string) => followed.filter((one) => one === id).length;
    await expect.poll(() => times('campaign-failing'), patient).toBeGreaterThan(1);
    expect(ids.map(times)).toEqual([2, 1, 1, 1]);
    expect(await text(page, 'moving')).toContain('Complete');
    expect(await text(page, 'recipients-3')).toContain('Complete');
    await expect.poll(() => text(page, 'status-spellings')).toMatch(/Not followed.*stopped asking D7.*Follow again/s);
    now += 1_000_000;
    await expect.poll(() => text(page, 'campaign-failing'), patient).toContain('Complete');
    expect((await notices()).join()).not.toContain('Connection lost');
  });

  it('Nobody looks while a log changes: marks what has changed', async () => {
    let now = 0;
    await using house = await openBoardHouse({ sandbox: { now: () => now } });
    const page = await open(house.url, ['moving']);
    await expect.poll(() => text(page, 'moving')).toContain('Live');
    const look = (state: string) =>
      page.evaluate(
        `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await look('hidden');
    now = 3500;
    await expect.poll(() => text(page, 'moving')).toMatch(/Since \d\d:\d\d:\d\d \+3 delivered/);
    await look('visible');
    await page.getByRole('button', { name: 'Mark as seen' }).click();
    await expect.poll(() => text(page, 'moving')).not.toContain('Since');
    expect(await text(page, 'moving')).toMatch(/Last change\s+\d\d:\d\d:\d\d \+3 delivered/);
  });

  it('shows rows by filters and pages that its address keeps, and masks numbers', async () => {
    await using house = await openBoardHouse();
    const page = await open(house.url, ['recipients-1200']);
    await page.getByRole('button', { name: 'Show rows of recipients-1200' }).click();
    const dialog = page.getByRole('dialog');
    const cells = (column: number) => dialog.locator(`tbody tr td:nth-child(${column})`).allInnerTexts();
    await expect.poll(() => dialog.innerText()).toContain('1,200 matching rows');
    expect((await cells(1)).every((cell) => /^\+97150•+$/.test(cell))).toBe(true);

    await dialog.getByText('Undelivered', { exact: true }).click();
    await dialog.locator('.choices').getByText('DE', { exact: true }).click();
    await expect.poll(() => dialog.innerText()).toContain('43 matching rows');
    await dialog.locator('.choices').getByText('DE', { exact: true }).click();
    await expect.poll(() => dialog.innerText()).toContain('171 matching rows');
    const firstPage = await cells(7);
    await dialog.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => cells(7)).not.toEqual(firstPage);
    const secondPage = await cells(7);
    expect(page.url()).toMatch(/open=recipients-1200&status=UNDELIVERED&after=/);
    expect(new Set([...firstPage, ...secondPage]).size).toBe(100);
    await dialog.getByRole('button', { name: 'Previous' }).click();
    await expect.poll(() => cells(7)).toEqual(firstPage);
    await dialog.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => cells(7)).toEqual(secondPage);

    // Somebody else opens the same address.
    const other = await open(house.url, [], { fragment: page.url().split('#ids=')[1] ?? '' });
    const shared = other.getByRole('dialog').locator('tbody tr td:nth-child(7)');
    await expect.poll(() => shared.allInnerTexts()).toEqual(secondPage);

    await dialog.getByText('Show full numbers').click();
    expect(await cells(1)).toContain('+971500000356');
    await dialog.getByLabel('Recipient contains').fill('0000356');
    await expect.poll(() => dialog.innerText()).toMatch(/(?<!\d)1 matching row\b/);
    expect(page.url()).toContain('recipient=0000356');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.url()).not.toContain('open=');
  });

  it('downloads the filtered rows as CSV, page by page, until it is cancelled', async () => {
    await using house = await openBoardHouse();
    const page = await open(house.url, ['recipients-2500', 'recipients-30000'], {
      fragment: '&open=recipients-2500&status=DELIVERED&country=AE,DE,GB',
    });
    const dialog = page.getByRole('dialog');
    const saved = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download CSV' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('recipients-2500.csv');
    const [head, ...rows] = readCsv(readFileSync(await download.path(), 'utf8'));
    expect(head?.[0]).toBe('\uFEFFmessage_id');
    const filter = '{ status: [DELIVERED], country: ["AE", "DE", "GB"] }';
    const fields = 'msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime';
    const query = `{ viberLog(requestId: "recipients-2500") { ... on ViberLog { messages(filter: ${filter}) { ${fields} } } } }`;
    // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
    const messages: any[] = (await house.ask(query)).body.data.viberLog.messages;
    expect(rows).toEqual(
      messages.map((one) => [
        ...[one.msgId, one.country, `'${one.recipient}`, one.status, one.rawStatus],
        ...[String(one.numberOfViberMessage), String(one.viberCost), ''],
      ]),
    );
    expect(rows.length).toBeGreaterThan(1500);
    await expect.poll(() => dialog.innerText()).toContain(`Saved ${rows.length.toLocaleString('en')} rows.`);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Show rows of recipients-30000' }).click();
    await dialog.getByRole('button', { name: 'Download CSV' }).click();
    await expect.poll(() => dialog.innerText()).toMatch(/[\d,]+ of 30,000/);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => dialog.innerText()).toContain('Cancelled. No file was saved.');
  });

  it('A link names another gateway: works where that one lists the origin, and sends no token to one that is not listed', async () => {
    const port = String(await freePort());
    await using other = await openHouse({ settings: { ...quick, CORS_ORIGINS: `http://127.0.0.1:${port}` } });
    const gateway = new URL(other.url).origin;
    await using own = await openBoardHouse({ settings: { PORT: port, BOARD_GATEWAYS: gateway } });
    const page = await open(own.url, ['recipients-3'], { fragment: `&gateway=${gateway}` });
    await expect.poll(() => text(page, 'recipients-3')).toContain('Complete');
    expect([own.sandbox.callCount(), other.sandbox.callCount()]).toEqual([0, 1]);

    await using unlisted = await openHouse({ settings: { CORS_ORIGINS: `http://127.0.0.1:${port}` } });
    const refused = await open(own.url, ['recipients-3'], { fragment: `&gateway=${new URL(unlisted.url).origin}` });
    await expect.poll(() => refused.getByRole('alert').innerText()).toContain('Connection lost');
    expect(unlisted.sandbox.callCount()).toBe(0);
  });

  it('lays out the cards that are in or near the window, and all of them on paper', async () => {
    await using house = await openBoardHouse();
    const ids = Array.from({ length: 24 }, (_, index) => `recipients-${index + 1}`);
    const page = await open(house.url, ids, { viewport: { width: 800, height: 600 } });
    const isLaidOut = (id: string) =>
      cardOf(page, id).evaluate((card) => card.querySelector('.rate')?.checkVisibility() ?? null);
    await expect.poll(() => text(page, 'recipients-1')).toContain('Complete');
    await expect.poll(() => isLaidOut('recipients-24')).toBe(false);
    expect(await isLaidOut('recipients-1')).toBe(true);
    await page.emulateMedia({ media: 'print' });
    expect(await isLaidOut('recipients-24')).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    expect(await isLaidOut('recipients-24')).toBe(false);

    const before = (await cardOf(page, 'recipients-1').boundingBox())?.height;
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await expect.poll(() => isLaidOut('recipients-24')).toBe(true);
    await expect.poll(() => isLaidOut('recipients-1')).toBe(false);
    expect((await cardOf(page, 'recipients-1').boundingBox())?.height).toBeCloseTo(before ?? 0, 0);
  });

  it('draws each part of a bar as wide as its share', async () => {
    await using house = await openBoardHouse();
    const page = await open(house.url, ['recipients-40'], { reducedMotion: 'reduce' });
    await expect.poll(() => text(page, 'recipients-40')).toContain('Complete');
    const bar = cardOf(page, 'recipients-40').locator('.bar').first();
    const label = (await bar.getAttribute('aria-label')) ?? '';
    const [delivered = 0, sent = 0, undelivered = 0, unknown = 0, of = 0] = [...label.matchAll(/\d+/g)].map(Number);
    expect([delivered + sent + undelivered + unknown, of]).toEqual([40, 40]);
    const colours = (await bar.evaluate((element) => {
      const { left, width, top, height } = element.getBoundingClientRect();
      const at = (share: number) => document.elementFromPoint(left + width * share, top + height / 2)?.className;
      return Array.from({ length: 40 }, (_, index) => at((index + 0.5) / 40));
    })) as string[];
    const expected = Object.entries({ delivered, sent, undelivered, unknown });
    expect(colours).toEqual(expected.flatMap(([status, messages]) => Array(messages).fill(`part ${status}`)));
  });

  it('has no fault that axe finds, in light and dark, on a phone and on a wall', async () => {
    await using house = await openBoardHouse();
    const start = await (await browser.newContext()).newPage();
    await start.goto(new URL('/', house.url).href);
    await start.getByLabel('D7 API token').waitFor();
    const ids = ['recipients-40', 'missing', 'error-402', 'unknown-status'];
    const page = await open(house.url, ids, { reducedMotion: 'reduce' });
    await expect.poll(() => text(page, 'recipients-40')).toContain('Complete');
    await expect.poll(() => text(page, 'error-402')).toContain('Top it up');
    const rows = await open(house.url, ids, { fragment: '&open=recipients-40' });
    await rows.getByRole('dialog').getByText('40 matching rows').waitFor();

    for (const one of [start, page, rows]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await one.emulateMedia({ colorScheme });
        for (const width of [360, 1440]) {
          await one.setViewportSize({ width, height: 900 });
          const faults = await faultsOf(one, colorScheme === 'light' ? {} : { runOnly: ['color-contrast'] });
          expect([one.url(), colorScheme, width, faults]).toEqual([one.url(), colorScheme, width, []]);
          expect([one.url(), width, await one.evaluate('document.documentElement.scrollWidth')]).toEqual([
            one.url(),
            width,
            width,
          ]);
        }
      }
    }
    expect(await page.evaluate('getComputedStyle(document.querySelector(".part")).transitionDuration')).toBe('0s');
  }, 60_000);
});

/** @returns the notices that have been shown since, also those that are gone. */
async function recordNotices(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    window.notices = new Set();
    new MutationObserver(() => {
      for (const notice of document.querySelectorAll('.notice')) window.notices.add(notice.innerText);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });`);
  return () => page.evaluate('[...window.notices]') as Promise<string[]>;
}

type Fault = { id: string; nodes: { html: string }[] };

/** Of all rules, or of those that the colours concern. */
async function faultsOf(page: Page, options: axe.RunOptions): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as { violations: Fault[] };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
