import { parseIpAddresses, parseIpRoutes, parseIpRules, parseSysctl } from '@worldline/language';
import { DISPOSITIONS, Random, parseAddress, type Family, type MachineCapture } from '@worldline/model';
import { ACCEPT, errnoName, type PacketContext } from '../packet/index.js';
import { Environment, REASONS } from '../record/index.js';
import { compileInterfaces } from '../interface/index.js';
import { compileSysctl } from '../sysctl/index.js';
import { ROUTE_ERROR, compileRouting, routeTypeWord, type RoutingMachine } from './index.js';

interface Setup {
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** `ip route` lines: destination, then words. */
  readonly routes?: readonly Readonly<Record<string, unknown>>[];
  readonly rules?: readonly Readonly<Record<string, unknown>>[];
  readonly sysctl?: Readonly<Record<string, number>>;
  /** Positions that `pick` gives in turn. */
  readonly picks?: readonly number[];
}

const PLAIN_RULES = [
  { priority: 0, src: 'all', table: 'local' },
  { priority: 32766, src: 'all', table: 'main' },
  { priority: 32767, src: 'all', table: 'default' },
];

/** A router with a (10.1.1.1/24, fd00:1::1/64), b (10.2.1.1/24, fd00:2::1/64) and lo, forwarding, rp_filter 0. */
function router(setup: Setup = {}): RoutingMachine {
  const own = setup.addresses ?? { lo: ['127.0.0.1/8', '::1/128'], a: ['10.1.1.1/24', 'fd00:1::1/64', 'fe80::a/64'], b: ['10.2.1.1/24', 'fd00:2::1/64', 'fe80::b/64'] };
  const links = Object.entries(own).map(([ifname, list], i) => ({
    ifindex: i + 1,
    ifname,
    flags: ['UP', 'LOWER_UP'],
    mtu: ifname === 'lo' ? 65536 : 1500,
    link_type: ifname === 'lo' ? 'loopback' : 'ether',
    address: `02:00:00:00:00:0${i}`,
    addr_info: list.map((text) => ({ local: text.split('/')[0], prefixlen: Number(text.split('/')[1]), scope: text.startsWith('fe80') ? 'link' : ifname === 'lo' ? 'host' : 'global' })),
  }));
  const routes: Record<string, unknown>[] = [];
  for (const link of links) {
    for (const { local, prefixlen } of link.addr_info) {
      const isSix = local.includes(':');
      routes.push({ type: 'local', dst: local, dev: link.ifname, table: 'local', protocol: 'kernel', scope: isSix ? undefined : 'host', ...(isSix ? { pref: 'medium' } : { prefsrc: local }) });
      const base = local.replace(isSix ? /[^:]*$/ : /\d+$/, isSix ? '' : '0');
      if (link.ifname === 'lo') {
        if (!isSix) routes.push({ type: 'local', dst: '127.0.0.0/8', dev: 'lo', table: 'local', protocol: 'kernel', scope: 'host' });
        continue;
      }
      routes.push({ dst: `${base}/${prefixlen}`, dev: link.ifname, protocol: 'kernel', scope: isSix ? undefined : 'link', ...(isSix ? { metric: 256, pref: 'medium' } : { prefsrc: local }) });
      if (isSix) routes.push({ type: 'anycast', dst: base, dev: link.ifname, table: 'local', protocol: 'kernel', pref: 'medium' });
      else routes.push({ type: 'broadcast', dst: base.replace(/0$/, '255'), dev: link.ifname, table: 'local', protocol: 'kernel', scope: 'link', prefsrc: local });
    }
    if (link.ifname !== 'lo') routes.push({ type: 'multicast', dst: 'ff00::/8', dev: link.ifname, table: 'local', metric: 256, pref: 'medium' });
  }
  routes.push(...(setup.routes ?? []));
  const sysctl = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1, ...Object.fromEntries(links.flatMap((l) => [[`net.ipv4.conf.${l.ifname}.forwarding`, 1], [`net.ipv6.conf.${l.ifname}.forwarding`, 1]])), ...setup.sysctl };
  const rules = setup.rules ? [...PLAIN_RULES, ...setup.rules] : PLAIN_RULES;
  const capture: MachineCapture = {
    machine: 'node/r1', folder: 'nodes/r1', node: null, neighbours: [], bridgePorts: [], fdb: [], ruleSets: [], ipsets: [], ebtables: null, conntrack: [], sockets: [], recent: [], kernelVersion: null, files: new Set(),
    links: parseIpAddresses(JSON.stringify(links), 'ip-addr.json').value ?? [],
    routes: parseIpRoutes(JSON.stringify(routes), 'ip-route.json', null).value ?? [],
    routingRules: [...(parseIpRules(JSON.stringify(rules), 'ip-rule.json', 4).value ?? [])],
    sysctl: parseSysctl(Object.entries(sysctl).map(([k, v]) => `${k} = ${v}\n`).join(''), 'sysctl.txt').value ?? new Map(),
  };
  const picks = [...(setup.picks ?? [])];
  const chooser = { chance: () => true, pick: () => picks.shift() ?? 0 };
  const environment = Environment.create(Random.fromSeed(1), chooser);
  const interfaces = compileInterfaces(capture, environment);
  const { routing, issues } = compileRouting(capture, interfaces, environment);
  expect(issues).toEqual([]);
  return { environment, interfaces, routing, sysctl: compileSysctl(capture) };
}

