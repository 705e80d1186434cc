import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

let running: RunningApp;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-explorer-'));
  writeFileSync(join(folder, 'index.html'), '<title>Worldline</title>');
  writeFileSync(join(folder, 'main-abc.js'), 'export {};');
  running = await runApp({ isIdle: true, explorer: folder });
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

test.each(['/', '/explorer/simulations/1', '/explorer/simulations/a.b', '/explorer/new?x=1', '/deep/er/path'])('%s is the page', async (url) => {
  const answer = await running.inject('GET', url);
  expect([answer.status, answer.text]).toEqual([200, '<title>Worldline</title>']);
  expect(answer.headers['content-type']).toMatch(/^text\/html/);
});

test('files are themselves', async () => {
  expect((await running.inject('GET', '/main-abc.js')).text).toBe('export {};');
});

test.each(['/api/x', '/graphql/x', '/health/x', '/metrics/x', '/simulations/a/b/c', '/docs/x', '/assets/main-old.js', '/assets/', '/assets', '/favicon.ico', '/robots.txt', '/main-old.js', '/../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd'])('%s is no page', async (url) => {
  const answer = await running.inject('GET', url);
  expect(answer.text).not.toMatch(/root:/);
  if (!url.includes('etc')) expect(answer.json()).toMatchObject({ status: 404 });
});

test('without a built explorer there is none', async () => {
  const bare = await runApp({ isIdle: true });
  expect((await bare.inject('GET', '/')).json()).toMatchObject({ status: 404 });
  await bare.close();
});
