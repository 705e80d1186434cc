/** Adding and deleting routes as rtnetlink does: fib_table_insert, fib_table_delete (net/ipv4/fib_trie.c), fib6_add_rt2node, ip6_route_del (net/ipv6; Linux 6.18). */
import type { Family } from '@worldline/model';
import { isLinkLocal } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, samePrefix } from '../interface/index.js';
import { RTN_BLACKHOLE, RTN_LOCAL, RTN_PROHIBIT, RTN_THROW, RTN_UNICAST, RTN_UNREACHABLE, TABLE_LOCAL, TABLE_MAIN, RouteKey, RouteResult, type Nexthop, type Route } from './route.js';
import type { RoutingMachine } from './routing-state.js';

/** What the kernel answers; the text is what `ip` prints. */
export const EXISTS = 'RTNETLINK answers: File exists';
export const NOT_THERE = 'RTNETLINK answers: No such file or directory';
const NO_SUCH_ROUTE = 'RTNETLINK answers: No such process';
const NO_SUCH_DEVICE = 'RTNETLINK answers: No such device';
const NO_WAY_TO_GATEWAY = 'RTNETLINK answers: No route to host';
const INVALID_GATEWAY = 'Error: Nexthop has invalid gateway.';
const DEVICE_DOWN = 'Error: Device for nexthop is not up.';
const NEXTHOP_DEVICE_DOWN = 'Error: Nexthop device is not up.';
const INVALID_SOURCE = 'Error: Invalid prefsrc address.';
const INVALID_PREFIX = 'Error: Invalid prefix for given prefix length.';
const NO_WAY_FOR_TYPE = 'Error: Gateway, device and multipath can not be specified for this route type.';
const NETWORK_DOWN = 'RTNETLINK answers: Network is down';
const NOT_A_WAY = 'RTNETLINK answers: Invalid argument';

export type RouteAction = 'add' | 'replace' | 'change' | 'append' | 'prepend';

/** Adds a route; null, or why not. Nexthops without a device are given the one that leads to their gateway. */
export function addRoute(m: RoutingMachine, wanted: Route, action: RouteAction): string | null {
  const resolved = resolveNexthops(m, wanted);
  if (typeof resolved === 'string') return resolved;
  const fault = faultOf(m, resolved);
  if (fault !== null) return fault;
  const { routing } = m;
  const fib = routing.fib(wanted.family);
  const routes = [...fib.routes];
  const same = routes.findIndex((r) => isSameSlot(m, r, resolved));
  if (action === 'add' && same >= 0) return EXISTS;
  if (action === 'change' && same < 0) return NOT_THERE;
  if ((action === 'replace' || action === 'change') && same >= 0) routes[same] = resolved;
  else if (action === 'append' && same >= 0) {
    const error = append(m, routes, resolved);
    if (error !== null) return error;
  } else if (action === 'prepend' && same >= 0) routes.splice(same, 0, resolved);
  else routes.push(resolved);
  if (wanted.family === 4 && resolved.type === RTN_LOCAL) fib.hasCustomLocalRoutes = true;
  fib.setRoutes(routes);
  routing.changed();
  return null;
}

/** After the last of its kind; IPv6 routes by gateways become ways of one route. */
function append(m: RoutingMachine, routes: Route[], added: Route): string | null {
  const equals = routes.filter((r) => isSameSlot(m, r, added));
  if (equals.some((r) => r.type === added.type && r.scope === added.scope && r.preferredSource === added.preferredSource && sameNexthops(r, added))) return EXISTS;
  const last = routes.lastIndexOf(equals[equals.length - 1]);
  const isSibling = added.family === 6 && added.nexthops.every((h) => h.gateway !== 0);
  const sibling = isSibling ? equals.find((r) => r.nexthops.length > 0 && r.nexthops.every((h) => h.gateway !== 0)) : undefined;
  if (sibling) routes[routes.indexOf(sibling)] = { ...sibling, nexthops: [...sibling.nexthops, ...added.nexthops], extras: {} };
  else routes.splice(last + 1, 0, added);
  return null;
}

