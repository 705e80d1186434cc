import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from '../fuzz-kernel/figures';

/** What the last run of the kernel's fuzzer that was kept came to (`npm run fuzz:kernel -- --write`); null: none was kept. */
export function keptFigures(root: string): Figures | null {
  const file = join(root, 'tools/fuzz-kernel/figures.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Figures) : null;
}
