/**
 * A bundle of two nodes, two pods on each and one machine outside, in both families, as files: small enough to be run a thousand times,
 * with all that a packet meets on its way through a cluster. Pods hang on a bridge or on routes of their own; podCIDRs are reached directly,
 * over two ways, or through VXLAN.
 *
 *   a 10.244.1.10, b .11 ── n1 192.168.0.11 ══ segment ══ n2 192.168.0.12, .22 ── c 10.244.2.10, d .11        x 192.168.0.100, by way of n1
 */

/** `vxlan-learning`: n1 learns where n2's addresses are, and knows none. */
export type Overlay = 'direct' | 'two-ways' | 'vxlan' | 'vxlan-learning';

export interface ClusterPlan {
  readonly isBridged: boolean;
  readonly overlay: Overlay;
  /** Of every neighbour on the nodes' segment and of pods; null: nobody knows anybody. */
  readonly neighbours: string | null;
  /** MTU of pod c's link. */
  readonly mtu: number;
  /** iptables-save of node n1, without the counters of a dump. */
  readonly rules: string;
  readonly rules6: string;
  /** iptables-save of node n2 and of pod a. */
  readonly remoteRules: string;
  readonly podRules: string;
  readonly ipsets: string;
  readonly ebtables: string;
  /** Of the nodes; the others have the plain ones. */
  readonly sysctls: Readonly<Record<string, number | string>>;
  /** Packets of n1 with mark 7 have a table of their own. */
  readonly hasPolicyRouting: boolean;
}

export const PLAIN_CLUSTER: ClusterPlan = {
  isBridged: false,
  overlay: 'direct',
  neighbours: 'PERMANENT',
  mtu: 1500,
  rules: '',
  rules6: '',
  remoteRules: '',
  podRules: '',
  ipsets: '',
  ebtables: '',
  sysctls: {},
  hasPolicyRouting: false,
};

/** Where servers listen, on every pod and node. */
export const SERVED_PORTS = [53, 8080] as const;

type Row = Readonly<Record<string, unknown>>;
interface Address {
  readonly ip: string;
  readonly length: number;
}
interface Device {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly addresses: readonly Address[];
  readonly mtu?: number;
  readonly master?: string;
  readonly more?: Row;
}

/** The files of the bundle by path. */
export function clusterFiles(plan: ClusterPlan): Record<string, string> {
  const files: Record<string, string> = {
    'cluster.yaml': [
      'apiVersion: worldline.dev/v1alpha1',
      'kind: Cluster',
      'metadata: {name: small}',
      'spec:',
      '  fabric: {kind: l2}',
      '  externals:',
      "    - {name: x, attach: l2, ip: '192.168.0.100', prefixLength: 24, gateway: '192.168.0.11', ip6: 'fd00:c0a8::100', prefixLength6: 64, gateway6: 'fd00:c0a8::11'}",
      '',
    ].join('\n'),
  };
  for (const node of [1, 2]) addNode(files, plan, node);
  addOutsider(files, plan);
  return files;
}

/** It reaches pods by way of n1, which sends it on to n2 over the same link. */
function addOutsider(files: Record<string, string>, plan: ClusterPlan): void {
  const device: Device = { name: 'eth0', index: 2, mac: '02:00:00:00:00:63', addresses: [{ ip: '192.168.0.100', length: 24 }, { ip: 'fd00:c0a8::100', length: 64 }], more: veth(1001, 9) };
  const routes: Row[] = [{ dst: 'default', gateway: '192.168.0.11', dev: 'eth0', flags: [] }, { dst: 'default', gateway: 'fd00:c0a8::11', dev: 'eth0', metric: 1024, flags: [] }];
  const neighbours = [1, 2].flatMap((node) => [`192.168.0.1${node}`, `fd00:c0a8::1${node}`].flatMap((ip) => neighbour(plan, ip, 'eth0', `02:00:00:00:00:0${node}`)));
  addMachine(files, 'externals/x', { devices: [device], routes, neighbours, sysctls: {} });
  files['externals/x/sockets.txt'] = sockets();
}

