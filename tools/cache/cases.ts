/**
 * The smallest cases in which something comes between a connection's packets and the next one does not do what the last one did: one for everything that the engine
 * tells the cache (libs/kernel, `effects`) and for everything that the cache looks at before it answers. `tools/cache-invalidation.mjs` takes each of these out in turn.
 */
import { IPSETS } from './mixed-rules';
import { questionOf } from './mix';
import type { Question } from './comparison';
import type { ClusterPlan } from './small-cluster';

type Row = Readonly<Record<string, unknown>>;

export interface CacheCase {
  readonly name: string;
  readonly plan?: Partial<ClusterPlan>;
  readonly flows: readonly Row[];
  readonly events?: readonly Row[];
  readonly duration?: string;
  /** Which packets the Report lists: none unless it is said. */
  readonly packets?: Question['packets'];
  readonly isCountingFrames?: boolean;
  /** More files of the bundle. */
  readonly files?: Readonly<Record<string, string>>;
}

export function questionOfCase({ plan = {}, flows, events = [], duration, packets = 'none', files = {}, isCountingFrames = false }: CacheCase): Question {
  const question = questionOf(plan, { flows, events, ...(duration === undefined ? {} : { duration }) }, packets);
  return { ...question, isCountingFrames, files: { ...question.files, ...files } };
}

const A = { pod: 'default/a' };
const B = { pod: 'default/b' };
const X = { external: 'x' };
const N1 = { node: 'n1' };

/** Datagrams from pod a, port 4000, to pod c on the other node, ten a second. */
function udp(more: Row = {}, port = 53, ip = '10.244.2.10'): Row {
  return { name: 'f', from: A, protocol: 'udp', source: { port: 4000 }, destination: { ip, port }, packets: 40, every: '100ms', payload: 64, ...more };
}

/** Everywhere an entry of the flow to `destination`, whose answers come from `server`, as a capture has it: so its first packet is not the first of a connection. */
function entry(destination: string, server: string): Record<string, string> {
  const line = (to: string): string => `ipv4     2 udp      17 100 src=10.244.1.10 dst=${to} sport=4000 dport=53 src=${server} dst=10.244.1.10 sport=53 dport=4000 [ASSURED] mark=0 use=1\n`;
  const at = { 'nodes/n1': destination, 'nodes/n2': server, 'pods/default/a': destination, 'pods/default/b': server, 'pods/default/c': server };
  return Object.fromEntries(Object.entries(at).map(([folder, to]) => [`${folder}/conntrack.txt`, line(to)]));
}

const CHAINS: Readonly<Record<string, readonly string[]>> = { raw: ['PREROUTING', 'OUTPUT'], mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], filter: ['INPUT', 'FORWARD', 'OUTPUT'] };

/** An iptables-save of rules by table. */
function rules(tables: Readonly<Record<string, readonly string[]>>): string {
  const table = (name: string): string => [`*${name}`, ...(CHAINS[name] ?? []).map((chain) => `:${chain} ACCEPT [0:0]`), ...(tables[name] ?? []).map((rule) => `[0:0] -A ${rule}`), 'COMMIT', ''].join('\n');
  return Object.keys(tables).map(table).join('');
}

/** Connections are tracked where a rule asks for them. */
const TRACKING = 'FORWARD -m conntrack --ctstate INVALID -j DROP';
const tracked = (...more: readonly string[]): string => rules({ filter: [TRACKING, ...more] });

const matching = (match: string): Partial<ClusterPlan> => ({ rules: rules({ filter: [`FORWARD -s 10.244.1.10 ${match} -j ACCEPT`, 'FORWARD -s 10.244.1.10 -j DROP'] }), ipsets: IPSETS });

