/** A mix: a small cluster, flows and events, drawn from a seed. Times are chosen so that they cross the kernel's own: streams at 2 s, timeouts, probes. */
import { Random } from '@worldline/model';
import { oneOf } from '@worldline/testkit';
import { IPSETS, drawRule, drawRules, type RuleChoice } from './mixed-rules';
import { PLAIN_CLUSTER, clusterFiles, type ClusterPlan } from './small-cluster';
import type { Question } from './comparison';

type Row = Readonly<Record<string, unknown>>;

/** Packets of one mix, at most. */
const MAX_PACKETS = 300;

const SENDERS = [{ pod: 'default/a' }, { pod: 'default/a' }, { pod: 'default/b' }, { pod: 'default/c' }, { node: 'n1' }, { external: 'x' }] as const;
const SERVED = ['10.244.2.10', '10.244.2.11', '10.244.1.11', '192.168.0.11', '192.168.0.12'] as const;
const SERVED6 = ['fd00:10:2::10', 'fd00:10:1::11', 'fd00:c0a8::12'] as const;
const UNSERVED = ['10.244.2.77', '203.0.113.9', '10.96.0.10'] as const;
const UNSERVED6 = ['fd00:10:2::77', '2001:db8::9', 'fd00:96::10'] as const;
const INTERVALS = ['0ms', '1ms', '3ms', '4ms', '20ms', '100ms', '250ms', '400ms', '700ms', '1s', '1100ms', '2s', '3s'] as const;

export function drawMix(seed: number): Question {
  const random = Random.fromSeed(seed);
  const isKubeProxy = random.below(2) === 0;
  const plan = drawCluster(random, isKubeProxy);
  const flows = drawFlows(random, isKubeProxy);
  const events = random.below(3) === 0 ? [] : drawEvents(random, plan);
  return questionOf(plan, { flows, events, seed }, random.below(2) === 0 ? 'none' : 'failed');
}

/** The bundle and the scenario file of a plan, flows and events. */
export function questionOf(plan: Partial<ClusterPlan>, spec: Row, packets: 'none' | 'failed' = 'none'): Question {
  return { files: clusterFiles({ ...PLAIN_CLUSTER, ...plan }), scenario: scenarioText(spec), packets };
}