function addNode(files: Record<string, string>, plan: ClusterPlan, node: number): void {
  const folder = `nodes/n${node}`;
  const other = 3 - node;
  const pods = node === 1 ? ['a', 'b'] : ['c', 'd'];
  const uplink = [{ ip: `192.168.0.1${node}`, length: 24 }, { ip: `fd00:c0a8::1${node}`, length: 64 }, ...(node === 2 ? [{ ip: '192.168.0.22', length: 24 }, { ip: 'fd00:c0a8::22', length: 64 }] : [])];
  const gateway = [{ ip: `10.244.${node}.1`, length: plan.isBridged ? 24 : 32 }, { ip: `fd00:10:${node}::1`, length: plan.isBridged ? 64 : 128 }];
  const devices: Device[] = [{ name: 'eth0', index: 10, mac: `02:00:00:00:00:0${node}`, addresses: uplink, more: veth(1001, 9) }];
  if (plan.isBridged) devices.push({ name: 'cni0', index: 2, mac: `02:01:00:00:00:0${node}`, addresses: gateway, more: { linkinfo: { info_kind: 'bridge', info_data: { stp_state: 0, vlan_filtering: 0, nf_call_iptables: 0, nf_call_ip6tables: 0 } } } });
  if (isTunnelled(plan)) devices.push({ name: 'flannel.1', index: 3, mac: `02:06:00:00:00:0${node}`, addresses: [{ ip: `10.244.${node}.0`, length: 32 }], mtu: 1450, more: vxlan(node, plan.overlay === 'vxlan-learning') });
  const routes: Row[] = podRoutes(plan, node, other);
  const neighbours: Row[] = segmentNeighbours(plan, node, other);
  const macOf = (i: number): string => `02:02:00:00:0${node}:0${i}`;
  for (const [i, pod] of pods.entries()) {
    const addresses = [{ ip: `10.244.${node}.1${i}`, length: plan.isBridged ? 24 : 32 }, { ip: `fd00:10:${node}::1${i}`, length: plan.isBridged ? 64 : 128 }];
    const mtu = pod === 'c' ? plan.mtu : 1500;
    const mac = `02:03:00:00:0${node}:0${i}`;
    devices.push({ name: `veth${pod}`, index: 11 + i, mac, addresses: plan.isBridged ? [] : gateway, mtu, ...(plan.isBridged ? { master: 'cni0' } : {}), more: veth(2, i) });
    const device = plan.isBridged ? 'cni0' : `veth${pod}`;
    if (!plan.isBridged) for (const { ip } of addresses) routes.push({ dst: ip, dev: device, scope: 'link', ...(ip.includes(':') ? { metric: 1024 } : {}), flags: [] });
    for (const { ip } of addresses) neighbours.push(...neighbour(plan, ip, device, macOf(i)));
    addPod(files, plan, { name: pod, node, position: i, addresses, mtu, gatewayMac: plan.isBridged ? `02:01:00:00:00:0${node}` : mac, siblingMac: macOf(1 - i) });
  }
  addMachine(files, folder, { devices, routes, neighbours, sysctls: { ...forwarding(devices), ...plan.sysctls } });
  if (plan.hasPolicyRouting && node === 1) files[`${folder}/ip-rule.json`] = json([{ priority: 0, src: 'all', table: 'local' }, { priority: 100, src: 'all', fwmark: '0x7', table: '100' }, { priority: 32766, src: 'all', table: 'main' }]);
  files[`${folder}/iptables-save.txt`] = node === 1 ? plan.rules : plan.remoteRules;
  if (node === 1) files[`${folder}/ip6tables-save.txt`] = plan.rules6;
  if (node === 1) files[`${folder}/ipset-save.txt`] = plan.ipsets;
  if (plan.isBridged && node === 1) files[`${folder}/ebtables-save.txt`] = plan.ebtables;
  files[`${folder}/sockets.txt`] = `${sockets()}${isTunnelled(plan) ? 'udp UNCONN 0 0 0.0.0.0:8472 0.0.0.0:*\n' : ''}`;
  if (plan.isBridged) files[`${folder}/bridge-link.json`] = json(pods.map((pod, i) => bridgePort(`veth${pod}`, 11 + i, i === 0 && node === 1)));
  if (plan.overlay === 'vxlan' || (plan.overlay === 'vxlan-learning' && node === 2)) files[`${folder}/bridge-fdb.json`] = json([{ mac: `02:06:00:00:00:0${other}`, ifname: 'flannel.1', dst: `192.168.0.1${other}`, flags: ['self'], state: 'permanent' }]);
}

