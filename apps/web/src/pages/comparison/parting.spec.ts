import type { HopView, WayView } from '../../way/index.js';
import { partingOf } from './parting.js';

const way = (...sizes: number[]): WayView => {
  let index = 0;
  const hops = sizes.map((size, h): HopView => {
    const steps = Array.from({ length: size }, () => ({ form: 'plain' as const, index: index++, label: '', text: '', isDeciding: false, isTelling: true, ending: null }));
    return { machine: `m${h}`, inputInterface: null, outputInterface: null, entering: null, leaving: null, steps };
  });
  return { what: 'request', outcome: 'delivered', disposition: 'Accepted', reason: null, hops };
};
const shape = (hops: readonly HopView[]): string[] => hops.map(({ machine, steps }) => `${machine}: ${steps.map(({ index }) => index).join(' ')}`);

test.each([
  { name: 'in the middle of a hop, which then stands on both sides', at: 3, left: way(2, 3), right: way(2, 2, 1), common: ['m0: 0 1', 'm1: 2'], baseline: ['m1: 3 4'], candidate: ['m1: 3', 'm2: 4'] },
  { name: 'where one way has ended', at: 2, left: way(2), right: way(2, 1), common: ['m0: 0 1'], baseline: [], candidate: ['m1: 2'] },
  { name: 'at once', at: 0, left: way(1), right: way(1), common: [], baseline: ['m0: 0'], candidate: ['m0: 0'] },
  { name: 'nowhere that is known', at: null, left: way(1), right: undefined, common: [], baseline: ['m0: 0'], candidate: [] },
])('ways part $name', ({ at, left, right, common, baseline, candidate }) => {
  const parting = partingOf(left, right, at);
  expect([parting.common, parting.baseline, parting.candidate].map(shape)).toEqual([common, baseline, candidate]);
});
