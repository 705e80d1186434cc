/** Ethernet words of ebtables: protocols by name, addresses with masks and their four names. */

/** Protocols of /etc/ethertypes, spelt as ebtables prints them. */
const ETHER_TYPES: readonly (readonly [string, number])[] = [
  ['IPv4', 0x0800],
  ['X25', 0x0805],
  ['ARP', 0x0806],
  ['FR_ARP', 0x0808],
  ['BPQ', 0x08ff],
  ['DEC', 0x6000],
  ['DNA_DL', 0x6001],
  ['DNA_RC', 0x6002],
  ['DNA_RT', 0x6003],
  ['LAT', 0x6004],
  ['DIAG', 0x6005],
  ['CUST', 0x6006],
  ['SCA', 0x6007],
  ['TEB', 0x6558],
  ['RAW_FR', 0x6559],
  ['RARP', 0x8035],
  ['AARP', 0x80f3],
  ['ATALK', 0x809b],
  ['802_1Q', 0x8100],
  ['IPX', 0x8137],
  ['NetBEUI', 0x8191],
  ['IPv6', 0x86dd],
  ['PPP', 0x880b],
  ['MPLS', 0x8847],
  ['MPLS_MULTI', 0x8848],
  ['ATMMPOA', 0x884c],
  ['PPP_DISC', 0x8863],
  ['PPP_SES', 0x8864],
  ['ATMFATE', 0x8884],
  ['EAPOL', 0x888e],
  ['S-TAG', 0x88a8],
  ['EAP_PREAUTH', 0x88c7],
  ['LLDP', 0x88cc],
  ['MACSEC', 0x88e5],
  ['PBB', 0x88e7],
  ['MVRP', 0x88f5],
  ['PTP', 0x88f7],
  ['FCOE', 0x8906],
  ['FIP', 0x8914],
  ['ROCE', 0x8915],
];

export const ETHER_IPV4 = 0x0800;
export const ETHER_ARP = 0x0806;
export const ETHER_VLAN = 0x8100;
export const ETHER_IPV6 = 0x86dd;
/** `LENGTH`: an 802.3 frame, whose field is a length. */
export const ETHER_LENGTH = 0;

/** The number of a protocol word: a name in any case, or hexadecimal digits; null for neither. */
export function readEtherType(word: string): number | null {
  if (word.toUpperCase() === 'LENGTH') return ETHER_LENGTH;
  const known = ETHER_TYPES.find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (known !== undefined) return known[1];
  if (!/^(0x)?[0-9a-f]{1,4}$/i.test(word)) return null;
  const number = parseInt(word, 16);
  return number >= 0x600 ? number : null;
}

/** Writes a protocol as `ebtables-save` does. */
export function printEtherType(type: number): string {
  if (type === ETHER_LENGTH) return 'Length';
  return ETHER_TYPES.find(([, number]) => number === type)?.[0] ?? `0x${type.toString(16)}`;
}

export interface MaskedMac {
  /** Upper 16 and lower 32 bits, masked. */
  readonly high: number;
  readonly low: number;
  readonly highMask: number;
  readonly lowMask: number;
}

const NAMED_MACS: readonly (readonly [string, MaskedMac])[] = [
  ['Unicast', { high: 0, low: 0, highMask: 0x0100, lowMask: 0 }],
  ['Multicast', { high: 0x0100, low: 0, highMask: 0x0100, lowMask: 0 }],
  ['Broadcast', { high: 0xffff, low: -1, highMask: 0xffff, lowMask: -1 }],
  ['BGA', { high: 0x0180, low: 0xc2000000 | 0, highMask: 0xffff, lowMask: -1 }],
];

/** Reads `MAC`, `MAC/MASK` or one of the four names; null for anything else. */
export function readMaskedMac(word: string): MaskedMac | null {
  const named = NAMED_MACS.find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (named !== undefined) return named[1];
  const slash = word.indexOf('/');
  const mac = readMac(slash < 0 ? word : word.slice(0, slash));
  const mask = slash < 0 ? { high: 0xffff, low: -1 } : readMac(word.slice(slash + 1));
  if (mac === null || mask === null) return null;
  return { high: mac.high & mask.high, low: mac.low & mask.low, highMask: mask.high, lowMask: mask.low };
}

/** Writes an address as ebtables prints it in `-s` and `-d`. */
export function printMaskedMac(mac: MaskedMac): string {
  const named = NAMED_MACS.find(
    ([, m]) => m.high === mac.high && m.low === mac.low && m.highMask === mac.highMask && m.lowMask === mac.lowMask,
  );
  if (named !== undefined) return named[0];
  const text = printMac(mac.high, mac.low);
  return mac.highMask === 0xffff && mac.lowMask === -1 ? text : `${text}/${printMac(mac.highMask, mac.lowMask)}`;
}

/** Reads six groups of one or two hexadecimal digits. */
export function readMac(word: string): { high: number; low: number } | null {
  if (!/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(word)) return null;
  const [a, b, c, d, e, f] = word.split(':').map((x) => parseInt(x, 16)) as [number, number, number, number, number, number];
  return { high: (a << 8) | b, low: (c << 24) | (d << 16) | (e << 8) | f };
}

/** Writes an address of 16 and 32 bits with two digits a group, lower case. */
export function printMac(high: number, low: number): string {
  return [high >>> 8, high & 0xff, low >>> 24, (low >>> 16) & 0xff, (low >>> 8) & 0xff, low & 0xff]
    .map((x) => x.toString(16).padStart(2, '0'))
    .join(':');
}
