import { NO_FILTER, readSimulation, readSimulationId, simulationUrl, traceFilterOf, viewOf } from './url.js';
import type { SimulationState } from './url.js';

const START: SimulationState = { view: '', filter: NO_FILTER, open: '', entry: 0, isDetailed: false, after: '' };

test.each<{ name: string; state: Partial<SimulationState> }>([
  { name: 'as it is opened', state: {} },
  { name: 'an open path, every step of its answer', state: { view: 'paths', open: 'UGF0aDox', entry: 1, isDetailed: true } },
  { name: 'filtered', state: { filter: { flow: 'dns & co', disposition: 'NoListener', machine: 'pod/default/a', chain: 'KUBE-SVC-X', rule: 'nat KUBE-SVC-X 2' } } },
  { name: 'a later page', state: { after: 'n1~n5' } },
])('the URL holds a simulation $name', ({ state }) => {
  const url = new URL(simulationUrl('a/b', state), 'http://explorer');
  expect(readSimulationId(url.pathname)).toBe('a/b');
  expect(readSimulation(url.search)).toEqual({ ...START, ...state });
});

test.each([
  { name: 'an unknown view', search: '?view=hops', state: START },
  { name: 'an entry that is no number', search: '?entry=-1', state: START },
  { name: 'an unknown disposition', search: '?disposition=Eaten', state: START },
])('$name is as if it were not there', ({ search, state }) => {
  expect(readSimulation(search)).toEqual(state);
});

test.each([
  { mode: 'sample', view: '', shown: 'packets' },
  { mode: 'explore', view: '', shown: 'paths' },
  { mode: 'explore', view: 'packets', shown: 'packets' },
] as const)('in mode $mode, view “$view” lists $shown', ({ mode, view, shown }) => {
  expect(viewOf(view, mode)).toBe(shown);
});

test('other pages are no simulation', () => {
  expect(['/', '/explorer/new', '/simulations/1', '/explorer/simulations/1/x'].map(readSimulationId)).toEqual([null, null, null, null]);
});

test.each([
  { name: 'nothing', filter: {}, asked: {} },
  { name: 'a disposition', filter: { disposition: 'NoRoute' }, asked: { disposition: ['NoRoute'] } },
  { name: 'a rule, which names its table and chain', filter: { chain: 'A', rule: 'nat KUBE-SEP-X 2', machine: 'node/n1' }, asked: { machine: 'node/n1', table: 'nat', chain: 'KUBE-SEP-X', rule: 2 } },
  { name: 'a rule that is not written as one', filter: { flow: 'f', rule: 'nat' }, asked: { flow: 'f' } },
])('GraphQL is asked for $name', ({ filter, asked }) => {
  expect(traceFilterOf({ ...NO_FILTER, ...filter })).toEqual(asked);
});
