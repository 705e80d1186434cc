#!/usr/bin/env node
// The door of the command line: runs the bundle of exactly these sources (docs/adr/0001).
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CannotStart, bundleOf, root } from './bundle.mjs';

const EXIT_COULD_NOT_RUN = 3;

async function launch() {
  requireNode(20, 19);
  const bundle = await bundleOf({ entries: { main: join(root, 'apps/cli/src/main.ts') }, apps: ['cli'] });
  module.enableCompileCache?.(join(dirname(bundle), '.compiled')); // Node 22.1 and later
  quietlyEndOnClosedPipe();
  const { main } = await import(pathToFileURL(join(bundle, 'main.mjs')).href);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.exitCode = await main(process.argv.slice(2), { version, root });
}

function requireNode(major, minor) {
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return;
  throw new CannotStart(`Node.js ${major}.${minor} or newer is needed, this is ${process.versions.node}`);
}

/** `worldline ... | head` ends without a complaint. */
function quietlyEndOnClosedPipe() {
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

launch().catch((error) => {
  process.exitCode = EXIT_COULD_NOT_RUN;
  process.stderr.write(error instanceof CannotStart ? `worldline: ${error.message}\n` : `worldline: internal error\n${error?.stack ?? error}\n`);
});
