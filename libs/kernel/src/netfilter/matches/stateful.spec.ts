import { ACCEPT } from '../../packet/index.js';
import { TestMachine, filterTable, type TestPacket } from '../test-machine.fixture.js';

const MS = 1000;
const S = 1000 * MS;

/** Whether each of a row of packets matches: `[moment, packet]`. */
function answers(m: TestMachine, packets: readonly (readonly [number, TestPacket])[]): string {
  return packets
    .map(([at, packet]) => {
      m.environment.now = at;
      return m.send(packet).verdict === ACCEPT ? '.' : 'X';
    })
    .join('');
}
const machine = (rules: readonly string[], isLegacy = false): TestMachine =>
  new TestMachine(isLegacy ? filterTable(rules).replace(' (nf_tables)', '') : filterTable(rules));
const every = (step: number, count: number, packet: TestPacket = {}): (readonly [number, TestPacket])[] => Array.from({ length: count }, (_, i) => [i * step, packet] as const);

describe('limit', () => {
  it.each([
    { rule: '--limit 10/sec --limit-burst 3', packets: every(0, 5), expected: 'XXX..' },
    { rule: '--limit 10/sec --limit-burst 1', packets: every(50 * MS, 6), expected: 'X.X.X.' },
    // nf_tables counts nanoseconds, xtables ticks of 4 ms
    { rule: '--limit 300/sec --limit-burst 1', packets: every(3.4 * MS, 6), expected: 'XXXXXX' },
    { rule: '--limit 300/sec --limit-burst 1', packets: every(3.4 * MS, 6), expected: 'X.XXXX', isLegacy: true },
  ])('$rule legacy=$isLegacy', ({ rule, packets, expected, isLegacy = false }) => {
    expect(answers(machine([`-m limit ${rule} -j DROP`], isLegacy), packets)).toBe(expected);
  });
});

it.each([
  { rule: '--mode nth --every 3 --packet 0', expected: 'X..X..X' },
  { rule: '--mode nth --every 3 --packet 2', expected: '..X..X.' },
  { rule: '--mode nth ! --every 3 --packet 0', expected: '.XX.XX.' },
])('statistic $rule', ({ rule, expected }) => {
  expect(answers(machine([`-m statistic ${rule} -j DROP`]), every(1, 7))).toBe(expected);
});

it('statistic random asks the chooser for 31-bit odds', () => {
  const m = machine(['-m statistic --mode random --probability 0.33333333349 -j DROP']);
  const asked: number[] = [];
  m.environment.chooser = { chance: (n, d) => (asked.push(n, d), true), pick: () => 0 };
  expect(answers(m, every(1, 1))).toBe('X');
  expect(asked).toEqual([715827883, 2147483648]);
});

it('quota: bytes, and what is too long takes the rest', () => {
  expect(answers(machine(['-m quota --quota 130 -j DROP']), every(1, 4, { length: 60 }))).toBe('XX..');
});

