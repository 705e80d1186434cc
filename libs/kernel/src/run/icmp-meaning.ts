/** What an ICMP message means to a socket (net/ipv4/icmp.c icmp_err_convert, net/ipv6/icmp.c icmpv6_err_convert, Linux 6.18). */
import type { Family } from '@worldline/model';
import {
  EACCES,
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
  PROTOCOL_ICMP,
  type PacketContext,
} from '../packet/index.js';

const DEST_UNREACH = 3;
const FRAG_NEEDED = 4;
const REDIRECT = 5;
const TIME_EXCEEDED = 11;
const PARAMETER_PROBLEM = 12;
const DEST_UNREACH_6 = 1;
const TOO_BIG_6 = 2;
const TIME_EXCEEDED_6 = 3;
const PARAMETER_PROBLEM_6 = 4;
const REDIRECT_6 = 137;

/** By code of destination unreachable. */
const UNREACHABLE = [
  ENETUNREACH,
  EHOSTUNREACH,
  ENOPROTOOPT,
  ECONNREFUSED,
  EMSGSIZE,
  EOPNOTSUPP,
  ENETUNREACH,
  EHOSTDOWN,
  ENONET,
  ENETUNREACH,
  EHOSTUNREACH,
  ENETUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
];
const UNREACHABLE_6 = [ENETUNREACH, EACCES, EHOSTUNREACH, EHOSTUNREACH, ECONNREFUSED, EACCES, EACCES];

/** The (negative) errno that a message gives a socket, 0 when it is no error to it: a redirect, source quench, an echo. */
export function errnoOfIcmp(p: PacketContext): number {
  const { icmpType, icmpCode } = p;
  if (p.protocol === PROTOCOL_ICMP) {
    if (icmpType === DEST_UNREACH) return UNREACHABLE[icmpCode] ?? EHOSTUNREACH;
    if (icmpType === TIME_EXCEEDED) return EHOSTUNREACH;
    return icmpType === PARAMETER_PROBLEM ? EPROTO : 0;
  }
  if (icmpType === DEST_UNREACH_6) return UNREACHABLE_6[icmpCode] ?? EPROTO;
  if (icmpType === TOO_BIG_6) return EMSGSIZE;
  if (icmpType === TIME_EXCEEDED_6) return EHOSTUNREACH;
  return icmpType === PARAMETER_PROBLEM_6 ? EPROTO : 0;
}

/** Whether a message says that a packet was too large for a link. */
export function isTooBig(family: Family, type: number, code: number): boolean {
  return family === 4 ? type === DEST_UNREACH && code === FRAG_NEEDED : type === TOO_BIG_6;
}

/** Codes of icmpv6_err_convert's table that are fatal. */
const FATAL_6 = [false, true, false, false, true, true, true];

/** Whether it ends a half-open connection (tcp_req_err): IPv4 by its kind, IPv6 where icmpv6_err_convert calls it fatal. */
export function endsHalfOpen(p: PacketContext): boolean {
  if (p.protocol !== PROTOCOL_ICMP) return (p.icmpType === DEST_UNREACH_6 && (FATAL_6[p.icmpCode] ?? false)) || p.icmpType === PARAMETER_PROBLEM_6;
  if (p.icmpType === DEST_UNREACH) return p.icmpCode === 0 || p.icmpCode === 1;
  return p.icmpType === TIME_EXCEEDED || p.icmpType === PARAMETER_PROBLEM;
}

export function isRedirect(p: PacketContext): boolean {
  return p.icmpType === (p.protocol === PROTOCOL_ICMP ? REDIRECT : REDIRECT_6);
}

export function isEchoRequest(p: PacketContext): boolean {
  return p.icmpType === (p.protocol === PROTOCOL_ICMP ? 8 : 128);
}

export function isEchoReply(p: PacketContext): boolean {
  return p.icmpType === (p.protocol === PROTOCOL_ICMP ? 0 : 129);
}
