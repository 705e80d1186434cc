// Bundles a tool written in TypeScript, together with the libraries it calls, and lends it out.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

/** `work` gets the module `main` of `entries` ({name: path}) and the folder in which each stands as `name.mjs`. */
export async function withBundle(entries, work) {
  const folder = mkdtempSync(join(tmpdir(), 'worldline-tool-'));
  try {
    const bundle = await rolldown({
      input: entries,
      platform: 'node',
      resolve: { conditionNames: ['@worldline/source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    });
    await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
    return await work({ main: await import(pathToFileURL(join(folder, 'main.mjs')).href) }, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
