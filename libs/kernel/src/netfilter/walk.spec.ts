import { DISPOSITIONS } from '@worldline/model';
import { ACCEPT, DROP } from '../packet/index.js';
import { TestMachine, filterTable } from './test-machine.fixture.js';

describe('the way through chains', () => {
  it.each([
    { name: 'the first that decides', rules: ['-j ACCEPT', '-j DROP'], verdict: ACCEPT, matched: ['FORWARD#1'] },
    { name: 'a rule without target goes on', rules: ['-p udp', '-j DROP'], verdict: DROP, matched: ['FORWARD#1', 'FORWARD#2'] },
    { name: 'the end of a chain returns', rules: ['-j A', '-j DROP', 'A -p tcp -j ACCEPT'], verdict: DROP, matched: ['FORWARD#1', 'FORWARD#2'] },
    { name: 'RETURN returns', rules: ['-j A', '-j DROP', 'A -j RETURN', 'A -j ACCEPT'], verdict: DROP, matched: ['FORWARD#1', 'A#1', 'FORWARD#2'] },
    { name: 'RETURN in a base chain is its policy', rules: ['-j RETURN', '-j DROP'], verdict: ACCEPT, matched: ['FORWARD#1'] },
    { name: 'goto does not come back', rules: ['-g A', '-j DROP', 'A -p tcp -j DROP'], verdict: ACCEPT, matched: ['FORWARD#1'] },
    { name: 'goto returns to the caller of its caller', rules: ['-j A', '-j DROP', 'A -g B', 'A -j ACCEPT', 'B -j RETURN'], verdict: DROP, matched: ['FORWARD#1', 'A#1', 'B#1', 'FORWARD#2'] },
    { name: 'an empty chain is nothing', rules: ['-j B', '-j DROP', 'A -j B'], verdict: DROP, matched: ['FORWARD#1', 'FORWARD#2'] },
  ])('$name', ({ rules, verdict, matched }) => {
    const dump = filterTable(rules).replace(':FORWARD', ':B - [0:0]\n:FORWARD');
    const m = new TestMachine(rules.some((r) => r.startsWith('B ')) ? filterTable(rules) : dump);
    const p = m.send();
    expect(p.verdict).toBe(verdict);
    expect(m.matched(p)).toEqual(matched);
  });

  it('counts what matched, and the policy', () => {
    const m = new TestMachine(filterTable(['-p udp', '-p tcp', '-p udp --sport 1:2000 -j MARK --set-xmark 0x1/0x1'], 'DROP'));
    const p = m.send({ length: 100 });
    expect(DISPOSITIONS[p.disposition]).toBe('DeniedForward');
    expect([p.dropRule, m.store.chain(p.dropChain).name]).toEqual([-1, 'FORWARD']);
    expect(m.save()).toEqual([
      '*filter',
      ':FORWARD DROP [1:100]',
      '[1:100] -A FORWARD -p udp',
      '[0:0] -A FORWARD -p tcp',
      '[1:100] -A FORWARD -p udp --sport 1:2000 -j MARK --set-xmark 0x1/0x1',
      'COMMIT',
    ]);
  });

  it('names the rule that drops or rejects', () => {
    const m = new TestMachine(filterTable(['-p tcp -j DROP', '-j REJECT --reject-with icmp-host-prohibited']));
    const dropped = m.send({ protocol: 6 });
    expect([DISPOSITIONS[dropped.disposition], dropped.dropRule]).toEqual(['DeniedForward', 0]);
    const rejected = m.send();
    expect([DISPOSITIONS[rejected.disposition], rejected.dropRule, rejected.rejectWith - 1]).toEqual(['Rejected', 1, 10]);
  });
});

describe('what cannot be carried out', () => {
  it.each([
    { rules: ['-m frob --x 1 -j DROP'], issue: { code: 'UnknownMatch', word: 'frob', line: 4 } },
    { rules: ['-j FROB'], issue: { code: 'UnknownTarget', word: 'FROB', line: 4 } },
    { rules: ['-p tcp -m tcp --frob -j DROP'], issue: { code: 'UnknownOption', word: '--frob', line: 4 }, protocol: 6 },
    { rules: ['-j A', 'A -j B', 'B -j A'], issue: { code: 'RuleLoop', word: 'A', line: 8 } },
  ])('$issue.code: a packet that reaches it is undecided', ({ rules, issue, protocol = 17 }) => {
    const m = new TestMachine(filterTable(rules));
    expect(m.issues).toEqual([expect.objectContaining({ ...issue, file: 'iptables-save.txt' })]);
    const p = m.send({ protocol });
    expect(DISPOSITIONS[p.disposition]).toBe('Unmodelled');
  });

  it('is no matter for packets that do not', () => {
    const m = new TestMachine(filterTable(['-p tcp -m frob -j DROP']));
    expect(m.send().verdict).toBe(ACCEPT);
  });
});
