/**
 * What the kernel does to routes and neighbours when an address or a link comes or goes: fib_add_ifaddr, fib_del_ifaddr, fib_sync_down_dev
 * (net/ipv4/fib_frontend.c, fib_semantics.c), addrconf_notify, addrconf_ifdown (net/ipv6/addrconf.c; Linux 6.18).
 */
import { maskWord, type Family } from '@worldline/model';
import { isLinkLocal } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, SCOPE_UNIVERSE, samePrefix, type InterfaceAddress } from '../interface/index.js';
import { CONF_DISABLE_IPV6, CONF_FORWARDING, CONF_KEEP_ADDR_ON_DOWN, CONF_PROMOTE_SECONDARIES } from '../sysctl/index.js';
import { reportedGroups } from './groups.js';
import { removeRoutes } from './route-changes.js';
import { PROTOCOL_KERNEL, RTN_ANYCAST, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST, TABLE_LOCAL, TABLE_MAIN, type Route, routePreference } from './route.js';
import type { RoutingMachine } from './routing-state.js';

const METRIC_KERNEL_6 = 256;

/** Adds an IPv4 or IPv6 address to an interface with all that follows from it; null, or what the kernel says against it. */
export function addAddress(m: RoutingMachine, device: number, wanted: InterfaceAddress, options: { isNoPrefixRoute: boolean; metric: number }): string | null {
  const own = m.interfaces.list[device];
  if (wanted.family === 6) {
    if (m.sysctl.conf(6, device, CONF_DISABLE_IPV6) !== 0) return 'Error: ipv6: IPv6 is disabled on this device.';
    if (own.addresses.some((a) => a.family === 6 && a.handle === wanted.handle)) return 'Error: ipv6: address already assigned.';
    const before = reportedGroups(m, device);
    m.interfaces.addAddress(device, wanted);
    addRoutes6(m, device, wanted, options, true);
    reportGroups(m, device, before);
    return null;
  }
  const sameSubnet = own.addresses.filter((a) => a.family === 4 && a.prefixLength === wanted.prefixLength && samePrefix(m.environment.addresses, 4, a.peer, wanted.peer, a.prefixLength));
  if (sameSubnet.some((a) => a.handle === wanted.handle)) return 'Error: ipv4: Address already assigned.';
  const primary = sameSubnet.find((a) => !a.isSecondary);
  if (primary && primary.scope !== wanted.scope) return 'Error: ipv4: Invalid scope value.';
  const added = { ...wanted, isSecondary: primary !== undefined };
  m.interfaces.addAddress(device, added);
  m.sysctl.fixInterface(device);
  addRoutes4(m, device, added, primary ?? added, options);
  return null;
}

/** fib_add_ifaddr. */
function addRoutes4(m: RoutingMachine, device: number, address: InterfaceAddress, primary: InterfaceAddress, options: { isNoPrefixRoute: boolean; metric: number }): void {
  const own = m.interfaces.list[device];
  const base = { preferredSource: primary.handle, device };
  const added = [kernelRoute4({ ...base, type: RTN_LOCAL, destination: address.handle, prefixLength: 32, table: TABLE_LOCAL, scope: SCOPE_HOST })];
  if (own.isUp) {
    const { prefixLength } = address;
    const mask = maskWord(prefixLength, 0);
    const prefix = address.peer & mask;
    const broadcastRoute = (destination: number): Route => kernelRoute4({ ...base, type: RTN_BROADCAST, destination, prefixLength: 32, table: TABLE_LOCAL, scope: SCOPE_LINK });
    if (address.broadcast !== 0 && address.broadcast !== -1) added.push(broadcastRoute(address.broadcast));
    if (prefix !== 0 && !address.isSecondary && (prefix !== address.handle || prefixLength < 32)) {
      const isLoopback = own.kind === 'loopback';
      if (!options.isNoPrefixRoute) {
        const place = isLoopback ? { type: RTN_LOCAL, table: TABLE_LOCAL, scope: SCOPE_HOST } : { type: RTN_UNICAST, table: TABLE_MAIN, scope: SCOPE_LINK };
        added.push({ ...kernelRoute4({ ...base, ...place, destination: prefix, prefixLength }), metric: options.metric });
      }
      if (prefixLength < 31) added.push(broadcastRoute(prefix | ~mask));
    }
  }
  insert(m, 4, added);
}

