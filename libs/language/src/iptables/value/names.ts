/** Names that iptables takes in the place of numbers: /etc/services and /etc/protocols, as far as rules name them. */

const SERVICES: Readonly<Record<string, number>> = {
  echo: 7, discard: 9, daytime: 13, chargen: 19, 'ftp-data': 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, time: 37, whois: 43, tacacs: 49,
  domain: 53, bootps: 67, bootpc: 68, tftp: 69, gopher: 70, finger: 79, http: 80, www: 80, kerberos: 88, pop3: 110, sunrpc: 111, nntp: 119,
  ntp: 123, epmap: 135, 'netbios-ns': 137, 'netbios-dgm': 138, 'netbios-ssn': 139, imap2: 143, imap: 143, snmp: 161, 'snmp-trap': 162,
  bgp: 179, irc: 194, ldap: 389, https: 443, 'microsoft-ds': 445, kpasswd: 464, submissions: 465, isakmp: 500, login: 513, who: 513,
  shell: 514, syslog: 514, printer: 515, uucp: 540, klogin: 543, kshell: 544, rtsp: 554, submission: 587, ldaps: 636, domains: 853,
  'domain-s': 853, rsync: 873, ftps: 990, imaps: 993, pop3s: 995, socks: 1080, openvpn: 1194, 'ms-sql-s': 1433, l2f: 1701, radius: 1812,
  'radius-acct': 1813, nfs: 2049, cvspserver: 2401, mysql: 3306, svn: 3690, iax: 4569, sip: 5060, 'sip-tls': 5061, 'xmpp-client': 5222,
  'xmpp-server': 5269, postgresql: 5432, mdns: 5353, amqp: 5672, x11: 6000, redis: 6379, 'http-alt': 8080,
};

/** Number of a service, null when it is not known. */
export function serviceNumber(name: string): number | null {
  return SERVICES[name] ?? null;
}

/** As iptables-save prints them: xtables_chain_protos first, then /etc/protocols. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'ip', 1: 'icmp', 2: 'igmp', 3: 'ggp', 4: 'ipencap', 5: 'st', 6: 'tcp', 8: 'egp', 9: 'igp', 12: 'pup', 17: 'udp', 20: 'hmp', 22: 'xns-idp',
  27: 'rdp', 29: 'iso-tp4', 33: 'dccp', 36: 'xtp', 37: 'ddp', 38: 'idpr-cmtp', 41: 'ipv6', 43: 'ipv6-route', 44: 'ipv6-frag', 45: 'idrp',
  46: 'rsvp', 47: 'gre', 50: 'esp', 51: 'ah', 57: 'skip', 58: 'ipv6-icmp', 59: 'ipv6-nonxt', 60: 'ipv6-opts', 73: 'rspf', 81: 'vmtp', 88: 'eigrp',
  89: 'ospf', 93: 'ax.25', 94: 'ipip', 97: 'etherip', 98: 'encap', 103: 'pim', 108: 'ipcomp', 112: 'vrrp', 115: 'l2tp', 124: 'isis',
  132: 'sctp', 133: 'fc', 135: 'mobility-header', 136: 'udplite', 137: 'mpls-in-ip', 138: 'manet', 139: 'hip', 140: 'shim6', 141: 'wesp', 142: 'rohc', 143: 'ethernet',
};
const PROTOCOL_ALIASES: Readonly<Record<string, number>> = {
  all: 0, icmpv6: 58, icmp6: 58, mh: 135, 'ipv6-mh': 135, IPv6: 41, ICMP: 1, TCP: 6, UDP: 17, SCTP: 132, GRE: 47, ESP: 50, AH: 51,
};
const PROTOCOL_NUMBERS = new Map(Object.entries(PROTOCOLS).map(([number, name]) => [name, Number(number)]));

export function protocolNumber(text: string): number | null {
  return PROTOCOL_NUMBERS.get(text) ?? PROTOCOL_ALIASES[text] ?? PROTOCOL_NUMBERS.get(text.toLowerCase()) ?? null;
}

export function protocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? String(protocol);
}

/** Type, lowest and highest code. */
type IcmpName = readonly [string, number, number, number];

