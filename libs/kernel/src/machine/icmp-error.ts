/** ICMP and ICMPv6 errors about a packet: __icmp_send (net/ipv4/icmp.c), icmp6_send (net/ipv6/icmp.c), Linux 6.18. */
import {
  PACKET_HOST,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  isLinkLocal,
  isMulticast,
  type PacketContext,
} from '../packet/index.js';
import { SCOPE_LINK } from '../interface/index.js';
import { WHAT_ICMP_ERROR } from '../record/index.js';
import { ROUTE_BROADCAST, ROUTE_LOCAL, ROUTE_MULTICAST, RTN_ANYCAST } from '../routing/index.js';
import {
  SYSCTL_ICMP6_RATELIMIT,
  SYSCTL_ICMP_ERRORS_USE_INBOUND_IFADDR,
  SYSCTL_ICMP_MSGS_BURST,
  SYSCTL_ICMP_MSGS_PER_SEC,
  SYSCTL_ICMP_RATELIMIT,
  SYSCTL_ICMP_RATEMASK,
} from '../sysctl/index.js';
import type { Machine } from './machine.js';
import { reflectedMark, sendIcmp } from './output.js';

export const ICMP = { unreachable: 3, redirect: 5, echoRequest: 8, echoReply: 0, timeExceeded: 11, fragmentationNeeded: 4 } as const;
export const ICMPV6 = { unreachable: 1, tooBig: 2, timeExceeded: 3, parameterProblem: 4, echoRequest: 128, echoReply: 129, beyondScope: 2, redirect: 137 } as const;

/** Largest IPv4 error (RFC 1812) and IPv6 error (RFC 4443). */
export const MAXIMUM_ERROR = 576;
export const MAXIMUM_ERROR_6 = 1280;
export const HEADERS = 28;
export const HEADERS_6 = 48;
export const PRECEDENCE_INTERNETCONTROL = 0xc0;

/** Sends an error about `p` to its source, unless the rules of ICMP, a rate limit or a missing route forbid it. */
export function sendIcmpError(m: Machine, p: PacketContext, type: number, code: number, mtu: number): void {
  // how many may go is a matter of time
  m.environment.effects.refuse();
  if (m.network.isIcmpBusy || !mayAnswer(m, p, type)) return;
  const q = m.environment.pool.take();
  q.question = p.question;
  q.about = p.about;
  q.what = WHAT_ICMP_ERROR;
  q.family = p.family;
  q.protocol = p.family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  q.icmpType = type;
  q.icmpCode = code;
  q.icmpMtu = mtu;
  q.source = sourceOf(m, p);
  q.destination = p.source;
  q.mark = reflectedMark(m, p);
  if (p.family === 4) q.tos = (p.tos & 0x1e) | PRECEDENCE_INTERNETCONTROL;
  else if (isLinkLocal(m.environment.addresses, 6, p.source)) q.outputInterface = inputOf(p);
  const inner = m.environment.pool.take();
  inner.copyHeaders(p);
  inner.inner = null;
  q.inner = inner;
  q.payloadLength = p.family === 4 ? Math.min(p.length, MAXIMUM_ERROR - HEADERS) : Math.min(p.length, MAXIMUM_ERROR_6 - HEADERS_6);
  q.length = q.payloadLength + (p.family === 4 ? HEADERS : HEADERS_6);
  if (!isWithinLimits(m, q, type, code)) {
    m.environment.pool.give(q);
    return;
  }
  m.conntrack.attach(q, p);
  sendIcmp(m, q);
}

function mayAnswer(m: Machine, p: PacketContext, type: number): boolean {
  const { addresses } = m.environment;
  if (p.isArp || p.packetType !== PACKET_HOST || p.fragmentOffset > 0) return false;
  if (p.family === 4) {
    if (p.routeType === ROUTE_BROADCAST || p.routeType === ROUTE_MULTICAST) return false;
    return p.protocol !== PROTOCOL_ICMP || !isError4(p.icmpType);
  }
  if (isMulticast(addresses, 6, p.destination) && type !== ICMPV6.tooBig) return false;
  if (p.source === 0 || isMulticast(addresses, 6, p.source)) return false;
  return p.protocol !== PROTOCOL_ICMPV6 || p.icmpType >= 128;
}

/** icmp_pointers[type].error: unreachable, source quench, redirect, time exceeded, parameter problem. */
export function isError4(type: number): boolean {
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

/** The packet's own destination when that is this machine, else an address of where it came in if the machine is told so, else left to the route back. */
function sourceOf(m: Machine, p: PacketContext): number {
  if (p.family === 4) {
    if (p.hasRoute && p.routeType === ROUTE_LOCAL) return p.destination;
    const isByInbound = p.inputInterface >= 0 && m.sysctl.global[SYSCTL_ICMP_ERRORS_USE_INBOUND_IFADDR] !== 0;
    return isByInbound ? m.routing.selectSource(m, 4, p.inputInterface, p.source, SCOPE_LINK) : 0;
  }
  // ipv6_chk_addr: an address of an interface; a local route alone does not make one, but an anycast address will do (ipv6_chk_acast_addr_src)
  if (m.interfaces.ownerOf(6, p.destination) >= 0) return p.destination;
  return (m.routing.addressType(m, 6, p.destination, -1) & (1 << RTN_ANYCAST)) !== 0 ? p.destination : 0;
}

function inputOf(p: PacketContext): number {
  return p.inputInterface >= 0 ? p.inputInterface : p.outputInterface;
}

/** icmpv4_xrlim_allow / icmpv6_xrlim_allow and the global bucket. Nothing is limited that goes out by loopback. */
function isWithinLimits(m: Machine, q: PacketContext, type: number, code: number): boolean {
  const { now } = m.environment;
  if (q.family === 4) {
    if (type === ICMP.unreachable && code === ICMP.fragmentationNeeded) return true;
    if (((m.sysctl.global[SYSCTL_ICMP_RATEMASK] >>> type) & 1) === 0) return true;
  } else if (type === ICMPV6.tooBig) return true;
  if (!m.icmpLimits.allow(now, m.sysctl.global[SYSCTL_ICMP_MSGS_PER_SEC], m.sysctl.global[SYSCTL_ICMP_MSGS_BURST])) return false;
  if (m.isLocalAddress(q.family, q.destination)) return true;
  const rate = m.sysctl.global[q.family === 4 ? SYSCTL_ICMP_RATELIMIT : SYSCTL_ICMP6_RATELIMIT];
  return m.routing.peers.allow(q.family, q.destination, rate, now);
}
