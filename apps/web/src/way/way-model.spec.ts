import type { StepKind } from '@worldline/model';
import type { HopAnswer, StepAnswer, TraceAnswer, WireAnswer } from '../query/index.js';
import { clausePartsOf, rulePartsOf, wayOf } from './way-model.js';

const step = (kind: StepKind, action: string, rest: Partial<StepAnswer> = {}): StepAnswer => ({ kind, action, detail: {}, text: `${kind} ${action}`, deciding: false, ...rest });
const hop = (name: string, ...steps: StepAnswer[]): HopAnswer => ({ machine: { name }, inputInterface: 'in', outputInterface: 'out', steps });
const trace = (rest: Partial<TraceAnswer>): TraceAnswer => ({ what: 'request', about: null, disposition: 'Accepted', reason: null, hops: [], ...rest });
const seen = (machine: string, direction: string, source: string, destination: string): WireAnswer => {
  const socket = (text: string): { ip: string; port: number } => ({ ip: text.split(':')[0] ?? '', port: Number(text.split(':')[1]) });
  return { machine, direction, source: socket(source), destination: socket(destination), interface: 'eth0', ttl: 64, length: 60, flags: null };
};

const dnat = step('Filter', 'translate', {
  deciding: true,
  hook: 'PREROUTING',
  table: 'nat',
  matches: [
    { chain: 'PREROUTING', number: 1, text: '-A PREROUTING -j KUBE-SERVICES' },
    { chain: 'KUBE-SEP-X', number: 2, text: '-A KUBE-SEP-X -p udp -m comment --comment "default/dns" -j DNAT --to-destination 10.0.0.2:53' },
  ],
});
const policy = step('Filter', 'accept', {
  hook: 'FORWARD',
  table: 'filter',
  matches: [{ chain: 'FORWARD', number: null, text: '-P FORWARD ACCEPT' }],
});
const translation = step('Transformation', 'destination', { deciding: true, detail: { cause: 'rule', before: '10.96.0.10:53', after: '10.0.0.2:53' } });
const entry = step('Conntrack', 'found', { detail: { state: 'ESTABLISHED', protocol: 'udp', original: 'a > b', reply: 'c > d' } });

describe('a step', () => {
  test.each([
    { name: 'a filter has its rules', given: dnat, form: { form: 'filter', label: 'nat', hook: 'PREROUTING', verdict: 'translate' } },
    { name: 'a translation has the address before and after', given: translation, form: { form: 'translation', side: 'destination', before: '10.96.0.10:53', after: '10.0.0.2:53' } },
    { name: 'a conntrack entry has both directions', given: entry, form: { form: 'entry', state: 'ESTABLISHED', original: 'a > b', reply: 'c > d' } },
    { name: 'nat that was skipped is told in words', given: step('Transformation', 'skipped', { detail: { manip: 'destination' } }), form: { form: 'plain', text: 'Transformation skipped' } },
    { name: 'anything else too', given: step('SysctlCheck', 'checked'), form: { form: 'plain', label: 'sysctl' } },
  ])('$name', ({ given, form }) => {
    expect(wayOf(trace({ hops: [hop('node/n1', given)] })).hops[0]?.steps[0]).toMatchObject(form);
  });

  test('what is worth a line while details are hidden', () => {
    const given = [step('EnterInputInterface', 'enter'), entry, policy, dnat, translation, step('Routing', 'unicast'), step('Routing', 'prohibit', { deciding: true })];
    const [shown] = wayOf(trace({ hops: [hop('node/n1', ...given)] })).hops;
    expect(shown?.steps.map(({ isTelling }) => isTelling)).toEqual([false, true, false, true, true, false, true]);
  });

  test('a policy has no text of its own', () => {
    const [shown] = wayOf(trace({ hops: [hop('node/n1', policy)] })).hops;
    expect(shown?.steps[0]).toMatchObject({ rules: [{ chain: 'FORWARD', number: null, parts: [{ role: 'target', text: 'policy ACCEPT' }] }] });
  });
});

