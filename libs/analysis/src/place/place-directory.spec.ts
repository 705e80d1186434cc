import { scanRuleSet } from '@worldline/language';
import type { MachineCapture, RuleSet } from '@worldline/model';
import { snapshot } from '@worldline/testkit';
import { placeDirectory } from './index.js';

const DUMP = `*nat
:KUBE-SERVICES - [0:0]
:KUBE-SVC-X - [0:0]
:KUBE-SEP-A - [0:0]
-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "default/dns cluster IP" -m udp --dport 53 -j KUBE-SVC-X
-A KUBE-SERVICES -d 35.1.2.3/32 -p tcp -m comment --comment "default/web:http loadbalancer IP" -m tcp --dport 80 -j KUBE-SVC-X
-A KUBE-SVC-X ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "default/dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ
-A KUBE-SEP-A -p udp -m comment --comment "default/dns" -m udp -j DNAT --to-destination 10.244.1.20:53
COMMIT
`;

/** `eth0` leads out, `cni0` stands before it. */
function machine(name: string, ips: readonly string[], rules: readonly RuleSet[] = []): MachineCapture {
  const addresses = ips.map((local) => ({ local, scope: local.startsWith('fe80') ? 'link' : 'global' }));
  const bridge = name.startsWith('node/') ? [{ name: 'cni0', addresses: [{ local: '10.244.1.1', scope: 'global' }] }] : [];
  const routes = [{ destination: '0.0.0.0/0', nexthops: [{ device: 'eth0' }] }];
  return { machine: name, links: [...bridge, { name: 'eth0', addresses }], routes, ruleSets: rules } as unknown as MachineCapture;
}

const { ruleSet } = scanRuleSet(new TextEncoder().encode(DUMP), { file: 'iptables-save.txt', family: 4 });
const dumps = placeDirectory(
  snapshot([], { machines: [machine('node/n1', ['192.168.0.11', 'fe80::1'], [ruleSet]), machine('pod/default/old', ['10.244.1.20']), machine('pod/default/new', ['10.244.2.99'])] }),
);

const objects = placeDirectory(
  snapshot([
    { kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' } }, spec: { nodeName: 'n1' }, status: { podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }, { ip: 'fd00:0::1' }] } },
    { kind: 'Pod', metadata: { name: 'web-0', namespace: 'shop', labels: { app: 'web' } }, status: { podIP: '10.1.0.2' } },
    { kind: 'Pod', metadata: { name: 'agent', namespace: 'shop', labels: { app: 'agent' } }, spec: { nodeName: 'n1', hostNetwork: true }, status: { podIP: '192.168.0.11' } },
    { kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd96::1'], selector: { app: 'web' } }, status: { loadBalancer: { ingress: [{ ip: '35.0.0.1' }] } } },
    { kind: 'Service', metadata: { name: 'headless', namespace: 'shop' }, spec: { clusterIP: 'None' } },
    { kind: 'EndpointSlice', metadata: { name: 'h-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'headless' } }, endpoints: [{ addresses: ['10.1.0.2'] }] },
    { kind: 'DaemonSet', metadata: { name: 'agent', namespace: 'shop' }, spec: { selector: { matchLabels: { app: 'agent' } } } },
    { kind: 'Node', metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '192.168.0.11' }, { type: 'Hostname', address: 'n1' }] } },
  ]),
);

test.each([
  { name: 'node by its dump: the uplink’s first, no link-local ones', places: dumps, ref: 'node/n1', machines: ['node/n1'], targets: ['192.168.0.11', '10.244.1.1'] },
  { name: 'service by the comments of its rules', places: dumps, ref: 'service/default/dns', machines: ['pod/default/old'], targets: ['10.96.0.10'] },
  { name: 'load balancer by the comments of its rules', places: dumps, ref: 'loadBalancer/default/web', machines: [], targets: ['35.1.2.3'] },
  { name: 'pod', places: objects, ref: 'pod/shop/web-1', machines: ['pod/shop/web-1'], targets: ['10.1.0.1', 'fd00::1'] },
  { name: 'pod on its node’s network', places: objects, ref: 'pod/shop/agent', machines: ['node/n1'], targets: ['192.168.0.11'] },
  { name: 'node by its object', places: objects, ref: 'node/n1', machines: ['node/n1'], targets: ['192.168.0.11'] },
  { name: 'service by its selector', places: objects, ref: 'service/shop/web', machines: ['pod/shop/web-0', 'pod/shop/web-1'], targets: ['10.96.0.1', 'fd96::1'] },
  { name: 'service by its slices', places: objects, ref: 'service/shop/headless', machines: ['pod/shop/web-0'], targets: [] },
  { name: 'load balancer', places: objects, ref: 'loadBalancer/shop/web', machines: ['pod/shop/web-0', 'pod/shop/web-1'], targets: ['35.0.0.1'] },
  { name: 'workload', places: objects, ref: 'daemonset/shop/agent', machines: ['node/n1'], targets: ['192.168.0.11'] },
])('$name', ({ places, ref, machines, targets }) => {
  expect(places.find(ref)).toMatchObject({ machines, targetIps: targets });
});

test.each(['pod/default/none', 'service/default/none', 'node/none', 'deployment/default/none', 'external/none'])('%s is not there', (ref) => {
  expect(dumps.find(ref)).toBeNull();
});
