import { oneOf, readWords, writeUrl } from './words.js';

test.each([
  { name: 'nothing', words: {}, url: '/p' },
  { name: 'empty and missing words', words: { a: '', b: undefined }, url: '/p' },
  { name: 'words in their order', words: { b: '2', a: '1' }, url: '/p?b=2&a=1' },
  { name: 'what an address may not hold', words: { rule: 'nat KUBE-SVC-X 2', machine: 'pod/a/b&c' }, url: '/p?rule=nat+KUBE-SVC-X+2&machine=pod%2Fa%2Fb%26c' },
])('an address of $name', ({ words, url }) => {
  expect(writeUrl('/p', words)).toBe(url);
  expect(readWords(url.slice('/p'.length))).toEqual(Object.fromEntries(Object.entries(words).filter(([, word]) => word)));
});

test('a word that is none of those known is the first', () => {
  expect(['b', 'x', undefined].map((word) => oneOf(['a', 'b'], word))).toEqual(['b', 'a', 'a']);
});
