/** Names that iproute2 gives to numbers (/etc/iproute2/rt_protos, rt_tables, rt_scopes; /etc/protocols for `ipproto`). */

const PROTOCOLS: Readonly<Record<string, number>> = {
  unspec: 0, redirect: 1, kernel: 2, boot: 3, static: 4, gated: 8, ra: 9, mrt: 10, zebra: 11, bird: 12, dnrouted: 13, xorp: 14, ntk: 15, dhcp: 16,
  keepalived: 18, babel: 42, ovn: 84, openr: 99, bgp: 186, isis: 187, ospf: 188, rip: 189, eigrp: 192,
};
const TABLES: Readonly<Record<string, number>> = { unspec: 0, default: 253, main: 254, local: 255 };
const SCOPES: Readonly<Record<string, number>> = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };
const IP_PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, igmp: 2, ipip: 4, tcp: 6, udp: 17, dccp: 33, ipv6: 41, gre: 47, esp: 50, ah: 51, 'ipv6-icmp': 58, sctp: 132, udplite: 136 };

/** Number of a route's protocol by name or number; `boot` for none. */
export function protocolNumber(word: string | null): number {
  if (word === null) return PROTOCOLS['boot'] as number;
  return PROTOCOLS[word] ?? (Number(word) || 0);
}

export function protocolName(number: number): string {
  return nameOf(PROTOCOLS, number);
}

/** Number of a table; null when the word is none. */
export function tableNumber(word: string): number | null {
  return TABLES[word] ?? integer(word);
}

export function tableWord(number: number): string {
  return number === 0 ? '0' : nameOf(TABLES, number);
}

/** Number of a scope; null when the word is none. */
export function scopeOfWord(word: string): number | null {
  return word === 'universe' ? 0 : (SCOPES[word] ?? integer(word));
}

export function wordOfScope(number: number): string {
  return nameOf(SCOPES, number);
}

export function ipProtocolNumber(word: string): number | null {
  return word === 'icmpv6' ? 58 : (IP_PROTOCOLS[word] ?? integer(word));
}

export function ipProtocolWord(number: number): string {
  return nameOf(IP_PROTOCOLS, number);
}

/** A whole number, decimal or with 0x; null when the word is none. */
export function integer(word: string): number | null {
  return /^(0[xX][0-9a-fA-F]+|\d+)$/.test(word) ? Number(word) : null;
}

function nameOf(names: Readonly<Record<string, number>>, number: number): string {
  return Object.keys(names).find((name) => names[name] === number) ?? String(number);
}
