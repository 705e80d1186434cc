// Mutated bundles and scenarios: `npm run fuzz:input -- --seed N --count M [--keep DIR]` (tools/fuzz-input/main.ts).
import { join } from 'node:path';
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('fuzz-input/main.ts', process.argv.slice(2), join(import.meta.dirname, '../scenarios'));