function kernelRoute4(r: { type: number; destination: number; prefixLength: number; table: number; scope: number; preferredSource: number; device: number }): Route {
  return {
    family: 4,
    type: r.type,
    destination: r.destination,
    prefixLength: r.prefixLength,
    table: r.table,
    protocol: PROTOCOL_KERNEL,
    scope: r.scope,
    preferredSource: r.preferredSource,
    metric: 0,
    tos: 0,
    mtu: 0,
    isMtuLocked: false,
    hopLimit: 0,
    preference: routePreference(null),
    nexthops: [{ gateway: 0, device: r.device, weight: 1, isOnLink: false, isDead: false }],
    extras: {},
  };
}

function kernelRoute6(type: number, destination: number, prefixLength: number, table: number, metric: number, device: number): Route {
  return { ...kernelRoute4({ type, destination, prefixLength, table, scope: SCOPE_UNIVERSE, preferredSource: 0, device }), family: 6, metric };
}

/** Puts in what is not there yet. */
function insert(m: RoutingMachine, family: Family, added: readonly Route[]): void {
  const fib = m.routing.fib(family);
  const routes = [...fib.routes];
  for (const route of added) {
    const isThere = routes.some(
      (r) => r.table === route.table && r.type === route.type && r.destination === route.destination && r.prefixLength === route.prefixLength && r.metric === route.metric && r.nexthops[0]?.device === route.nexthops[0].device,
    );
    if (!isThere) routes.push(route);
  }
  fib.setRoutes(routes);
  m.routing.changed();
}

/** ipv6_ifa_notify, addrconf_prefix_route, addrconf_join_anycast. An address given by hand brings the multicast route even without carrier (addrconf_add_dev). */
function addRoutes6(m: RoutingMachine, device: number, address: InterfaceAddress, options: { isNoPrefixRoute: boolean; metric: number }, isByHand: boolean): void {
  const { addresses } = m.environment;
  const own = m.interfaces.list[device];
  const added = [kernelRoute6(RTN_LOCAL, address.handle, 128, TABLE_LOCAL, 0, device)];
  if (!own.isUp) {
    insert(m, 6, added);
    return;
  }
  const prefix = prefixOf(m, address.handle, address.prefixLength);
  if (!options.isNoPrefixRoute && own.kind !== 'loopback') {
    added.push(kernelRoute6(RTN_UNICAST, prefix, address.prefixLength, TABLE_MAIN, options.metric || METRIC_KERNEL_6, device));
  }
  if (m.sysctl.conf(6, device, CONF_FORWARDING) !== 0 && address.prefixLength < 127) added.push(kernelRoute6(RTN_ANYCAST, prefix, 128, TABLE_LOCAL, 0, device));
  if (own.kind !== 'loopback' && (own.hasCarrier || isByHand)) added.push(kernelRoute6(RTN_MULTICAST, addresses.intern6(0xff000000 | 0, 0, 0, 0), 8, TABLE_LOCAL, METRIC_KERNEL_6, device));
  insert(m, 6, added);
}

function prefixOf(m: RoutingMachine, handle: number, length: number): number {
  const { addresses } = m.environment;
  const word = (i: number): number => addresses.word6(handle, i) & maskWord(length, i);
  return addresses.intern6(word(0), word(1), word(2), word(3));
}

/** Deletes an address; its secondaries go with it or, with promote_secondaries, one takes its place (__inet_del_ifa, ipv6_del_addr). */
export function deleteAddress(m: RoutingMachine, device: number, address: InterfaceAddress): void {
  const own = m.interfaces.list[device];
  if (address.family === 6) {
    const before = reportedGroups(m, device);
    m.interfaces.setAddresses(device, own.addresses.filter((a) => a !== address));
    removeRoutes(m, 6, (r) => isOfAddress6(m, r, device, address));
    reportGroups(m, device, before);
    return;
  }
  const isSameSubnet = (a: InterfaceAddress): boolean => a.family === 4 && a.prefixLength === address.prefixLength && samePrefix(m.environment.addresses, 4, a.peer, address.peer, address.prefixLength);
  const secondaries = address.isSecondary ? [] : own.addresses.filter((a) => a !== address && a.isSecondary && isSameSubnet(a));
  const isPromoting = secondaries.length > 0 && m.sysctl.isConfOn(4, device, CONF_PROMOTE_SECONDARIES);
  const gone = isPromoting ? [address] : [address, ...secondaries];
  m.interfaces.setAddresses(device, own.addresses.filter((a) => !gone.includes(a)));
  for (const a of gone) removeRoutes4(m, device, a);
  if (isPromoting) promote(m, device, secondaries);
  if (!own.addresses.some((a) => a.family === 4)) removeRoutes(m, 4, (r) => isOnlyBy(r, device));
}

