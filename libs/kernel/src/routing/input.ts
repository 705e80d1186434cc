/** The route of a packet that came in: ip_route_input_noref (net/ipv4/route.c) and ip6_route_input with ip6_rcv_finish (net/ipv6/route.c, ip6_input.c; Linux 6.18). */
import { ACCEPT, EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, isLinkLocal, isLoopback, isMulticast, type PacketContext } from '../packet/index.js';
import { REVERSE_PATH_FAILED, STEP_REVERSE_PATH, STEP_ROUTING, STEP_SYSCTL, drop } from '../record/index.js';
import { CONF_BC_FORWARDING, CONF_FORCE_FORWARDING, CONF_FORWARDING, CONF_MTU, CONF_ROUTE_LOCALNET, CONF_RP_FILTER } from '../sysctl/index.js';
import { LINE_BACK, LINE_DEVICE, LINE_FILTER, LINE_GATEWAY, LINE_MTU, LINE_NEXTHOP, LINE_PREFIX_LENGTH, LINE_SOURCE, LINE_TABLE, LINE_TYPE } from './flow-cache.js';
import { isGroupMember } from './groups.js';
import { validateSource } from './reverse-path.js';
import { ROUTE_BROADCAST, ROUTE_ERROR, ROUTE_LOCAL, ROUTE_MULTICAST, ROUTE_UNICAST, RTN_ANYCAST, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST, type Nexthop } from './route.js';
import type { RoutingMachine, RoutingState } from './routing-state.js';

const ICMP_UNREACHABLE = 3;
const ICMPV6_UNREACHABLE = 1;

/** Finds the way of a received packet. ACCEPT with the route in the context, DROP, or ROUTE_ERROR with `routing.error` filled. */
export function routeInput(m: RoutingMachine, routing: RoutingState, p: PacketContext): number {
  const fib = p.family === 4 ? routing.fib4 : routing.fib6;
  if (fib.usesTransport) return p.family === 4 ? route4(m, routing, p, -1) : route6(m, routing, p, -1);
  const cache = p.family === 4 ? routing.inputCache4 : routing.inputCache6;
  const generation = routing.stamp(m);
  const mark = fib.usesMark ? p.mark : 0;
  const tos = fib.usesTos ? p.tos & 0xfc : 0;
  const line = cache.find(generation, p.inputInterface, p.source, p.destination, mark, tos);
  if (line >= 0) {
    const { lines } = cache;
    const back = lines[line + LINE_SOURCE];
    if (back >= 0) noteReversePath(m, p, back, lines[line + LINE_FILTER], lines[line + LINE_BACK]);
    return accept(m, p, lines[line + LINE_TYPE], lines[line + LINE_NEXTHOP], lines[line + LINE_DEVICE], lines[line + LINE_MTU], lines[line + LINE_TABLE], lines[line + LINE_PREFIX_LENGTH], lines[line + LINE_GATEWAY]);
  }
  routing.isCacheable = true;
  const at = cache.claim(0, p.inputInterface, p.source, p.destination, mark, tos);
  const verdict = p.family === 4 ? route4(m, routing, p, at) : route6(m, routing, p, at);
  if (verdict === ACCEPT && routing.isCacheable) cache.lines[at] = generation;
  return verdict;
}

