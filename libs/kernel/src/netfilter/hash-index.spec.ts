import { Random } from '@worldline/model';
import { TestMachine, filterTable } from './test-machine.fixture.js';

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
  for (let i = 0; i < 40; i++) {
    const values = { source: `10.0.0.${random.below(4)}`, destination: `10.0.0.${random.below(14)}`, destinationPort: 1 + random.below(4) };
    // A trail asks rule by rule, without the index
    const { p, rules: looked } = m.ask(values);
    const expected = looked.filter(({ matched }) => matched).map(({ chain, number }) => `${chain}#${number}`);
    expect(m.matched(p)).toEqual(expected);
    expect(m.matched(m.send(values))).toEqual(expected);
  }
});