/** JSON is YAML. */
export function scenarioText(spec: Row): string {
  return JSON.stringify({ apiVersion: 'worldline.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'mix' }, spec: { snapshot: './snapshot', ...spec } });
}

function drawCluster(random: Random, isKubeProxy: boolean): ClusterPlan {
  const isBridged = random.below(2) === 0;
  const choice: RuleChoice = { isKubeProxy, count: random.below(8), fickle: oneOf([0, 0, 0, 1, 4], random), hasSetTargets: random.below(4) === 0 };
  const sysctls: Record<string, number | string> = {};
  const set = (name: string, values: readonly number[], every = 4): void => {
    if (random.below(every) === 0) sysctls[name] = oneOf(values, random);
  };
  set('net.netfilter.nf_conntrack_acct', [1]);
  set('net.netfilter.nf_conntrack_max', [2, 5, 12], 10);
  set('net.netfilter.nf_conntrack_udp_timeout', [1, 2, 3]);
  set('net.netfilter.nf_conntrack_udp_timeout_stream', [1, 3, 4]);
  for (const device of ['default', 'eth0', isBridged ? 'cni0' : 'veth' + 'a']) {
    for (const family of ['ipv4', 'ipv6']) {
      set(`net.${family}.neigh.${device}.base_reachable_time_ms`, [300, 1000, 2000]);
      set(`net.${family}.neigh.${device}.delay_first_probe_time`, [1]);
      set(`net.${family}.neigh.${device}.retrans_time_ms`, [50, 400]);
    }
  }
  set('net.ipv4.conf.all.rp_filter', [1, 2]);
  set('net.ipv4.conf.all.send_redirects', [0, 1]);
  set('net.ipv4.fib_multipath_hash_policy', [0, 1]);
  if (isBridged) {
    for (const family of ['iptables', 'ip6tables']) sysctls[`net.bridge.bridge-nf-call-${family}`] = random.below(3) === 0 ? 0 : 1;
  }
  return {
    isBridged,
    overlay: oneOf(['direct', 'direct', 'two-ways', 'vxlan', 'vxlan-learning'], random),
    neighbours: oneOf(['PERMANENT', 'PERMANENT', 'PERMANENT', 'REACHABLE', 'STALE', 'DELAY', null], random),
    mtu: oneOf([1500, 1500, 1300], random),
    rules: random.below(8) === 0 ? '' : drawRules(random, choice, 4),
    rules6: random.below(2) === 0 ? '' : drawRules(random, choice, 6),
    remoteRules: random.below(3) === 0 ? drawRules(random, { ...choice, isKubeProxy: false, count: 2, hasSetTargets: false, fickle: 0 }, 4) : '',
    podRules: random.below(6) === 0 ? '*filter\n:OUTPUT ACCEPT [0:0]\n[0:0] -A OUTPUT -p udp -m limit --limit 3/sec -j ACCEPT\n[0:0] -A OUTPUT -p udp -m conntrack --ctstatus ASSURED\nCOMMIT\n' : '',
    ipsets: IPSETS,
    ebtables: random.below(2) === 0 ? '' : drawEbtables(random),
    sysctls,
    hasPolicyRouting: random.below(3) === 0,
  };
}

function drawEbtables(random: Random): string {
  const rules = ['-A FORWARD -p IPv4 -j CONTINUE', '-A INPUT -p IPv4 --ip-proto udp -j ACCEPT', '-A FORWARD -p IPv4 --limit 2/sec --limit-burst 3 -j ACCEPT', '-A OUTPUT -p ARP -j ACCEPT', '-A FORWARD -p IPv4 --ip-proto udp --ip-dport 8080 -j DROP', '-A INPUT -i veth+ -j mark --mark-or 0x1 --mark-target CONTINUE'];
  return `*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n${rules.filter(() => random.below(2) === 0).join('\n')}\n`;
}

function drawFlows(random: Random, isKubeProxy: boolean): Row[] {
  const flows: Row[] = [];
  let left = MAX_PACKETS;
  for (let i = 1 + random.below(5); i > 0 && left > 0; i--) {
    const protocol = oneOf(['udp', 'udp', 'udp', 'udp', 'udp', 'udp', 'udp', 'tcp', 'icmp'], random);
    const connections = oneOf([1, 1, 1, 2, 3, 8, 20], random);
    const packets = Math.max(1, Math.min(1 + random.below(oneOf([3, 30, 150], random)), Math.floor(left / connections)));
    left -= connections * packets;
    flows.push(drawFlow(random, { name: `f${i}`, protocol, connections, packets, isKubeProxy }));
  }
  return flows;
}

interface FlowChoice {
  readonly name: string;
  readonly protocol: string;
  readonly connections: number;
  readonly packets: number;
  readonly isKubeProxy: boolean;
}

function drawFlow(random: Random, { name, protocol, connections, packets, isKubeProxy }: FlowChoice): Row {
  const from = oneOf(SENDERS, random);
  const is6 = random.below(4) === 0;
  const ip = drawTarget(random, is6, isKubeProxy);
  const first = oneOf([4000, 4000, 5000], random);
  const at = { at: oneOf(['0ms', '0ms', '2ms', '500ms', '1500ms'], random), connections, ...drawPace(random) };
  const more = random.below(6) === 0 ? { df: false } : {};
  if (protocol === 'tcp') return { name, from, protocol, packets: 'connect', destination: { ip, port: 8080 }, ...at };
  if (protocol === 'icmp') return { name, from, protocol: is6 ? 'icmpv6' : 'icmp', packets: Math.min(packets, 10), every: oneOf(INTERVALS, random), destination: { ip }, ...at };
  const isSpoofed = !is6 && random.below(10) === 0;
  // sometimes fewer ports than connections: two of them share a 5-tuple
  const span = random.below(5) === 0 ? Math.ceil(connections / 2) : connections;
  const port = span > 1 ? `${first}-${first + span - 1}` : first;
  return {
    ...{ name, from, protocol: 'udp', packets, every: oneOf(INTERVALS, random), ...at, ...more },
    source: isSpoofed ? { ip: '10.244.1.66', port } : { port },
    destination: { ip, port: random.below(12) === 0 ? 9 : oneOf([53, 53, 8080], random) },
    payload: oneOf([0, 8, 64, 64, 64, 64, 64, 64, 1200, 1400, 1472, 3000], random),
    ...(isSpoofed ? { spoof: true } : {}),
    ...(random.below(6) === 0 ? { server: 'silent' } : {}),
    ...(random.below(10) === 0 ? { ttl: 2 } : {}),
    ...(random.below(10) === 0 ? { mark: 7 } : {}),
  };
}

function drawTarget(random: Random, is6: boolean, isKubeProxy: boolean): string {
  if (random.below(12) === 0) return oneOf(is6 ? UNSERVED6 : UNSERVED, random);
  if (isKubeProxy && random.below(2) === 0) return is6 ? 'fd00:96::10' : '10.96.0.10';
  return oneOf(is6 ? SERVED6 : SERVED, random);
}

function drawPace(random: Random): Row {
  return random.below(3) === 0 ? { rate: oneOf(['3/s', '100/s', '5000/s'], random) } : { connectionEvery: oneOf(['0ms', '1ms', '10ms', '400ms'], random) };
}

function drawEvents(random: Random, plan: ClusterPlan): Row[] {
  const events: Row[] = [];
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = `${oneOf([1, 4, 40, 300, 500, 1000, 1400, 2000, 2500, 4000], random)}ms`;
    events.push({ at, node: random.below(5) === 0 ? 'n2' : 'n1', run: drawCommand(random, plan) });
  }
  return events.sort((a, b) => parseInt(String(a['at']), 10) - parseInt(String(b['at']), 10));
}

/** A command line of a kind that a run carries out. Some fail, as they would. */
export function drawCommand(random: Random, plan: ClusterPlan): string {
  const choice: RuleChoice = { isKubeProxy: false, count: 0, fickle: 3, hasSetTargets: true };
  const device = plan.isBridged ? 'cni0' : 'vethb';
  const table = oneOf(['raw', 'mangle', 'filter'], random);
  const rule = drawRule(random, table, choice, 4).slice('-A '.length);
  return oneOf(
    [
      `iptables -t ${table} -A ${rule}`,
      `iptables -t ${table} -I ${rule}`,
      'iptables -D FORWARD 1',
      'iptables -t nat -D POSTROUTING 1',
      `iptables -t ${table} -Z`,
      'iptables -Z; iptables -t nat -Z',
      'iptables -n -v -x -L FORWARD',
      'iptables -P FORWARD DROP',
      'iptables-restore --noflush <<E\n*filter\n:EXTRA - [0:0]\n-A EXTRA -p udp\n-I FORWARD 1 -j EXTRA\nCOMMIT\nE',
      'iptables-save -c | iptables-restore -c',
      'conntrack -D -p udp',
      'conntrack -D -p udp --orig-port-dst 53',
      'conntrack -F',
      'conntrack -U -p udp --mark 1',
      'conntrack -U -p udp --timeout 2',
      `sysctl -w net.netfilter.nf_conntrack_udp_timeout=${oneOf([1, 5], random)}`,
      'sysctl -w net.netfilter.nf_conntrack_udp_timeout_stream=1',
      'sysctl -w net.netfilter.nf_conntrack_acct=1',
      'sysctl -w net.netfilter.nf_conntrack_max=3',
      'sysctl -w net.ipv4.conf.eth0.forwarding=0',
      'sysctl -w net.ipv4.conf.all.rp_filter=1',
      'ip route add 10.244.2.10/32 via 192.168.0.22 dev eth0',
      'ip route replace blackhole 10.244.2.11/32',
      'ip route del 10.244.2.0/24',
      'ip rule add fwmark 7 lookup 100 priority 50',
      'ip neigh flush dev eth0',
      'ip neigh replace 192.168.0.12 lladdr 02:00:00:00:00:02 nud reachable dev eth0',
      'ip neigh replace 192.168.0.12 lladdr 02:00:00:00:00:02 nud stale dev eth0',
      `ip neigh flush dev ${device}`,
      'ip link set eth0 mtu 1300',
      `ip link set vethb down; sleep 1; ip link set vethb up`,
      'ip addr add 192.168.0.77/24 dev eth0',
      'ip addr del 192.168.0.22/24 dev eth0',
      'ipset add plain 10.244.1.11',
      'ipset del plain 10.244.1.10',
      'ipset add timed 10.244.1.11 timeout 1',
      'ipset flush plain',
      'ebtables -A FORWARD -p IPv4 -j DROP',
      'ebtables -F',
      'bridge fdb replace 02:02:00:00:01:01 dev vetha master static',
      'sleep 0.3',
    ],
    random,
  );
}
