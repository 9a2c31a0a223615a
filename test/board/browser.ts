/** A browser for the delivery board, and the board in front of a house. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { sandboxToken } from '../../src/sandbox/sandbox.ts';
import { findCommand } from '../commands.ts';

export const chromiumPath = process.env.CHROMIUM ?? findCommand('chromium', 'chromium-browser', 'google-chrome');

export function launchBrowser(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('No Chromium on this machine, and in CI there must be one.');
  const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic'];
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', ...offline] });
}

export type BoardOptions = BrowserContextOptions & {
  /** What the address has beside the ids. */
  fragment?: string;
  token?: string;
};

/** The board after its form was sent. */
export async function openBoard(
  browser: Browser,
  houseUrl: string,
  ids: readonly string[],
  { fragment = '', token = sandboxToken, ...context }: BoardOptions = {},
): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, ...context })).newPage();
  await startBoard(page, houseUrl, ids, { fragment, token });
  return page;
}

/** In a page that may have been prepared for what is to come. */
export async function startBoard(
  page: Page,
  houseUrl: string,
  ids: readonly string[],
  { fragment = '', token = sandboxToken }: Pick<BoardOptions, 'fragment' | 'token'> = {},
): Promise<void> {
  await page.goto(new URL(`/#ids=${ids.join()}${fragment}`, houseUrl).href);
  await page.getByLabel('D7 API token').fill(token);
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
}

export function cardOf(page: Page, id: string) {
  return page.getByRole('article', { name: id, exact: true });
}
