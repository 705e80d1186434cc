/** The options of an ebtables rule: their spellings, and which extension each belongs to, in the order in which they are printed. */

export type EbtablesExtension =
  | 'base'
  | 'ip'
  | 'ip6'
  | 'arp'
  | 'vlan'
  | 'stp'
  | '802_3'
  | 'mark_m'
  | 'pkttype'
  | 'limit'
  | 'among'
  | 'log'
  | 'nflog'
  | 'comment'
  | 'mark'
  | 'dnat'
  | 'snat'
  | 'redirect'
  | 'arpreply';

/** How a value is spelt. */
export type EbtablesValue =
  | 'flag'
  | 'ethertype'
  | 'mac'
  | 'plainmac'
  | 'device'
  | 'ipv4'
  | 'ipv6'
  | 'protocol'
  | 'ports'
  | 'byte'
  | 'icmp'
  | 'icmp6'
  | 'igmp'
  | 'arpop'
  | 'number'
  | 'hex'
  | 'marked'
  | 'verdict'
  | 'text';

export interface EbtablesOption {
  /** As printed. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly extension: EbtablesExtension;
  readonly value: EbtablesValue;
}

export const EBTABLES_OPTIONS: readonly EbtablesOption[] = [
  option('-p', 'base', 'ethertype', '--proto', '--protocol'),
  option('-s', 'base', 'mac', '--src', '--source'),
  option('-d', 'base', 'mac', '--dst', '--destination'),
  option('-i', 'base', 'device', '--in-interface', '--in-if'),
  option('--logical-in', 'base', 'device'),
  option('-o', 'base', 'device', '--out-interface', '--out-if'),
  option('--logical-out', 'base', 'device'),
  option('--ip-src', 'ip', 'ipv4', '--ip-source'),
  option('--ip-dst', 'ip', 'ipv4', '--ip-destination'),
  option('--ip-tos', 'ip', 'byte'),
  option('--ip-proto', 'ip', 'protocol', '--ip-protocol'),
  option('--ip-icmp-type', 'ip', 'icmp'),
  option('--ip-igmp-type', 'ip', 'igmp'),
  option('--ip-sport', 'ip', 'ports', '--ip-source-port'),
  option('--ip-dport', 'ip', 'ports', '--ip-destination-port'),
  option('--ip6-src', 'ip6', 'ipv6', '--ip6-source'),
  option('--ip6-dst', 'ip6', 'ipv6', '--ip6-destination'),
  option('--ip6-tclass', 'ip6', 'byte'),
  option('--ip6-proto', 'ip6', 'protocol', '--ip6-protocol'),
  option('--ip6-sport', 'ip6', 'ports', '--ip6-source-port'),
  option('--ip6-dport', 'ip6', 'ports', '--ip6-destination-port'),
  option('--ip6-icmp-type', 'ip6', 'icmp6'),
  option('--arp-op', 'arp', 'arpop', '--arp-opcode'),
  option('--arp-htype', 'arp', 'number'),
  option('--arp-ptype', 'arp', 'hex'),
  option('--arp-ip-src', 'arp', 'ipv4'),
  option('--arp-ip-dst', 'arp', 'ipv4'),
  option('--arp-mac-src', 'arp', 'mac'),
  option('--arp-mac-dst', 'arp', 'mac'),
  option('--arp-gratuitous', 'arp', 'flag'),
  option('--vlan-id', 'vlan', 'number'),
  option('--vlan-prio', 'vlan', 'number'),
  option('--vlan-encap', 'vlan', 'text'),
  ...['type', 'flags', 'root-prio', 'root-addr', 'root-cost', 'sender-prio', 'sender-addr', 'port', 'msg-age', 'max-age', 'hello-time', 'forward-delay'].map(
    (x) => option(`--stp-${x}`, 'stp', 'text'),
  ),
  option('--802_3-sap', '802_3', 'text'),
  option('--802_3-type', '802_3', 'text'),
  option('--mark', 'mark_m', 'marked'),
  option('--pkttype-type', 'pkttype', 'text'),
  option('--limit', 'limit', 'text'),
  option('--limit-burst', 'limit', 'number'),
  option('--among-dst', 'among', 'text'),
  option('--among-src', 'among', 'text'),
  option('--among-dst-file', 'among', 'text'),
  option('--among-src-file', 'among', 'text'),
  option('--log', 'log', 'flag'),
  option('--log-level', 'log', 'text'),
  option('--log-prefix', 'log', 'text'),
  option('--log-ip', 'log', 'flag'),
  option('--log-arp', 'log', 'flag'),
  option('--log-ip6', 'log', 'flag'),
  option('--nflog', 'nflog', 'flag'),
  option('--nflog-group', 'nflog', 'number'),
  option('--nflog-range', 'nflog', 'number'),
  option('--nflog-threshold', 'nflog', 'number'),
  option('--nflog-prefix', 'nflog', 'text'),
  option('--comment', 'comment', 'text'),
  option('--mark-set', 'mark', 'hex', '--set-mark'),
  option('--mark-or', 'mark', 'hex', '--or-mark'),
  option('--mark-and', 'mark', 'hex', '--and-mark'),
  option('--mark-xor', 'mark', 'hex', '--xor-mark'),
  option('--mark-target', 'mark', 'verdict'),
  option('--to-dst', 'dnat', 'plainmac', '--to-destination'),
  option('--dnat-target', 'dnat', 'verdict'),
  option('--to-src', 'snat', 'plainmac', '--to-source'),
  option('--snat-arp', 'snat', 'flag'),
  option('--snat-target', 'snat', 'verdict'),
  option('--redirect-target', 'redirect', 'verdict'),
  option('--arpreply-mac', 'arpreply', 'plainmac'),
  option('--arpreply-target', 'arpreply', 'verdict'),
];

const BY_WORD = new Map<string, EbtablesOption>(EBTABLES_OPTIONS.flatMap((o) => [o.name, ...o.aliases].map((word) => [word, o] as const)));

/** The option of that spelling, or null. */
export function findEbtablesOption(word: string): EbtablesOption | null {
  return BY_WORD.get(word) ?? null;
}

/** Extensions that are targets: named by `-j`. */
export const EBTABLES_TARGETS: readonly string[] = ['mark', 'dnat', 'snat', 'redirect', 'arpreply'];

function option(name: string, extension: EbtablesExtension, value: EbtablesValue, ...aliases: string[]): EbtablesOption {
  return { name, aliases, extension, value };
}
