/** Whether a machine answers for an address on a link: arp_process (net/ipv4/arp.c) and ndisc_recv_ns (net/ipv6/ndisc.c; Linux 6.18). */
import type { Family } from '@worldline/model';
import { isLoopback, isMulticast, type PacketContext } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, samePrefix } from '../interface/index.js';
import { CONF_ARP_ANNOUNCE, CONF_ARP_FILTER, CONF_ARP_IGNORE, CONF_FORWARDING, CONF_PROXY_ARP, CONF_PROXY_NDP, CONF_ROUTE_LOCALNET } from '../sysctl/index.js';
import { validateSource } from './reverse-path.js';
import { RTN_ANYCAST, RTN_LOCAL, RTN_UNICAST } from './route.js';
import type { RoutingMachine } from './routing-state.js';
import { selectSource4 } from './source-address.js';

/** The question is none of this machine's; what it tells of its sender may be. */
export const ANSWER_NONE = 0;
/** It concerns this machine, which keeps silent. */
const ANSWER_SILENCE = 1;
export const ANSWER_OWN = 2;
/** Answered for another machine. */
export const ANSWER_PROXY = 3;

/** What is answered to the ARP request `p`. */
export function answersArp(m: RoutingMachine, p: PacketContext): number {
  const { addresses } = m.environment;
  const { inputInterface: device, source: sender, destination: target } = p;
  if (isMulticast(addresses, 4, target)) return ANSWER_SILENCE;
  if (isLoopback(addresses, 4, target) && !m.sysctl.isConfOn(4, device, CONF_ROUTE_LOCALNET)) return ANSWER_SILENCE;
  // Duplicate address detection asks without an address of its own
  if (sender === 0) return addressTypeIsLocal(m, target) && !isIgnored(m, device, sender, target) ? ANSWER_OWN : ANSWER_SILENCE;
  const { routing } = m;
  const { key, result } = routing;
  key.family = 4;
  key.destination = target;
  key.source = sender;
  key.inputInterface = device;
  key.outputInterface = -1;
  key.mark = 0;
  key.tos = 0;
  key.protocol = 0;
  key.device = -1;
  key.isStrict = false;
  routing.fib4.lookup(m, key, result);
  if (result.error !== 0) return ANSWER_NONE;
  const { type, nexthop } = result;
  const isOwn = type === RTN_LOCAL;
  if (!isOwn && (m.sysctl.conf(4, device, CONF_FORWARDING) === 0 || type !== RTN_UNICAST || !nexthop)) return ANSWER_NONE;
  const out = isOwn || !nexthop ? -1 : nexthop.device;
  // ip_route_input: what would be a martian or fail the reverse-path check is not answered
  if (!validateSource(m, routing, p, target, out)) return ANSWER_NONE;
  if (isOwn) return isIgnored(m, device, sender, target) || isFiltered(m, device, sender, target) ? ANSWER_SILENCE : ANSWER_OWN;
  return out !== device && isProxied(m, device, target) ? ANSWER_PROXY : ANSWER_NONE;
}

/** arp_fwd_proxy, pneigh_lookup. */
function isProxied(m: RoutingMachine, device: number, target: number): boolean {
  return m.sysctl.isConfOn(4, device, CONF_PROXY_ARP) || m.routing.proxied.has(proxyKey(4, device, target));
}

/** What `RoutingState.proxied` holds for an address. */
export function proxyKey(family: Family, device: number, handle: number): string {
  return `${family}/${device}/${handle}`;
}

function addressTypeIsLocal(m: RoutingMachine, handle: number): boolean {
  return m.routing.addressType(m, 4, handle, -1) === 1 << RTN_LOCAL;
}

/** arp_ignore. */
function isIgnored(m: RoutingMachine, device: number, sender: number, target: number): boolean {
  const mode = m.sysctl.maxConf(device, CONF_ARP_IGNORE);
  switch (mode) {
    case 0:
      return false;
    case 1:
      return !confirms(m, device, 0, target, SCOPE_HOST);
    case 2:
      return !confirms(m, device, sender, target, SCOPE_HOST);
    case 3:
      return !m.interfaces.list.some((i) => confirms(m, i.position, 0, target, SCOPE_LINK));
    case 8:
      return true;
    default:
      return false;
  }
}

/** inet_confirm_addr: `target` is an address of the interface, wide enough, and `sender` (0: any) in its subnet. */
function confirms(m: RoutingMachine, device: number, sender: number, target: number, scope: number): boolean {
  const { addresses } = m.environment;
  return m.interfaces.list[device].addresses.some(
    (a) => a.family === 4 && a.handle === target && a.scope <= scope && (sender === 0 || samePrefix(addresses, 4, a.peer, sender, a.prefixLength)),
  );
}

/** arp_filter: only the interface by which the asker would be reached answers. */
function isFiltered(m: RoutingMachine, device: number, sender: number, target: number): boolean {
  if (!m.sysctl.isConfOn(4, device, CONF_ARP_FILTER)) return false;
  const { key, result } = m.routing;
  key.destination = sender;
  key.source = target;
  key.inputInterface = m.interfaces.loopbackPosition;
  m.routing.fib4.lookup(m, key, result);
  return result.error !== 0 || !result.nexthop || result.nexthop.device !== device;
}

/** arp_solicit: the sender's address in a question for `target`, by arp_announce; `source` is that of the packet that waits, 0 for none. */
export function solicitSource(m: RoutingMachine, device: number, target: number, source: number): number {
  const mode = m.sysctl.maxConf(device, CONF_ARP_ANNOUNCE);
  const { addresses } = m.environment;
  if (source !== 0 && mode < 2 && addressTypeIsLocal(m, source)) {
    if (mode === 0) return source;
    const own = m.interfaces.list[device].addresses;
    if (own.some((a) => a.family === 4 && samePrefix(addresses, 4, a.peer, target, a.prefixLength) && samePrefix(addresses, 4, a.peer, source, a.prefixLength))) return source;
  }
  return selectSource4(m, device, target, SCOPE_LINK);
}

export function answersSolicitation(m: RoutingMachine, device: number, target: number): number {
  const own = m.interfaces.list[device].addresses.some((a) => a.family === 6 && a.handle === target && !a.isTentative);
  if (own) return ANSWER_OWN;
  const isAnycast = m.routing.fib6.routes.some((r) => r.type === RTN_ANYCAST && r.destination === target && r.nexthops[0]?.device === device);
  if (isAnycast) return ANSWER_OWN;
  const isForwarding = m.sysctl.all(6, CONF_FORWARDING) !== 0;
  return isForwarding && m.sysctl.isConfOn(6, device, CONF_PROXY_NDP) && m.routing.proxied.has(proxyKey(6, device, target)) ? ANSWER_PROXY : ANSWER_NONE;
}