describe('recent', () => {
  const a: TestPacket = { source: '10.0.0.1' };
  const b: TestPacket = { source: '10.0.0.9' };
  it.each([
    { name: 'set matches always and remembers', rules: ['-m recent --set --name r --mask 255.255.255.255 --rsource -j DROP'], packets: every(1, 2, a), expected: 'XX' },
    {
      name: 'rcheck within seconds',
      rules: ['-p tcp -m recent --set --name r --mask 255.255.255.255 --rsource', '-p udp -m recent --rcheck --seconds 2 --name r --mask 255.255.255.255 --rsource -j DROP'],
      packets: [[0, a], [1, { ...a, protocol: 6 }], [S, a], [S, b], [2 * S, a], [2.1 * S, a]] as const,
      expected: '..X.X.',
    },
    {
      name: 'update refreshes',
      rules: ['-p tcp -m recent --set --name r --mask 255.255.255.255 --rsource', '-p udp -m recent --update --seconds 2 --name r --mask 255.255.255.255 --rsource -j DROP'],
      packets: [[0, { ...a, protocol: 6 }], [1.5 * S, a], [3 * S, a], [6 * S, a]] as const,
      expected: '.XX.',
    },
    {
      name: 'hitcount',
      rules: ['-m recent --update --seconds 10 --hitcount 3 --name r --mask 255.255.255.255 --rsource -j DROP', '-m recent --set --name r --mask 255.255.255.255 --rsource'],
      packets: every(MS, 5, a),
      expected: '...XX',
    },
    {
      name: 'one list for a whole network, by destination, removed',
      rules: ['-p tcp -m recent --set --name r --mask 255.255.255.0 --rdest', '-p udp -m recent --remove --name r --mask 255.255.255.0 --rdest -j DROP'],
      packets: [[0, { protocol: 6, destination: '10.0.0.7' }], [1, { destination: '10.0.0.99' }], [2, { destination: '10.0.0.99' }]] as const,
      expected: '.X.',
    },
  ])('$name', ({ rules, packets, expected }) => {
    expect(answers(machine(rules), packets as readonly (readonly [number, TestPacket])[])).toBe(expected);
  });

  it('begins with what was captured', () => {
    const m = machine(['-m recent --rcheck --seconds 10 --name r --mask 255.255.255.255 --rsource -j DROP']);
    m.machine.netfilter.recent.load([{ list: 'r', source: '10.0.0.1', ttl: 64, stamps: [9 * S] }]);
    expect(answers(m, [[0, a], [0.9 * S, a], [1.1 * S, a]])).toBe('XX.');
  });

  it('forgets the least recent of more than a hundred', () => {
    const m = machine(['-p tcp -m recent --set --name r --mask 255.255.255.255 --rsource', '-p udp -m recent --rcheck --name r --mask 255.255.255.255 --rsource -j DROP']);
    const fill = Array.from({ length: 101 }, (_, i) => [i * MS, { protocol: 6, source: `10.0.1.${i}` }] as const);
    answers(m, fill);
    expect(answers(m, [[S, { source: '10.0.1.0' }], [S, { source: '10.0.1.1' }]])).toBe('.X');
  });
});

describe('hashlimit', () => {
  const name = '--hashlimit-name h';
  it.each([
    { rule: `--hashlimit-above 10/sec --hashlimit-burst 2 --hashlimit-mode srcip ${name}`, expected: '..X..X' },
    { rule: `--hashlimit-upto 10/sec --hashlimit-burst 2 --hashlimit-mode srcip ${name}`, expected: 'XX.XX.' },
    { rule: `--hashlimit-upto 10/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-srcmask 24 ${name}`, expected: 'XX....' },
    { rule: `--hashlimit-upto 10/sec --hashlimit-burst 2 ${name}`, expected: 'XX....' },
  ])('$rule', ({ rule, expected }) => {
    const packets = [1, 1, 1, 2, 2, 2].map((host) => [0, { source: `10.0.0.${host}` }] as const);
    expect(answers(machine([`-m hashlimit ${rule} -j DROP`]), packets)).toBe(expected);
  });
});

it('time: by the scenario\'s clock', () => {
  const m = machine(['-m time --timestart 10:00:00 --timestop 12:00:00 --weekdays Mon,Tue --datestop 2038-01-19T03:14:07 -j DROP']);
  // Monday, the fifth of January 2026, 09:59:59
  m.environment.startTime = Date.UTC(2026, 0, 5, 9, 59, 59) / 1000;
  expect(answers(m, [[0, {}], [S, {}], [7201 * S, {}], [7203 * S, {}], [86401 * S, {}], [2 * 86401 * S, {}]])).toBe('.XX.X.');
});

it('connlimit: connections of one source', () => {
  const m = machine(['-p udp -m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr -j DROP']);
  m.machine.netfilter.isTracking = [false, false];
  // Without entries only the packet's own connection counts
  expect(answers(m, [1, 2, 3].map((port) => [0, { sourcePort: port }] as const))).toBe('...');
});