function packet(m: RoutingMachine, source: string | null, destination: string, fields: Partial<PacketContext> = {}): PacketContext {
  const p = m.environment.pool.take();
  const to = parseAddress(destination);
  const from = source === null ? null : parseAddress(source);
  p.family = (to?.family ?? 4) as Family;
  p.destination = to ? m.environment.addresses.handle(to) : 0;
  p.source = from ? m.environment.addresses.handle(from) : 0;
  return Object.assign(p, fields);
}

/** What becomes of a packet that came in by `a`: `unicast via X dev b`, `local`, or disposition, reason and error. */
function input(m: RoutingMachine, source: string, destination: string, fields: Partial<PacketContext> = {}): string {
  const p = packet(m, source, destination, { inputInterface: m.interfaces.find('a'), ...fields });
  const verdict = m.routing.routeInput(m, p);
  if (verdict === ACCEPT) {
    const out = p.outputInterface < 0 ? '' : ` via ${m.environment.addresses.format(p.family, p.nexthop)} dev ${m.interfaces.list[p.outputInterface].name}`;
    return routeTypeWord(p.routeType) + out;
  }
  const { icmpType, icmpCode, isLimited } = m.routing.error;
  const error = verdict === ROUTE_ERROR ? ` icmp ${icmpType}/${icmpCode}${isLimited ? ' limited' : ''}` : '';
  return `${DISPOSITIONS[p.disposition]} ${REASONS[p.reason]}${error}`;
}

/** What a local sender gets: `SOURCE via X dev b`, or the errno. */
function output(m: RoutingMachine, destination: string, fields: Partial<PacketContext> = {}, source: string | null = null): string {
  const p = packet(m, source, destination, fields);
  const error = m.routing.routeOutput(m, p);
  if (error !== 0) return errnoName(error);
  const { addresses } = m.environment;
  return `${addresses.format(p.family, p.source)} via ${addresses.format(p.family, p.nexthop)} dev ${m.interfaces.list[p.outputInterface].name}`;
}

