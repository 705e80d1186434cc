import { deciding, endpoint, entry, flow, hop, lostPacket, packet, report, step, trace, view } from '@worldline/testkit';
import { formatReport } from './index.js';

const sep = 'nat KUBE-SEP-OEI77YH2OINZ54QQ rule 2: -p udp -m udp -j DNAT --to-destination 10.244.1.20:53';
const rules = [
  { chain: 'PREROUTING', number: 1, text: '-A PREROUTING -j KUBE-SERVICES', verdict: 'jump' },
  { chain: 'KUBE-SEP-OEI77YH2OINZ54QQ', number: 2, text: '-A KUBE-SEP-OEI77YH2OINZ54QQ -p udp -m udp -j DNAT --to-destination 10.244.1.20:53', verdict: 'translate' },
];
const toOld = [
  hop('>pod/default/a>eth0', step('Originate', 'pod/default/a sends')),
  hop('vetha>node/n1>vethold', step('EnterInputInterface', 'in by vetha'), deciding('Filter', 'translate', 'nat PREROUTING', { table: 'nat', hook: 'PREROUTING', rules })),
  hop('eth0>pod/default/old>', deciding('Inbound', 'accepted', 'taken by the socket of udp port 53')),
];
const sent = { machine: 'pod/default/a', protocol: 'udp', source: endpoint('10.244.1.10:1234'), destination: endpoint('10.96.0.10:53') };
const delivered = view('pod/default/old', '10.244.1.20:53', '10.244.1.10:1234');

test('equal fates by equal ways are one block, with the rule that decided', () => {
  const first = packet({ sent, delivered, exchange: [entry('request', trace('Accepted', toOld))] });
  const second = packet({ sent, delivered, path: 1, at: '40ms', exchange: [entry('request', trace('Accepted', toOld))] });
  expect(formatReport(report([flow('f01', [first, second])]), { name: 'c01', description: 'a stale entry' })).toBe(`c01  seed 1
a stale entry

✓ f01  udp pod/default/a 10.244.1.10:1234 → 10.96.0.10:53  2 of 2 delivered, 2 answered
    2× Accepted at pod/default/old 10.244.1.20:53  2 paths
      pod/default/a eth0 → vetha node/n1 vethold → eth0 pod/default/old
        node/n1  ${sep}

1 flow, 2 packets: 2 delivered.
`);
});

test('a lost packet shows where it died and what decided, and the expectation that it fails', () => {
  const way = [
    hop('>pod/default/a>eth0'),
    hop(
      'vetha>node/n1>cni0',
      deciding('Conntrack', 'found', 'entry udp 10.244.1.10:1234 > 10.96.0.10:53 is bound to 10.244.1.20:53'),
      deciding('Bridge', 'noPort', 'cni0 knows no port for 10.244.1.20'),
    ),
  ];
  const lost = lostPacket('LostOnLink', 'node/n1', {
    sent,
    exchange: [entry('request', trace('LostOnLink', way))],
    died: { what: 'request', machine: 'node/n1', disposition: 'LostOnLink', reason: 'NO_TX_TARGET', rule: null },
  });
  const expectations = [{ name: 'f02', passed: false, outcome: 'failed', detail: 'f02 packet 0 at 0ms: LostOnLink at node/n1; expected a reply [1 of 1 packet fail]' } as const];
  expect(formatReport(report([flow('f02', [lost])], { expectations }), { name: 'c01' })).toBe(`c01  seed 1

✗ f02  udp pod/default/a 10.244.1.10:1234 → 10.96.0.10:53  0 of 1 delivered
    1× LostOnLink at node/n1 (NO_TX_TARGET)
      pod/default/a eth0 → vetha node/n1 cni0 ✗
        node/n1  entry udp 10.244.1.10:1234 > 10.96.0.10:53 is bound to 10.244.1.20:53
        node/n1  cni0 knows no port for 10.244.1.20
    expectation failed: f02 packet 0 at 0ms: LostOnLink at node/n1; expected a reply [1 of 1 packet fail]

1 flow, 1 packet: 0 delivered, 1 dropped. Expectations: 1 failed.
`);
});

test('where the answer died, its way is drawn too', () => {
  const answer = [hop('>pod/default/b>eth0'), hop('eth0>node/n2>', deciding('SysctlCheck', 'drop', 'net.ipv4.conf.vethb.forwarding = 0'))];
  const half = packet({
    reply: null,
    exchange: [entry('request', trace('Accepted', [hop('>pod/default/a>eth0'), hop('eth0>pod/default/b>')])), entry('reply', trace('ForwardingDisabled', answer))],
    died: { what: 'reply', machine: 'node/n2', disposition: 'ForwardingDisabled', reason: null, rule: null },
  });
  const text = formatReport(report([flow('f', [half])]), { name: 's' });
  expect(text).toContain('1× Accepted at pod/default/b 10.244.2.10:53; reply died: ForwardingDisabled at node/n2');
  expect(text).toContain('reply: pod/default/b eth0 → eth0 node/n2 ✗');
  expect(text).toContain('node/n2  net.ipv4.conf.vethb.forwarding = 0');
});
