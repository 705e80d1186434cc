import { crossingPath, roundedPath } from './drawing.js';
import type { Box } from './graph.js';

test.each([
  { name: 'nothing', points: [], path: '' },
  { name: 'a straight line', points: [[0, 0], [30, 0]], path: 'M0,0 L30,0' },
  { name: 'a corner', points: [[0, 0], [30, 0], [30, 40]], path: 'M0,0 L23,0 Q30,0 30,7 L30,40' },
  { name: 'a piece too short for a whole corner', points: [[0, 0], [6, 0], [6, 40]], path: 'M0,0 L3,0 Q6,0 6,7 L6,40' },
])('$name', ({ points, path }) => {
  expect(roundedPath(points.map(([x = 0, y = 0]) => ({ x, y })))).toBe(path);
});

describe('a way through a box', () => {
  const port = (id: string, side: 'west' | 'east', y: number): Box['ports'][number] => ({ id, name: id, address: '', side, isUp: true, x: side === 'west' ? 0 : 100, y });
  const box: Box = { id: 'node/n1', kind: 'node', group: null, title: 'n1', subtitle: 'node', width: 100, height: 80, ports: [port('eth0', 'west', 40), port('v1', 'east', 40), port('v2', 'east', 60)], visits: [1], crossings: [] };

  test.each([
    { name: 'from one side to the other', from: 'eth0', to: 'v1', path: 'M0,40 C50,40 50,40 100,40' },
    { name: 'back to the side it came from, around the names', from: 'v1', to: 'v2', path: 'M100,40 L76.2,40 Q69.2,40 69.2,47 L69.2,53 Q69.2,60 76.2,60 L100,60' },
    { name: 'that begins in it', from: null, to: 'v2', path: 'M100,60 L86,60' },
    { name: 'by a port that is not drawn', from: 'v9', to: null, path: '' },
  ])('$name', ({ from, to, path }) => {
    expect(crossingPath(box, { from, to })).toBe(path);
  });
});
