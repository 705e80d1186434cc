// Runs a tool written in TypeScript: bundles it, from the sources of the libraries, and calls its `main`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/** What `main` of `tools/<entry>` gives for the arguments. */
export async function runBundled(entry, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'worldline-tool-'));
  try {
    const bundle = await rolldown({
      input: join(import.meta.dirname, entry),
      platform: 'node',
      resolve: { conditionNames: ['@worldline/source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    });
    const file = join(folder, 'main.mjs');
    await bundle.write({ file, format: 'esm' });
    const { main } = await import(pathToFileURL(file).href);
    return await main(...args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
