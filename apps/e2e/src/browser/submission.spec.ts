/** Bundles and scenarios dropped on the explorer, and their simulations watched. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openPage, picture, startBrowser } from '../testing/browser.js';
import { REPOSITORY, startStack } from '../testing/stack.js';
import type { Stack } from '../testing/stack.js';

const CASES = join(REPOSITORY, 'scenarios');

let stack: Stack;
let browser: Browser;
let page: Page;
let errors: string[];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-drop-'));
  browser = await startBrowser();
  stack = await startStack();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([browser?.close(), stack?.stop()]);
});
beforeEach(async () => {
  ({ page, errors } = await openPage(browser, { url: stack.url }));
  await page.goto('/explorer/new');
});
afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

/** As somebody drops them who drags them from a file manager. */
async function drop(...files: string[]): Promise<void> {
  const zone = await page.getByTestId('drop-zone').boundingBox();
  const at = { x: (zone?.x ?? 0) + 40, y: (zone?.y ?? 0) + 20 };
  const session = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, ...at, data: { items: [], files, dragOperationsMask: 1 } });
}

function archiveOf(name: string): string {
  const file = join(folder, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', file, '-C', join(CASES, name, 'snapshot'), '.']);
  return file;
}

const filled = async (slot: 'bundle' | 'scenario'): Promise<string> => {
  const found = page.getByTestId(slot).and(page.locator('.is-filled'));
  await found.waitFor();
  return (await found.innerText()).replace(/\s+/g, ' ');
};

async function lands(text: string): Promise<void> {
  await page.waitForURL(/\/explorer\/simulations\/[0-9a-f-]+$/);
  await page.locator('[data-testid=topology][data-ready=true]').waitFor();
  await page.getByText(text).first().waitFor();
}

test('an archive, then a scenario', async () => {
  await drop(archiveOf('wormhole-hostport'));
  expect(await filled('bundle')).toBe('Bundle wormhole-hostport.tar.gz');
  expect(await page.getByRole('button', { name: 'Simulate' }).isDisabled()).toBe(true);
  await drop(join(CASES, 'wormhole-hostport/scenario.yaml'));
  expect(await filled('scenario')).toBe('Scenario scenario.yaml');
  await page.getByRole('button', { name: 'Simulate' }).click();
  await lands('7 delivered');
});

test('a folder that holds both', async () => {
  const both = join(folder, 'case');
  cpSync(join(CASES, 'udp-blackhole'), both, { recursive: true });
  rmSync(join(both, 'what-if.yaml'), { force: true });
  await drop(both);
  expect(await filled('bundle')).toMatch(/^Bundle \d+ files of 5 machines$/);
  expect(await filled('scenario')).toBe('Scenario case/scenario.yaml');
  await picture(page, 'new', 440);
  await page.getByRole('button', { name: 'Simulate' }).click();
  await lands('5 dropped');
});

test('a folder that is chosen in a dialog, every choice explored', async () => {
  await page.getByTestId('folder').setInputFiles(join(CASES, 'forwarding-reset'));
  await filled('bundle');
  await filled('scenario');
  await page.getByLabel('mode').selectOption('explore');
  await page.getByRole('button', { name: 'Simulate' }).click();
  await lands('5 dropped');
  await page.getByText(/of \d+ paths/).waitFor();
});

test('a long one is watched to its end', async () => {
  const scenario = join(folder, 'many.yaml');
  const text = readFileSync(join(CASES, 'udp-blackhole/scenario.yaml'), 'utf8');
  writeFileSync(scenario, text.replace(/packets: 2\n\s+interval: 40ms\n\s+events/, 'packets: 30000\n      interval: 1ms\n  events'));
  await drop(archiveOf('udp-blackhole'));
  await drop(scenario);
  await filled('scenario');
  const watched = page.waitForRequest(/\/simulations\/[^/]+\/events$/);
  await page.getByRole('button', { name: 'Simulate' }).click();
  await watched;
  await page.getByRole('progressbar').waitFor();
  await page.waitForURL(/\/explorer\/simulations\//);
  await page.locator('[data-testid=topology][data-ready=true]').waitFor({ timeout: 120_000 });
  await page.getByText('30003 dropped').first().waitFor();
});

test('a scenario that is wrong is refused, with the place of the error', async () => {
  const scenario = join(folder, 'wrong.yaml');
  writeFileSync(scenario, readFileSync(join(CASES, 'udp-blackhole/scenario.yaml'), 'utf8').replace('{pod: default/a}', '{pod: default/nobody}'));
  await drop(archiveOf('udp-blackhole'), scenario);
  await filled('scenario');
  await page.getByRole('button', { name: 'Simulate' }).click();
  const problem = page.getByRole('alert');
  await problem.waitFor();
  expect(await problem.innerText()).toMatch(/scenario\/spec\/flows\/0\/from/);
});

test('what is no bundle is refused', async () => {
  const archive = join(folder, 'broken.tar.gz');
  writeFileSync(archive, 'no archive');
  await drop(archive, join(CASES, 'udp-blackhole/scenario.yaml'));
  await filled('scenario');
  await page.getByRole('button', { name: 'Simulate' }).click();
  await page.getByRole('alert').waitFor();
});
