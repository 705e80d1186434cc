/** IPv6 extension headers (ip6t_ipv6header.c, ip6t_rt.c, ip6t_frag.c, ip6t_hbh.c; 6.18). Headers of a packet stand in `extensions`, four bits each. */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import {
  EXTENSION_DESTINATION,
  EXTENSION_FRAGMENT,
  EXTENSION_HOP_BY_HOP,
  EXTENSION_ROUTING,
  type PacketContext,
} from '../../packet/index.js';
import { isWithin, type Evaluate } from './answer.js';

const MASK_HOPOPTS = 128;
const MASK_DSTOPTS = 64;
const MASK_ROUTING = 32;
const MASK_FRAGMENT = 16;
const MASK_AH = 8;
const MASK_ESP = 4;
const MASK_NONE = 2;
const MASK_PROTO = 1;
/** MASK_* by EXTENSION_*. */
const MASK_OF = [0, MASK_HOPOPTS, MASK_DSTOPTS, MASK_ROUTING, MASK_FRAGMENT];
const PROTOCOL_ESP = 50;
const PROTOCOL_AH = 51;
const PROTOCOL_NONE = 59;

function has(p: PacketContext, extension: number): boolean {
  for (let rest = p.extensions; rest !== 0; rest >>>= 4) if ((rest & 15) === extension) return true;
  return false;
}

const HEADER = fieldIn('ipv6header', 'header');
const HEADER_BIT = bitIn('ipv6header', 'header');
const SOFT_BIT = bitIn('ipv6header', 'soft');

export const matchIpv6Header: Evaluate = (_, p, code, at) => {
  let present = 0;
  for (let rest = p.extensions; rest !== 0; rest >>>= 4) present |= MASK_OF[rest & 15];
  if (p.protocol === PROTOCOL_NONE) present |= MASK_NONE;
  else if (p.protocol === PROTOCOL_ESP) present |= MASK_ESP;
  else if (p.protocol === PROTOCOL_AH) present |= MASK_AH;
  else present |= MASK_PROTO;
  const asked = code[at + HEADER];
  const isInverted = (code[at + RECORD_INVERTED] & HEADER_BIT) !== 0;
  // softly: all that are asked for are there; inverted: none of them is
  if ((code[at + RECORD_GIVEN] & SOFT_BIT) !== 0) return (present & asked) === (isInverted ? 0 : asked);
  return (present === asked) !== isInverted;
};

const RT_TYPE = fieldIn('rt', 'rt-type');
const RT_TYPE_BIT = bitIn('rt', 'rt-type');
const RT_SEGMENTS = fieldIn('rt', 'rt-segsleft');
const RT_SEGMENTS_BIT = bitIn('rt', 'rt-segsleft');
const RT_LENGTH = fieldIn('rt', 'rt-len');
const RT_LENGTH_BIT = bitIn('rt', 'rt-len');
const RT_ADDRESSES_BIT = bitIn('rt', 'rt-0-addrs');

/** A scenario's routing header: type 0, no address, no segment left, 8 bytes. */
const ROUTING_TYPE = 0;
const ROUTING_BYTES = 8;

export const matchRoutingHeader: Evaluate = (_, p, code, at) => {
  if (!has(p, EXTENSION_ROUTING)) return false;
  const given = code[at + RECORD_GIVEN];
  const inverted = code[at + RECORD_INVERTED];
  if ((given & RT_TYPE_BIT) !== 0 && (code[at + RT_TYPE] === ROUTING_TYPE) === ((inverted & RT_TYPE_BIT) !== 0)) return false;
  if ((given & RT_SEGMENTS_BIT) !== 0 && isWithin(0, code[at + RT_SEGMENTS], code[at + RT_SEGMENTS + 1]) === ((inverted & RT_SEGMENTS_BIT) !== 0)) return false;
  if ((given & RT_LENGTH_BIT) !== 0 && (code[at + RT_LENGTH] === ROUTING_BYTES) === ((inverted & RT_LENGTH_BIT) !== 0)) return false;
  return (given & RT_ADDRESSES_BIT) === 0;
};

const FRAG_ID = fieldIn('frag', 'fragid');
const FRAG_ID_BIT = bitIn('frag', 'fragid');
const FRAG_RESERVED_BIT = bitIn('frag', 'fragres');
const FRAG_FIRST_BIT = bitIn('frag', 'fragfirst');
const FRAG_MORE_BIT = bitIn('frag', 'fragmore');
const FRAG_LAST_BIT = bitIn('frag', 'fraglast');

export const matchFragmentHeader: Evaluate = (_, p, code, at) => {
  if (!has(p, EXTENSION_FRAGMENT) && p.fragmentOffset === 0 && !p.hasMoreFragments) return false;
  const given = code[at + RECORD_GIVEN];
  const isIdIn = isWithin(p.ipId, code[at + FRAG_ID], code[at + FRAG_ID + 1]);
  if ((given & FRAG_ID_BIT) !== 0 && isIdIn === ((code[at + RECORD_INVERTED] & FRAG_ID_BIT) !== 0)) return false;
  // --fraglen asks nothing: the header has no length field (ip6t_frag.c)
  if ((given & FRAG_RESERVED_BIT) !== 0) return false;
  if ((given & FRAG_FIRST_BIT) !== 0 && p.fragmentOffset !== 0) return false;
  if ((given & FRAG_MORE_BIT) !== 0 && !p.hasMoreFragments) return false;
  if ((given & FRAG_LAST_BIT) !== 0 && p.hasMoreFragments) return false;
  return true;
};

const HBH_LENGTH = fieldIn('hbh', 'hbh-len');
const HBH_LENGTH_BIT = bitIn('hbh', 'hbh-len');
const HBH_OPTIONS_BIT = bitIn('hbh', 'hbh-opts');
/** An options header here holds padding alone: 8 bytes. */
const OPTIONS_BYTES = 8;

function matchOptions(p: PacketContext, code: Int32Array, at: number, extension: number): boolean {
  if (!has(p, extension)) return false;
  const given = code[at + RECORD_GIVEN];
  if ((given & HBH_LENGTH_BIT) !== 0 && (code[at + HBH_LENGTH] === OPTIONS_BYTES) === ((code[at + RECORD_INVERTED] & HBH_LENGTH_BIT) !== 0)) return false;
  return (given & HBH_OPTIONS_BIT) === 0;
}

export const matchHopByHop: Evaluate = (_, p, code, at) => matchOptions(p, code, at, EXTENSION_HOP_BY_HOP);

/** The two matches have the same options at the same places. */
export const matchDestinationOptions: Evaluate = (_, p, code, at) => matchOptions(p, code, at, EXTENSION_DESTINATION);