/** ip_route_input_rcu and ip_route_input_slow. */
function route4(m: RoutingMachine, routing: RoutingState, p: PacketContext, line: number): number {
  const { addresses } = m.environment;
  const { source, destination, inputInterface: device } = p;
  routing.back.isNoteworthy = false;
  if (isMulticast(addresses, 4, destination)) return multicast4(m, routing, p, line);
  if (isMulticast(addresses, 4, source) || source === -1) return drop(p, 'MartianSource', 'IP_INVALID_SOURCE');
  if (destination === -1 || (source === 0 && destination === 0)) return broadcast4(m, routing, p, line, 0, 32);
  if (source === 0) return drop(p, 'MartianSource', 'IP_INVALID_SOURCE');
  if (destination === 0) return drop(p, 'MartianSource', 'IP_INVALID_DEST');
  if ((isLoopback(addresses, 4, destination) || isLoopback(addresses, 4, source)) && !m.sysctl.isConfOn(4, device, CONF_ROUTE_LOCALNET)) {
    noteSysctl(m, p, 4, CONF_ROUTE_LOCALNET);
    return drop(p, 'MartianSource', 'IP_LOCALNET');
  }
  const { key, result } = routing;
  routing.keyInput(p);
  key.device = -1;
  key.isStrict = false;
  routing.fib4.lookup(m, key, result);
  const isForwarding = m.sysctl.conf(4, device, CONF_FORWARDING) !== 0;
  if (result.error !== 0) {
    noteRoute(m, p, result.type, result.table, 0, -1, result.prefixLength);
    return isForwarding ? error4(m, routing, p, result.error) : notForwarding4(m, p);
  }
  if (result.type === RTN_BROADCAST) {
    if (!m.sysctl.andConf(device, CONF_BC_FORWARDING)) return broadcast4(m, routing, p, line, result.table, result.prefixLength);
    return forward4(m, routing, p, line);
  }
  if (result.type === RTN_LOCAL) {
    if (!validateSource(m, routing, p, destination, -1)) return martian(m, routing, p);
    return found(m, routing, p, line, ROUTE_LOCAL, destination, device, 0, result.table, result.prefixLength, 0);
  }
  if (!isForwarding) return notForwarding4(m, p);
  if (result.type !== RTN_UNICAST) return drop(p, 'MartianSource', 'IP_INVALID_DEST');
  return forward4(m, routing, p, line);
}

/** Whether an IPv4 packet's route is ip_error: for the kernel a route like any other, that refuses the packet only where it is used. */
export function isErrorRoute4(m: RoutingMachine, routing: RoutingState, p: PacketContext): boolean {
  const { key, result } = routing;
  routing.keyInput(p);
  key.device = -1;
  key.isStrict = false;
  routing.fib4.lookup(m, key, result);
  if (result.error !== 0) return true;
  return result.type === RTN_UNICAST && m.sysctl.conf(4, p.inputInterface, CONF_FORWARDING) === 0;
}

/** ip_mkroute_input, __mkroute_input. */
function forward4(m: RoutingMachine, routing: RoutingState, p: PacketContext, line: number): number {
  const { result } = routing;
  const nexthop = routing.chooseNexthop(m, p, p.source, false);
  if (!nexthop) return error4(m, routing, p, EHOSTUNREACH);
  if (!validateSource(m, routing, p, p.destination, nexthop.device)) return martian(m, routing, p);
  const mtu = routing.forwardMtu4(m, result.route, nexthop, p.destination);
  const type = result.type === RTN_BROADCAST ? ROUTE_BROADCAST : ROUTE_UNICAST;
  // A forwarded directed broadcast goes on like any other packet; only the frame is a broadcast
  return found(m, routing, p, line, type === ROUTE_BROADCAST ? ROUTE_UNICAST : type, nexthopOf(nexthop, p), nexthop.device, mtu, result.table, result.prefixLength, nexthop.gateway);
}

/** The `brd_input` branch: accepted here, whatever interface it came in by. */
function broadcast4(m: RoutingMachine, routing: RoutingState, p: PacketContext, line: number, table: number, prefixLength: number): number {
  if (p.source !== 0 && !validateSource(m, routing, p, 0, -1)) return martian(m, routing, p);
  return found(m, routing, p, line, ROUTE_BROADCAST, p.destination, p.inputInterface, 0, table, prefixLength, 0);
}

