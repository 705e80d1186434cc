import { readSimulations, simulationsUrl } from './url.js';

test.each([
  { name: 'all', state: { status: '', cursor: '', baseline: '' }, url: '/' },
  { name: 'those that failed, on a later page, one chosen', state: { status: 'failed', cursor: 'c', baseline: 'b' }, url: '/?status=failed&cursor=c&baseline=b' },
] as const)('the URL holds $name', ({ state, url }) => {
  expect(simulationsUrl(state)).toBe(url);
  expect(readSimulations(url.slice(1))).toEqual(state);
});

test('an unknown status is any', () => {
  expect(readSimulations('?status=done').status).toBe('');
});
