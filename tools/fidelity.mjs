// Makes docs/FIDELITY.md from the registries of the kernel library: `node tools/fidelity.mjs [--check]`.
import { join } from 'node:path';
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('fidelity/main.ts', join(import.meta.dirname, '../docs/FIDELITY.md'), process.argv.includes('--check'));
