/** Protocol names as conntrack-tools 1.4.7 prints and reads them. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['dccp', 33],
  ['gre', 47],
  ['icmpv6', 58],
  ['sctp', 132],
  ['udplite', 136],
]);
const NAMES = new Map([...NUMBERS].map(([name, number]) => [number, name]));

/** `unknown` for protocols that the tool has no name for. */
export function conntrackProtocolName(protocol: number): string {
  return NAMES.get(protocol) ?? 'unknown';
}

/** A protocol by name or number, as `-p` takes it; null when it is neither. */
export function conntrackProtocolNumber(word: string): number | null {
  const named = NUMBERS.get(word.toLowerCase());
  if (named !== undefined) return named;
  return /^\d{1,3}$/.test(word) && Number(word) <= 255 ? Number(word) : null;
}

export const TUPLE_PORTS = 'ports';
export const TUPLE_ICMP = 'icmp';
export const TUPLE_KEYS = 'keys';
export const TUPLE_ADDRESSES = 'addresses';

/** What a protocol's tuple is printed with. */
export function tupleKind(protocol: number): typeof TUPLE_PORTS | typeof TUPLE_ICMP | typeof TUPLE_KEYS | typeof TUPLE_ADDRESSES {
  switch (protocol) {
    case 1:
    case 58:
      return TUPLE_ICMP;
    case 47:
      return TUPLE_KEYS;
    case 6:
    case 17:
    case 33:
    case 132:
    case 136:
      return TUPLE_PORTS;
    default:
      return TUPLE_ADDRESSES;
  }
}
