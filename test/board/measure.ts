/**
 * Measures the board with fifty cards and a log of 50 000 rows: `node test/board/measure.ts [minutes]`. It prints the long tasks of the page, the
 * time from a press of a key to the next picture, and the memory after a collection, once a minute. On a busy machine a task takes longer than its
 * own CPU time, so each trace shows both. Nothing of the instrument runs in the page while it is traced: an element is found and focused before, and
 * only a key is pressed then (looking for a button among fifty cards is a task of 100 ms).
 */
import { openHouse } from '../house.ts';
import { cardOf, launchBrowser, openBoard } from './browser.ts';

const minutes = Number(process.argv[2] ?? 1);
/** Slowly enough that every log still moves at the end. */
const speed = 2 / Math.max(minutes, 1);
const campaigns = Array.from({ length: 9 }, (_, index) => `campaign-c${index}`);
const moving = Array.from({ length: 40 }, (_, index) => `moving-${index}`);
const ids = ['campaign-large', ...campaigns, ...moving];

const observe = `
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
`;
/** Two frames: the second one begins after the first one was painted. */
const pressKey = `new Promise((resolve) => {
  const start = performance.now();
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }));
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
})`;

type TraceEvent = { name: string; pid: number; tid: number; dur?: number; tdur?: number; args: { name?: string } };

const browser = await launchBrowser();
try {
  const settings = { BOARD: 'on', OPERATION_TIMEOUT_SECONDS: '60', UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '60' };
  await using house = await openHouse({ settings, sandbox: { now: () => performance.now() * speed } });
  const page = await openBoard(browser, house.url, ids);
  await page.evaluate(observe);
  const session = await page.context().newCDPSession(page);
  await cardOf(page, 'campaign-large').getByText('Live', { exact: true }).waitFor({ timeout: 120_000 });
  await report('open');
  await trace('half a minute', () => page.waitForTimeout(30_000));
  for (let minute = 1; minute <= minutes; minute += 1) {
    await page.waitForTimeout(60_000);
    await report(`minute ${minute}`);
  }
  await page.getByRole('button', { name: 'Show rows of campaign-large' }).focus();
  await trace('opening the rows', async () => {
    await page.keyboard.press('Enter');
    await page.waitForTimeout(3000);
  });
  await page.getByRole('dialog').getByText('matching rows').waitFor();
  await report('rows open');
  await page.getByRole('button', { name: 'Download CSV' }).focus();
  await trace('saving 50 000 rows', async () => {
    const saved = page.waitForEvent('download', { timeout: 300_000 });
    await page.keyboard.press('Enter');
    await saved;
  });
  await report('CSV saved');
  await page.getByRole('button', { name: 'Close' }).focus();
  await trace('closing the rows', async () => {
    await page.keyboard.press('Enter');
    await page.waitForTimeout(3000);
  });
  await report('rows closed');
  await trace('scrolling to the end', async () => {
    // Notches of a wheel, at the pace of somebody in a hurry.
    for (let turn = 0; turn < 120; turn += 1) {
      await page.mouse.wheel(0, 100);
      await page.waitForTimeout(16);
    }
  });
  await report('end of the page');

  async function trace(what: string, act: () => Promise<unknown>): Promise<void> {
    await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
    await act();
    const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
    const main = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
    const tasks = traceEvents.filter(
      ({ name, pid, tid, dur }) =>
        name.endsWith('RunTask') && dur && main.some((one) => one.pid === pid && one.tid === tid),
    );
    const ms = (read: (event: TraceEvent) => number | undefined) =>
      Math.round(Math.max(0, ...tasks.map((event) => read(event) ?? 0)) / 1000);
    const cpuMs = Math.round(tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000);
    console.log(
      `trace of ${what}: ${tasks.length} tasks, ${cpuMs} ms of CPU time; the longest ${ms(({ dur }) => dur)} ms, of CPU time ${ms(({ tdur }) => tdur)} ms`,
    );
  }

  async function report(when: string): Promise<void> {
    const tasks = (await page.evaluate('window.longTasks.splice(0)')) as number[];
    const delay = (await page.evaluate(pressKey)) as number;
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const longest = tasks.length === 0 ? 0 : Math.max(...tasks);
    console.log(
      `${when}: ${tasks.length} long tasks, the longest ${Math.round(longest)} ms; key to picture ${Math.round(delay)} ms; ` +
        `heap ${(usedSize / 1024 ** 2).toFixed(1)} MB; ${await page.locator('article').count()} cards`,
    );
  }
} finally {
  await browser.close();
}
