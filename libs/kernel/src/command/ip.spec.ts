import { parseIpAddresses, parseIpNeighbours, parseIpRoutes, printIpRoutes } from '@worldline/language';
import { Random, type MachineCapture } from '@worldline/model';
import { Environment } from '../record/index.js';
import { compileInterfaces } from '../interface/index.js';
import { BridgeState } from '../link/index.js';
import { captureRoutes, compileRouting } from '../routing/index.js';
import { compileSysctl } from '../sysctl/index.js';
import { runBridge } from './bridge.js';
import { runIp } from './ip.js';
import type { NetworkCommandMachine } from './network-machine.js';
import { runSysctl } from './sysctl.js';

const LO = '{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"link_type":"loopback","address":"00:00:00:00:00:00","addr_info":[{"local":"127.0.0.1","prefixlen":8,"scope":"host"}]}';

/** A node with a (10.1.0.1/24, its other end in a pod) and b; the pod's end is p. */
function pair(): { node: NetworkCommandMachine; pod: NetworkCommandMachine; run: (line: string) => string; routes: () => string[]; killed: number[] } {
  const chooser = { chance: () => true, pick: () => 0 };
  const environment = Environment.create(Random.fromSeed(1), chooser);
  const killed: number[] = [];
  const machine = (id: number, name: string, links: string, routes: string, neighbours: string): NetworkCommandMachine => {
    const capture: MachineCapture = {
      machine: name, folder: name, node: null, bridgePorts: [], fdb: [], ruleSets: [], ipsets: [], ebtables: null, conntrack: [], sockets: [], recent: [], kernelVersion: null, files: new Set(), routingRules: [], sysctl: new Map(),
      links: parseIpAddresses(`[${LO},${links}]`, 'a').value ?? [],
      routes: parseIpRoutes(`[${routes}]`, 'r', null).value ?? [],
      neighbours: parseIpNeighbours(`[${neighbours}]`, 'n').value ?? [],
    };
    const interfaces = compileInterfaces(capture, environment);
    const { routing } = compileRouting(capture, interfaces, environment);
    return { id, environment, interfaces, routing, sysctl: compileSysctl(capture), bridges: new BridgeState(), conntrack: { count: 7, killMasquerade: (position) => killed.push(position) } };
  };
  const link = (index: number, name: string, addresses: string): string =>
    `{"ifindex":${index},"ifname":"${name}","flags":["BROADCAST","UP","LOWER_UP"],"mtu":1500,"link_type":"ether","address":"02:00:00:00:00:0${index}","linkinfo":{"info_kind":"veth"},"addr_info":[${addresses}]}`;
  const routes = `{"dst":"10.1.0.0/24","dev":"a","protocol":"kernel","scope":"link","prefsrc":"10.1.0.1","flags":[]},{"dst":"10.9.0.0/16","gateway":"10.1.0.2","dev":"a","flags":[]},
{"type":"local","dst":"10.1.0.1","dev":"a","table":"local","protocol":"kernel","scope":"host","prefsrc":"10.1.0.1","flags":[]},{"type":"broadcast","dst":"10.1.0.255","dev":"a","table":"local","protocol":"kernel","scope":"link","prefsrc":"10.1.0.1","flags":[]}`;
  const node = machine(0, 'node/n', `${link(2, 'a', '{"local":"10.1.0.1","prefixlen":24,"scope":"global"}')},${link(3, 'b', '')}`, routes, '{"dst":"10.1.0.2","dev":"a","lladdr":"02:00:00:00:00:09","state":["PERMANENT"]}');
  const pod = machine(1, 'pod/d/p', link(2, 'p', ''), '', '');
  const join = (m: NetworkCommandMachine, at: number, other: number, there: number): void => void Object.assign(m.interfaces.list[at], { peerMachine: other, peerPosition: there });
  join(node, 1, 1, 1);
  join(pod, 1, 0, 1);
  const run = (line: string): string => {
    const [tool, ...words] = line.split(' ');
    const result = tool === 'ip' ? runIp([node, pod], node, words) : tool === 'bridge' ? runBridge(node, words) : runSysctl(node, words);
    return result.exitCode === 0 ? result.output.trim() : `${result.exitCode}: ${result.error}`;
  };
  const print = (): string[] =>
    (JSON.parse(printIpRoutes(captureRoutes(node, 4))) as { type?: string; dst: string; gateway?: string; dev?: string; flags: string[] }[]).map((r) => [r.type, r.dst, r.gateway && `via ${r.gateway}`, r.dev, ...r.flags].filter(Boolean).join(' '));
  return { node, pod, run, routes: print, killed };
}

const BEFORE = ['10.1.0.0/24 a', '10.9.0.0/16 via 10.1.0.2 a', 'local 10.1.0.1 a', 'broadcast 10.1.0.255 a'];

