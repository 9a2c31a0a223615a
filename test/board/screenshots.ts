/**
 * Takes the pictures of the board that the documents show: `node test/board/screenshots.ts`. The sandbox's time is advanced by hand, so that a
 * picture shows the same moment of a campaign each time.
 */
import type { Browser, Page } from 'playwright-core';
import { openHouse } from '../house.ts';
import { cardOf, launchBrowser, openBoard } from './browser.ts';

const folder = new URL('.', import.meta.url).pathname;
const ids = ['campaign', 'campaign-failing', 'campaign-unanswered'];
const settings = { BOARD: 'on', LIVE_MIN_INTERVAL_SECONDS: '0.1', LIVE_MAX_INTERVAL_SECONDS: '0.1' };
const stepSeconds = 3;

let seconds = 0;

/** Lets the time pass in steps, each of which the page shows before the next one. */
async function pass(until: number, shows: () => Promise<string>): Promise<void> {
  while (seconds < until) {
    const before = await shows();
    seconds = Math.min(until, seconds + stepSeconds);
    for (let tries = 0; tries < 20 && (await shows()) === before; tries += 1) await settle(100);
  }
  await settle(900);
}

function settle(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function takeCourse(browser: Browser, url: string): Promise<void> {
  const desktop = await openBoard(browser, url, ids, { viewport: { width: 1240, height: 840 } });
  const phone = await openBoard(browser, url, ids, { viewport: { width: 360, height: 780 }, colorScheme: 'dark' });
  const strip: Buffer[] = [];
  const shows = () => cardOf(desktop, 'campaign').innerText();
  await cardOf(desktop, 'campaign').getByText('Live', { exact: true }).waitFor();
  for (const moment of [9, 30, 60, 111, 240]) {
    await pass(moment, shows);
    strip.push(await takeTop(desktop, 'campaign'));
    if (moment === 60) {
      await desktop.screenshot({ path: `${folder}moving.png` });
      await phone.screenshot({ path: `${folder}phone.png` });
    }
  }
  await desktop.screenshot({ path: `${folder}final.png` });
  await takeStrip(browser, strip);
}

/** The card without its lower part. */
async function takeTop(page: Page, id: string): Promise<Buffer> {
  const box = await cardOf(page, id).boundingBox();
  if (box === null) throw new Error(`There is no card ${id}.`);
  return page.screenshot({ clip: { ...box, height: 238 } });
}

async function takeStrip(browser: Browser, pictures: readonly Buffer[]): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 240 } });
  const images = pictures.map((picture) => `<img src="data:image/png;base64,${picture.toString('base64')}">`);
  const style = 'body{margin:0;display:flex;gap:8px;background:#f4f4f1}img{flex:1;min-width:0}';
  await page.setContent(`<style>${style}</style>${images.join('')}`);
  const box = await page.locator('img').first().boundingBox();
  await page.setViewportSize({ width: 1600, height: Math.floor(box?.height ?? 240) });
  await page.screenshot({ path: `${folder}course.png` });
}

async function takeTroubles(browser: Browser, url: string): Promise<void> {
  const troubles = ['no-such-campaign', 'error-429', 'recipients-40'];
  const page = await openBoard(browser, url, troubles, { viewport: { width: 1240, height: 620 }, colorScheme: 'dark' });
  await cardOf(page, 'no-such-campaign').getByText('No log with this id').waitFor();
  await cardOf(page, 'error-429').getByText('Next attempt').waitFor();
  await settle(900);
  await page.screenshot({ path: `${folder}not-found.png` });
}

const browser = await launchBrowser();
try {
  await using house = await openHouse({ settings, sandbox: { now: () => seconds * 1000 } });
  await takeCourse(browser, house.url);
  const impatient = { LIVE_NOT_FOUND_SECONDS: '1', LIVE_FAILURE_SECONDS: '1', BREAKER_MIN_CALLS: '1000' };
  let now = 0;
  await using other = await openHouse({
    settings: { ...settings, ...impatient },
    sandbox: { now: () => (now += 400) },
  });
  await takeTroubles(browser, other.url);
} finally {
  await browser.close();
}
