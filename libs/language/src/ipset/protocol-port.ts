/** The `[PROTOCOL:]PORT` part of an element: ports by number or name, ICMP types, and 0 for protocols without ports. */
import type { Family } from '@worldline/model';
import { fault, isFault, readNumber, type Fault } from './read.js';

export interface ProtocolPort {
  readonly protocol: number;
  /** Bounds, inclusive. ICMP: type in the high byte, code in the low one. */
  readonly from: number;
  readonly to: number;
}

const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;
const WITH_PORTS: readonly number[] = [TCP, 17, 132, 136];

/** Names of /etc/protocols. */
const PROTOCOLS: readonly (readonly [number, string])[] = [
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap'],
  [5, 'st'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [12, 'pup'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [57, 'skip'],
  [58, 'ipv6-icmp'],
  [58, 'icmpv6'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospf'],
  [93, 'ax.25'],
  [94, 'ipip'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
  [143, 'ethernet'],
];

/** Type and code by name, as ipset prints them; later names of the same value are only read. */
const ICMP_TYPES: readonly (readonly [string, number, number])[] = [
  ['echo-reply', 0, 0],
  ['pong', 0, 0],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4, 0],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8, 0],
  ['ping', 8, 0],
  ['router-advertisement', 9, 0],
  ['router-solicitation', 10, 0],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13, 0],
  ['timestamp-reply', 14, 0],
  ['address-mask-request', 17, 0],
  ['address-mask-reply', 18, 0],
];

const ICMPV6_TYPES: readonly (readonly [string, number, number])[] = [
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['packet-too-big', 2, 0],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128, 0],
  ['ping', 128, 0],
  ['echo-reply', 129, 0],
  ['pong', 129, 0],
  ['router-solicitation', 133, 0],
  ['router-advertisement', 134, 0],
  ['neighbour-solicitation', 135, 0],
  ['neigbour-solicitation', 135, 0],
  ['neighbour-advertisement', 136, 0],
  ['neigbour-advertisement', 136, 0],
  ['redirect', 137, 0],
];

/** The services that rules are seen to name; others are written by number. */
const SERVICES: Readonly<Record<string, number>> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  http: 80,
  pop3: 110,
  sunrpc: 111,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  bgp: 179,
  ldap: 389,
  https: 443,
  'microsoft-ds': 445,
  syslog: 514,
  ldaps: 636,
  imaps: 993,
  nfs: 2049,
  mysql: 3306,
  postgresql: 5432,
  'http-alt': 8080,
};

/** Reads `80`, `tcp:80-90`, `udp:domain`, `icmp:echo-request`, `icmp:8/0`, `gre:0` (ipset_parse_proto_port). */
export function readProtocolPort(word: string, family: Family): ProtocolPort | Fault {
  const colon = word.indexOf(':');
  if (colon < 0) return readPorts(TCP, 'tcp', word);
  const name = word.slice(0, colon);
  const rest = word.slice(colon + 1);
  const protocol = readProtocol(name);
  if (isFault(protocol)) return protocol;
  if (WITH_PORTS.includes(protocol)) return readPorts(protocol, name, rest);
  if (protocol === ICMP && family !== 4) return fault('Syntax error: Protocol ICMP can be used with family inet only', name);
  if (protocol === ICMPV6 && family !== 6) return fault('Syntax error: Protocol ICMPv6 can be used with family inet6 only', name);
  if (protocol === ICMP) return readIcmp(protocol, ICMP_TYPES, rest);
  if (protocol === ICMPV6) return readIcmp(protocol, ICMPV6_TYPES, rest);
  if (rest !== '0') return fault(`Syntax error: Protocol ${name} can be used with pseudo port value 0 only.`, word);
  return { protocol, from: 0, to: 0 };
}

/** Reads a port or a range of ports of a bitmap, a protocol before them left aside. */
export function readPorts(protocol: number, name: string, word: string): ProtocolPort | Fault {
  const dash = SERVICES[word] === undefined ? word.indexOf('-') : -1;
  const from = readPort(name, dash < 0 ? word : word.slice(0, dash));
  if (isFault(from)) return from;
  const to = dash < 0 ? from : readPort(name, word.slice(dash + 1));
  if (isFault(to)) return to;
  return { protocol, from: Math.min(from, to), to: Math.max(from, to) };
}

/** Writes one protocol and port as ipset lists it. */
export function printProtocolPort(protocol: number, port: number): string {
  const name = PROTOCOLS.find(([number]) => number === protocol)?.[1] ?? String(protocol);
  const types = protocol === ICMP ? ICMP_TYPES : protocol === ICMPV6 ? ICMPV6_TYPES : null;
  if (types === null) return `${name}:${port}`;
  const type = port >> 8;
  const code = port & 0xff;
  return `${name}:${types.find(([, t, c]) => t === type && c === code)?.[0] ?? `${type}/${code}`}`;
}

function readProtocol(word: string): number | Fault {
  const known = PROTOCOLS.find(([, name]) => name === word.toLowerCase());
  if (known !== undefined) return known[0];
  const number = readNumber(word, 0, 255);
  if (isFault(number)) return fault(`Syntax error: cannot parse '${word}' as a protocol`, word);
  return number;
}

function readPort(protocol: string, word: string): number | Fault {
  const service = SERVICES[word];
  if (service !== undefined) return service;
  const port = readNumber(word, 0, 65535);
  if (!isFault(port)) return port;
  return fault(`${port.fault}\nSyntax error: '${protocol}' is invalid as number\ncannot parse '${word}' as a ${protocol} port`, word);
}

function readIcmp(protocol: number, types: readonly (readonly [string, number, number])[], word: string): ProtocolPort | Fault {
  const named = types.find(([name]) => name === word);
  const [type, code] = named === undefined ? word.split('/') : [String(named[1]), String(named[2])];
  const typeNumber = readNumber(type ?? '', 0, 255);
  const codeNumber = readNumber(code ?? '', 0, 255);
  if (isFault(typeNumber) || isFault(codeNumber)) return fault(`Cannot parse ${word} as an ICMP type/code.`, word);
  const port = (typeNumber << 8) | codeNumber;
  return { protocol, from: port, to: port };
}
