/** Machines, links and addresses: the shapes of recorded cases, and random ones. What an address needs besides (routes, neighbours) is made by commands. */
import { formatIpv6 } from '@worldline/model';
import type { Dice } from './dice.js';

export interface FuzzInterface {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  readonly kind: 'veth' | 'bridge' | 'vxlan';
  readonly peerIndex: number;
  readonly netnsId: number;
  readonly master: string | null;
  readonly addresses: readonly string[];
}

export interface FuzzMachine {
  readonly name: string;
  readonly node: string | null;
  readonly interfaces: FuzzInterface[];
  /** Commands that finish it, in order. */
  readonly setup: string[];
  readonly sysctl: Map<string, string>;
  readonly four: string[];
  readonly six: string[];
  servers: boolean;
}

export interface Topology {
  readonly kind: string;
  readonly machines: FuzzMachine[];
  readonly nodes: FuzzMachine[];
  readonly clients: FuzzMachine[];
  readonly servers: FuzzMachine[];
  /** Service addresses: translated somewhere, or leading to a server that does not forward. */
  readonly vips: { readonly four: readonly string[]; readonly six: readonly string[] };
}

export const PORTS = [53, 8080, 8081, 9000];
const ETHERNET_MTU = 1500;
const FIRST_PORT_INDEX = 1001;

const hex = (n: number): string => n.toString(16).padStart(2, '0');

/** The base that all recorded cases share: no limits on errors, no redirects, no address detection. */
const BASE: readonly (readonly [string, string])[] = [
  ['net.ipv4.icmp_ratelimit', '0'],
  ['net.ipv4.icmp_msgs_per_sec', '100000'],
  ['net.ipv4.icmp_msgs_burst', '10000'],
  ['net.ipv6.icmp.ratelimit', '0'],
  ...['all', 'default'].flatMap((scope): (readonly [string, string])[] => [
    [`net.ipv4.conf.${scope}.rp_filter`, '0'],
    [`net.ipv4.conf.${scope}.send_redirects`, '0'],
    [`net.ipv6.conf.${scope}.accept_dad`, '0'],
    [`net.ipv6.conf.${scope}.dad_transmits`, '0'],
    [`net.ipv6.conf.${scope}.accept_ra`, '0'],
    [`net.ipv6.conf.${scope}.autoconf`, '0'],
    [`net.ipv6.conf.${scope}.router_solicitations`, '0'],
    [`net.ipv6.conf.${scope}.mldv1_unsolicited_report_interval`, '1'],
    [`net.ipv6.conf.${scope}.mldv2_unsolicited_report_interval`, '1'],
  ]),
];

/** The address that an interface gives itself (RFC 4291, appendix A). */
export function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((x) => parseInt(x, 16));
  return formatIpv6(0xfe800000, 0, (((a ^ 2) << 24) | (b << 16) | (c << 8) | 0xff) >>> 0, ((0xfe << 24) | (d << 16) | (e << 8) | f) >>> 0);
}

class Builder {
  readonly machines: FuzzMachine[] = [];
  private macs = 0;
  private readonly ids = new Map<string, number>();

  machine(name: string, node: string | null): FuzzMachine {
    const m: FuzzMachine = { name, node, interfaces: [], setup: [], sysctl: new Map(BASE), four: [], six: [], servers: true };
    this.machines.push(m);
    return m;
  }

  mac(): string {
    this.macs++;
    return `02:02:00:00:00:${hex(this.macs)}`;
  }

  private nextIndex(m: FuzzMachine): number {
    const first = m.node === null && m.name.startsWith('node/') ? 10 : 2;
    return Math.max(first - 1, ...m.interfaces.map(({ index }) => index)) + 1;
  }

  private idOf(m: FuzzMachine, peer: string): number {
    const known = this.ids.get(`${m.name} ${peer}`);
    if (known !== undefined) return known;
    const id = [...this.ids.keys()].filter((k) => k.startsWith(`${m.name} `)).length;
    this.ids.set(`${m.name} ${peer}`, id);
    return id;
  }

  addresses(m: FuzzMachine, list: readonly string[]): void {
    for (const a of list) (a.includes(':') ? m.six : m.four).push(a.split('/')[0] as string);
  }

