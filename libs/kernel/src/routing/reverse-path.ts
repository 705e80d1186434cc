/** Source validation: fib_validate_source (net/ipv4/fib_frontend.c), and the rpfilter match (net/ipv4/netfilter/ipt_rpfilter.c, ip6t_rpfilter.c; Linux 6.18). */
import { isLinkLocal, isLoopback, isMulticast, type PacketContext } from '../packet/index.js';
import { REVERSE_PATH_FAILED, REVERSE_PATH_MARTIAN, REVERSE_PATH_PASSED, type Reason } from '../record/index.js';
import { CONF_ACCEPT_LOCAL, CONF_RP_FILTER, CONF_SEND_REDIRECTS, CONF_SRC_VALID_MARK } from '../sysctl/index.js';
import { RTN_LOCAL, RTN_UNICAST, type Route, type RouteKey } from './route.js';
import type { RoutingMachine, RoutingState } from './routing-state.js';

/** What the last check found; reused. */
export class ReversePath {
  /** REVERSE_PATH_*. */
  result = REVERSE_PATH_PASSED;
  /** Effective rp_filter. */
  filter = 0;
  /** Interface of the way back, -1 when none was looked up. */
  device = -1;
  /** Whether there was anything to check or tell. */
  isNoteworthy = false;
  reason: Reason = 'IP_RPFILTER';
}

/**
 * fib_validate_source for a packet that came in by `p.inputInterface` and would leave by `out` (-1: it stays here). `destination` is 0 for broadcasts.
 * Fills `routing.back`; false when the packet must go.
 */
export function validateSource(m: RoutingMachine, routing: RoutingState, p: PacketContext, destination: number, out: number): boolean {
  const { back } = routing;
  const device = p.inputInterface;
  const filter = m.sysctl.maxConf(device, CONF_RP_FILTER);
  back.filter = filter;
  back.device = -1;
  back.result = REVERSE_PATH_PASSED;
  back.isNoteworthy = filter !== 0;
  if (filter === 0 && (device !== out || !m.sysctl.isConfOn(4, device, CONF_SEND_REDIRECTS))) {
    if (m.sysctl.isConfOn(4, device, CONF_ACCEPT_LOCAL)) return true;
    if (!routing.fib4.hasCustomRules && !routing.fib4.hasCustomLocalRoutes) {
      return m.interfaces.isLocalAddress(4, p.source) ? fail(back, REVERSE_PATH_MARTIAN, 'IP_LOCAL_SOURCE') : true;
    }
  }
  return checkFully(m, routing, p, destination);
}

/** __fib_validate_source. */
function checkFully(m: RoutingMachine, routing: RoutingState, p: PacketContext, destination: number): boolean {
  const { back, backKey: key, backResult: result } = routing;
  const device = p.inputInterface;
  keyBack(m, key, p, destination);
  const hasAddress = m.interfaces.list[device].addresses.some((a) => a.family === 4);
  routing.fib4.lookup(m, key, result);
  if (result.error !== 0 || !result.route) return lastResort(back);
  const { route, type } = result;
  if (type !== RTN_UNICAST) {
    if (type !== RTN_LOCAL) return fail(back, REVERSE_PATH_MARTIAN, 'IP_INVALID_SOURCE');
    if (!m.sysctl.isConfOn(4, device, CONF_ACCEPT_LOCAL)) return fail(back, REVERSE_PATH_MARTIAN, 'IP_LOCAL_SOURCE');
  }
  back.device = result.nexthop ? result.nexthop.device : -1;
  if (usesDevice(route, device) || (type === RTN_LOCAL && device === m.interfaces.loopbackPosition)) return true;
  if (!hasAddress) return lastResort(back);
  if (back.filter === 1) return fail(back, REVERSE_PATH_FAILED, 'IP_RPFILTER');
  return true;
}