/** ip_route_input_mc, ip_mc_validate_source. */
function multicast4(m: RoutingMachine, routing: RoutingState, p: PacketContext, line: number): number {
  const { addresses } = m.environment;
  if (!isGroupMember(m, 4, p.inputInterface, p.destination)) return drop(p, 'NoListener', 'NOT_SPECIFIED');
  if (isMulticast(addresses, 4, p.source) || p.source === -1) return drop(p, 'MartianSource', 'IP_INVALID_SOURCE');
  if (isLoopback(addresses, 4, p.source) && !m.sysctl.isConfOn(4, p.inputInterface, CONF_ROUTE_LOCALNET)) return drop(p, 'MartianSource', 'IP_LOCALNET');
  if (p.source === 0) {
    if (p.destination >>> 8 !== 0xe00000) return drop(p, 'MartianSource', 'IP_INVALID_SOURCE');
  } else if (!validateSource(m, routing, p, 0, -1)) return martian(m, routing, p);
  return found(m, routing, p, line, ROUTE_MULTICAST, p.destination, p.inputInterface, 0, 0, 4, 0);
}

/** ip_error on a machine that does not forward: silence. */
function notForwarding4(m: RoutingMachine, p: PacketContext): number {
  noteSysctl(m, p, 4, CONF_FORWARDING);
  return drop(p, 'ForwardingDisabled', 'IP_INADDRERRORS');
}

/** ip_error: what the sender may be told, five times at once, then once a second. */
function error4(m: RoutingMachine, routing: RoutingState, p: PacketContext, error: number): number {
  const told = routing.error;
  told.icmpType = ICMP_UNREACHABLE;
  if (error === EINVAL) return drop(p, 'NullRouted', 'NOT_SPECIFIED');
  if (error === ENETUNREACH) {
    told.icmpCode = 0;
    drop(p, routing.result.type === 0 ? 'NoRoute' : 'NullRouted', 'IP_INNOROUTES');
  } else {
    told.icmpCode = error === EACCES ? 13 : 1;
    drop(p, 'NullRouted', 'NOT_SPECIFIED');
  }
  m.environment.effects.refuse();
  told.isLimited = !routing.peers.allowRouteError(p.source, m.environment.now);
  return ROUTE_ERROR;
}

function martian(m: RoutingMachine, routing: RoutingState, p: PacketContext): number {
  const { back } = routing;
  noteReversePath(m, p, back.result, back.filter, back.device);
  if (back.result === REVERSE_PATH_FAILED) {
    noteSysctl(m, p, 4, CONF_RP_FILTER);
    return drop(p, 'ReversePathFailed', back.reason);
  }
  return drop(p, 'MartianSource', back.reason);
}

/** ip6_route_input, then what the route's input function refuses at once: ip6_pkt_discard, ip6_pkt_prohibit, ip6_mc_input, the first lines of ip6_forward. */
function route6(m: RoutingMachine, routing: RoutingState, p: PacketContext, line: number): number {
  const { addresses } = m.environment;
  const { key, result } = routing;
  const { destination, inputInterface: device } = p;
  routing.back.isNoteworthy = false;
  routing.keyInput(p);
  key.device = device;
  key.isStrict = isMulticast(addresses, 6, destination) || isLinkLocal(addresses, 6, destination) || isLoopback(addresses, 6, destination);
  routing.fib6.lookup(m, key, result);
  if (result.error !== 0) {
    noteRoute(m, p, result.type, result.table, 0, -1, result.prefixLength);
    return error6(routing, p, result.error);
  }
  const { table, prefixLength, type } = result;
  if (type === RTN_LOCAL || type === RTN_ANYCAST) return found(m, routing, p, line, ROUTE_LOCAL, destination, device, 0, table, prefixLength, 0);
  if (type === RTN_MULTICAST || isMulticast(addresses, 6, destination)) {
    if (!isGroupMember(m, 6, device, destination)) return drop(p, 'NoListener', 'NOT_SPECIFIED');
    return found(m, routing, p, line, ROUTE_MULTICAST, destination, device, 0, table, prefixLength, 0);
  }
  const nexthop = routing.chooseNexthop(m, p, p.source, false);
  if (!nexthop) return error6(routing, p, ENETUNREACH);
  if (m.sysctl.all(6, CONF_FORWARDING) === 0 && m.sysctl.conf(6, device, CONF_FORCE_FORWARDING) === 0) {
    noteRoute(m, p, type, table, nexthop.gateway, nexthop.device, prefixLength);
    noteSysctl(m, p, 6, CONF_FORWARDING);
    return drop(p, 'ForwardingDisabled', 'IP_INADDRERRORS');
  }
  const { route } = result;
  const mtu = route && route.isMtuLocked && route.mtu > 0 ? route.mtu : m.sysctl.conf(6, nexthop.device, CONF_MTU);
  return found(m, routing, p, line, ROUTE_UNICAST, nexthopOf(nexthop, p), nexthop.device, mtu, table, prefixLength, nexthop.gateway);
}