  uplink(m: FuzzMachine, addresses: readonly string[], mtu: number): FuzzInterface {
    const made: FuzzInterface = { name: 'eth0', index: this.nextIndex(m), mac: this.mac(), mtu, kind: 'veth', peerIndex: FIRST_PORT_INDEX + this.machines.indexOf(m), netnsId: this.idOf(m, 'fabric'), master: null, addresses };
    m.interfaces.push(made);
    this.addresses(m, addresses);
    return made;
  }

  own(m: FuzzMachine, made: Pick<FuzzInterface, 'name' | 'kind' | 'addresses' | 'mtu'>): FuzzInterface {
    const full: FuzzInterface = { ...made, index: this.nextIndex(m), mac: this.mac(), peerIndex: 0, netnsId: -1, master: null };
    m.interfaces.push(full);
    this.addresses(m, made.addresses);
    return full;
  }

  pair(node: FuzzMachine, pod: FuzzMachine, wire: { host: string; hostAddresses: readonly string[]; podAddresses: readonly string[]; master: string | null; mtu: number }): { host: FuzzInterface; end: FuzzInterface } {
    const [hostIndex, podIndex] = [this.nextIndex(node), this.nextIndex(pod)];
    const host: FuzzInterface = { name: wire.host, index: hostIndex, mac: this.mac(), mtu: wire.mtu, kind: 'veth', peerIndex: podIndex, netnsId: this.idOf(node, pod.name), master: wire.master, addresses: wire.hostAddresses };
    const end: FuzzInterface = { name: 'eth0', index: podIndex, mac: this.mac(), mtu: wire.mtu, kind: 'veth', peerIndex: hostIndex, netnsId: this.idOf(pod, node.name), master: null, addresses: wire.podAddresses };
    node.interfaces.push(host);
    pod.interfaces.push(end);
    this.addresses(node, wire.hostAddresses);
    this.addresses(pod, wire.podAddresses);
    return { host, end };
  }
}

const KINDS = ['routed', 'bridged', 'nodes', 'nodes', 'vxlan'] as const;

export function randomTopology(dice: Dice): Topology {
  const kind = dice.pick(KINDS);
  const b = new Builder();
  const count = kind === 'routed' || kind === 'bridged' ? 1 : dice.between(2, 3);
  const isQuiet = dice.chance(0.85);
  const nodes = Array.from({ length: count }, (_, i) => makeNode(b, i + 1, count > 1));
  const segment: { m: FuzzMachine; link: FuzzInterface }[] = nodes.flatMap((m) => m.interfaces.filter(({ name }) => name === 'eth0').map((link) => ({ m, link })));
  const clients: FuzzMachine[] = [];
  const servers: FuzzMachine[] = [];
  nodes.forEach((node, n) => {
    const isBridged = kind === 'bridged' || (kind !== 'routed' && dice.chance(0.5));
    const bridge = isBridged ? makeBridge(b, node, n + 1) : null;
    const own = count === 1 ? ['c1', 'c2', 's1', 's2'] : n === 0 ? ['c1', 'c2', 's1'] : [`c${n + 2}`, `s${n + 1}`];
    own.forEach((name, j) => {
      const isPort = bridge !== null && !(name === 's2' && count === 1);
      const pod = makePod(b, node, { name, n: n + 1, j: j + 1, bridge: isPort ? bridge : null, isQuiet, mtu: dice.chance(0.08) ? 1300 : ETHERNET_MTU, isHairpin: dice.chance(0.3) });
      (name.startsWith('c') ? clients : servers).push(pod);
    });
  });
  if (count > 1) {
    const external = b.machine('external/x1', null);
    const link = b.uplink(external, ['192.168.0.100/24', 'fd00:c0a8::100/64'], ETHERNET_MTU);
    segment.push({ m: external, link });
    clients.push(external);
    external.setup.push('ip route add default via 192.168.0.11', 'ip -6 route add default via fd00:c0a8::11');
  }
  joinNodes(b, nodes, kind === 'vxlan');
  if (isQuiet) introduce(segment);
  const last = servers.at(-1) as FuzzMachine;
  const home = nodes.find(({ name }) => name === `node/${last.node}`) as FuzzMachine;
  home.setup.push(`ip route add 10.96.0.0/24 via ${last.four[0]}`, `ip -6 route add fd00:96::/64 via ${last.six[0]}`);
  const vips = { four: ['10.96.0.2', '10.96.0.3', '10.96.0.10'], six: ['fd00:96::2', 'fd00:96::3', 'fd00:96::10'] };
  return { kind, machines: b.machines, nodes, clients, servers, vips };
}

