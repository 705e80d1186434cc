/** What the tools refuse of an extension's options together, and what the kernel's checkentry does (libxt_*.c of iptables 1.8.9; Linux 6.18). */
import type { Family } from '@worldline/model';
import type { ExtensionSpec } from './extension.js';
import type { Options } from './settle.js';
import { MAP_PORTS, NAT_RANGE } from './value/address.js';
import { byteRateOf, parseByteBurst } from './value/rate.js';

interface Requirement {
  /** Each must be given. */
  readonly all?: readonly string[];
  /** One of them must be given. */
  readonly any?: readonly string[];
  /** No two of a list may be given. */
  readonly not?: readonly (readonly string[])[];
  /** The second is needed by the first. */
  readonly also?: readonly (readonly [string, string])[];
  /** `-p` must name one of these; with options, only if one of them is given. */
  readonly protocols?: { readonly of: readonly number[]; readonly for?: readonly string[] };
}

const TCP = { of: [6] };
const PORTS_OF_NAT = [6, 17, 132, 33];
const PORTS_OF_MULTIPORT = [...PORTS_OF_NAT, 136];

const OF_MATCHES: Readonly<Record<string, Requirement>> = {
  tcp: { protocols: TCP },
  udp: { protocols: { of: [17] } },
  sctp: { protocols: { of: [132] } },
  dccp: { protocols: { of: [33] } },
  icmp: { all: ['icmp-type'], protocols: { of: [1] } },
  icmp6: { all: ['icmpv6-type'], protocols: { of: [58] } },
  mh: { protocols: { of: [135] } },
  esp: { protocols: { of: [50] } },
  tcpmss: { all: ['mss'], protocols: TCP },
  osf: { all: ['genre'], protocols: TCP },
  ecn: { protocols: { of: [6], for: ['ecn-tcp-ece', 'ecn-tcp-cwr'] } },
  multiport: { any: ['sports', 'dports', 'ports'], not: [['sports', 'dports', 'ports']], protocols: { of: PORTS_OF_MULTIPORT } },
  iprange: { any: ['src-range', 'dst-range'] },
  mac: { all: ['mac-source'] },
  length: { all: ['length'] },
  ttl: { any: ['ttl-eq', 'ttl-lt', 'ttl-gt'], not: [['ttl-eq', 'ttl-lt', 'ttl-gt']] },
  hl: { any: ['hl-eq', 'hl-lt', 'hl-gt'], not: [['hl-eq', 'hl-lt', 'hl-gt']] },
  tos: { all: ['tos'] },
  dscp: { all: ['dscp'] },
  pkttype: { all: ['pkt-type'] },
  comment: { all: ['comment'] },
  mark: { all: ['mark'] },
  connmark: { all: ['mark'] },
  state: { all: ['state'] },
  conntrack: {
    any: ['ctstate', 'ctproto', 'ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst', 'ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport', 'ctstatus', 'ctexpire', 'ctdir'],
  },
  addrtype: { any: ['src-type', 'dst-type'], not: [['limit-iface-in', 'limit-iface-out']] },
  set: { all: ['match-set'] },
  statistic: { all: ['mode'], any: ['probability', 'every'], not: [['probability', 'every']], also: [['every', 'packet']] },
  recent: { not: [['set', 'rcheck', 'update', 'remove'], ['set', 'rttl'], ['set', 'seconds'], ['set', 'hitcount'], ['rsource', 'rdest']], also: [['reap', 'seconds']] },
  hashlimit: { any: ['hashlimit-upto', 'hashlimit-above'], all: ['hashlimit-name'], not: [['hashlimit-upto', 'hashlimit-above']], also: [['hashlimit-rate-interval', 'hashlimit-rate-match']] },
  connlimit: { any: ['connlimit-upto', 'connlimit-above'], not: [['connlimit-upto', 'connlimit-above'], ['connlimit-saddr', 'connlimit-daddr']] },
  connbytes: { all: ['connbytes', 'connbytes-dir', 'connbytes-mode'] },
  connlabel: { all: ['label'] },
  string: { any: ['string', 'hex-string'], all: ['algo'], not: [['string', 'hex-string']] },
  u32: { all: ['u32'] },
  bpf: { any: ['bytecode', 'object-pinned'] },
  quota: { all: ['quota'] },
  cpu: { all: ['cpu'] },
  cgroup: { any: ['path', 'cgroup'], not: [['path', 'cgroup']] },
  nfacct: { all: ['nfacct-name'] },
  helper: { all: ['helper'] },
  realm: { all: ['realm'] },
  policy: { all: ['dir', 'pol'] },
  owner: { also: [['suppl-groups', 'gid-owner']] },
  cluster: { all: ['cluster-total-nodes', 'cluster-local-nodemask', 'cluster-hash-seed'] },
};