const ROUTES = [
  { dst: '10.9.0.0/16', gateway: '10.2.1.9', dev: 'b' },
  { dst: '10.9.5.0/24', gateway: '10.1.1.9', dev: 'a' },
  { type: 'unreachable', dst: '10.30.1.0/24' },
  { type: 'blackhole', dst: '10.30.2.0/24' },
  { type: 'prohibit', dst: '10.30.3.0/24' },
  { type: 'throw', dst: '10.30.4.0/24' },
  { dst: 'fd00:9::/64', gateway: 'fd00:2::9', dev: 'b', metric: 1024, pref: 'medium' },
  { type: 'unreachable', dst: 'fd00:3:1::/64', dev: 'lo', metric: 1024, pref: 'medium' },
  { type: 'blackhole', dst: 'fd00:3:2::/64', dev: 'lo', metric: 1024, pref: 'medium' },
  { type: 'prohibit', dst: 'fd00:3:3::/64', dev: 'lo', metric: 1024, pref: 'medium' },
  { type: 'throw', dst: 'fd00:3:4::/64', dev: 'lo', metric: 1024, pref: 'medium' },
];

describe('routeInput', () => {
  const rows: { name: string; setup?: Setup; from: string; to: string; becomes: string; fields?: Partial<PacketContext> }[] = [
    { name: 'on the link', from: '10.1.1.2', to: '10.2.1.2', becomes: 'unicast via 10.2.1.2 dev b' },
    { name: 'by a gateway', from: '10.1.1.2', to: '10.9.1.1', becomes: 'unicast via 10.2.1.9 dev b' },
    { name: 'the longer prefix', from: '10.1.1.2', to: '10.9.5.1', becomes: 'unicast via 10.1.1.9 dev a' },
    { name: 'an address of another interface', from: '10.1.1.2', to: '10.2.1.1', becomes: 'local' },
    { name: 'broadcast of another interface', from: '10.1.1.2', to: '10.2.1.255', becomes: 'broadcast' },
    { name: 'limited broadcast', from: '10.1.1.2', to: '255.255.255.255', becomes: 'broadcast' },
    { name: 'all hosts', from: '10.1.1.2', to: '224.0.0.1', becomes: 'multicast' },
    { name: 'a group nobody joined', from: '10.1.1.2', to: '239.1.1.1', becomes: 'NoListener NOT_SPECIFIED' },
    { name: 'bc_forwarding needs both', setup: { sysctl: { 'net.ipv4.conf.all.bc_forwarding': 1, 'net.ipv4.conf.a.bc_forwarding': 1 } }, from: '10.1.1.2', to: '10.2.1.255', becomes: 'unicast via 10.2.1.255 dev b' },
    { name: 'no route', from: '10.1.1.2', to: '172.16.0.1', becomes: 'NoRoute IP_INNOROUTES icmp 3/0' },
    { name: 'unreachable', from: '10.1.1.2', to: '10.30.1.5', becomes: 'NullRouted NOT_SPECIFIED icmp 3/1' },
    { name: 'blackhole', from: '10.1.1.2', to: '10.30.2.5', becomes: 'NullRouted NOT_SPECIFIED' },
    { name: 'prohibit', from: '10.1.1.2', to: '10.30.3.5', becomes: 'NullRouted NOT_SPECIFIED icmp 3/13' },
    { name: 'throw', from: '10.1.1.2', to: '10.30.4.5', becomes: 'NoRoute IP_INNOROUTES icmp 3/0' },
    { name: 'forwarding off where it arrives', setup: { sysctl: { 'net.ipv4.conf.a.forwarding': 0 } }, from: '10.1.1.2', to: '10.2.1.2', becomes: 'ForwardingDisabled IP_INADDRERRORS' },
    { name: 'forwarding off where it leaves', setup: { sysctl: { 'net.ipv4.conf.b.forwarding': 0 } }, from: '10.1.1.2', to: '10.2.1.2', becomes: 'unicast via 10.2.1.2 dev b' },
    { name: 'forwarding off and no route: as silent', setup: { sysctl: { 'net.ipv4.conf.a.forwarding': 0 } }, from: '10.1.1.2', to: '172.16.0.1', becomes: 'ForwardingDisabled IP_INADDRERRORS' },
    { name: 'loopback source', from: '127.0.0.5', to: '10.2.1.2', becomes: 'MartianSource IP_LOCALNET' },
    { name: 'loopback source with route_localnet: then it is an own address', setup: { sysctl: { 'net.ipv4.conf.a.route_localnet': 1 } }, from: '127.0.0.1', to: '10.2.1.2', becomes: 'MartianSource IP_LOCAL_SOURCE' },
    { name: 'multicast source', from: '224.0.0.5', to: '10.2.1.2', becomes: 'MartianSource IP_INVALID_SOURCE' },
    { name: 'broadcast source', from: '255.255.255.255', to: '10.2.1.2', becomes: 'MartianSource IP_INVALID_SOURCE' },
    { name: '0/8 and 240/4 are like any other', from: '0.0.0.9', to: '10.2.1.2', becomes: 'unicast via 10.2.1.2 dev b' },
    { name: 'own source, rp_filter 0', from: '10.2.1.1', to: '10.2.1.2', becomes: 'MartianSource IP_LOCAL_SOURCE' },
    { name: 'own source, accept_local', setup: { sysctl: { 'net.ipv4.conf.a.accept_local': 1 } }, from: '10.2.1.1', to: '10.2.1.2', becomes: 'unicast via 10.2.1.2 dev b' },
    { name: 'own source of another interface, accept_local and strict', setup: { sysctl: { 'net.ipv4.conf.a.accept_local': 1, 'net.ipv4.conf.a.rp_filter': 1 } }, from: '10.2.1.1', to: '10.2.1.2', becomes: 'ReversePathFailed IP_RPFILTER' },
    { name: 'strict: the wrong side', setup: { sysctl: { 'net.ipv4.conf.all.rp_filter': 1 } }, from: '10.2.1.77', to: '10.2.1.2', becomes: 'ReversePathFailed IP_RPFILTER' },
    { name: '2 on the interface beats 1 on all', setup: { sysctl: { 'net.ipv4.conf.all.rp_filter': 1, 'net.ipv4.conf.a.rp_filter': 2 } }, from: '10.2.1.77', to: '10.2.1.2', becomes: 'unicast via 10.2.1.2 dev b' },
    { name: 'loose: no route at all', setup: { sysctl: { 'net.ipv4.conf.a.rp_filter': 2 } }, from: '203.0.113.5', to: '10.2.1.2', becomes: 'ReversePathFailed IP_RPFILTER' },
    { name: 'IPv6 on the link', from: 'fd00:1::2', to: 'fd00:2::2', becomes: 'unicast via fd00:2::2 dev b' },
    { name: 'IPv6 by a gateway', from: 'fd00:1::2', to: 'fd00:9::2', becomes: 'unicast via fd00:2::9 dev b' },
    { name: 'IPv6 own source is no martian', from: 'fd00:2::1', to: 'fd00:2::2', becomes: 'unicast via fd00:2::2 dev b' },
    { name: 'IPv6 subnet-router anycast', from: 'fd00:1::2', to: 'fd00:2::', becomes: 'local' },
    { name: 'IPv6 no route', from: 'fd00:1::2', to: 'fd77::1', becomes: 'NoRoute IP_INNOROUTES icmp 1/0' },
    { name: 'IPv6 unreachable', from: 'fd00:1::2', to: 'fd00:3:1::7', becomes: 'NoRoute IP_INNOROUTES icmp 1/0' },
    { name: 'IPv6 blackhole', from: 'fd00:1::2', to: 'fd00:3:2::7', becomes: 'NullRouted NOT_SPECIFIED' },
    { name: 'IPv6 prohibit', from: 'fd00:1::2', to: 'fd00:3:3::7', becomes: 'NullRouted IP_INNOROUTES icmp 1/1' },
    { name: 'IPv6 throw', from: 'fd00:1::2', to: 'fd00:3:4::7', becomes: 'NoRoute IP_INNOROUTES icmp 1/0' },
    { name: 'IPv6 forwarding of the interface does not count', setup: { sysctl: { 'net.ipv6.conf.a.forwarding': 0 } }, from: 'fd00:1::2', to: 'fd00:2::2', becomes: 'unicast via fd00:2::2 dev b' },
    { name: 'IPv6 forwarding off', setup: { sysctl: { 'net.ipv6.conf.all.forwarding': 0 } }, from: 'fd00:1::2', to: 'fd00:2::2', becomes: 'ForwardingDisabled IP_INADDRERRORS' },
    { name: 'IPv6 force_forwarding', setup: { sysctl: { 'net.ipv6.conf.all.forwarding': 0, 'net.ipv6.conf.a.force_forwarding': 1 } }, from: 'fd00:1::2', to: 'fd00:2::2', becomes: 'unicast via fd00:2::2 dev b' },
    { name: 'IPv6 forwarding off and no route: told all the same', setup: { sysctl: { 'net.ipv6.conf.all.forwarding': 0 } }, from: 'fd00:1::2', to: 'fd77::1', becomes: 'NoRoute IP_INNOROUTES icmp 1/0' },
    { name: '::1 is bound to the interface it came in by', from: 'fd00:1::2', to: '::1', becomes: 'NoRoute IP_INNOROUTES icmp 1/0' },
    { name: 'solicited-node group', from: 'fd00:1::2', to: 'ff02::1:ff00:1', becomes: 'multicast' },
    { name: 'IPv6 group nobody joined', from: 'fd00:1::2', to: 'ff02::99', becomes: 'NoListener NOT_SPECIFIED' },
  ];
  it.each(rows)('$name', ({ setup, from, to, becomes, fields }) => {
    const m = router({ ...setup, routes: ROUTES });
    expect(input(m, from, to, fields)).toBe(becomes);
    // found again, it is the same
    expect(input(m, from, to, fields)).toBe(becomes);
  });

  it('tells a source of errors five times, then once a second', () => {
    const m = router();
    const told = Array.from({ length: 7 }, () => input(m, '10.1.1.2', '172.16.0.1').endsWith('limited'));
    expect(told).toEqual([false, false, false, false, false, true, true]);
    m.environment.now = 1_000_000;
    expect(input(m, '10.1.1.2', '172.16.0.1')).toBe('NoRoute IP_INNOROUTES icmp 3/0');
    expect(input(m, '10.1.1.3', '172.16.0.1')).toBe('NoRoute IP_INNOROUTES icmp 3/0');
  });

  it('sees a changed sysctl at once', () => {
    const m = router();
    expect(input(m, '10.1.1.2', '10.2.1.2')).toBe('unicast via 10.2.1.2 dev b');
    m.sysctl.set('net.ipv4.conf.a.forwarding', '0');
    expect(input(m, '10.1.1.2', '10.2.1.2')).toBe('ForwardingDisabled IP_INADDRERRORS');
  });
});

