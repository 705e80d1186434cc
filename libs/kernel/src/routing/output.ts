/** The route of what a local process sends: ip_route_output_key_hash (net/ipv4/route.c), ip6_dst_lookup_tail (net/ipv6/ip6_output.c; Linux 6.18). */
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH, isLimitedBroadcast, isLinkLocal, isLoopback, isMulticast, type PacketContext } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, SCOPE_UNIVERSE } from '../interface/index.js';
import { STEP_ROUTING } from '../record/index.js';
import { CONF_ROUTE_LOCALNET } from '../sysctl/index.js';
import { LINE_DEVICE, LINE_FILTER, LINE_GATEWAY, LINE_MTU, LINE_NEXTHOP, LINE_PREFIX_LENGTH, LINE_SOURCE, LINE_TABLE, LINE_TYPE } from './flow-cache.js';
import { ROUTE_BROADCAST, ROUTE_LOCAL, ROUTE_MULTICAST, ROUTE_UNICAST, RTN_ANYCAST, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST } from './route.js';
import type { RoutingMachine, RoutingState } from './routing-state.js';
import { selectSource4, selectSource6 } from './source-address.js';

const ENODEV = -19;
const LOOPBACK_ADDRESS = 0x7f000001;

/** Who asks for the route. */
export const OUTPUT_SOCKET = 0;
/** IP_HDRINCL: the source in the header is no concern of the lookup and stays. */
export const OUTPUT_RAW = 1;
/** After OUTPUT has changed the packet: any source will do. */
export const OUTPUT_REROUTE = 2;

/**
 * Finds the way out. `p.source` 0 is chosen here, `p.outputInterface` -1 is any. 0 with the route in the context (a local destination leaves by lo),
 * or a negative errno.
 */
export function routeOutput(m: RoutingMachine, routing: RoutingState, p: PacketContext, mode: number): number {
  const fib = p.family === 4 ? routing.fib4 : routing.fib6;
  const source = mode === OUTPUT_RAW ? 0 : p.source;
  const bound = p.outputInterface;
  if (fib.usesTransport) return lookup(m, routing, p, mode, source, bound, -1);
  const cache = p.family === 4 ? routing.outputCache4 : routing.outputCache6;
  const generation = routing.stamp(m);
  const mark = fib.usesMark ? p.mark : 0;
  const tos = (fib.usesTos ? p.tos & 0xfc : 0) | mode;
  const line = cache.find(generation, bound, source, p.destination, mark, tos);
  if (line >= 0) {
    const { lines } = cache;
    return take(m, routing, p, mode, lines[line + LINE_SOURCE], lines[line + LINE_TYPE], lines[line + LINE_NEXTHOP], lines[line + LINE_DEVICE], lines[line + LINE_MTU], lines[line + LINE_FILTER], lines[line + LINE_TABLE], lines[line + LINE_PREFIX_LENGTH], lines[line + LINE_GATEWAY]);
  }
  routing.isCacheable = true;
  const at = cache.claim(0, bound, source, p.destination, mark, tos);
  const error = lookup(m, routing, p, mode, source, bound, at);
  if (error === 0 && routing.isCacheable) cache.lines[at] = generation;
  return error;
}

function lookup(m: RoutingMachine, routing: RoutingState, p: PacketContext, mode: number, source: number, bound: number, line: number): number {
  return p.family === 4 ? lookup4(m, routing, p, mode, source, bound, line) : lookup6(m, routing, p, mode, source, bound, line);
}