const MATCHES: readonly CacheCase[] = [
  { name: 'limit', plan: matching('-m limit --limit 2/sec --limit-burst 3'), flows: [udp()] },
  { name: 'hashlimit', plan: matching('-m hashlimit --hashlimit-upto 2/sec --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name h'), flows: [udp()] },
  { name: 'quota', plan: matching('-m quota --quota 900'), flows: [udp()] },
  { name: 'connbytes', plan: { ...matching('-m connbytes --connbytes 0:15 --connbytes-dir both --connbytes-mode packets'), sysctls: { 'net.netfilter.nf_conntrack_acct': 1 } }, flows: [udp()] },
  { name: 'statistic', plan: matching('-m statistic --mode nth --every 3 --packet 0'), flows: [udp()] },
  { name: 'time', plan: matching('-m time --timestart 00:00:01 --timestop 00:00:02'), flows: [udp()] },
  { name: 'recent', plan: { rules: rules({ filter: ['FORWARD -m recent --update --seconds 9 --hitcount 5 --name r --rsource -j DROP', 'FORWARD -m recent --set --name r --rsource -j ACCEPT'] }) }, flows: [udp()] },
  { name: 'conntrack --ctexpire', plan: { rules: rules({ filter: ['FORWARD -m conntrack --ctexpire 30:31', 'FORWARD -m conntrack --ctexpire 120:'] }) }, flows: [udp({ packets: 50 }), udp({ name: 'g', every: '130ms' })] },
  { name: 'connlimit', plan: { ...matching('-m connlimit --connlimit-upto 2 --connlimit-mask 32 --connlimit-saddr'), sysctls: { 'net.netfilter.nf_conntrack_udp_timeout': 1, 'net.netfilter.nf_conntrack_udp_timeout_stream': 1 } }, flows: [udp({ server: 'silent' }), udp({ name: 'g', source: { port: '5000-5004' }, connections: 5, packets: 1, at: '1s', connectionEvery: '300ms' })] },
  { name: 'a set with timeouts', plan: matching('-m set --match-set timed src'), flows: [udp()] },
  { name: 'a set with counters', plan: matching('-m set --match-set counted src --packets-lt 9'), flows: [udp()] },
  { name: 'SET refreshes a timeout', plan: { rules: rules({ mangle: ['FORWARD -s 10.244.1.10 -j SET --add-set timed src --exist --timeout 3'] }), ipsets: IPSETS }, flows: [udp()] },
  { name: 'SET adds again what has ended', plan: { rules: rules({ mangle: ['FORWARD -s 10.244.1.10 -j SET --add-set timed src'] }), ipsets: IPSETS }, flows: [udp({ packets: 30 })] },
  { name: 'SET of another flow adds a member', plan: { rules: rules({ mangle: ['FORWARD -s 10.244.1.11 -j SET --add-set plain dst'], filter: ['FORWARD -s 10.244.1.10 -m set --match-set plain dst -j DROP'] }), ipsets: IPSETS }, flows: [udp(), udp({ name: 'g', from: B, at: '2s', packets: 1 })] },
];

const acct = { sysctls: { 'net.netfilter.nf_conntrack_acct': 1 } };
const short = { 'net.netfilter.nf_conntrack_udp_timeout': 2, 'net.netfilter.nf_conntrack_udp_timeout_stream': 3 };
const noticesMark = 'FORWARD -m connmark --mark 0x1/0x1';

const CONNTRACK: readonly CacheCase[] = [
  { name: 'a full table has room again', plan: { rules: tracked(), sysctls: { ...short, 'net.netfilter.nf_conntrack_max': 1 } }, flows: [udp({ packets: 30 }), udp({ name: 'g', source: { port: 4001 }, at: '2500ms', every: '500ms', packets: 150 })] },
  { name: 'a stream after two seconds', plan: { rules: rules({ filter: ['FORWARD -m conntrack --ctstatus ASSURED'] }) }, flows: [udp()] },
  { name: 'timers run on from the last packet', plan: { rules: tracked() }, flows: [udp({ packets: 50 })] },
  { name: 'an entry that ended between two packets', plan: { sysctls: short, rules: tracked('FORWARD -m conntrack --ctstate NEW') }, flows: [udp({ every: '4s', packets: 4 }), udp({ name: 'g', packets: 45 })] },
  { name: 'an entry that lives from hit to hit', plan: { sysctls: short, rules: rules({ filter: ['FORWARD -m conntrack --ctstate NEW'] }) }, flows: [udp({ every: '1s', packets: 9, server: 'silent' })] },
  { name: 'counters of entries', plan: { ...acct, rules: tracked() }, flows: [udp()] },
  { name: 'a packet that changes its own entry', plan: { rules: rules({ filter: [noticesMark], mangle: ['POSTROUTING -m length --length 92 -j CONNMARK --set-xmark 0x1/0xffffffff'] }) }, flows: [udp({ packets: 20 })], files: entry('10.244.2.10', '10.244.2.10') },
  { name: 'an entry that another flow changes', plan: { rules: rules({ filter: [noticesMark, 'FORWARD -m length --length 100: -j CONNMARK --set-xmark 0x1/0xffffffff'] }) }, flows: [udp(), udp({ name: 'g', at: '1050ms', packets: 1, payload: 200 })] },
  { name: 'an entry of another connection dies with a full table', plan: { rules: tracked(), sysctls: { 'net.netfilter.nf_conntrack_max': 2 } }, flows: [udp({ server: 'silent' }), udp({ name: 'g', source: { port: '5000-5020' }, connections: 20, packets: 1, at: '500ms', connectionEvery: '100ms' })] },
];

