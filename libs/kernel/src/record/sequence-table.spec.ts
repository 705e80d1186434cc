import { SequenceTable } from './sequence-table.js';

it('gives equal sequences one number, however many there are', () => {
  const table = new SequenceTable();
  const count = 5000;
  const sequence = (i: number): Int32Array => Int32Array.of(i, i >> 3, 7);
  for (let i = 0; i < count; i++) expect(table.intern(sequence(i), 3)).toBe(i);
  for (let i = 0; i < count; i++) expect(table.intern(sequence(i), 3)).toBe(i);
  expect(table.size).toBe(count);
});

it('tells sequences apart that begin alike', () => {
  const table = new SequenceTable();
  expect(table.intern(Int32Array.of(1, 2), 1)).toBe(0);
  expect(table.intern(Int32Array.of(1, 2), 2)).toBe(1);
  expect(table.intern(Int32Array.of(), 0)).toBe(2);
});
