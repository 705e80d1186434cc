import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FIDELITY } from '@worldline/kernel';
import { fidelityDocument } from './document';
import { keptFigures } from './proved';

/** Writes the document, or with `--check` only says whether it is up to date. The exit code. */
export function main(file: string, isCheck: boolean): number {
  const wanted = fidelityDocument(FIDELITY, keptFigures(join(dirname(file), '..')));
  if (!isCheck) {
    writeFileSync(file, wanted);
    return 0;
  }
  if (readIfPresent(file) === wanted) return 0;
  process.stderr.write(`${file} is not what the registries say; run node tools/fidelity.mjs\n`);
  return 1;
}

function readIfPresent(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
