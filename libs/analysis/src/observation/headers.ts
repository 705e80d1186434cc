/** Bytes of a packet, as far as they were captured, into the fields that tell packets apart (RFC 791, 8200, 768, 9293, 792, 4443, 7348). */
import { formatIpv4, formatIpv6 } from '@worldline/model';

export interface Headers {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
  readonly ttl: number;
  readonly protocol: number;
  /** As the IP header says. */
  readonly length: number;
  readonly id: number;
  readonly offset: number;
  readonly isMore: boolean;
  /** IPv6: a fragment header on a whole packet. */
  readonly isAtomic: boolean;
  readonly extensions: readonly string[];
  /** `udp`, `tcp`, `icmp`, `icmpv6`, `fragment` (a later one), or the protocol's number. */
  readonly name: string;
  readonly payload: Uint8Array;
  readonly sport?: number;
  readonly dport?: number;
  readonly tcp?: { readonly seq: number; readonly ack: number; readonly flags: number; readonly dataLength: number };
  readonly icmp?: IcmpHeaders;
  /** The packet inside a tunnel's. */
  readonly inside?: Headers;
}

export interface IcmpHeaders {
  readonly type: number;
  readonly code: number;
  readonly id?: number;
  readonly mtu?: number;
  readonly pointer?: number;
  readonly target?: string;
  /** The packet that an error or a redirect quotes. */
  readonly quoted?: Headers | null;
}

type Layer4 = Pick<Headers, 'name' | 'payload' | 'sport' | 'dport' | 'tcp' | 'icmp' | 'inside'>;

const EXTENSION_NAMES = new Map([
  [0, 'hop-by-hop'],
  [43, 'routing'],
  [44, 'fragment'],
  [60, 'destination'],
  [51, 'ah'],
]);
const FRAGMENT_HEADER = 44;
const VXLAN_PORTS = [4789, 8472];
const VXLAN_AND_ETHERNET = 22;
const TCP_FLAGS: readonly (readonly [number, string])[] = [
  [2, 'SYN'],
  [16, 'ACK'],
  [8, 'PSH'],
  [1, 'FIN'],
  [4, 'RST'],
  [32, 'URG'],
  [64, 'ECE'],
  [128, 'CWR'],
];

/** Names of TCP flags, joined with commas. */
export function flagNames(flags: number): string {
  return TCP_FLAGS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',');
}

/** What stands in `bytes`, which may end early; null: no IP packet. */
export function readHeaders(bytes: Uint8Array): Headers | null {
  if (bytes.length >= 20 && u8(bytes, 0) >> 4 === 4) return readIpv4(bytes);
  if (bytes.length >= 40 && u8(bytes, 0) >> 4 === 6) return readIpv6(bytes);
  return null;
}