function error6(routing: RoutingState, p: PacketContext, error: number): number {
  if (error === EINVAL) return drop(p, 'NullRouted', 'NOT_SPECIFIED');
  const told = routing.error;
  told.icmpType = ICMPV6_UNREACHABLE;
  told.icmpCode = error === EACCES ? 1 : 0;
  told.isLimited = false;
  drop(p, error === EACCES ? 'NullRouted' : 'NoRoute', 'IP_INNOROUTES');
  return ROUTE_ERROR;
}

function nexthopOf(nexthop: Nexthop, p: PacketContext): number {
  return nexthop.gateway !== 0 ? nexthop.gateway : p.destination;
}

/** Fills the cache line and the packet. */
function found(
  m: RoutingMachine,
  routing: RoutingState,
  p: PacketContext,
  line: number,
  type: number,
  nexthop: number,
  device: number,
  mtu: number,
  table: number,
  prefixLength: number,
  gateway: number,
): number {
  const { back } = routing;
  if (back.isNoteworthy) noteReversePath(m, p, back.result, back.filter, back.device);
  if (line >= 0) {
    const { lines } = p.family === 4 ? routing.inputCache4 : routing.inputCache6;
    lines[line + LINE_TYPE] = type;
    lines[line + LINE_NEXTHOP] = nexthop;
    lines[line + LINE_DEVICE] = device;
    lines[line + LINE_MTU] = mtu;
    lines[line + LINE_TABLE] = table;
    lines[line + LINE_PREFIX_LENGTH] = prefixLength;
    lines[line + LINE_GATEWAY] = gateway;
    lines[line + LINE_SOURCE] = back.isNoteworthy ? back.result : -1;
    lines[line + LINE_FILTER] = back.filter;
    lines[line + LINE_BACK] = back.device;
  }
  return accept(m, p, type, nexthop, device, mtu, table, prefixLength, gateway);
}

function accept(m: RoutingMachine, p: PacketContext, type: number, nexthop: number, device: number, mtu: number, table: number, prefixLength: number, gateway: number): number {
  p.routeType = type;
  p.nexthop = nexthop;
  p.outputInterface = type === ROUTE_UNICAST ? device : -1;
  p.routeMtu = mtu;
  p.hasRoute = true;
  noteRoute(m, p, type, table, gateway, type === ROUTE_UNICAST ? device : -1, prefixLength);
  return ACCEPT;
}

function noteRoute(m: RoutingMachine, p: PacketContext, type: number, table: number, gateway: number, device: number, prefixLength: number): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step6(p, STEP_ROUTING, 0, type, table, gateway, device < 0 ? -1 : m.interfaces.list[device].nameId, prefixLength);
  recorder.detail(p, p.family);
  recorder.detail(p, p.destination);
}

function noteReversePath(m: RoutingMachine, p: PacketContext, result: number, filter: number, device: number): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step3(p, STEP_REVERSE_PATH, result, filter, device < 0 ? -1 : m.interfaces.list[device].nameId);
  recorder.detail(p, p.source);
}

/** A per-interface sysctl decided. */
function noteSysctl(m: RoutingMachine, p: PacketContext, family: 4 | 6, key: number): void {
  const { recorder, words } = m.environment;
  if (!recorder.isOn) return;
  const [name, value] = m.sysctl.decisive(family, p.inputInterface, key);
  recorder.step2(p, STEP_SYSCTL, words.id(name), value);
}

