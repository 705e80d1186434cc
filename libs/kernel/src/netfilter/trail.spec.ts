import { Random, type RuleTrail } from '@worldline/model';
import { STEP_FILTER, STEP_OPERANDS, STEP_RULE, type Chooser } from '../record/index.js';
import { TrailRecorder } from './index.js';
import { TestMachine, filterTable } from './test-machine.fixture.js';

/** `FORWARD#1 no: -s 10.0.0.1/32`. */
function lines(trail: readonly RuleTrail[] = []): string[] {
  return trail.map(({ chain, number, matched, failedClause }) => `${chain}#${number}${matched ? '' : ` no: ${failedClause}`}`);
}

function dice(random: Random): Chooser {
  return { chance: (numerator, denominator) => random.below(denominator) < numerator, pick: () => 0, fork: dice };
}

/** Rules drawn from few values: they jump, return, remember, draw and decide. */
function rulesFrom(random: Random, count: number): string[] {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const chain = (): string => pick(['', '', 'A ', 'B ', 'C ']);
  const matches = [
    '',
    '-m statistic --mode random --probability 0.50000000000',
    '-m statistic --mode nth --every 3 --packet 0',
    '-m limit --limit 1/sec --limit-burst 2',
    '-m recent --set --name r --rsource',
    '-m recent --update --seconds 60 --hitcount 3 --name r --rsource',
    '-m quota --quota 200',
    '-m mark --mark 0x1/0x1',
    '-d 10.0.0.2/32',
    '-d 10.0.0.3/32',
    '! -s 10.0.0.1/32',
  ];
  return Array.from({ length: count }, () => {
    const own = chain();
    const targets = ['', '-j MARK --set-xmark 0x1/0x1', '-j RETURN', '-j DROP', ...(own === 'C ' ? [] : ['-j C']), ...(own === '' ? ['-j A', '-g B', '-j B'] : [])];
    return `${own}${[pick(matches), pick(matches.slice(0, 2)), pick(targets)].filter((part) => part !== '').join(' ')}`;
  });
}

it.each(Array.from({ length: 60 }, (_, i) => ({ seed: i + 1 })))('asking changes nothing, and says what the walk did (seed $seed)', ({ seed }) => {
  const random = Random.fromSeed(seed);
  const dump = filterTable([...rulesFrom(random, 30), 'A -p tcp', 'B -p tcp', 'C -p tcp']);
  const [asked, plain] = [new TestMachine(dump), new TestMachine(dump)].map((m) => {
    m.environment.chooser = dice(m.environment.random);
    return m;
  });
  for (let i = 0; i < 20; i++) {
    const values = { source: `10.0.0.${1 + random.below(3)}`, destination: `10.0.0.${1 + random.below(4)}` };
    const { rules, p } = asked.ask(values);
    expect(asked.matched(p)).toEqual(plain.matched(plain.send(values)));
    expect(lines(rules.filter(({ matched }) => matched))).toEqual(asked.matched(p));
  }
  expect(asked.save()).toEqual(plain.save());
});

it('says which clause failed, in the rule’s own words', () => {
  const m = new TestMachine(filterTable(['-s 10.0.0.1/32 -p udp -m comment --comment "a b" -m udp ! --dport 53 -j DROP', '-p udp -m mark --mark 0x1 -j DROP', '-j ACCEPT']));
  expect(m.ask().rules).toEqual([
    { table: 'filter', chain: 'FORWARD', number: 1, text: '-A FORWARD -s 10.0.0.1/32 -p udp -m comment --comment "a b" -m udp ! --dport 53 -j DROP', matched: false, failedClause: '! --dport 53' },
    { table: 'filter', chain: 'FORWARD', number: 2, text: '-A FORWARD -p udp -m mark --mark 0x1 -j DROP', matched: false, failedClause: '--mark 0x1' },
    { table: 'filter', chain: 'FORWARD', number: 3, text: '-A FORWARD -j ACCEPT', matched: true },
  ]);
});

it.each([
  { family: 4 as const, service: (i: number) => `10.96.${i >> 8}.${i & 255}/32`, to: '10.96.0.9', last: '-d 10.96.0.8/32' },
  { family: 6 as const, service: (i: number) => `fd00:96::${(i + 1).toString(16)}/128`, to: 'fd00:96::a', last: '-d fd00:96::9/128' },
])('lists what the hash index passed over, IPv$family, as far as is told', ({ family, service, to, last }) => {
  const rules = Array.from({ length: 500 }, (_, i) => `-d ${service(i)} -p udp -m udp --dport 53 -j A`);
  const m = new TestMachine(filterTable([...rules, 'A -j DROP']), family, family === 4 ? 'iptables-save.txt' : 'ip6tables-save.txt');
  const { rules: told, lookedAt } = m.ask({ family, destination: to }, 11);
  expect(lookedAt).toBe(11);
  expect(lines(told)).toEqual([...Array.from({ length: 9 }, (_, i) => `FORWARD#${i + 1} no: -d ${service(i)}`), 'FORWARD#10', 'A#1']);
  expect(lines(told)[8]).toBe(`FORWARD#9 no: ${last}`);
  const missed = m.ask({ family, destination: family === 4 ? '10.0.0.9' : 'fd00::9' }, 3);
  expect([missed.lookedAt, missed.rules.length]).toEqual([500, 3]);
});

it.each([
  { name: 'back from a chain, and past its caller’s rest', rules: ['-j A', '-s 10.9.9.9/32', 'A -p tcp -j DROP', 'A -j RETURN', 'A -j DROP'], expected: ['FORWARD#1', 'A#1 no: -p tcp', 'A#2', 'FORWARD#2 no: -s 10.9.9.9/32'] },
  { name: 'not back from where a goto led', rules: ['-g A', '-j DROP', 'A -p tcp'], expected: ['FORWARD#1', 'A#1 no: -p tcp'] },
  { name: 'with the mark that a rule before has set', rules: ['-m mark --mark 0x1', '-j MARK --set-xmark 0x1/0xffffffff', '-m mark --mark 0x1 -j ACCEPT'], expected: ['FORWARD#1 no: --mark 0x1', 'FORWARD#2', 'FORWARD#3'] },
  { name: 'up to what is not modelled', rules: ['-p tcp', '-m nonsense --word 1 -j DROP', '-j DROP'], expected: ['FORWARD#1 no: -p tcp', 'FORWARD#2 no: nonsense'] },
])('a walk goes $name', ({ rules, expected }) => {
  expect(lines(new TestMachine(filterTable(rules)).ask().rules)).toEqual(expected);
});

it('nobody else’s packets have a trail', () => {
  const m = new TestMachine(filterTable(['-j ACCEPT']));
  const recorder = new TrailRecorder(m.store, 10);
  m.environment.recorder = recorder;
  recorder.ask({ machines: [m.machine], isAsked: () => false });
  const p = m.send();
  expect([p.steps[0], p.steps[1 + STEP_OPERANDS[STEP_FILTER]]]).toEqual([STEP_FILTER, STEP_RULE]);
  expect(Array.from(p.details.subarray(0, p.detailCount)).map((id) => recorder.trail(id))).toEqual([null]);
});