/** What a route to be deleted must be like; null fields fit all. */
export interface RouteMatch {
  readonly family: Family;
  readonly table: number;
  readonly destination: number;
  readonly prefixLength: number;
  readonly type: number | null;
  readonly tos: number;
  readonly scope: number | null;
  readonly protocol: number | null;
  readonly metric: number | null;
  readonly preferredSource: number | null;
  readonly gateway: number | null;
  readonly device: number | null;
}

/** Deletes the first route that fits; null, or why not. */
export function deleteRoute(m: RoutingMachine, match: RouteMatch): string | null {
  const { routing } = m;
  const fib = routing.fib(match.family);
  const at = fib.routes.findIndex((r) => isMatch(m, r, match));
  if (at < 0) return NO_SUCH_ROUTE;
  const route = fib.routes[at];
  const routes = [...fib.routes];
  // IPv6 deletes one way of several
  const isOneWay = match.family === 6 && route.nexthops.length > 1 && (match.gateway !== null || match.device !== null);
  if (isOneWay) routes[at] = { ...route, nexthops: route.nexthops.filter((h) => !isWay(h, match)), extras: {} };
  else routes.splice(at, 1);
  fib.setRoutes(routes);
  routing.changed();
  return null;
}

/** Deletes every route that fits. */
export function removeRoutes(m: RoutingMachine, family: Family, isGone: (route: Route) => boolean): void {
  const fib = m.routing.fib(family);
  const left = fib.routes.filter((r) => !isGone(r));
  if (left.length === fib.routes.length) return;
  fib.setRoutes(left);
  m.routing.changed();
}

function isMatch(m: RoutingMachine, route: Route, match: RouteMatch): boolean {
  if (route.table !== match.table || route.prefixLength !== match.prefixLength || !isSameDestination(m, route, match)) return false;
  if (route.family === 4 && route.tos !== match.tos) return false;
  // ip6_route_del does not look at the type
  if (route.family === 4 && match.type !== null && route.type !== match.type) return false;
  if (match.scope !== null && route.scope !== match.scope) return false;
  if (match.protocol !== null && route.protocol !== match.protocol) return false;
  if (match.metric !== null && match.metric !== 0 && route.metric !== match.metric) return false;
  if (match.preferredSource !== null && route.preferredSource !== match.preferredSource) return false;
  if (match.gateway === null && match.device === null) return true;
  return route.nexthops.some((h) => isWay(h, match));
}

function isWay(nexthop: Nexthop, match: RouteMatch): boolean {
  return (match.gateway === null || nexthop.gateway === match.gateway) && (match.device === null || nexthop.device === match.device);
}

function isSameDestination(m: RoutingMachine, a: { family: Family; destination: number; prefixLength: number }, b: { destination: number }): boolean {
  return samePrefix(m.environment.addresses, a.family, a.destination, b.destination, a.prefixLength);
}

/** Routes of one slot exclude each other under `add`: one prefix, table, metric, and for IPv4 TOS. */
function isSameSlot(m: RoutingMachine, a: Route, b: Route): boolean {
  return a.table === b.table && a.prefixLength === b.prefixLength && a.metric === b.metric && (a.family === 6 || a.tos === b.tos) && isSameDestination(m, a, b);
}

function sameNexthops(a: Route, b: Route): boolean {
  return a.nexthops.length === b.nexthops.length && a.nexthops.every((h, i) => h.gateway === b.nexthops[i].gateway && h.device === b.nexthops[i].device && h.weight === b.nexthops[i].weight);
}

function isReject(type: number): boolean {
  return type === RTN_BLACKHOLE || type === RTN_UNREACHABLE || type === RTN_PROHIBIT || type === RTN_THROW;
}

/** fib_create_info, ip6_route_info_create: what must hold of the route as a whole. */
function faultOf(m: RoutingMachine, route: Route): string | null {
  const { addresses } = m.environment;
  if (route.family === 4 && route.prefixLength < 32 && (route.destination << route.prefixLength) !== 0 && route.prefixLength > 0) return INVALID_PREFIX;
  if (route.family === 4 && route.prefixLength === 0 && route.destination !== 0) return INVALID_PREFIX;
  if (isReject(route.type)) return null;
  if (route.nexthops.length === 0) return NO_SUCH_DEVICE;
  if (route.preferredSource === 0) return null;
  const isOwn = route.family === 4 ? m.routing.localDevice(m, route.preferredSource) >= 0 : m.interfaces.isLocalAddress(6, route.preferredSource);
  const isOwnOfDestination = route.type === RTN_LOCAL && samePrefix(addresses, route.family, route.preferredSource, route.destination, route.prefixLength);
  return isOwn || isOwnOfDestination ? null : INVALID_SOURCE;
}