describe('policy rules', () => {
  const other = { dst: '10.9.0.0/16', gateway: '10.1.1.8', dev: 'a', table: '100' };
  const rows: { name: string; rule: Readonly<Record<string, unknown>>; routes?: Setup['routes']; fields?: Partial<PacketContext>; becomes: string }[] = [
    { name: 'mark', rule: { src: 'all', fwmark: '0x10', fwmask: '0xf0', table: '100' }, fields: { mark: 0x1f }, becomes: 'unicast via 10.1.1.8 dev a' },
    { name: 'another mark', rule: { src: 'all', fwmark: '0x10', fwmask: '0xf0', table: '100' }, fields: { mark: 0x2f }, becomes: 'unicast via 10.2.1.9 dev b' },
    { name: 'source', rule: { src: '10.1.1.0', srclen: 24, table: '100' }, becomes: 'unicast via 10.1.1.8 dev a' },
    { name: 'not', rule: { not: null, src: '10.1.1.0', srclen: 24, table: '100' }, becomes: 'unicast via 10.2.1.9 dev b' },
    { name: 'interface', rule: { src: 'all', iif: 'a', table: '100' }, becomes: 'unicast via 10.1.1.8 dev a' },
    { name: 'port', rule: { src: 'all', ipproto: 'udp', dport_start: 50, dport_end: 60, table: '100' }, fields: { protocol: 17, destinationPort: 53 }, becomes: 'unicast via 10.1.1.8 dev a' },
    { name: 'unreachable', rule: { src: 'all', dst: '10.9.0.0', dstlen: 16, action: 'unreachable' }, becomes: 'NullRouted IP_INNOROUTES icmp 3/0' },
    { name: 'prohibit', rule: { src: 'all', dst: '10.9.0.0', dstlen: 16, action: 'prohibit' }, becomes: 'NullRouted NOT_SPECIFIED icmp 3/13' },
    { name: 'blackhole', rule: { src: 'all', dst: '10.9.0.0', dstlen: 16, action: 'blackhole' }, becomes: 'NullRouted NOT_SPECIFIED' },
    { name: 'a throw route hands on', rule: { src: 'all', table: '200' }, routes: [{ type: 'throw', dst: '10.9.0.0/16', table: '200' }], becomes: 'unicast via 10.2.1.9 dev b' },
    { name: 'goto passes over', rule: { src: 'all', goto: 32766 }, becomes: 'unicast via 10.2.1.9 dev b' },
    { name: 'suppress_prefixlength', rule: { src: 'all', table: '100', suppress_prefixlen: 16 }, becomes: 'unicast via 10.2.1.9 dev b' },
  ];
  it.each(rows)('$name', ({ rule, routes, fields, becomes }) => {
    const m = router({ routes: [...ROUTES, other, ...(routes ?? [])], rules: [{ priority: 100, ...rule }] });
    expect(input(m, '10.1.1.2', '10.9.1.1', fields)).toBe(becomes);
  });

  it('looks local and main up as one trie until there is a rule of its own', () => {
    const routes = [{ type: 'local', dst: '10.0.0.0/8', dev: 'lo', table: 'local' }];
    expect(input(router({ routes }), '10.1.1.2', '10.2.1.2')).toBe('unicast via 10.2.1.2 dev b');
    expect(input(router({ routes, rules: [{ priority: 100, src: 'all', table: '100' }] }), '10.1.1.2', '10.2.1.2')).toContain('MartianSource');
  });
});