describe('a link', () => {
  it('that goes down loses its routes and neighbours, keeps its address, and its other end the carrier', () => {
    const { run, routes, node, pod, killed } = pair();
    expect(routes()).toEqual(BEFORE);
    expect(run('ip link set a down')).toBe('');
    expect(routes()).toEqual(['local 10.1.0.1 a']);
    expect(node.routing.neighbours.find(4, 1, node.environment.addresses.handle({ family: 4, words: [0, 0, 0, 0x0a010002] }))).toBe(-1);
    expect([node.interfaces.list[1].addresses.length, pod.interfaces.list[1].hasCarrier, killed]).toEqual([1, false, [1]]);
  });

  it('that comes up again has its connected routes, not those that a command had added', () => {
    const { run, routes, pod } = pair();
    run('ip link set a down');
    run('ip link set a up');
    expect(routes()).toEqual(['10.1.0.0/24 a', 'local 10.1.0.1 a', 'broadcast 10.1.0.255 a']);
    expect(pod.interfaces.list[1].hasCarrier).toBe(true);
  });

  it('without carrier keeps its routes', () => {
    const { routes, node, pod } = pair();
    runIp([node, pod], pod, ['link', 'set', 'p', 'down']);
    expect(node.interfaces.list[1].hasCarrier).toBe(false);
    expect(routes()).toEqual(['10.1.0.0/24 a linkdown', '10.9.0.0/16 via 10.1.0.2 a linkdown', 'local 10.1.0.1 a', 'broadcast 10.1.0.255 a linkdown']);
  });

  it('that is deleted takes its other end along', () => {
    const { run, routes, node, pod } = pair();
    expect(run('ip link del a')).toBe('');
    expect([node.interfaces.find('a'), pod.interfaces.find('p'), routes()]).toEqual([-1, -1, []]);
  });
});

describe('refusals', () => {
  // Texts and exit codes of iproute2 6.1 on Linux 6.18
  it.each([
    ['ip link set d9 up', '1: Cannot find device "d9"'],
    ['ip link set a mtu 10', '2: Error: mtu less than device minimum.'],
    ['ip link set a master nope', '255: Error: argument "nope" is wrong: Device does not exist\n'],
    ['ip link add a type veth', '2: RTNETLINK answers: File exists'],
    ['ip addr add 10.1.0.1/24 dev a', '2: Error: ipv4: Address already assigned.'],
    ['ip addr del 10.99.1.1/24 dev a', '2: Error: ipv4: Address not found.'],
    ['ip addr flush dev nope', '1: Device "nope" does not exist.'],
    ['ip route add 10.9.0.0/16 via 10.1.0.3', '2: RTNETLINK answers: File exists'],
    ['ip route change 10.77.0.0/16 via 10.1.0.2', '2: RTNETLINK answers: No such file or directory'],
    ['ip route del 10.77.0.0/16', '2: RTNETLINK answers: No such process'],
    ['ip route add 10.78.0.0/16 via 172.16.0.1', '2: Error: Nexthop has invalid gateway.'],
    ['ip route add 10.78.0.0/16 via 10.9.0.1', '2: Error: Nexthop has invalid gateway.'],
    ['ip route add 10.78.0.0/16 dev nope', '1: Cannot find device "nope"'],
    ['ip route add 10.78.0.0/16 src 9.9.9.9 dev a', '2: Error: Invalid prefsrc address.'],
    ['ip route add 10.78.0.1/16 dev a', '2: Error: Invalid prefix for given prefix length.'],
    ['ip route add unreachable 10.78.0.0/16 dev a', '2: Error: Gateway, device and multipath can not be specified for this route type.'],
    ['ip rule del prio 4444', '2: RTNETLINK answers: No such file or directory'],
    ['ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:07 dev a', '2: RTNETLINK answers: File exists'],
    ['ip neigh del 10.1.0.8 dev a', '2: RTNETLINK answers: No such file or directory'],
    ['sysctl -w net.ipv4.nope=1', '1: sysctl: cannot stat /proc/sys/net/ipv4/nope: No such file or directory'],
    ['sysctl -w net.ipv4.conf.a.rp_filter=abc', '1: sysctl: setting key "net.ipv4.conf.a.rp_filter": Invalid argument'],
    ['bridge link set dev a hairpin on', '2: RTNETLINK answers: Operation not supported'],
  ])('%s', (line, answer) => {
    expect(pair().run(line)).toBe(answer);
  });
});

describe('addresses and routes', () => {
  it('an address brings local, connected and broadcast routes, and takes with it what had it as source', () => {
    const { run, routes } = pair();
    run('ip addr add 10.2.0.1/16 dev b');
    run('ip route add 10.50.0.0/16 via 10.2.0.9 src 10.2.0.1');
    run('ip route add 10.51.0.0/16 via 10.1.0.9 src 10.2.0.1');
    expect(routes()).toEqual(expect.arrayContaining(['local 10.2.0.1 b', '10.2.0.0/16 b', 'broadcast 10.2.255.255 b', '10.50.0.0/16 via 10.2.0.9 b', '10.51.0.0/16 via 10.1.0.9 a']));
    run('ip addr del 10.2.0.1/16 dev b');
    expect(routes()).toEqual(BEFORE);
  });

  it('a second address of a subnet is secondary and goes with the first', () => {
    const { run, node } = pair();
    run('ip addr add 10.1.0.2/24 dev a');
    expect(node.interfaces.list[1].addresses.map((a) => a.isSecondary)).toEqual([false, true]);
    run('ip addr del 10.1.0.1/24 dev a');
    expect(node.interfaces.list[1].addresses).toEqual([]);
  });

  it('a flush leaves other tables alone', () => {
    const { run, routes } = pair();
    run('ip route add 10.60.0.0/16 via 10.1.0.2 table 100');
    run('ip route flush table main');
    expect(routes()).toEqual(['10.60.0.0/16 via 10.1.0.2 a', 'local 10.1.0.1 a', 'broadcast 10.1.0.255 a']);
  });
});

it('sysctl counts connections, and says which keys have no effect', () => {
  const { node, run } = pair();
  expect(run('sysctl net.netfilter.nf_conntrack_count')).toBe('net.netfilter.nf_conntrack_count = 7');
  const issuesOf = (assignment: string): unknown[] => runSysctl(node, ['-w', assignment]).issues.map(({ code }) => code);
  expect(issuesOf('net.ipv4.ip_nonlocal_bind=1')).toEqual(['NoModelledEffect']);
  expect(issuesOf('net.ipv4.ip_forward=1')).toEqual([]);
});