function isTunnelled({ overlay }: ClusterPlan): boolean {
  return overlay === 'vxlan' || overlay === 'vxlan-learning';
}

function podRoutes(plan: ClusterPlan, node: number, other: number): Row[] {
  const { overlay, hasPolicyRouting } = plan;
  const [dst, dst6] = [`10.244.${other}.0/24`, `fd00:10:${other}::/64`];
  const via = `192.168.0.1${other}`;
  const routes: Row[] = [{ dst: 'default', gateway: '192.168.0.100', dev: 'eth0', flags: [] }, { dst: dst6, gateway: `fd00:c0a8::1${other}`, dev: 'eth0', metric: 1024, flags: [] }];
  const ways = node === 1 ? [via, '192.168.0.22'] : [via];
  if (isTunnelled(plan)) routes.push({ dst, gateway: `10.244.${other}.0`, dev: 'flannel.1', flags: ['onlink'] });
  else if (overlay === 'two-ways' && node === 1) routes.push({ dst, nexthops: ways.map((gateway) => ({ gateway, dev: 'eth0', weight: 1, flags: [] })), flags: [] });
  else routes.push({ dst, gateway: via, dev: 'eth0', flags: [] });
  if (hasPolicyRouting && node === 1) routes.push({ dst: 'default', gateway: '192.168.0.22', dev: 'eth0', table: '100', flags: [] });
  return routes;
}

function segmentNeighbours(plan: ClusterPlan, node: number, other: number): Row[] {
  const mac = `02:00:00:00:00:0${other}`;
  const known = [`192.168.0.1${other}`, `fd00:c0a8::1${other}`, ...(node === 1 ? ['192.168.0.22', 'fd00:c0a8::22'] : [])].flatMap((ip) => neighbour(plan, ip, 'eth0', mac));
  known.push(...['192.168.0.100', 'fd00:c0a8::100'].flatMap((ip) => neighbour(plan, ip, 'eth0', '02:00:00:00:00:63')));
  return isTunnelled(plan) ? [...known, { dst: `10.244.${other}.0`, dev: 'flannel.1', lladdr: `02:06:00:00:00:0${other}`, state: ['PERMANENT'] }] : known;
}

function addPod(files: Record<string, string>, plan: ClusterPlan, pod: { name: string; node: number; position: number; addresses: readonly Address[]; mtu: number; gatewayMac: string; siblingMac: string }): void {
  const folder = `pods/default/${pod.name}`;
  const [via, via6] = [`10.244.${pod.node}.1`, `fd00:10:${pod.node}::1`];
  const onlink = plan.isBridged ? [] : ['onlink'];
  const device: Device = { name: 'eth0', index: 2, mac: `02:02:00:00:0${pod.node}:0${pod.position}`, addresses: pod.addresses, mtu: pod.mtu, more: veth(11 + pod.position, 0) };
  const routes: Row[] = [{ dst: 'default', gateway: via, dev: 'eth0', flags: onlink }, { dst: 'default', gateway: via6, dev: 'eth0', metric: 1024, flags: onlink }];
  const siblings = plan.isBridged ? [`10.244.${pod.node}.1${1 - pod.position}`, `fd00:10:${pod.node}::1${1 - pod.position}`] : [];
  const neighbours = [...[via, via6].flatMap((ip) => neighbour(plan, ip, 'eth0', pod.gatewayMac)), ...siblings.flatMap((ip) => neighbour(plan, ip, 'eth0', pod.siblingMac))];
  addMachine(files, folder, { devices: [device], routes, neighbours, sysctls: {} });
  files[`${folder}/node.txt`] = `n${pod.node}\n`;
  files[`${folder}/sockets.txt`] = sockets();
  if (pod.name === 'a') files[`${folder}/iptables-save.txt`] = plan.podRules;
}

interface MachineParts {
  readonly devices: readonly Device[];
  readonly routes: readonly Row[];
  readonly neighbours: readonly Row[];
  readonly sysctls: Readonly<Record<string, number | string>>;
}

