/** Directions and flags of a lookup, packed into integers when a rule is compiled. */

/** Command flags of a match or target, as enum ipset_cmd_flags (include/uapi/linux/netfilter/ipset/ip_set.h, 6.18). */
export const SET_EXIST = 1;
/** `--return-nomatch`: a nomatch member matches, any other does not. */
export const SET_RETURN_NOMATCH = 1 << 7;
/** `! --update-counters`. */
export const SET_SKIP_COUNTERS = 1 << 3;
/** `! --update-subcounters`: leave the counters of the members' sets alone. */
export const SET_SKIP_SUBCOUNTERS = 1 << 4;
/** The lookup also compares counters. */
export const SET_MATCH_COUNTERS = 1 << 5;

/** Comparisons of `--packets-*` and `--bytes-*`. */
export const COUNTER_NONE = 0;
export const COUNTER_EQUAL = 1;
export const COUNTER_NOT_EQUAL = 2;
export const COUNTER_LESS = 3;
export const COUNTER_GREATER = 4;

/** The dimension stands above the directions. */
export const DIMENSION_SHIFT = 8;

/**
 * Packs `src,dst,...`: bit i (from 1) is set when part i is taken from the source; the number of words stands above.
 * Returns -1 for a word that is neither, or for more than six.
 */
export function packDirections(text: string): number {
  const words = text.split(',');
  if (words.length > 6) return -1;
  let packed = words.length << DIMENSION_SHIFT;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === 'src') packed |= 2 << i;
    else if (word !== 'dst') return -1;
  }
  return packed;
}
