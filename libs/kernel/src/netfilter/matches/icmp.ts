/** ICMP and ICMPv6 types (xt_tcpudp.c icmp_match, icmp6_match; 6.18). */
import { isInverted, type Evaluate } from './answer.js';

/** 255 is any type, in IPv4 alone. */
export const matchIcmpType: Evaluate = (_, p, code, at) => {
  if (p.fragmentOffset !== 0) return false;
  const isType = code[at + 1] === 255 || (p.icmpType === code[at + 1] && p.icmpCode >= code[at + 2] && p.icmpCode <= code[at + 3]);
  return isType !== isInverted(code, at);
};

export const matchIcmp6Type: Evaluate = (_, p, code, at) => {
  if (p.fragmentOffset !== 0) return false;
  return (p.icmpType === code[at + 1] && p.icmpCode >= code[at + 2] && p.icmpCode <= code[at + 3]) !== isInverted(code, at);
};
