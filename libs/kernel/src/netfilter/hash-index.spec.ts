import { Random } from '@worldline/model';
import { FORWARD } from '../packet/index.js';
import { TestMachine, filterTable } from './test-machine.fixture.js';
import { trail } from './index.js';

/** Rules drawn from few values, so that keys repeat, runs begin and end, and rules go on, jump and decide. */
function rulesFrom(random: Random, count: number): string[] {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  return Array.from({ length: count }, () => {
    const parts: string[] = [];
    if (random.below(10) < 8) parts.push(`${random.below(8) === 0 ? '! ' : ''}-d 10.0.0.${random.below(12)}${pick(['/32', '/32', '/32', '/30'])}`);
    if (random.below(3) === 0) parts.push(`-s 10.0.0.${random.below(3)}/32`);
    if (random.below(4) === 0) parts.push(`-i ${pick(['eth0', 'eth1', 'eth+'])}`);
    parts.push('-p udp');
    if (random.below(6) === 0) parts.push(`-m recent --set --name r${random.below(2)}`);
    if (random.below(2) === 0) parts.push(`-m udp --dport ${pick(['1', '2', '3', '1:2'])}`);
    parts.push(pick(['-j A', '', '-j MARK --set-xmark 0x1/0x0', '-j RETURN', '-j DROP', '-j B']));
    return parts.join(' ');
  });
}

it.each(Array.from({ length: 40 }, (_, i) => ({ seed: i + 1 })))('finds what walking finds (seed $seed)', ({ seed }) => {
  const random = Random.fromSeed(seed);
  const rules = [...rulesFrom(random, 60), 'A -p tcp', 'B -j RETURN'];
  const m = new TestMachine(filterTable(rules));
  expect(m.issues).toEqual([]);
  const table = m.machine.netfilter.tables[0];
  const slot = table.slotOf('FORWARD');
  for (let i = 0; i < 40; i++) {
    const values = { source: `10.0.0.${random.below(4)}`, destination: `10.0.0.${random.below(14)}`, destinationPort: 1 + random.below(4) };
    const expected: string[] = [];
    const texts = table.chainAt(slot);
    for (const t of trail(m.machine, m.packet(values), { table, slot, hook: FORWARD, from: 0, to: texts.ruleCount })) {
      if (!t.matched) continue;
      expected.push(`FORWARD#${t.number}`);
      if (t.text.endsWith('-j B')) expected.push('B#1');
      if (/-j (DROP|RETURN)$/.test(t.text)) break;
    }
    expect(m.matched(m.send(values))).toEqual(expected);
  }
});

it('says which clause failed', () => {
  const m = new TestMachine(filterTable(['-s 10.0.0.1/32 -p udp -m comment --comment "a b" -m udp ! --dport 53 -j DROP', '-p udp -m mark --mark 0x1 -j DROP', '-j ACCEPT']));
  const table = m.machine.netfilter.tables[0];
  const trails = trail(m.machine, m.packet(), { table, slot: table.slotOf('FORWARD'), hook: FORWARD, from: 0, to: 9 });
  expect(trails).toEqual([
    { table: 'filter', chain: 'FORWARD', number: 1, text: '-A FORWARD -s 10.0.0.1/32 -p udp -m comment --comment "a b" -m udp ! --dport 53 -j DROP', matched: false, failedClause: '! --dport 53' },
    { table: 'filter', chain: 'FORWARD', number: 2, text: '-A FORWARD -p udp -m mark --mark 0x1 -j DROP', matched: false, failedClause: '--mark 0x1' },
    { table: 'filter', chain: 'FORWARD', number: 3, text: '-A FORWARD -j ACCEPT', matched: true },
  ]);
});