/** The headers of a trace event; behind extension headers the layer 4 is known by its look only. */
export function readTraced(network: Uint8Array, transport: Uint8Array): Headers | null {
  if (network.length === 0) return null;
  if (u8(network, 0) >> 4 !== 6 || network.length < 40) return readHeaders(join(network.subarray(0, 20), transport));
  const head = network.slice(0, 40);
  if (EXTENSION_NAMES.has(u8(head, 6))) head[6] = lookOf(transport);
  return readHeaders(join(head, transport));
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function lookOf(transport: Uint8Array): number {
  const isMarked = /^W[QR]\d{4}/.test(textOf(transport.subarray(8, 20)));
  if (isMarked) return transport[0] === 128 || transport[0] === 129 ? 58 : 17;
  return [1, 2, 3, 4, 137].includes(u8(transport, 0)) ? 58 : 6;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** 0 where the capture ends early. */
const u8 = (b: Uint8Array, at: number): number => b[at] ?? 0;
const u16 = (b: Uint8Array, at: number): number => (u8(b, at) << 8) | u8(b, at + 1);
const u32 = (b: Uint8Array, at: number): number => (u16(b, at) * 65536 + u16(b, at + 2)) >>> 0;
const ip6 = (b: Uint8Array, at: number): string => formatIpv6(u32(b, at), u32(b, at + 4), u32(b, at + 8), u32(b, at + 12));

function readIpv4(b: Uint8Array): Headers {
  const head = (u8(b, 0) & 15) * 4;
  const length = u16(b, 2);
  const fragment = u16(b, 6);
  const offset = (fragment & 0x1fff) * 8;
  const rest = length >= head ? b.subarray(head, Math.min(b.length, length)) : b.subarray(head);
  const protocol = u8(b, 9);
  return {
    family: 4,
    src: formatIpv4(u32(b, 12)),
    dst: formatIpv4(u32(b, 16)),
    ttl: u8(b, 8),
    protocol,
    length,
    id: u16(b, 4),
    offset,
    isMore: (fragment & 0x2000) !== 0,
    isAtomic: false,
    extensions: [],
    ...(offset > 0 ? { name: 'fragment', payload: rest } : readLayer4(rest, { family: 4, protocol, size: length - head })),
  };
}

function readIpv6(b: Uint8Array): Headers {
  const length = 40 + u16(b, 4);
  const end = Math.min(b.length, length);
  const extensions: string[] = [];
  let [protocol, at, offset, id] = [u8(b, 6), 40, 0, 0];
  let [isMore, isAtomic] = [false, false];
  for (let name = EXTENSION_NAMES.get(protocol); name !== undefined && at + 8 <= end && offset === 0; name = EXTENSION_NAMES.get(protocol)) {
    extensions.push(name);
    const isFragment = protocol === FRAGMENT_HEADER;
    if (isFragment) {
      offset = u16(b, at + 2) & 0xfff8;
      isMore = (u8(b, at + 3) & 1) !== 0;
      id = u32(b, at + 4);
      isAtomic = offset === 0 && !isMore;
    }
    protocol = u8(b, at);
    at += isFragment ? 8 : (u8(b, at + 1) + 1) * 8;
  }
  const rest = b.subarray(at, end);
  return {
    family: 6,
    src: ip6(b, 8),
    dst: ip6(b, 24),
    ttl: u8(b, 7),
    protocol,
    length,
    id,
    offset,
    isMore,
    isAtomic,
    extensions,
    ...(offset > 0 ? { name: 'fragment', payload: rest } : readLayer4(rest, { family: 6, protocol, size: length - at })),
  };
}

/** `size`: length of the layer 4 packet as the IP header says. */
function readLayer4(b: Uint8Array, { family, protocol, size }: { family: 4 | 6; protocol: number; size: number }): Layer4 {
  if (protocol === 17 && b.length >= 8) return readUdp(b);
  if (protocol === 6 && b.length >= 8) return readTcp(b, size);
  if (protocol === 1 && family === 4 && b.length >= 8) return { name: 'icmp', payload: b.subarray(8), icmp: readIcmp(b) };
  if (protocol === 58 && family === 6 && b.length >= 8) return { name: 'icmpv6', payload: b.subarray(8), icmp: readIcmp6(b) };
  const inside = readTunnelled(b, protocol);
  return { name: String(protocol), payload: b, ...(inside ? { inside } : {}) };
}

/** IP in IP (4, 41) and GRE with no options or a key (47, RFC 2784, 2890). */
function readTunnelled(b: Uint8Array, protocol: number): Headers | null {
  if (protocol === 4 || protocol === 41) return readHeaders(b);
  if (protocol !== 47 || b.length < 4) return null;
  const options = [0x80, 0x20, 0x10].filter((bit) => (u8(b, 0) & bit) !== 0).length;
  return readHeaders(b.subarray(4 + 4 * options));
}

function readUdp(b: Uint8Array): Layer4 {
  const dport = u16(b, 2);
  const inside = VXLAN_PORTS.includes(dport) && b.length > 8 + VXLAN_AND_ETHERNET ? readHeaders(b.subarray(8 + VXLAN_AND_ETHERNET)) : null;
  return { name: 'udp', sport: u16(b, 0), dport, payload: b.subarray(8), ...(inside ? { inside } : {}) };
}

/** Quoted in an ICMP error a segment may end after its sequence number. */
function readTcp(b: Uint8Array, size: number): Layer4 {
  const isWhole = b.length >= 14;
  const head = isWhole ? (u8(b, 12) >> 4) * 4 : 0;
  const tcp = { seq: u32(b, 4), ack: isWhole ? u32(b, 8) : 0, flags: isWhole ? u8(b, 13) : 0, dataLength: isWhole ? size - head : 0 };
  return { name: 'tcp', sport: u16(b, 0), dport: u16(b, 2), payload: isWhole ? b.subarray(head) : b.subarray(b.length), tcp };
}

function readIcmp(b: Uint8Array): IcmpHeaders {
  const [type, code] = [u8(b, 0), u8(b, 1)];
  if (type === 0 || type === 8) return { type, code, id: u16(b, 4) };
  if (![3, 4, 5, 11, 12].includes(type)) return { type, code };
  return { type, code, quoted: readHeaders(b.subarray(8)), ...(type === 3 && code === 4 ? { mtu: u16(b, 6) } : {}) };
}

function readIcmp6(b: Uint8Array): IcmpHeaders {
  const [type, code] = [u8(b, 0), u8(b, 1)];
  if (type === 128 || type === 129) return { type, code, id: u16(b, 4) };
  if (type >= 1 && type <= 4) return { type, code, quoted: readHeaders(b.subarray(8)), ...(type === 2 ? { mtu: u32(b, 4) } : {}), ...(type === 4 ? { pointer: u32(b, 4) } : {}) };
  if ((type === 135 || type === 136) && b.length >= 24) return { type, code, target: ip6(b, 8) };
  if (type === 137 && b.length >= 40) return { type, code, target: ip6(b, 8), quoted: redirected(b) };
  return { type, code };
}

/** A redirect has the packet in an option (RFC 4861 4.6.3). */
function redirected(b: Uint8Array): Headers | null {
  for (let at = 40; at + 8 <= b.length && u8(b, at + 1) > 0; at += u8(b, at + 1) * 8) if (u8(b, at) === 4) return readHeaders(b.subarray(at + 8));
  return null;
}