function makeNode(b: Builder, n: number, hasUplink: boolean): FuzzMachine {
  const node = b.machine(`node/n${n}`, null);
  node.sysctl.set('net.ipv4.ip_forward', '1').set('net.ipv6.conf.all.forwarding', '1');
  if (hasUplink) b.uplink(node, [`192.168.0.1${n}/24`, `fd00:c0a8::1${n}/64`], ETHERNET_MTU);
  return node;
}

function makeBridge(b: Builder, node: FuzzMachine, n: number): FuzzInterface {
  return b.own(node, { name: 'br0', kind: 'bridge', mtu: ETHERNET_MTU, addresses: [`10.${n}.100.1/24`, `fd00:${n}:100::1/64`] });
}

interface PodPlan {
  readonly name: string;
  readonly n: number;
  readonly j: number;
  readonly bridge: FuzzInterface | null;
  readonly isQuiet: boolean;
  readonly mtu: number;
  readonly isHairpin: boolean;
}

function makePod(b: Builder, node: FuzzMachine, { name, n, j, bridge, isQuiet, mtu, isHairpin }: PodPlan): FuzzMachine {
  const pod = b.machine(`pod/lab/${name}`, node.name.slice('node/'.length));
  const host = `veth${name}`;
  const [four, six] = bridge ? [`10.${n}.100.1${j}`, `fd00:${n}:100::1${j}`] : [`10.${n}.${j}.2`, `fd00:${n}:${j}::2`];
  const [gate, gate6] = bridge ? [`10.${n}.100.1`, `fd00:${n}:100::1`] : [`10.${n}.${j}.1`, `fd00:${n}:${j}::1`];
  const made = b.pair(node, pod, { host, master: bridge?.name ?? null, mtu: bridge ? ETHERNET_MTU : mtu, hostAddresses: bridge ? [] : [`${gate}/24`, `${gate6}/64`], podAddresses: [`${four}/24`, `${six}/64`] });
  const [nodeDevice, nodeMac] = bridge ? [bridge.name, bridge.mac] : [host, made.host.mac];
  if (isQuiet) {
    node.setup.push(...[four, six, linkLocal(made.end.mac)].map((a) => `ip neigh replace ${a} lladdr ${made.end.mac} dev ${nodeDevice} nud permanent`));
    pod.setup.push(...[gate, gate6, linkLocal(nodeMac)].map((a) => `ip neigh replace ${a} lladdr ${nodeMac} dev eth0 nud permanent`));
  }
  if (bridge) {
    for (const other of b.machines.filter((m) => m !== pod && m.node === pod.node && isQuiet)) {
      const link = other.interfaces[0];
      if (!link || !other.four[0]?.startsWith(`10.${n}.100.`)) continue;
      pod.setup.push(...[...other.four, ...other.six, linkLocal(link.mac)].map((a) => `ip neigh replace ${a} lladdr ${link.mac} dev eth0 nud permanent`));
      other.setup.push(...[four, six, linkLocal(made.end.mac)].map((a) => `ip neigh replace ${a} lladdr ${made.end.mac} dev eth0 nud permanent`));
    }
    node.setup.push(`bridge fdb replace ${made.end.mac} dev ${host} master static`);
    if (isHairpin) node.setup.push(`bridge link set dev ${host} hairpin on`);
  }
  pod.setup.push(`ip route add default via ${gate}`, `ip -6 route add default via ${gate6}`);
  return pod;
}

function joinNodes(b: Builder, nodes: readonly FuzzMachine[], isTunnelled: boolean): void {
  if (nodes.length < 2) return;
  const tunnels = isTunnelled ? nodes.map((node, i) => b.own(node, { name: 'flannel.1', kind: 'vxlan', mtu: 1450, addresses: [`10.${i + 1}.0.0/32`] })) : [];
  nodes.forEach((node, i) =>
    nodes.forEach((_, o) => {
      if (o === i) return;
      const [n, ip] = [o + 1, `192.168.0.1${o + 1}`];
      const tunnel = tunnels[o];
      if (tunnel) node.setup.push(`ip neigh replace 10.${n}.0.0 lladdr ${tunnel.mac} dev flannel.1 nud permanent`, `bridge fdb append ${tunnel.mac} dev flannel.1 dst ${ip} self permanent`, `ip route add 10.${n}.0.0/16 via 10.${n}.0.0 dev flannel.1 onlink`);
      else node.setup.push(`ip route add 10.${n}.0.0/16 via ${ip}`);
      node.setup.push(`ip -6 route add fd00:${n}::/32 via fd00:c0a8::1${n}`);
    }),
  );
}

