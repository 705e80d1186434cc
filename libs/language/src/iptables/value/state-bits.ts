/** Sets of states, kinds of addresses and directions, as bits. */
import { bits } from './scalar.js';
import { kind } from './value-kind.js';

/** XT_CONNTRACK_STATE_*: bit `ctinfo % 3 + 1`, INVALID the lowest. */
export const STATE_INVALID = 1;
export const STATE_ESTABLISHED = 2;
export const STATE_RELATED = 4;
export const STATE_NEW = 8;
export const STATE_SNAT = 64;
export const STATE_DNAT = 128;
export const STATE_UNTRACKED = 256;

export const CONNTRACK_STATES = bits([
  ['INVALID', STATE_INVALID],
  ['NEW', STATE_NEW],
  ['RELATED', STATE_RELATED],
  ['ESTABLISHED', STATE_ESTABLISHED],
  ['UNTRACKED', STATE_UNTRACKED],
  ['SNAT', STATE_SNAT],
  ['DNAT', STATE_DNAT],
], { isPrefixEnough: true });
/** Of the older match `state`. */
export const STATES = bits([
  ['INVALID', STATE_INVALID],
  ['NEW', STATE_NEW],
  ['RELATED', STATE_RELATED],
  ['ESTABLISHED', STATE_ESTABLISHED],
  ['UNTRACKED', STATE_UNTRACKED],
], { isPrefixEnough: true });

/** IPS_*; SEEN_REPLY is 2, ASSURED 4, CONFIRMED 8. */
export const CONNTRACK_STATUS = bits(
  [
    ['EXPECTED', 1],
    ['SEEN_REPLY', 2],
    ['ASSURED', 4],
    ['CONFIRMED', 8],
  ],
  { none: 'NONE', isPrefixEnough: true },
);

/** Bit n is RTN_n of include/uapi/linux/rtnetlink.h. */
export const ROUTE_TYPES = bits([
  ['UNSPEC', 1],
  ['UNICAST', 2],
  ['LOCAL', 4],
  ['BROADCAST', 8],
  ['ANYCAST', 16],
  ['MULTICAST', 32],
  ['BLACKHOLE', 64],
  ['UNREACHABLE', 128],
  ['PROHIBIT', 256],
  ['THROW', 512],
  ['NAT', 1024],
  ['XRESOLVE', 2048],
]);

export const HASH_DESTINATION_ADDRESS = 1;
export const HASH_DESTINATION_PORT = 2;
export const HASH_SOURCE_ADDRESS = 4;
export const HASH_SOURCE_PORT = 8;
/** XT_HASHLIMIT_HASH_*, printed in this order. */
export const HASHLIMIT_MODES = bits([
  ['srcip', HASH_SOURCE_ADDRESS],
  ['srcport', HASH_SOURCE_PORT],
  ['dstip', HASH_DESTINATION_ADDRESS],
  ['dstport', HASH_DESTINATION_PORT],
]);

/** `src,dst,...` of a set: how many, and a bit for each that is `src`. */
export const SET_DIRECTIONS = kind({
  width: 2,
  parse(text, out) {
    let sources = 0;
    const parts = text.split(',');
    for (let i = 0; i < parts.length; i++) {
      if (parts[i] === 'src') sources |= 1 << i;
      else if (parts[i] !== 'dst') return false;
    }
    out.push(parts.length, sources);
    return parts.length <= 6;
  },
});