function addMachine(files: Record<string, string>, folder: string, { devices, routes, neighbours, sysctls }: MachineParts): void {
  const lo: Device = { name: 'lo', index: 1, mac: '00:00:00:00:00:00', addresses: [{ ip: '127.0.0.1', length: 8 }, { ip: '::1', length: 128 }], mtu: 65536 };
  const all = [lo, ...devices];
  const own = all.flatMap((device) => device.addresses.flatMap((address) => addressRoutes(device, address)));
  files[`${folder}/ip-addr.json`] = json(all.map(link));
  files[`${folder}/ip-route.json`] = json([...routes, ...own]);
  files[`${folder}/ip-rule.json`] = json([{ priority: 0, src: 'all', table: 'local' }, { priority: 32766, src: 'all', table: 'main' }]);
  files[`${folder}/ip6-rule.json`] = files[`${folder}/ip-rule.json`] as string;
  files[`${folder}/ip-neigh.json`] = json(neighbours);
  files[`${folder}/conntrack.txt`] = '';
  files[`${folder}/iptables-save.txt`] = '';
  files[`${folder}/sysctl.txt`] = Object.entries(sysctls).map(([name, value]) => `${name} = ${value}\n`).join('');
}

function link({ name, index, mac, addresses, mtu, master, more }: Device): Row {
  const isLoopback = name === 'lo';
  return {
    ifindex: index,
    ifname: name,
    flags: [isLoopback ? 'LOOPBACK' : 'BROADCAST', ...(isLoopback ? [] : ['MULTICAST']), 'UP', 'LOWER_UP'],
    mtu: mtu ?? 1500,
    ...(master === undefined ? {} : { master }),
    operstate: 'UP',
    link_type: isLoopback ? 'loopback' : 'ether',
    address: mac,
    ...more,
    addr_info: addresses.map(({ ip, length }) => ({ family: ip.includes(':') ? 'inet6' : 'inet', local: ip, prefixlen: length, scope: isLoopback ? 'host' : 'global', ...(ip.includes(':') ? { nodad: true } : {}) })),
  };
}

/** What the kernel adds to the tables with an address. */
function addressRoutes({ name }: Device, { ip, length }: Address): Row[] {
  if (ip.includes(':')) {
    const local = { type: 'local', dst: ip, dev: name, table: 'local', protocol: 'kernel', metric: 0, flags: [] };
    return length === 64 ? [local, { dst: `${ip.slice(0, ip.lastIndexOf('::'))}::/64`, dev: name, protocol: 'kernel', metric: 256, flags: [] }] : [local];
  }
  const local = { type: 'local', dst: name === 'lo' ? '127.0.0.0/8' : ip, dev: name, table: 'local', protocol: 'kernel', scope: 'host', prefsrc: ip, flags: [] };
  if (length !== 24) return [local];
  const base = ip.slice(0, ip.lastIndexOf('.'));
  return [local, { dst: `${base}.0/24`, dev: name, protocol: 'kernel', scope: 'link', prefsrc: ip, flags: [] }, { type: 'broadcast', dst: `${base}.255`, dev: name, table: 'local', protocol: 'kernel', scope: 'link', prefsrc: ip, flags: [] }];
}

function neighbour({ neighbours }: ClusterPlan, dst: string, dev: string, lladdr: string): Row[] {
  return neighbours === null ? [] : [{ dst, dev, lladdr, state: [neighbours] }];
}

function veth(peer: number, namespace: number): Row {
  return { link_index: peer, link_netnsid: namespace, linkinfo: { info_kind: 'veth' } };
}

function vxlan(node: number, learning: boolean): Row {
  return { linkinfo: { info_kind: 'vxlan', info_data: { id: 1, local: `192.168.0.1${node}`, link: 'eth0', port: 8472, learning, ttl: 0, df: 'unset', port_range: { low: 50000, high: 50001 } } } };
}

function bridgePort(ifname: string, ifindex: number, hairpin: boolean): Row {
  return { ifindex, link: 'cni0', ifname, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], mtu: 1500, master: 'cni0', state: 'forwarding', hairpin, learning: true, flood: true, isolated: false };
}

function forwarding(devices: readonly Device[]): Record<string, number> {
  const names = ['all', 'default', ...devices.map(({ name }) => name)];
  return Object.fromEntries(names.flatMap((name) => [4, 6].map((family) => [`net.ipv${family}.conf.${name}.forwarding`, 1])));
}

function sockets(): string {
  return SERVED_PORTS.map((port) => `udp UNCONN 0 0 *:${port} *:*\ntcp LISTEN 0 256 *:${port} *:*\n`).join('');
}

function json(rows: readonly Row[]): string {
  return `${JSON.stringify(rows)}\n`;
}