/** ip_route_output_key_hash_rcu. */
function lookup4(m: RoutingMachine, routing: RoutingState, p: PacketContext, mode: number, wanted: number, wantedDevice: number, line: number): number {
  const { addresses } = m.environment;
  const { key, result } = routing;
  const isGroup = isMulticast(addresses, 4, p.destination);
  let source = wanted;
  let bound = wantedDevice;
  if (source !== 0) {
    if (isMulticast(addresses, 4, source) || source === -1) return EINVAL;
    const owner = mode === OUTPUT_REROUTE && !(bound < 0 && (isGroup || p.destination === -1)) ? -2 : routing.localDevice(m, source);
    if (owner === -1) return EINVAL;
    if (bound < 0 && (isGroup || isLimitedBroadcast(4, p.destination))) return make4(m, routing, p, mode, line, source, owner, isGroup ? RTN_MULTICAST : RTN_BROADCAST, 0, 0, 0);
  }
  if (bound >= 0) {
    const device = m.interfaces.list[bound];
    if (!device || device.isDeleted) return ENODEV;
    if (!device.isUp) return ENETUNREACH;
    const isLocalGroup = p.destination >>> 8 === 0xe00000;
    if (isLocalGroup || isLimitedBroadcast(4, p.destination)) {
      if (source === 0) source = selectSource4(m, bound, 0, SCOPE_LINK);
      return make4(m, routing, p, mode, line, source, bound, isGroup ? RTN_MULTICAST : RTN_BROADCAST, 0, 0, 0);
    }
    if (source === 0) {
      if (isGroup) source = selectSource4(m, bound, 0, SCOPE_UNIVERSE);
      else if (p.destination === 0) source = selectSource4(m, bound, 0, SCOPE_HOST);
    }
  }
  if (p.destination === 0) {
    p.destination = source !== 0 ? source : LOOPBACK_ADDRESS;
    if (source === 0) source = LOOPBACK_ADDRESS;
    routing.isCacheable = false;
    return make4(m, routing, p, mode, line, source, m.interfaces.loopbackPosition, RTN_LOCAL, 0, 0, 0);
  }
  routing.keyOutput(m, p, source, bound);
  key.device = -1;
  key.isStrict = false;
  routing.fib4.lookup(m, key, result);
  if (result.error !== 0) {
    if (bound < 0) return result.error;
    // "Apparently, routing tables are wrong. Assume, that the destination is on link."
    if (source === 0) source = selectSource4(m, bound, 0, SCOPE_LINK);
    return make4(m, routing, p, mode, line, source, bound, isGroup ? RTN_MULTICAST : ROUTE_UNICAST, 0, 0, 0);
  }
  if (result.type === RTN_LOCAL) {
    if (source === 0) source = result.route && result.route.preferredSource !== 0 ? result.route.preferredSource : p.destination;
    bound = m.interfaces.loopbackPosition;
    return make4(m, routing, p, mode, line, source, bound, RTN_LOCAL, 0, result.table, result.prefixLength);
  }
  const nexthop = routing.chooseNexthop(m, p, source, true);
  if (!nexthop || !result.route) return ENETUNREACH;
  if (source === 0) source = result.route.preferredSource !== 0 ? result.route.preferredSource : selectSource4(m, nexthop.device, nexthop.gateway, result.route.scope);
  const type = isGroup ? RTN_MULTICAST : isLimitedBroadcast(4, p.destination) ? RTN_BROADCAST : result.type;
  const isDirect = type === RTN_BROADCAST || (type === RTN_MULTICAST && result.prefixLength < 4);
  const gateway = isDirect ? 0 : isRedirected(routing, type) ? redirected(m, routing, p, nexthop.gateway) : nexthop.gateway;
  return make4(m, routing, p, mode, line, source, nexthop.device, type, gateway, result.table, result.prefixLength);
}

function isRedirected(routing: RoutingState, type: number): boolean {
  return !routing.redirects.isEmpty && type === ROUTE_UNICAST;
}

/** find_exception: the gateway that a redirect named, for as long as it holds. */
function redirected(m: RoutingMachine, routing: RoutingState, p: PacketContext, gateway: number): number {
  routing.isCacheable = false;
  return routing.redirects.follow(p.destination, gateway, routing.generation, m.environment);
}

/** __mkroute_output. */
function make4(
  m: RoutingMachine,
  routing: RoutingState,
  p: PacketContext,
  mode: number,
  line: number,
  source: number,
  device: number,
  type: number,
  gateway: number,
  table: number,
  prefixLength: number,
): number {
  const out = m.interfaces.list[device];
  if (!out) return EINVAL;
  const isLoopbackDevice = out.kind === 'loopback';
  if (isLoopback(m.environment.addresses, 4, source) && !isLoopbackDevice && !m.sysctl.isConfOn(4, device, CONF_ROUTE_LOCALNET)) return EINVAL;
  const route = table === 0 ? null : routing.result.route;
  const mtu = route && route.mtu > 0 ? route.mtu : out.mtu;
  const kind = type === RTN_BROADCAST ? ROUTE_BROADCAST : type === RTN_MULTICAST ? ROUTE_MULTICAST : isLoopbackDevice || type === RTN_LOCAL ? ROUTE_LOCAL : ROUTE_UNICAST;
  const hopLimit = route ? route.hopLimit : 0;
  store(routing, p, line, source, kind, gateway, device, mtu, hopLimit, table, prefixLength);
  return take(m, routing, p, mode, source, kind, gateway !== 0 ? gateway : p.destination, device, mtu, hopLimit, table, prefixLength, gateway);
}