export const ICMP_NAMES: readonly IcmpName[] = [
  ['any', 255, 0, 255], ['echo-reply', 0, 0, 255], ['pong', 0, 0, 255], ['destination-unreachable', 3, 0, 255], ['network-unreachable', 3, 0, 0],
  ['host-unreachable', 3, 1, 1], ['protocol-unreachable', 3, 2, 2], ['port-unreachable', 3, 3, 3], ['fragmentation-needed', 3, 4, 4],
  ['source-route-failed', 3, 5, 5], ['network-unknown', 3, 6, 6], ['host-unknown', 3, 7, 7], ['network-prohibited', 3, 9, 9],
  ['host-prohibited', 3, 10, 10], ['TOS-network-unreachable', 3, 11, 11], ['TOS-host-unreachable', 3, 12, 12],
  ['communication-prohibited', 3, 13, 13], ['host-precedence-violation', 3, 14, 14], ['precedence-cutoff', 3, 15, 15], ['source-quench', 4, 0, 255],
  ['redirect', 5, 0, 255], ['network-redirect', 5, 0, 0], ['host-redirect', 5, 1, 1], ['TOS-network-redirect', 5, 2, 2],
  ['TOS-host-redirect', 5, 3, 3], ['echo-request', 8, 0, 255], ['ping', 8, 0, 255], ['router-advertisement', 9, 0, 255],
  ['router-solicitation', 10, 0, 255], ['time-exceeded', 11, 0, 255], ['ttl-exceeded', 11, 0, 255], ['ttl-zero-during-transit', 11, 0, 0],
  ['ttl-zero-during-reassembly', 11, 1, 1], ['parameter-problem', 12, 0, 255], ['ip-header-bad', 12, 0, 0], ['required-option-missing', 12, 1, 1],
  ['timestamp-request', 13, 0, 255], ['timestamp-reply', 14, 0, 255], ['address-mask-request', 17, 0, 255], ['address-mask-reply', 18, 0, 255],
];

export const ICMP6_NAMES: readonly IcmpName[] = [
  ['destination-unreachable', 1, 0, 255], ['no-route', 1, 0, 0], ['communication-prohibited', 1, 1, 1], ['beyond-scope', 1, 2, 2],
  ['address-unreachable', 1, 3, 3], ['port-unreachable', 1, 4, 4], ['failed-policy', 1, 5, 5], ['reject-route', 1, 6, 6], ['packet-too-big', 2, 0, 255],
  ['time-exceeded', 3, 0, 255], ['ttl-exceeded', 3, 0, 255], ['ttl-zero-during-transit', 3, 0, 0], ['ttl-zero-during-reassembly', 3, 1, 1],
  ['parameter-problem', 4, 0, 255], ['bad-header', 4, 0, 0], ['unknown-header-type', 4, 1, 1], ['unknown-option', 4, 2, 2],
  ['echo-request', 128, 0, 255], ['ping', 128, 0, 255], ['echo-reply', 129, 0, 255], ['pong', 129, 0, 255], ['mld-listener-query', 130, 0, 255],
  ['mld-listener-report', 131, 0, 255], ['mld-listener-done', 132, 0, 255], ['mld-listener-reduction', 132, 0, 255],
  ['router-solicitation', 133, 0, 255], ['router-advertisement', 134, 0, 255], ['neighbour-solicitation', 135, 0, 255],
  ['neighbor-solicitation', 135, 0, 255], ['neighbour-advertisement', 136, 0, 255], ['neighbor-advertisement', 136, 0, 255], ['redirect', 137, 0, 255],
];

/** Differentiated services code points by name. */
export const DSCP_NAMES: Readonly<Record<string, number>> = {
  CS0: 0, CS1: 8, CS2: 16, CS3: 24, CS4: 32, CS5: 40, CS6: 48, CS7: 56, BE: 0, AF11: 10, AF12: 12, AF13: 14, AF21: 18, AF22: 20, AF23: 22,
  AF31: 26, AF32: 28, AF33: 30, AF41: 34, AF42: 36, AF43: 38, EF: 46, LE: 1, VA: 44,
};

export const TOS_NAMES: Readonly<Record<string, number>> = {
  'minimize-delay': 16, 'maximize-throughput': 8, 'maximize-reliability': 4, 'minimize-cost': 2, 'normal-service': 0,
};