const OF_TARGETS: Readonly<Record<string, Requirement>> = {
  DNAT: { all: ['to-destination'] },
  SNAT: { all: ['to-source'] },
  REDIRECT: { protocols: { of: PORTS_OF_NAT, for: ['to-ports'] } },
  MASQUERADE: { protocols: { of: PORTS_OF_NAT, for: ['to-ports'] } },
  NETMAP: { all: ['to'] },
  TPROXY: { all: ['on-port'], protocols: { of: [6, 17] } },
  TCPMSS: { any: ['set-mss', 'clamp-mss-to-pmtu'], not: [['set-mss', 'clamp-mss-to-pmtu']], protocols: TCP },
  TCPOPTSTRIP: { protocols: TCP },
  SYNPROXY: { protocols: TCP },
  TTL: { any: ['ttl-set', 'ttl-dec', 'ttl-inc'], not: [['ttl-set', 'ttl-dec', 'ttl-inc']] },
  HL: { any: ['hl-set', 'hl-dec', 'hl-inc'], not: [['hl-set', 'hl-dec', 'hl-inc']] },
  TOS: { all: ['set-tos'] },
  DSCP: { all: ['set-dscp'] },
  ECN: { any: ['ecn-tcp-remove', 'ecn-tcp-cwr', 'ecn-tcp-ece', 'ecn-ip-ect'] },
  MARK: { all: ['set-xmark'] },
  CONNMARK: { any: ['set-xmark', 'save-mark', 'restore-mark'], not: [['set-xmark', 'save-mark', 'restore-mark']] },
  CONNSECMARK: { any: ['save', 'restore'] },
  SECMARK: { all: ['selctx'] },
  SET: { any: ['add-set', 'del-set', 'map-set'] },
  CLASSIFY: { all: ['set-class'] },
  CHECKSUM: { all: ['checksum-fill'] },
  AUDIT: { all: ['type'] },
  NFQUEUE: { also: [['queue-cpu-fanout', 'queue-balance']], not: [['queue-num', 'queue-balance']] },
  IDLETIMER: { all: ['timeout', 'label'] },
  LED: { all: ['led-trigger-id'] },
  TEE: { all: ['gateway'] },
  HMARK: { all: ['hmark-mod'], not: [['hmark-spi-mask', 'hmark-sport-mask'], ['hmark-spi-mask', 'hmark-dport-mask']] },
  SNPT: { all: ['src-pfx', 'dst-pfx'] },
  DNPT: { all: ['src-pfx', 'dst-pfx'] },
};

/** Why the options of one match or target cannot stand together, null when they can. `protocol` is what `-p` asks for, 0 for any. */
export function faultOf(spec: ExtensionSpec, given: Options, protocol: number, family: Family): { word: string; message: string } | null {
  const needs = (spec.isTarget ? OF_TARGETS : OF_MATCHES)[spec.name];
  if (needs === undefined) return portsWithoutProtocol(given, protocol, family);
  const has = (name: string): boolean => given.has(name);
  const fault = (message: string): { word: string; message: string } => ({ word: spec.name, message: `${spec.name}: ${message}` });
  const missing = needs.all?.find((name) => !has(name));
  if (missing !== undefined) return fault(`option "--${missing}" must be specified`);
  if (needs.any && !needs.any.some(has)) return fault(`one of ${needs.any.map((name) => `"--${name}"`).join(', ')} must be specified`);
  for (const group of needs.not ?? []) {
    const [one, other] = group.filter(has);
    if (one !== undefined && other !== undefined) return fault(`option "--${one}" cannot be used together with "--${other}".`);
  }
  const alone = needs.also?.find(([name, other]) => has(name) && !has(other));
  if (alone) return fault(`option "--${alone[0]}" also requires "--${alone[1]}".`);
  const { protocols } = needs;
  if (protocols && !protocols.of.includes(protocol) && (protocols.for === undefined || protocols.for.some(has))) return fault('needs another -p');
  return outOfRange(spec, given) ?? portsWithoutProtocol(given, protocol, family);
}

/** Values that only another makes wrong. */
function outOfRange(spec: ExtensionSpec, given: Options): { word: string; message: string } | null {
  const number = (name: string): number => Number(given.get(name)?.raw[0] ?? NaN);
  const [every, packet] = [number('every'), number('packet')];
  if (spec.name === 'statistic' && packet >= every) return { word: String(packet), message: 'the --packet p must be 0 <= p <= n-1' };
  if (spec.name === 'recent' && number('hitcount') > 65535) return { word: '--hitcount', message: 'recent: hitcount is larger than allowed maximum (65535)' };
  const rate = byteRateOf(given.get('hashlimit-upto')?.raw[0] ?? given.get('hashlimit-above')?.raw[0] ?? '')?.rate ?? 0;
  const burst = parseByteBurst(given.get('hashlimit-burst')?.raw[0] ?? '');
  return burst < rate ? { word: '--hashlimit-burst', message: `burst cannot be smaller than ${rate}b` } : null;
}

/** `--to-destination 1.2.3.4:80` says a port, so the protocol must have some. */
function portsWithoutProtocol(given: Options, protocol: number, family: Family): { word: string; message: string } | null {
  const text = (given.get('to-destination') ?? given.get('to-source'))?.texts[0];
  const range: number[] = [];
  if (text === undefined || PORTS_OF_NAT.includes(protocol) || !NAT_RANGE.parse(text, range, { family, word: -1 })) return null;
  return ((range[8] as number) & MAP_PORTS) === 0 ? null : { word: text, message: 'Need TCP, UDP, SCTP or DCCP with port specification' };
}