test('the last step of a packet that is lost is where it ended', () => {
  const hops = [hop('node/n1', entry), hop('node/n2', step('Routing', 'unicast'), step('SysctlCheck', 'checked'))];
  const ends = (disposition: TraceAnswer['disposition']): (string | null)[] => wayOf(trace({ disposition, hops })).hops.flatMap(({ steps }) => steps.map(({ ending }) => ending));
  expect(ends('ForwardingDisabled')).toEqual([null, null, 'dropped']);
  expect(ends('Unmodelled')).toEqual([null, null, 'undecided']);
  expect(ends('Accepted')).toEqual([null, null, null]);
});

test('steps are counted through the whole way, as comparisons count them', () => {
  const hops = [hop('a', entry, entry), hop('b', entry)];
  expect(wayOf(trace({ hops })).hops.map(({ steps }) => steps.map(({ index }) => index))).toEqual([[0, 1], [2]]);
});

test('addresses are those of the wire, visit by visit', () => {
  const wire = [
    seen('pod/a', 'out', '10.0.0.1:1', '10.96.0.10:53'),
    seen('node/n1', 'in', '10.0.0.1:1', '10.96.0.10:53'),
    seen('node/n1', 'out', '10.0.0.1:1', '10.0.0.2:53'),
    seen('pod/b', 'in', '10.0.0.1:1', '10.0.0.2:53'),
    seen('node/n1', 'in', '10.0.0.9:1', '10.0.0.9:2'),
  ];
  const [a, n1, b, again] = wayOf(trace({ hops: ['pod/a', 'node/n1', 'pod/b', 'node/n1'].map((name) => hop(name)), wire })).hops;
  expect(a).toMatchObject({ entering: null, leaving: { source: '10.0.0.1:1', destination: '10.96.0.10:53' } });
  expect(n1).toMatchObject({ entering: { destination: '10.96.0.10:53' }, leaving: { destination: '10.0.0.2:53' } });
  expect(b).toMatchObject({ entering: { destination: '10.0.0.2:53' }, leaving: null });
  expect(again).toMatchObject({ entering: { source: '10.0.0.9:1' }, leaving: null });
});

test.each([
  { name: 'a jump', rule: '-A FORWARD -j KUBE-FORWARD', parts: ['target: -j KUBE-FORWARD'] },
  { name: 'clauses on both sides of a comment', rule: '-A C -p udp -m comment --comment "a \\"b\\" c" -m udp --dport 53 -j DNAT --to-destination 10.0.0.2:53', parts: ['match: -p udp', 'comment: -m comment --comment "a \\"b\\" c"', 'match: -m udp --dport 53', 'target: -j DNAT --to-destination 10.0.0.2:53'] },
  { name: 'a comment of one word', rule: '-A C -m comment --comment x -g D', parts: ['comment: -m comment --comment x', 'target: -g D'] },
  { name: 'no target', rule: '-A C -s 10.0.0.0/8', parts: ['match: -s 10.0.0.0/8'] },
])('the parts of a rule with $name', ({ rule, parts }) => {
  expect(rulePartsOf(rule).map(({ role, text }) => `${role}: ${text}`)).toEqual(parts);
});

test.each([
  { name: 'at the front', text: '-A X -d 10.0.0.1/32 -p udp -j Y', clause: '-d 10.0.0.1/32', parts: ['failed:-d 10.0.0.1/32', 'match:-p udp', 'target:-j Y'] },
  { name: 'behind a comment', text: '-A X -p udp -m comment --comment "a -p udp b" -m udp ! --dport 53 -j Y', clause: '! --dport 53', parts: ['match:-p udp', 'comment:-m comment --comment "a -p udp b"', 'match:-m udp', 'failed:! --dport 53', 'target:-j Y'] },
  { name: 'not a part of a longer word', text: '-A X -d 10.0.0.10 -s 10.0.0.1 -j Y', clause: '-s 10.0.0.1', parts: ['match:-d 10.0.0.10', 'failed:-s 10.0.0.1', 'target:-j Y'] },
  { name: 'spelled with quotes in the rule', text: '-A X -m string --string "a b" --algo bm -j Y', clause: '--string a b', parts: ['match:-m string --string "a b" --algo bm', 'target:-j Y', 'failed:--string a b'] },
  { name: 'nowhere', text: '-A X -p udp -j Y', clause: null, parts: ['match:-p udp', 'target:-j Y'] },
])('the clause that failed stands apart: $name', ({ text, clause, parts }) => {
  expect(clausePartsOf(text, clause).map(({ role, text: said }) => `${role}:${said}`)).toEqual(parts);
});
