// Makes docs/FIDELITY.md from the registries of the kernel library: `node tools/fidelity.mjs [--check]`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'worldline-fidelity-'));
try {
  const bundle = await rolldown({
    input: join(root, 'tools/fidelity/main.ts'),
    platform: 'node',
    resolve: { conditionNames: ['@worldline/source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
  });
  const file = join(folder, 'main.mjs');
  await bundle.write({ file, format: 'esm' });
  const { main } = await import(pathToFileURL(file).href);
  process.exitCode = main(join(root, 'docs/FIDELITY.md'), process.argv.includes('--check'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