/** ip6_dst_lookup_tail with ip6_route_output_flags. */
function lookup6(m: RoutingMachine, routing: RoutingState, p: PacketContext, mode: number, wanted: number, bound: number, line: number): number {
  const { addresses } = m.environment;
  const { key, result } = routing;
  let source = wanted;
  routing.keyOutput(m, p, source, bound);
  key.device = bound;
  key.isStrict = bound >= 0 || isMulticast(addresses, 6, p.destination) || isLinkLocal(addresses, 6, p.destination) || isLoopback(addresses, 6, p.destination);
  // A lookup for ::1 or a group without an interface has nothing to be strict about (oif 0 scores every device)
  if (bound < 0) key.isStrict = false;
  routing.fib6.lookup(m, key, result);
  if (source === 0 && result.error === 0) {
    const device = result.nexthop ? result.nexthop.device : -1;
    const preferred = result.route ? result.route.preferredSource : 0;
    source = preferred !== 0 ? preferred : selectSource6(m.interfaces, addresses, device, p.destination);
    if (source === 0) return EADDRNOTAVAIL;
    if (routing.fib6.hasCustomRules) {
      routing.keyOutput(m, p, source, bound);
      routing.fib6.lookup(m, key, result);
    }
  }
  if (result.error !== 0) return result.error;
  const nexthop = routing.chooseNexthop(m, p, source, true);
  if (!nexthop || !result.route) return ENETUNREACH;
  const { table, prefixLength, type, route } = result;
  const isOwn = type === RTN_LOCAL || type === RTN_ANYCAST;
  const device = isOwn ? m.interfaces.loopbackPosition : nexthop.device;
  const kind = isOwn ? ROUTE_LOCAL : type === RTN_MULTICAST || isMulticast(addresses, 6, p.destination) ? ROUTE_MULTICAST : ROUTE_UNICAST;
  const mtu = route.mtu > 0 ? route.mtu : routing.mtu6(m, device);
  store(routing, p, line, source, kind, nexthop.gateway, device, mtu, route.hopLimit, table, prefixLength);
  return take(m, routing, p, mode, source, kind, nexthop.gateway !== 0 ? nexthop.gateway : p.destination, device, mtu, route.hopLimit, table, prefixLength, nexthop.gateway);
}

function store(
  routing: RoutingState,
  p: PacketContext,
  line: number,
  source: number,
  type: number,
  gateway: number,
  device: number,
  mtu: number,
  hopLimit: number,
  table: number,
  prefixLength: number,
): void {
  if (line < 0) return;
  const { lines } = p.family === 4 ? routing.outputCache4 : routing.outputCache6;
  lines[line + LINE_SOURCE] = source;
  lines[line + LINE_TYPE] = type;
  lines[line + LINE_NEXTHOP] = gateway !== 0 ? gateway : p.destination;
  lines[line + LINE_DEVICE] = device;
  lines[line + LINE_MTU] = mtu;
  lines[line + LINE_FILTER] = hopLimit;
  lines[line + LINE_TABLE] = table;
  lines[line + LINE_PREFIX_LENGTH] = prefixLength;
  lines[line + LINE_GATEWAY] = gateway;
}

function take(
  m: RoutingMachine,
  routing: RoutingState,
  p: PacketContext,
  mode: number,
  source: number,
  type: number,
  nexthop: number,
  device: number,
  mtu: number,
  hopLimit: number,
  table: number,
  prefixLength: number,
  gateway: number,
): number {
  if (mode === OUTPUT_SOCKET || (mode === OUTPUT_RAW && p.source === 0)) p.source = source;
  p.routeType = type;
  p.nexthop = nexthop;
  p.outputInterface = device;
  p.routeMtu = routing.pathMtus.isEmpty ? mtu : Math.min(mtu, routing.learntMtu(m, p.family, p.destination, mtu));
  p.routeHopLimit = hopLimit;
  p.hasRoute = true;
  const { recorder } = m.environment;
  if (recorder.isOn) {
    recorder.step6(p, STEP_ROUTING, 1, type, table, gateway, m.interfaces.list[device].nameId, prefixLength);
    recorder.detail(p, p.family);
    recorder.detail(p, p.destination);
  }
  return 0;
}