/** The lookup of the way back: addresses and ports changed round, the mark only with src_valid_mark. */
function keyBack(m: RoutingMachine, key: RouteKey, p: PacketContext, destination: number): void {
  key.family = p.family;
  key.destination = p.source;
  key.source = destination;
  key.inputInterface = m.interfaces.loopbackPosition;
  key.outputInterface = -1;
  key.mark = m.sysctl.isConfOn(4, p.inputInterface, CONF_SRC_VALID_MARK) ? p.mark : 0;
  key.tos = p.tos;
  key.protocol = p.protocol;
  key.sourcePort = p.destinationPort;
  key.destinationPort = p.sourcePort;
  key.device = -1;
  key.isStrict = false;
}

/** fib_info_nh_uses_dev. */
function usesDevice(route: Route, device: number): boolean {
  for (let i = 0; i < route.nexthops.length; i++) if (route.nexthops[i].device === device) return true;
  return false;
}

function lastResort(back: ReversePath): boolean {
  return back.filter === 0 ? true : fail(back, REVERSE_PATH_FAILED, 'IP_RPFILTER');
}

function fail(back: ReversePath, result: number, reason: Reason): false {
  back.result = result;
  back.reason = reason;
  back.isNoteworthy = true;
  return false;
}

export interface RpfilterFlags {
  readonly isLoose: boolean;
  readonly isMarkUsed: boolean;
  readonly isLocalAccepted: boolean;
}

/** The rpfilter match without `--invert`: whether the packet's source is reached by the interface it came in by. */
export function rpfilter(m: RoutingMachine, routing: RoutingState, p: PacketContext, flags: RpfilterFlags): boolean {
  const { addresses } = m.environment;
  const device = p.inputInterface;
  if (device >= 0 && m.interfaces.list[device].kind === 'loopback') return true;
  return p.family === 4 ? rpfilter4(m, routing, p, flags) : rpfilter6(m, routing, p, flags, addresses);
}

function rpfilter4(m: RoutingMachine, routing: RoutingState, p: PacketContext, flags: RpfilterFlags): boolean {
  const { backKey: key, backResult: result } = routing;
  const { addresses } = m.environment;
  // ipv4_is_zeronet(saddr) passes for multicast and broadcast destinations alone
  if (p.source === 0 && (isMulticast(addresses, 4, p.destination) || p.destination === -1)) return true;
  keyBack(m, key, p, isMulticast(addresses, 4, p.destination) || p.destination === -1 ? 0 : p.destination);
  key.mark = flags.isMarkUsed ? p.mark : 0;
  key.protocol = 0;
  key.sourcePort = 0;
  key.destinationPort = 0;
  routing.fib4.lookup(m, key, result);
  if (result.error !== 0 || !result.route) return false;
  if (result.type !== RTN_UNICAST && (result.type !== RTN_LOCAL || !flags.isLocalAccepted)) return false;
  return flags.isLoose || usesDevice(result.route, p.inputInterface);
}

function rpfilter6(m: RoutingMachine, routing: RoutingState, p: PacketContext, flags: RpfilterFlags, addresses: RoutingMachine['environment']['addresses']): boolean {
  const { backKey: key, backResult: result } = routing;
  if (p.source === 0 || isLinkLocal(addresses, 6, p.source)) return true;
  if (isMulticast(addresses, 6, p.source)) return false;
  keyBack(m, key, p, isMulticast(addresses, 6, p.destination) ? 0 : p.destination);
  key.mark = flags.isMarkUsed ? p.mark : 0;
  key.protocol = p.protocol;
  key.sourcePort = 0;
  key.destinationPort = 0;
  // Only a link-local source binds the lookup to the device (RT6_LOOKUP_F_IFACE); a strict one prefers it, so an address of another device is still local
  key.device = flags.isLoose ? -1 : p.inputInterface;
  key.isStrict = isLoopback(addresses, 6, p.source);
  routing.fib6.lookup(m, key, result);
  if (result.error !== 0 || !result.route) return false;
  if (result.type === RTN_LOCAL) return flags.isLocalAccepted;
  if (result.type !== RTN_UNICAST) return false;
  return flags.isLoose || usesDevice(result.route, p.inputInterface);
}