describe('routeOutput', () => {
  const rows: { name: string; setup?: Setup; to: string; from?: string; fields?: Partial<PacketContext>; becomes: string }[] = [
    { name: 'the source is the address of the subnet', to: '10.2.1.2', becomes: '10.2.1.1 via 10.2.1.2 dev b' },
    { name: 'or of the gateway', to: '10.9.1.1', becomes: '10.2.1.1 via 10.2.1.9 dev b' },
    { name: 'src of the route', setup: { routes: [{ dst: '10.8.0.0/16', gateway: '10.2.1.9', dev: 'b', prefsrc: '10.1.1.1' }] }, to: '10.8.0.1', becomes: '10.1.1.1 via 10.2.1.9 dev b' },
    { name: 'an own address', to: '10.1.1.1', becomes: '10.1.1.1 via 10.1.1.1 dev lo' },
    { name: 'a local route is its own source', setup: { routes: [{ type: 'local', dst: '35.1.1.1', dev: 'b', table: 'local', protocol: '66', scope: 'host' }] }, to: '35.1.1.1', becomes: '35.1.1.1 via 35.1.1.1 dev lo' },
    { name: 'a given source stays', to: '10.2.1.2', from: '10.1.1.1', becomes: '10.1.1.1 via 10.2.1.2 dev b' },
    { name: 'a foreign source', to: '10.2.1.2', from: '10.99.1.1', becomes: 'EINVAL' },
    { name: 'loopback does not leave', to: '10.2.1.2', from: '127.0.0.1', becomes: 'EINVAL' },
    { name: 'but with route_localnet', setup: { sysctl: { 'net.ipv4.conf.b.route_localnet': 1 } }, to: '10.2.1.2', from: '127.0.0.1', becomes: '127.0.0.1 via 10.2.1.2 dev b' },
    { name: 'no route', to: '172.16.0.1', becomes: 'ENETUNREACH' },
    { name: 'unreachable', to: '10.30.1.1', becomes: 'EHOSTUNREACH' },
    { name: 'blackhole', to: '10.30.2.1', becomes: 'EINVAL' },
    { name: 'prohibit', to: '10.30.3.1', becomes: 'EACCES' },
    { name: 'bound to a device without a route: taken for on link', to: '172.16.0.1', fields: { outputInterface: 1 }, becomes: '10.1.1.1 via 172.16.0.1 dev a' },
    { name: 'IPv6 source', to: 'fd00:2::2', becomes: 'fd00:2::1 via fd00:2::2 dev b' },
    { name: 'IPv6 link-local by the interface named', to: 'fe80::77', fields: { outputInterface: 2 }, becomes: 'fe80::b via fe80::77 dev b' },
    { name: 'IPv6 unreachable', to: 'fd00:3:1::7', becomes: 'EHOSTUNREACH' },
    { name: 'IPv6 prohibit', to: 'fd00:3:3::7', becomes: 'EACCES' },
    { name: 'IPv6 throw', to: 'fd00:3:4::7', becomes: 'ENETUNREACH' },
    { name: 'IPv6 without an address', setup: { addresses: { lo: ['127.0.0.1/8'], a: ['10.1.1.1/24'], b: ['10.2.1.1/24'] } }, to: 'fd00:9::1', becomes: 'EADDRNOTAVAIL' },
  ];
  it.each(rows)('$name', ({ setup, to, from, fields, becomes }) => {
    const m = router({ ...setup, routes: [...ROUTES, ...(setup?.routes ?? [])] });
    expect(output(m, to, fields, from)).toBe(becomes);
    expect(output(m, to, fields, from)).toBe(becomes);
  });

  it('keeps a flow on the way that was chosen for it', () => {
    const ways = [
      { gateway: '10.1.1.9', dev: 'a', weight: 1, flags: [] },
      { gateway: '10.2.1.9', dev: 'b', weight: 2, flags: [] },
    ];
    const m = router({ routes: [{ dst: '10.77.0.0/16', flags: [], nexthops: ways }], picks: [1, 0] });
    const first = input(m, '10.1.1.2', '10.77.0.1');
    expect([first, input(m, '10.1.1.2', '10.77.0.1'), input(m, '10.1.1.3', '10.77.0.1')]).toEqual([
      'unicast via 10.2.1.9 dev b',
      'unicast via 10.2.1.9 dev b',
      'unicast via 10.1.1.9 dev a',
    ]);
  });

  it('learns a path MTU and forgets it after ten minutes', () => {
    const m = router({ routes: ROUTES });
    const mtu = (): number => {
      const p = packet(m, null, '10.9.1.1');
      m.routing.routeOutput(m, p);
      return p.routeMtu;
    };
    expect(mtu()).toBe(1500);
    m.routing.learnPathMtu(4, packet(m, null, '10.9.1.1').destination, 1300, 0);
    expect(mtu()).toBe(1300);
    m.environment.now = 601_000_000;
    expect(mtu()).toBe(1500);
  });
});

describe('addressType', () => {
  it.each([
    ['10.2.1.1', -1, 'local'],
    ['10.2.1.1', 1, 'unicast'],
    ['10.2.1.255', -1, 'broadcast'],
    ['127.0.0.9', -1, 'local'],
    ['8.8.8.8', -1, 'unicast'],
    ['224.0.0.1', -1, 'multicast'],
  ] as const)('%s on %i is %s', (text, device, word) => {
    const m = router();
    const type = m.routing.addressType(m, 4, packet(m, null, text).destination, device);
    expect(routeTypeWord(Math.log2(type))).toBe(word);
  });
});