/** fib_del_ifaddr with fib_sync_down_addr. */
function removeRoutes4(m: RoutingMachine, device: number, address: InterfaceAddress): void {
  const mask = maskWord(address.prefixLength, 0);
  const prefix = address.peer & mask;
  const isElsewhere = m.interfaces.isLocalAddress(4, address.handle);
  removeRoutes(m, 4, (r) => {
    const isBy = r.nexthops[0]?.device === device && r.nexthops.length === 1;
    if (isBy && r.protocol === PROTOCOL_KERNEL) {
      if (r.type === RTN_LOCAL && r.destination === address.handle && r.prefixLength === 32) return true;
      if (!address.isSecondary && r.destination === prefix && r.prefixLength === address.prefixLength && r.preferredSource === address.handle) return true;
      if (r.type === RTN_BROADCAST && !address.isSecondary && (r.destination === (prefix | ~mask) || r.destination === address.broadcast) && r.preferredSource === address.handle) return true;
    }
    return !isElsewhere && r.preferredSource === address.handle;
  });
}

function promote(m: RoutingMachine, device: number, secondaries: readonly InterfaceAddress[]): void {
  const own = m.interfaces.list[device];
  const [first, ...rest] = secondaries;
  m.interfaces.setAddresses(device, own.addresses.filter((a) => !secondaries.includes(a)));
  for (const a of secondaries) removeRoutes4(m, device, a);
  addAddress(m, device, { ...first, isSecondary: false }, { isNoPrefixRoute: false, metric: 0 });
  for (const a of rest) addAddress(m, device, a, { isNoPrefixRoute: false, metric: 0 });
}

function isOfAddress6(m: RoutingMachine, route: Route, device: number, address: InterfaceAddress): boolean {
  if (route.nexthops[0]?.device !== device || route.protocol !== PROTOCOL_KERNEL) return route.preferredSource === address.handle;
  if (route.type === RTN_LOCAL) return route.destination === address.handle;
  if (route.type !== RTN_UNICAST && route.type !== RTN_ANYCAST) return false;
  const prefix = prefixOf(m, address.handle, address.prefixLength);
  const isShared = m.interfaces.list[device].addresses.some((a) => a.family === 6 && a.prefixLength === address.prefixLength && prefixOf(m, a.handle, a.prefixLength) === prefix);
  return !isShared && route.destination === prefix && (route.type === RTN_ANYCAST || route.prefixLength === address.prefixLength);
}

function isOnlyBy(route: Route, device: number): boolean {
  return route.nexthops.length > 0 && route.nexthops.every((h) => h.device === device || h.isDead);
}

/**
 * The interface went down: IPv4 routes by it go (its local ones stay unless it is gone for good), IPv6 loses addresses and routes, neighbours go,
 * permanent ones too.
 */
export function interfaceDown(m: RoutingMachine, device: number, isGone: boolean): void {
  m.routing.neighbours.flushDevice(device, false);
  const fib = m.routing.fib4;
  const isLost = (r: Route): boolean => isGone || r.scope < SCOPE_HOST;
  fib.setRoutes(withoutDevice(fib.routes, device, isLost));
  disableIpv6(m, device, isGone);
  m.routing.changed();
}

/** Routes without the ways by a device: what has no other way is gone, of several ways those are dead. */
function withoutDevice(routes: readonly Route[], device: number, isLost: (route: Route) => boolean): Route[] {
  const left: Route[] = [];
  for (const route of routes) {
    const isBy = route.nexthops.some((h) => h.device === device && !h.isDead);
    if (!isBy || !isLost(route)) left.push(route);
    else if (!isOnlyBy(route, device)) {
      left.push({ ...route, nexthops: route.nexthops.map((h) => (h.device === device ? { ...h, isDead: true } : h)), extras: {} });
    }
  }
  return left;
}

/** addrconf_ifdown. */
export function disableIpv6(m: RoutingMachine, device: number, isGone: boolean): void {
  const own = m.interfaces.list[device];
  const isKept = !isGone && m.sysctl.conf(6, device, CONF_KEEP_ADDR_ON_DOWN) > 0;
  const { addresses } = m.environment;
  m.interfaces.setAddresses(device, own.addresses.filter((a) => a.family === 4 || (isKept && !isLinkLocal(addresses, 6, a.handle))));
  m.routing.neighbours.flushDevice(device, false, 6);
  m.routing.reports.forget(device);
  const fib = m.routing.fib6;
  fib.setRoutes(withoutDevice(fib.routes, device, () => true));
  m.routing.changed();
}