const slow = { 'net.ipv4.neigh.eth0.base_reachable_time_ms': 1000, 'net.ipv4.neigh.eth0.delay_first_probe_time': 1 };

const NEIGHBOURS: readonly CacheCase[] = [
  { name: 'a neighbour that is not known to be there any more', plan: { neighbours: 'REACHABLE', sysctls: slow }, flows: [udp({ packets: 60, server: 'silent' })] },
  { name: 'a neighbour that fails', plan: { neighbours: 'REACHABLE', sysctls: slow }, flows: [udp({ packets: 90, server: 'silent' })], events: [{ at: '500ms', node: 'n2', run: 'ip link set eth0 down' }] },
  { name: 'a neighbour that is used', plan: { neighbours: 'REACHABLE', sysctls: { ...slow, 'net.ipv4.neigh.eth0.delay_first_probe_time': 3 } }, flows: [udp({ packets: 8, server: 'silent' })], duration: '2s' },
  { name: 'a neighbour that has moved and says so by asking', plan: { neighbours: 'STALE', sysctls: { 'net.ipv4.neigh.eth0.base_reachable_time_ms': 90_000, 'net.ipv4.neigh.eth0.delay_first_probe_time': 60 } }, flows: [udp({ server: 'silent' }), udp({ name: 'g', from: { node: 'n2' }, at: '2s', packets: 1 }, 53, '192.168.0.11')], events: [{ at: '1s', node: 'n2', run: 'ip link set eth0 address 02:00:00:00:00:77; ip neigh flush dev eth0' }] },
  { name: 'no room for a neighbour, then some', plan: { neighbours: null, sysctls: { 'net.ipv4.neigh.default.gc_thresh3': 1 } }, flows: [udp({ from: N1, packets: 60 }, 53, '192.168.0.12'), udp({ name: 'g', from: N1, packets: 60 }, 53, '192.168.0.100')] },
  { name: 'a packet that waits for a neighbour', plan: { neighbours: null }, flows: [udp({ from: X, source: { port: 4000 }, packets: 60 }, 53, '10.244.1.77')] },
];

const mark7 = rules({ mangle: ['PREROUTING -p udp -m udp --sport 4001 -j MARK --set-xmark 0x7/0xffffffff'] });
const big = { payload: 1400 };
const redirecting = { 'net.ipv4.conf.all.send_redirects': 1, 'net.ipv4.conf.eth0.send_redirects': 1 };

const ROUTING: readonly CacheCase[] = [
  { name: 'a way that chance chose', plan: { overlay: 'two-ways', rules: rules({ raw: ['PREROUTING -j CT --notrack'] }), sysctls: { 'net.ipv4.fib_multipath_hash_policy': 1 } }, flows: [udp({ connections: 4, source: { port: '4000-4003' } })] },
  { name: 'a path MTU that another flow learns', plan: { hasPolicyRouting: true, rules: mark7 }, flows: [udp(big), udp({ ...big, name: 'g', source: { port: 4001 }, at: '2s', packets: 1 })], events: [{ at: '0ms', node: 'n1', run: 'ip route replace default via 192.168.0.22 dev eth0 table 100 mtu 1300' }] },
  { name: 'a path MTU that is forgotten', plan: { mtu: 1300 }, flows: [udp({ ...big, dontFragment: true, packets: 60 }, 53, 'fd00:10:2::10')], events: [{ at: '0ms', machine: 'pod/default/a', run: 'sysctl -w net.ipv6.route.mtu_expires=2' }] },
  { name: 'no route, and how often one is told so', flows: [udp({ every: '3s', packets: 8 }, 53, '203.0.113.9'), udp({ name: 'g', at: '2500ms', packets: 10 }, 53, '203.0.113.9')], events: [{ at: '0ms', node: 'n1', run: 'ip route del default' }] },
  { name: 'nobody listens, and how often one is told so', flows: [udp({ every: '20ms', packets: 200 }, 9)] },
  { name: 'redirects, as many as there may be', plan: { sysctls: redirecting }, flows: [udp({ from: X, every: '150ms', packets: 60 })] },
  { name: 'a redirect that another flow follows', plan: { sysctls: redirecting, rules: mark7, hasPolicyRouting: true }, flows: [udp({ from: X, source: { port: 4001 } }), udp({ name: 'g', from: X, at: '1s' })], events: [{ at: '0ms', node: 'n1', run: 'ip route replace default dev vetha table 100' }] },
  { name: 'a redirect that is forgotten', plan: { sysctls: redirecting }, flows: [udp({ from: X, every: '1s', packets: 320 })], events: [{ at: '200s', node: 'n1', run: 'sysctl -w net.ipv4.conf.all.send_redirects=0; sysctl -w net.ipv4.conf.eth0.send_redirects=0' }] },
  { name: 'a datagram that is cut', plan: { mtu: 1300 }, flows: [udp({ payload: 1400, df: false })] },
  { name: 'a datagram that its sender cuts', flows: [udp({ payload: 3000 })] },
];

