/**
 * The routers of the fabric as captures: machines like any other, with one interface on the nodes' segment and one for each external that
 * stands behind them (`attach: routed`). Their addresses come from cluster.yaml, their MAC addresses from what the other machines know of them.
 */
import {
  formatAddress,
  isInPrefix,
  maskWord,
  parseAddress,
  parsePrefix,
  type AddressCapture,
  type ExternalSpec,
  type IpPrefix,
  type LinkCapture,
  type MachineCapture,
  type NeighbourCapture,
  type RouteCapture,
  type RouterSpec,
  type Snapshot,
} from '@worldline/model';

/** Name of a router's interface on the segment; `ext0`, `ext1`... lead to the routed externals in order. */
export const SEGMENT_LINK = 'seg0';

export interface RouterCapture {
  readonly capture: MachineCapture;
  /** External machine behind each `ext` interface, in order. */
  readonly behind: readonly string[];
}

export function routerCaptures(snapshot: Snapshot): RouterCapture[] {
  const routed = snapshot.cluster.externals.filter((e) => e.attach === 'routed');
  return snapshot.cluster.fabric.routers.map((router, i) => {
    const externals = i === 0 ? routed : [];
    return { capture: capture(router, i, externals, snapshot.machines), behind: externals.map((e) => `external/${e.name}`) };
  });
}

function capture(router: RouterSpec, index: number, externals: readonly ExternalSpec[], machines: readonly MachineCapture[]): MachineCapture {
  const own = router.addresses.map(parsePrefix).filter((p) => p !== null);
  const links = [link(1, 'lo', '00:00:00:00:00:00', []), link(2, SEGMENT_LINK, router.mac ?? knownMac(own, machines) ?? generatedMac(index, 0), own)];
  externals.forEach((external, i) => {
    const gateways = [prefixOf(external.gateway, external.prefixLength), prefixOf(external.gateway6, external.prefixLength6)].filter((p) => p !== null);
    const side = machines.filter((m) => m.machine === `external/${external.name}`);
    links.push(link(3 + i, `ext${i}`, knownMac(gateways, side) ?? generatedMac(index, 1 + i), gateways));
  });
  return {
    machine: `fabric/${router.name}`,
    folder: `fabric/${router.name}`,
    node: null,
    links,
    routes: links.flatMap(routesOf),
    routingRules: [],
    neighbours: links.flatMap((l) => neighboursOf(l, machines)),
    bridgePorts: [],
    fdb: [],
    ruleSets: [],
    ipsets: [],
    ebtables: null,
    conntrack: [],
    sysctl: new Map(['all', 'default', ...links.map((l) => l.name)].flatMap(settingsOf)),
    sockets: [],
    recent: [],
    kernelVersion: null,
    files: new Set(),
  };
}

/** A router forwards and sends no redirects. */
function settingsOf(scope: string): [string, string][] {
  return [
    [`net.ipv4.conf.${scope}.forwarding`, '1'],
    [`net.ipv6.conf.${scope}.forwarding`, '1'],
    [`net.ipv4.conf.${scope}.send_redirects`, '0'],
  ];
}

function prefixOf(address: string | null, length: number): IpPrefix | null {
  return address === null ? null : parsePrefix(`${address}/${length}`);
}

/** The MAC address under which machines know one of these addresses. */
function knownMac(addresses: readonly IpPrefix[], machines: readonly MachineCapture[]): string | null {
  const texts = new Set(addresses.map((p) => formatAddress(p.address)));
  for (const machine of machines) for (const n of machine.neighbours) if (n.mac !== null && texts.has(n.address)) return n.mac;
  return null;
}

function generatedMac(router: number, port: number): string {
  const octet = (n: number): string => (n & 255).toString(16).padStart(2, '0');
  return `02:fe:00:${octet(router)}:${octet(port >> 8)}:${octet(port)}`;
}

function link(index: number, name: string, mac: string, prefixes: readonly IpPrefix[]): LinkCapture {
  const isLoopback = name === 'lo';
  return {
    index,
    name,
    linkIndex: 0,
    linkNetnsId: -1,
    flags: isLoopback ? ['LOOPBACK', 'UP', 'LOWER_UP'] : ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    mtu: isLoopback ? 65536 : 1500,
    operstate: 'UP',
    linkType: isLoopback ? 'loopback' : 'ether',
    mac,
    master: null,
    kind: isLoopback ? '' : 'physical',
    kindData: {},
    slaveData: {},
    addresses: prefixes.map(addressCapture),
    raw: {},
  };
}

function addressCapture(prefix: IpPrefix): AddressCapture {
  const { address, length } = prefix;
  const isFour = address.family === 4;
  return {
    family: address.family,
    local: formatAddress(address),
    peer: null,
    prefixLength: length,
    broadcast: isFour ? formatAddress({ family: 4, words: [0, 0, 0, address.words[3] | ~maskWord(length, 0)] }) : null,
    scope: 'global',
    isSecondary: false,
    isDeprecated: false,
    isTentative: false,
    label: null,
  };
}

/** What the kernel adds for an address: its own, its network's and its broadcast's route. */
function routesOf(from: LinkCapture): RouteCapture[] {
  return from.addresses.flatMap((a) => {
    const prefix = parsePrefix(`${a.local}/${a.prefixLength}`);
    if (!prefix) return [];
    const words = prefix.address.words.map((w, i) => w & (a.family === 4 ? (i === 3 ? maskWord(a.prefixLength, 0) : 0) : maskWord(a.prefixLength, i))) as [number, number, number, number];
    const network = formatAddress({ family: a.family, words });
    const full = a.family === 4 ? 32 : 128;
    const routes = [route(from, a, 'unicast', `${network}/${a.prefixLength}`, 254), route(from, a, 'local', `${a.local}/${full}`, 255)];
    if (a.broadcast !== null) routes.push(route(from, a, 'broadcast', `${a.broadcast}/32`, 255));
    return routes;
  });
}

function route(from: LinkCapture, a: AddressCapture, type: RouteCapture['type'], destination: string, table: number): RouteCapture {
  return {
    family: a.family,
    type,
    destination,
    table,
    protocol: 'kernel',
    scope: type === 'local' ? 'host' : 'link',
    preferredSource: a.family === 4 ? a.local : null,
    metric: a.family === 4 ? 0 : 256,
    tos: 0,
    mtu: null,
    hopLimit: null,
    flags: [],
    nexthops: [{ gateway: null, device: from.name, weight: 1, flags: [] }],
    raw: {},
  };
}

/** The router knows every machine on its link; of others it asks. */
function neighboursOf(from: LinkCapture, machines: readonly MachineCapture[]): NeighbourCapture[] {
  const isOnLink = (text: string): boolean => {
    const address = parseAddress(text);
    return address !== null && from.addresses.some((a) => isInPrefix(address, parsePrefix(`${a.local}/${a.prefixLength}`) as IpPrefix));
  };
  return machines.flatMap((m) =>
    m.machine.startsWith('pod/')
      ? []
      : m.links.flatMap((l) =>
          l.kind === 'bridge' || l.name === 'lo'
            ? []
            : l.addresses.filter((a) => isOnLink(a.local)).map((a) => ({ family: a.family, address: a.local, device: from.name, mac: l.mac, state: 'PERMANENT', isProxy: false })),
        ),
  );
}