function resolveNexthops(m: RoutingMachine, route: Route): Route | string {
  if (isReject(route.type)) {
    if (route.family === 6) return { ...route, nexthops: [{ gateway: 0, device: m.interfaces.loopbackPosition, weight: 1, isOnLink: false, isDead: false }] };
    return route.nexthops.length > 0 ? NO_WAY_FOR_TYPE : { ...route, nexthops: [] };
  }
  const nexthops: Nexthop[] = [];
  for (const hop of route.nexthops) {
    const resolved = route.family === 4 ? resolve4(m, route, hop) : resolve6(m, hop);
    if (typeof resolved === 'string') return resolved;
    nexthops.push(resolved);
  }
  return { ...route, nexthops };
}

/** fib_check_nh. */
function resolve4(m: RoutingMachine, route: Route, hop: Nexthop): Nexthop | string {
  const { list } = m.interfaces;
  if (hop.gateway === 0) {
    if (hop.device < 0) return NO_SUCH_DEVICE;
    // What stays in the machine does not need the link
    return list[hop.device].isUp || route.scope >= SCOPE_HOST ? hop : DEVICE_DOWN;
  }
  if (route.type === RTN_LOCAL) return NOT_A_WAY;
  if (hop.isOnLink) {
    if (m.routing.addressType(m, 4, hop.gateway, -1) !== 1 << RTN_UNICAST) return INVALID_GATEWAY;
    if (hop.device < 0) return NO_SUCH_DEVICE;
    return list[hop.device].isUp ? hop : NEXTHOP_DEVICE_DOWN;
  }
  const key = new RouteKey();
  const result = new RouteResult();
  key.destination = hop.gateway;
  key.outputInterface = hop.device;
  key.inputInterface = m.interfaces.loopbackPosition;
  key.scope = Math.max(route.scope + 1, SCOPE_LINK);
  const isOwnTable = route.table !== TABLE_MAIN && route.table !== TABLE_LOCAL;
  let error = isOwnTable ? m.routing.fib4.lookupTable(m, route.table, key, result) : 1;
  if (error !== 0) {
    m.routing.fib4.lookup(m, key, result);
    ({ error } = result);
  }
  if (error !== 0 || (result.type !== RTN_UNICAST && result.type !== RTN_LOCAL) || !result.nexthop) return INVALID_GATEWAY;
  const { device } = result.nexthop;
  return list[device].isUp ? { ...hop, device } : NETWORK_DOWN;
}

/** ip6_validate_gw. */
function resolve6(m: RoutingMachine, hop: Nexthop): Nexthop | string {
  const { list } = m.interfaces;
  if (hop.gateway === 0) {
    if (hop.device < 0) return NO_SUCH_DEVICE;
    return list[hop.device].isUp ? hop : NEXTHOP_DEVICE_DOWN;
  }
  if (m.interfaces.isLocalAddress(6, hop.gateway)) return 'Error: Gateway can not be a local address.';
  if (isLinkLocal(m.environment.addresses, 6, hop.gateway) || hop.isOnLink) {
    if (hop.device < 0) return isLinkLocal(m.environment.addresses, 6, hop.gateway) ? 'Error: Egress device not specified.' : NO_SUCH_DEVICE;
    return list[hop.device].isUp ? hop : NEXTHOP_DEVICE_DOWN;
  }
  const key = new RouteKey();
  const result = new RouteResult();
  key.family = 6;
  key.destination = hop.gateway;
  key.device = hop.device;
  key.isStrict = hop.device >= 0;
  key.inputInterface = m.interfaces.loopbackPosition;
  m.routing.fib6.lookup(m, key, result);
  // A gateway behind another gateway is none (ip6_route_check_nh)
  if (result.error !== 0 || !result.nexthop || result.nexthop.gateway !== 0 || result.type !== RTN_UNICAST) return NO_WAY_TO_GATEWAY;
  const device = hop.device >= 0 ? hop.device : result.nexthop.device;
  return list[device].isUp ? { ...hop, device } : NEXTHOP_DEVICE_DOWN;
}
