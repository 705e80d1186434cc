import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIDELITY } from '@worldline/kernel';
import { fidelityDocument } from './document';
import { keptFigures } from './proved';

it('docs/FIDELITY.md is what the registries say; node tools/fidelity.mjs makes it', () => {
  expect(readFileSync(join(__dirname, '../../docs/FIDELITY.md'), 'utf8')).toBe(fidelityDocument(FIDELITY, keptFigures(join(__dirname, '../..'))));
});

it('every row says where the kernel does it, and no name stands twice', () => {
  for (const { title, rows } of FIDELITY) {
    expect({ title, without: rows.filter((r) => r.citation === '').map((r) => r.name) }).toEqual({ title, without: [] });
    const names = rows.map((r) => r.name);
    expect({ title, twice: names.filter((name, i) => names.indexOf(name) !== i) }).toEqual({ title, twice: [] });
  }
});