/** The interface came up: connected routes come back, IPv6 makes its link-local address. What a command had added does not come back. */
export function interfaceUp(m: RoutingMachine, device: number): void {
  const own = m.interfaces.list[device];
  const fib = m.routing.fib4;
  // fib_sync_up: ways of several that were dead live again
  fib.setRoutes(fib.routes.map((r) => (r.nexthops.some((h) => h.device === device && h.isDead) ? { ...r, nexthops: r.nexthops.map((h) => (h.device === device ? { ...h, isDead: false } : h)), extras: {} } : r)));
  const list = own.addresses.filter((a) => a.family === 4);
  for (const address of list) {
    const primary = address.isSecondary ? (list.find((a) => !a.isSecondary && a.prefixLength === address.prefixLength && samePrefix(m.environment.addresses, 4, a.peer, address.peer, a.prefixLength)) ?? address) : address;
    addRoutes4(m, device, address, primary, { isNoPrefixRoute: false, metric: 0 });
  }
  enableIpv6(m, device);
  m.routing.changed();
}

/** addrconf_notify(NETDEV_UP): the addresses that are there get their routes, and a link-local one is made from the MAC address. */
export function enableIpv6(m: RoutingMachine, device: number): void {
  const own = m.interfaces.list[device];
  if (!own.isUp || m.sysctl.conf(6, device, CONF_DISABLE_IPV6) !== 0) return;
  const { addresses } = m.environment;
  if (own.kind === 'loopback') {
    const handle = addresses.intern6(0, 0, 0, 1);
    if (!own.addresses.some((a) => a.handle === handle && a.family === 6)) m.interfaces.addAddress(device, generated(handle, 128, SCOPE_HOST));
  } else if (own.hasLinkAddress && own.hasCarrier && !own.addresses.some((a) => a.family === 6 && isLinkLocal(addresses, 6, a.handle))) {
    m.interfaces.addAddress(device, generated(linkLocalFrom(m, own.macId), 64, SCOPE_LINK));
  }
  for (const address of own.addresses) if (address.family === 6) addRoutes6(m, device, address, { isNoPrefixRoute: false, metric: 0 }, false);
}

function generated(handle: number, prefixLength: number, scope: number): InterfaceAddress {
  return { family: 6, handle, peer: handle, prefixLength, broadcast: 0, scope, isSecondary: false, isDeprecated: false, isTentative: false, label: null, isGenerated: true };
}

/** addrconf_ifid_eui48: the modified EUI-64 of RFC 4291. */
function linkLocalFrom(m: RoutingMachine, macId: number): number {
  const bytes = m.environment.macs.name(macId).split(':').map((b) => parseInt(b, 16));
  const [a, b, c, d, e, f] = bytes;
  return m.environment.addresses.intern6(0xfe800000 | 0, 0, ((a ^ 2) << 24) | (b << 16) | (c << 8) | 0xff, (0xfe << 24) | (d << 16) | (e << 8) | f);
}

/** The carrier came or went: neighbours that are not permanent are forgotten, a link-local address waits for the first carrier. */
export function carrierChanged(m: RoutingMachine, device: number): void {
  const own = m.interfaces.list[device];
  if (!own.hasCarrier) m.routing.neighbours.flushDevice(device, true);
  else enableIpv6(m, device);
  m.interfaces.changed();
}

/** conf.X.forwarding of IPv6 was switched: the subnet-router anycast addresses and the all-routers groups come or go (dev_forward_change). `before`: the groups reported until then. */
export function forwardingChanged6(m: RoutingMachine, device: number, before: readonly number[]): void {
  const own = m.interfaces.list[device];
  if (!own.isUp || own.kind === 'loopback') return;
  if (m.sysctl.conf(6, device, CONF_FORWARDING) !== 0) {
    for (const address of own.addresses) if (address.family === 6) addRoutes6(m, device, address, { isNoPrefixRoute: true, metric: 0 }, false);
  } else removeRoutes(m, 6, (r) => r.type === RTN_ANYCAST && r.protocol === PROTOCOL_KERNEL && r.nexthops[0]?.device === device);
  reportGroups(m, device, before);
}

/** Tells routers of the groups that were joined or left since `before`. */
function reportGroups(m: RoutingMachine, device: number, before: readonly number[]): void {
  const after = reportedGroups(m, device);
  const changed = [...before.filter((g) => !after.includes(g)), ...after.filter((g) => !before.includes(g))];
  m.routing.reports.change(device, changed, m.environment.now);
  m.environment.effects.due(m.routing.reports.nextTimer());
}
