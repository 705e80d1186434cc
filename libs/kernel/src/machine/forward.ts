/** ip_forward and ip6_forward (net/ipv4/ip_forward.c, net/ipv6/ip6_output.c, Linux 6.18). */
import {
  ACCEPT,
  FORWARD,
  PACKET_HOST,
  STAGE_END,
  STAGE_OUTPUT,
  isLinkLocal,
  isLoopback,
  isMulticast,
  type PacketContext,
} from '../packet/index.js';
import { FRAGMENT_TOO_BIG, STEP_FRAGMENT, drop } from '../record/index.js';
import { runHook } from '../netfilter/index.js';
import type { Machine } from './machine.js';
import { ICMP, ICMPV6, sendIcmpError } from './icmp-error.js';
import { sendRedirect, wantsRedirect } from './redirect.js';

/** Smallest MTU of IPv6 (RFC 8200). */
const MINIMUM_MTU_6 = 1280;

export function forward(m: Machine, p: PacketContext): number {
  if (p.packetType !== PACKET_HOST) {
    drop(p, 'ForwardingDisabled', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  const mayGo = p.family === 4 ? mayForward4(m, p) : mayForward6(m, p);
  if (!mayGo) return STAGE_END;
  p.ttl--;
  if (p.family === 4 && wantsRedirect(m, p)) sendRedirect(m, p);
  if (runHook(m, p, FORWARD) !== ACCEPT) return STAGE_END;
  return STAGE_OUTPUT;
}

function mayForward4(m: Machine, p: PacketContext): boolean {
  if (p.ttl <= 1) {
    drop(p, 'TtlExpired', 'IP_INHDR');
    sendIcmpError(m, p, ICMP.timeExceeded, 0, 0);
    return false;
  }
  const mtu = p.routeMtu;
  if (p.length > mtu && p.isDontFragment && (p.largestFragment > mtu || p.largestFragment === 0) && !isCutByOffload(p, mtu)) {
    tooBig(m, p, mtu);
    sendIcmpError(m, p, ICMP.unreachable, ICMP.fragmentationNeeded, mtu);
    return false;
  }
  return true;
}

function mayForward6(m: Machine, p: PacketContext): boolean {
  const { addresses } = m.environment;
  if (p.ttl <= 1) {
    drop(p, 'TtlExpired', 'IP_INHDR');
    sendIcmpError(m, p, ICMPV6.timeExceeded, 0, 0);
    return false;
  }
  if (wantsRedirect(m, p)) sendRedirect(m, p);
  else if (p.source === 0 || isMulticast(addresses, 6, p.source) || isLoopback(addresses, 6, p.source)) {
    drop(p, 'MartianSource', 'IP_INADDRERRORS');
    return false;
  } else if (isLinkLocal(addresses, 6, p.source)) {
    drop(p, 'MartianSource', 'IP_INADDRERRORS');
    sendIcmpError(m, p, ICMPV6.unreachable, ICMPV6.beyondScope, 0);
    return false;
  }
  const mtu = Math.max(p.routeMtu, MINIMUM_MTU_6);
  const size = p.largestFragment > 0 ? p.largestFragment : p.length;
  if (size > mtu && !isCutByOffload(p, mtu)) {
    tooBig(m, p, mtu);
    sendIcmpError(m, p, ICMPV6.tooBig, 0, mtu);
    return false;
  }
  return true;
}

/** A segment that offload has not cut yet counts as the pieces it will be cut into (skb_gso_validate_network_len). */
export function isCutByOffload(p: PacketContext, mtu: number): boolean {
  if (p.segmentSize === 0 || p.payloadLength <= p.segmentSize) return false;
  return p.length - p.payloadLength + p.segmentSize <= mtu;
}

function tooBig(m: Machine, p: PacketContext, mtu: number): void {
  m.environment.recorder.step2(p, STEP_FRAGMENT, FRAGMENT_TOO_BIG, mtu);
  drop(p, 'TooBig', 'PKT_TOO_BIG');
}