/** Static neighbours: nobody asks for anybody. */
function introduce(segment: readonly { m: FuzzMachine; link: FuzzInterface }[]): void {
  for (const { m } of segment)
    for (const other of segment) {
      if (other.m === m) continue;
      const own = other.link.addresses.map((a) => a.split('/')[0] as string);
      m.setup.push(...[...own, linkLocal(other.link.mac)].map((a) => `ip neigh replace ${a} lladdr ${other.link.mac} dev eth0 nud permanent`));
    }
}

/** The files of a bundle that say so. */
export function bundleOf({ machines }: Topology): Map<string, string> {
  const tree = new Map<string, string>();
  const externals = machines.filter(({ name }) => name.startsWith('external/')).map(({ name, four, six }) => `    - {name: ${name.slice('external/'.length)}, attach: l2, ip: ${four[0]}, prefixLength: 24, ip6: '${six[0]}', prefixLength6: 64}`);
  tree.set('cluster.yaml', ['apiVersion: worldline.dev/v1alpha1', 'kind: Cluster', 'metadata: {name: fuzz}', 'spec:', '  fabric: {kind: l2}', ...(externals.length > 0 ? ['  externals:', ...externals] : []), ''].join('\n'));
  for (const m of machines) {
    const folder = m.name.replace(/^(node|pod|external)\//, '$1s/');
    tree.set(`${folder}/ip-addr.json`, JSON.stringify([LOOPBACK, ...m.interfaces.map((i) => linkJson(i, m))]));
    tree.set(`${folder}/sysctl.txt`, [...m.sysctl].map(([k, v]) => `${k} = ${v}\n`).join(''));
    tree.set(`${folder}/sockets.txt`, m.servers ? ['0.0.0.0', '[::]'].flatMap((ip) => PORTS.slice(0, 3).flatMap((p) => [`udp UNCONN 0 0 ${ip}:${p} ${ip}:*\n`, `tcp LISTEN 0 256 ${ip}:${p} ${ip}:*\n`])).join('') : '');
    if (m.node !== null) tree.set(`${folder}/node.txt`, `${m.node}\n`);
  }
  return tree;
}

const LOOPBACK = { ifindex: 1, ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'], mtu: 65536, operstate: 'UNKNOWN', link_type: 'loopback', address: '00:00:00:00:00:00', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host', label: 'lo' }, { family: 'inet6', local: '::1', prefixlen: 128, scope: 'host' }] };

function linkJson(i: FuzzInterface, m: FuzzMachine): object {
  const isVeth = i.kind === 'veth';
  const data = i.kind === 'vxlan' ? { id: 1, local: m.four.find((a) => a.startsWith('192.168.0.')), link: 'eth0', port: 8472, port_range: { low: 50000, high: 50001 }, learning: false } : { mcast_snooping: 0 };
  return {
    ifindex: i.index,
    ...(isVeth ? { link_index: i.peerIndex } : {}),
    ifname: i.name,
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: i.mtu,
    ...(i.master === null ? {} : { master: i.master }),
    operstate: 'UP',
    link_type: 'ether',
    address: i.mac,
    ...(isVeth ? { link_netnsid: i.netnsId } : {}),
    linkinfo: { info_kind: i.kind, ...(isVeth ? {} : { info_data: data }), ...(i.master === null ? {} : { info_slave_kind: 'bridge' }) },
    addr_info: i.addresses.map((a) => addressJson(a, i.name)),
  };
}

function addressJson(text: string, device: string): object {
  const [local = '', length = '32'] = text.split('/');
  if (local.includes(':')) return { family: 'inet6', local, prefixlen: Number(length), scope: 'global' };
  const broadcast = length === '24' ? { broadcast: local.replace(/\d+$/, '255') } : {};
  return { family: 'inet', local, prefixlen: Number(length), ...broadcast, scope: 'global', label: device };
}
