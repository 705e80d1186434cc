import type { Mismatch } from '@worldline/analysis';
import { generate } from './case.js';
import { shrink } from './shrink.js';
import { WordTally } from './tally.js';

test.each([1, 2, 3, 40])('seed %d draws the same case again', (seed) => {
  const [a, b] = [generate(seed), generate(seed)];
  expect([...a.tree, a.scenario, ...a.setup, ...a.rules]).toEqual([...b.tree, b.scenario, ...b.setup, ...b.rules]);
});

const RULES = ['*filter', ':FORWARD ACCEPT [0:0]', ':A - [0:0]', '[0:0] -A FORWARD -s 10.0.0.1/32 -j DROP', '[0:0] -A FORWARD -p udp -m udp --dport 53 -j A', '[0:0] -A A -m conntrack --ctstate NEW -j RETURN', '[0:0] -A A -j MARK --set-xmark 0x1/0x1', '[0:0] -A FORWARD -m set --match-set s src -j LOG', 'COMMIT', ''].join('\n');
const FILES = new Map([
  ['snapshot/nodes/n1/iptables-save.txt', RULES],
  ['snapshot/nodes/n1/ipset-save.txt', 'create s hash:ip family inet\n'],
]);
const packet = { n: 0, sent: { src: null, dst: '10.0.0.2' }, error: null, delivered: null, reply: null, died: null, wire: [] };
const observed = { case: 'c', kernel: 'k', flows: [{ name: 'f', protocol: 'udp', from: 'pod/a/b', at: 0, packets: [packet] }] };

test('rules between two that the trace names did not match', () => {
  const tally = new WordTally();
  tally.add(FILES, { observed, trace: { 'f/0': [['request', ['@node/n1', 'filter/FORWARD#2 jump A', 'filter/A#2 continue', 'filter/A return', 'filter/FORWARD policy accept']]] } }, new Set());
  expect(Object.fromEntries(tally.counts)).toMatchObject({
    '-s': { matched: 0, unmatched: 1 },
    DROP: { matched: 0, unmatched: 1 },
    'udp --dport': { matched: 1, unmatched: 0 },
    'conntrack --ctstate': { matched: 0, unmatched: 1 },
    MARK: { matched: 1, unmatched: 0 },
    'set hash:ip': { matched: 0, unmatched: 1 },
  });
});

test('a case is shrunk to what still shows the disagreement', async () => {
  const scenario = JSON.stringify({ spec: { flows: ['f1', 'f2', 'f3', 'f4'].map((name) => ({ name })), events: [{}, {}] } });
  const mismatch: Mismatch = { facet: 'fate', flow: 'f3', packet: 0, kernel: 'a', predicted: 'b' };
  const isShown = (files: ReadonlyMap<string, string>): boolean => files.get('scenario.yaml')?.includes('f3') === true && files.get('snapshot/nodes/n1/iptables-save.txt')?.includes('-j DROP') === true;
  const small = await shrink(new Map([...FILES, ['scenario.yaml', scenario]]), mismatch, { attempt: (files) => Promise.resolve(isShown(files) ? [mismatch] : []), budget: 100 });
  expect(JSON.parse(small.get('scenario.yaml') as string)).toEqual({ spec: { flows: [{ name: 'f3' }], events: [] } });
  expect((small.get('snapshot/nodes/n1/iptables-save.txt') as string).split('\n').filter((l) => l.includes('-A '))).toEqual(['[0:0] -A FORWARD -s 10.0.0.1/32 -j DROP']);
});
