// Jest's globalSetup of projects that need real services: one Postgres and one Redis for all of them, started before the first.
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

module.exports = async () => {
  if (globalThis.worldlineServices || (process.env.DATABASE_URL && process.env.REDIS_URL)) return;
  const root = join(__dirname, '../..');
  const { bundleOf } = await import(pathToFileURL(join(root, 'apps/cli/bin/bundle.mjs')).href);
  const bundle = await bundleOf({ entries: { services: join(root, 'libs/platform/src/services/services.ts') }, apps: [] });
  const child = spawn(process.execPath, [join(bundle, 'services.mjs'), join(root, 'node_modules/.cache')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = new Promise((resolve) => child.once('exit', resolve));
  const line = await Promise.race([new Promise((resolve) => child.stdout.once('data', (data) => resolve(data.toString()))), exit]);
  if (typeof line !== 'string') throw new Error('the services for the tests did not start: see above');
  globalThis.worldlineServices = { child, exit };
  Object.assign(process.env, JSON.parse(line));
};
