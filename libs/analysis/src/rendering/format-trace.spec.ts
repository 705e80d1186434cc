import type { Report } from '@worldline/model';
import { deciding, endpoint, entry, flow, hop, lostPacket, packet, report, step, trace } from '@worldline/testkit';
import { formatTrace } from './index.js';

const sent = { machine: 'pod/default/a', protocol: 'tcp', source: endpoint('10.244.1.10:40000'), destination: endpoint('10.96.0.10:80') };
const rules = [
  { chain: 'PREROUTING', number: 1, text: '-A PREROUTING -j KUBE-SERVICES', verdict: 'jump' },
  { chain: 'KUBE-SVC-X', number: 2, text: '-A KUBE-SVC-X -m statistic --mode random --probability 0.5 -j KUBE-SEP-A', verdict: 'jump' },
  { chain: 'PREROUTING', number: null, text: '-P PREROUTING ACCEPT', verdict: 'accept' },
];
const start = hop('>pod/default/a>eth0', step('Originate', 'sent by pod/default/a'), step('Routing', '10.96.0.10 via 10.244.1.1 dev eth0'));
const node = hop('vetha>node/n1>vethb', step('EnterInputInterface', 'in by vetha'), step('Filter', 'mangle PREROUTING: policy ACCEPT', { detail: { table: 'mangle', hook: 'PREROUTING', rules: rules.slice(2) } }), step('Filter', 'nat PREROUTING', { detail: { table: 'nat', hook: 'PREROUTING', rules } }), deciding('Transformation', 'destination', 'destination 10.96.0.10:80 becomes 10.244.1.20:8080'));
const good = packet({ sent, exchange: [entry('syn', trace('Accepted', [start, node, hop('eth0>pod/default/b>')])), entry('synack', trace('Accepted', [hop('>pod/default/b>eth0'), hop('eth0>pod/default/a>')]))] });
const lost = lostPacket('NoRoute', 'node/n1', { sent, path: 1, exchange: [entry('syn', trace('NoRoute', [start, hop('vetha>node/n1>', deciding('Routing', 'unreachable', 'no route to 10.244.9.9'))]))] });

function explored(): Report {
  const whole = flow('trace', [good, lost]);
  const shares = [
    { probability: 1 / 3, weight: '1/3' },
    { probability: 2 / 3, weight: '2/3' },
  ];
  return report([{ ...whole, packets: [], paths: whole.paths.map((path, i) => ({ ...path, ...shares[i] })) }]);
}

test('every branch with its share, the likeliest first, rule by rule', () => {
  expect(formatTrace(explored())).toBe(`tcp pod/default/a 10.244.1.10:40000 → 10.96.0.10:80  2 branches

2/3 (66.6667 %)  NoRoute at node/n1
  syn  pod/default/a eth0 → vetha node/n1 ✗
    pod/default/a  sent, out eth0
      Routing         10.96.0.10 via 10.244.1.1 dev eth0
    node/n1  in vetha
      Routing         no route to 10.244.9.9

1/3 (33.3333 %)  Accepted at pod/default/b 10.244.2.10:53
  syn  pod/default/a eth0 → vetha node/n1 vethb → eth0 pod/default/b
    pod/default/a  sent, out eth0
      Routing         10.96.0.10 via 10.244.1.1 dev eth0
    node/n1  in vetha, out vethb
      Filter          mangle PREROUTING: policy ACCEPT
      Filter          nat PREROUTING
                      PREROUTING 1       -j KUBE-SERVICES
                      KUBE-SVC-X 2       -m statistic --mode random --probability 0.5 -j KUBE-SEP-A
                      PREROUTING policy  ACCEPT
      Transformation  destination 10.96.0.10:80 becomes 10.244.1.20:8080
    pod/default/b  in eth0
  synack  pod/default/b eth0 → eth0 pod/default/a

`);
});
