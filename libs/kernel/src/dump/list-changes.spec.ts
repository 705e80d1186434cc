import { Random } from '@worldline/model';
import { listChanges } from './list-changes.js';

it.each([
  { name: 'nothing', before: 'abc', after: 'abc', expected: [] },
  { name: 'one added at the end', before: 'ab', after: 'abc', expected: [[-1, 2]] },
  { name: 'one inserted first', before: 'ab', after: 'xab', expected: [[-1, 0]] },
  { name: 'one deleted', before: 'abc', after: 'ac', expected: [[1, -1]] },
  { name: 'one replaced', before: 'abc', after: 'axc', expected: [[1, 1]] },
  { name: 'one of two equal ones deleted', before: 'aab', after: 'ab', expected: [[1, -1]] },
  { name: 'all flushed', before: 'ab', after: '', expected: [[0, -1], [1, -1]] },
  { name: 'one moved', before: 'abcd', after: 'bcda', expected: [[0, -1], [-1, 3]] },
])('$name', ({ before, after, expected }) => {
  expect(listChanges([...before], [...after])).toEqual(expected.map(([b, a]) => ({ before: b, after: a })));
});

it.each(Array.from({ length: 50 }, (_, i) => ({ seed: i + 1 })))('the changes make the new list of the old one (seed $seed)', ({ seed }) => {
  const random = Random.fromSeed(seed);
  const list = (): string[] => Array.from({ length: random.below(12) }, () => 'abcd'[random.below(4)] as string);
  const [before, after] = [list(), list()];
  const changes = listChanges(before, after);
  const gone = new Set(changes.map((change) => change.before));
  const made = before.filter((_, i) => !gone.has(i));
  for (const { after: place } of changes) if (place >= 0) made.splice(place, 0, after[place] as string);
  expect(made).toEqual(after);
});
