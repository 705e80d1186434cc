/** A real Chromium: the distribution's own, found on PATH or by CHROMIUM. */
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { REPOSITORY } from './stack.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--force-color-profile=srgb'];
const SIZE = { width: 1440, height: 900 };

/** With WORLDLINE_PICTURES=1, the pictures of the README are taken anew. */
const isTakingPictures = process.env['WORLDLINE_PICTURES'] === '1';

export async function startBrowser(): Promise<Browser> {
  // Chromium's own sandbox wants a user that is not root, and namespaces that containers do not have.
  return chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', ...QUIET] });
}

/** A page that fails the test when something on it goes wrong. */
export async function openPage(browser: Browser, options: { readonly url: string; readonly colorScheme?: 'light' | 'dark' }): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1, colorScheme: options.colorScheme ?? 'light', baseURL: options.url });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('requestfailed', (request) => {
    // What the page itself no longer wants is no failure.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') errors.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`);
  });
  return { page, errors };
}

/** `height`: of the part that is worth showing. */
export async function picture(page: Page, name: string, height: number = SIZE.height): Promise<void> {
  if (!isTakingPictures) return;
  const folder = join(REPOSITORY, 'docs/pictures');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', clip: { x: 0, y: 0, width: SIZE.width, height } });
}

function findChromium(): string {
  const told = process.env['CHROMIUM'];
  const places = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...(told ? [told] : []), ...places].find((path) => existsSync(path));
  if (found) return found;
  throw new Error('The browser checks need Chromium: apt-get install --no-install-recommends chromium (or set CHROMIUM to where it is).');
}
