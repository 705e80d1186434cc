import { roundedPath } from './drawing.js';

test.each([
  { name: 'nothing', points: [], path: '' },
  { name: 'a straight line', points: [[0, 0], [30, 0]], path: 'M0,0 L30,0' },
  { name: 'a corner', points: [[0, 0], [30, 0], [30, 40]], path: 'M0,0 L23,0 Q30,0 30,7 L30,40' },
  { name: 'a piece too short for a whole corner', points: [[0, 0], [6, 0], [6, 40]], path: 'M0,0 L3,0 Q6,0 6,7 L6,40' },
])('$name', ({ points, path }) => {
  expect(roundedPath(points.map(([x = 0, y = 0]) => ({ x, y })))).toBe(path);
});
