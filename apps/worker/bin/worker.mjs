#!/usr/bin/env node
// The worker process, from the sources as they are (docs/adr/0001).
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, serviceBundle } from '../../cli/bin/bundle.mjs';

try {
  const bundle = await serviceBundle();
  const { main } = await import(pathToFileURL(join(bundle, 'worker.mjs')).href);
  await main({ root, bundle });
} catch (error) {
  process.stderr.write(`worldline worker: ${error.name === 'OperatingError' || error.constructor.name === 'CannotStart' ? error.message : error.stack}\n`);
  process.exit(1);
}
