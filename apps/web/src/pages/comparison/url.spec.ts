import { compareUrl, comparisonUrl, readCompare, readComparison, readComparisonId } from './url.js';

test.each([
  { name: 'a comparison', state: { change: 0, isDetailed: false }, url: '/explorer/comparisons/c1' },
  { name: 'its third change in full', state: { change: 2, isDetailed: true }, url: '/explorer/comparisons/c1?change=2&steps=all' },
])('the URL holds $name', ({ state, url }) => {
  expect(comparisonUrl('c1', state)).toBe(url);
  const { pathname, search } = new URL(url, 'http://explorer');
  expect(readComparisonId(pathname)).toBe('c1');
  expect(readComparison(search)).toEqual(state);
});

test('the URL holds what is to be compared', () => {
  const url = compareUrl({ baseline: 'a', candidate: 'b' });
  expect(readCompare(url.slice(url.indexOf('?')))).toEqual({ baseline: 'a', candidate: 'b' });
  expect(readComparisonId('/explorer/comparisons')).toBeNull();
});