const LINKS: readonly CacheCase[] = [
  { name: 'a bridge learns where a pod is', plan: { isBridged: true }, flows: [udp({ server: 'silent' }, 53, '10.244.1.11'), udp({ name: 'g', from: B, at: '2s', packets: 1 }, 53, '10.244.2.10')] },
  { name: 'a tunnel learns where an address is', plan: { overlay: 'vxlan-learning' }, flows: [udp({ server: 'silent' }), udp({ name: 'g', from: { pod: 'default/c' }, at: '2s', packets: 1 }, 53, '10.244.1.11')] },
  { name: 'a bridged frame to a neighbour whose header is not made yet', plan: { isBridged: true, rules: rules({ nat: ['PREROUTING -d 10.96.0.10 -p udp -j DNAT --to-destination 10.244.1.11:53'] }), sysctls: { 'net.bridge.bridge-nf-call-iptables': 1 } }, flows: [udp({ server: 'silent' }, 53, '10.96.0.10')], files: entry('10.96.0.10', '10.244.1.11'), events: [{ at: '0ms', node: 'n1', run: 'bridge fdb add 02:02:00:00:01:00 dev vetha master static; bridge fdb add 02:02:00:00:01:01 dev vethb master static' }] },
  { name: 'ebtables counts', plan: { isBridged: true, ebtables: '*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n-A FORWARD -p IPv4 -j ACCEPT\n' }, flows: [udp({}, 53, '10.244.1.11')], isCountingFrames: true },
  { name: 'ebtables limits', plan: { isBridged: true, ebtables: '*filter\n:INPUT ACCEPT\n:FORWARD DROP\n:OUTPUT ACCEPT\n-A FORWARD -p IPv4 --limit 2/sec --limit-burst 3 -j ACCEPT\n' }, flows: [udp({ server: 'silent' }, 53, '10.244.1.11')] },
];

const RUN: readonly CacheCase[] = [
  { name: 'rules and policies count', plan: { rules: rules({ filter: ['FORWARD -p udp'] }) }, flows: [udp()] },
  { name: 'an event changes a rule', plan: { rules: rules({ filter: [] }) }, flows: [udp()], events: [{ at: '2s', node: 'n1', run: 'iptables -A FORWARD -j DROP' }] },
  { name: 'an event clears counters', plan: { rules: rules({ filter: ['FORWARD -p udp'] }) }, flows: [udp()], events: [{ at: '2s', node: 'n1', run: 'iptables -Z' }] },
  { name: 'an event sleeps', flows: [udp()], events: [{ at: '2s', node: 'n1', run: 'sleep 1; iptables -A FORWARD -j DROP' }] },
  { name: 'packets that an event held up', plan: { rules: tracked(), sysctls: short }, flows: [udp({ packets: 25 })], events: [{ at: '2s', node: 'n1', run: 'sleep 1' }] },
  { name: 'a connection that is closed between datagrams', plan: { rules: tracked() }, flows: [udp({ every: '5ms', packets: 500 }), { name: 't', from: A, protocol: 'tcp', packets: 'connect', destination: { ip: '10.244.2.11', port: 8080 }, at: '5ms' }] },
  { name: 'echoes, each of which has a number', plan: { rules: rules({ filter: ['FORWARD -p icmp -m u32 --u32 "0x0>>0x16&0x3c@0x4&0xffff=0x5"'] }) }, flows: [{ name: 'i', from: A, protocol: 'icmp', destination: { ip: '10.244.2.10' }, packets: 20, every: '100ms' }] },
  { name: 'the run is over before the packets are', flows: [udp()], duration: '2050ms' },
  { name: 'packets that failed are listed', packets: 'failed', plan: { rules: rules({ filter: ['FORWARD -p udp -j DROP'] }) }, flows: [udp()] },
  { name: 'flows in turn', plan: { rules: rules({ filter: [noticesMark] }) }, flows: [udp({ every: '7ms', packets: 150 }), udp({ name: 'g', every: '11ms', connections: 3, source: { port: '4000-4002' } }), udp({ name: 'h', every: '0ms', at: '300ms', packets: 9, source: { port: 4009 } })] },
];

export const CASES: readonly CacheCase[] = [...MATCHES, ...CONNTRACK, ...NEIGHBOURS, ...ROUTING, ...LINKS, ...RUN];
