// Random cases on the real kernel beside the engine: `npm run fuzz:kernel -- --seed N --count M [--found DIR] [--plays N] [--write]`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '10' }, found: { type: 'string', default: join(root, 'scenarios/found') }, plays: { type: 'string', default: '40' }, write: { type: 'boolean', default: false } },
});
const numbers = Object.fromEntries(['seed', 'count', 'plays'].map((word) => [word, Number(values[word])]));
for (const [word, number] of Object.entries(numbers)) {
  if (Number.isInteger(number) && number >= 0) continue;
  process.stderr.write(`fuzz:kernel: --${word} takes a whole number, not '${values[word]}'\n`);
  process.exit(2);
}
// within the checkout, so that packages are found
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'fuzz-kernel-'));
try {
  const bundle = await rolldown({
    input: join(root, 'tools/fuzz-kernel/main.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('@worldline/'),
    resolve: { conditionNames: ['@worldline/source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
  });
  const file = join(folder, 'main.mjs');
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  const { main } = await import(pathToFileURL(file).href);
  process.exitCode = await main({ root, ...numbers, found: values.found, write: values.write });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
