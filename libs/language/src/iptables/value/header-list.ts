/** Lists of header, chunk and option types. */
import { bits } from './scalar.js';
import { kind, parseNumber } from './value-kind.js';

const CHUNK_NAMES: Readonly<Record<string, number>> = {
  DATA: 0, INIT: 1, INIT_ACK: 2, SACK: 3, HEARTBEAT: 4, HEARTBEAT_ACK: 5, ABORT: 6, SHUTDOWN: 7, SHUTDOWN_ACK: 8, ERROR: 9, COOKIE_ECHO: 10,
  COOKIE_ACK: 11, ECN_ECNE: 12, ECN_CWR: 13, SHUTDOWN_COMPLETE: 14, AUTH: 15, I_DATA: 64, RE_CONFIG: 130, PAD: 132, ASCONF: 193, ASCONF_ACK: 128,
  FORWARD_TSN: 192, I_FORWARD_TSN: 194,
};

/** Chunk types as two words of bits, those from 32 on folded into the second; then 1 where flags stand behind a type (`DATA:Be`). */
export const CHUNK_TYPES = kind({
  width: 3,
  parse(text, out) {
    let low = 0;
    let high = 0;
    if (text.toUpperCase() === 'NONE') return out.push(0, 0, 0) > 0;
    for (const part of text.split(',')) {
      const name = (part.split(':')[0] as string).toUpperCase();
      if (name === 'ALL') {
        low = high = -1;
        continue;
      }
      const type = CHUNK_NAMES[name];
      if (type === undefined || !/^[^:]+(:[A-Za-z]+)?$/.test(part)) return false;
      if (type < 32) low |= 1 << type;
      else high |= 1 << (type & 31);
    }
    out.push(low, high, text.includes(':') ? 1 : 0);
    return true;
  },
  print: (_v, _f, text) =>
    text
      .split(',')
      .map((part) => part.split(':') as [string, string?])
      .sort(([a], [b]) => (CHUNK_NAMES[a.toUpperCase()] ?? 0) - (CHUNK_NAMES[b.toUpperCase()] ?? 0))
      .map(([name, flags]) => `${name.toUpperCase()}${flags === undefined ? '' : `:${printFlags(flags)}`}`)
      .join(','),
});

/** In the order of their bits; a capital letter means set. */
function printFlags(flags: string): string {
  return [...CHUNK_FLAGS]
    .map((flag) => [...flags].find((given) => given.toUpperCase() === flag) ?? '')
    .join('');
}
const CHUNK_FLAGS = 'IUBET';

export const DCCP_TYPES = bits([
  ['REQUEST', 1], ['RESPONSE', 2], ['DATA', 4], ['ACK', 8], ['DATAACK', 16], ['CLOSEREQ', 32], ['CLOSE', 64], ['RESET', 128], ['SYNC', 256],
  ['SYNCACK', 512], ['INVALID', 1024],
]);

const MH_NAMES = ['binding-refresh-request', 'home-test-init', 'careof-test-init', 'home-test', 'careof-test', 'binding-update', 'binding-acknowledgement', 'binding-error'];
const MH_ALIASES: Readonly<Record<string, number>> = { brr: 0, hoti: 1, coti: 2, hot: 3, cot: 4, bu: 5, ba: 6, be: 7 };

/** Mobility header types. */
export const MH_TYPE = kind({
  width: 2,
  parse(text, out) {
    const ends = text.split(':').map((part, i) => {
      if (part === '') return text.includes(':') ? 255 * i : null;
      const named = MH_NAMES.indexOf(part);
      return named >= 0 ? named : (MH_ALIASES[part] ?? parseNumber(part, 255));
    });
    const [low, high = low] = ends;
    if (ends.length > 2 || low === null || low === undefined || high === null || high === undefined || low > high) return false;
    out.push(low, high);
    return true;
  },
  print: ([low, high]) => (low === high ? String(low) : `${low}:${high}`),
});

/** `ADDR[,ADDR...]` of a type 0 routing header: how many. Packets with one are not made, so the addresses never count. */
export const ROUTING_ADDRESSES = kind({ parse: (text, out) => (out.push(text.split(',').length), true) });

/** `TYPE[:LEN],...` of a hop-by-hop or destination options header: how many. */
export const HEADER_OPTIONS = kind({
  parse(text, out) {
    const parts = text.split(',');
    out.push(parts.length);
    return parts.every((p) => /^\d+(:\d+)?$/.test(p));
  },
});

/** MASK_* of include/uapi/linux/netfilter_ipv6/ip6t_ipv6header.h. */
export const IPV6_HEADERS = kind({
  parse(text, out) {
    let value = 0;
    for (const part of text.split(',')) {
      const bit = HEADER_BITS.find(([names]) => names.includes(part.toLowerCase()))?.[1];
      if (bit === undefined) return false;
      value |= bit;
    }
    out.push(value);
    return true;
  },
  print: ([v]) =>
    HEADER_BITS.filter(([, bit]) => (v as number) & bit)
      .map(([names]) => names[0])
      .join(','),
});
const HEADER_BITS: readonly (readonly [readonly string[], number])[] = [
  [['hop-by-hop', 'hop', '0'], 128],
  [['ipv6-opts', 'dst', '60'], 64],
  [['ipv6-route', 'route', '43'], 32],
  [['ipv6-frag', 'frag', '44'], 16],
  [['ah', 'auth', '51'], 8],
  [['esp', '50'], 4],
  [['ipv6-nonxt', 'none', '59'], 2],
  [['protocol', 'prot', '255'], 1],
];
