/** Matches on what stands in a packet's headers. Orders and spellings are those of iptables 1.8.9, seen on its own output. */
import * as op from './opcode.js';
import { match, option, type ExtensionSpec, type OptionSpec } from './extension.js';
import { ADDRESS_RANGE, MAC, PREFIX } from './value/address.js';
import { CHUNK_TYPES, DCCP_TYPES, MH_TYPE, ROUTING_ADDRESSES, HEADER_OPTIONS, IPV6_HEADERS } from './value/header-list.js';
import * as v from './value/scalar.js';

const portOptions = [
  option('sport', [v.PORTS], { op: op.OP_SOURCE_PORT, isInvertible: true, aliases: ['source-port'], hidden: '0:65535' }),
  option('dport', [v.PORTS], { op: op.OP_DESTINATION_PORT, isInvertible: true, aliases: ['destination-port'], hidden: '0:65535' }),
];
const anyOrderPorts = [
  option('sport', [v.ANY_ORDER_PORTS], { op: op.OP_SOURCE_PORT, isInvertible: true, aliases: ['source-port'], hidden: '0:65535' }),
  option('dport', [v.ANY_ORDER_PORTS], { op: op.OP_DESTINATION_PORT, isInvertible: true, aliases: ['destination-port'], hidden: '0:65535' }),
];
/** The only ones whose whole range is printed (libxt_dccp.c). */
const dccpPorts = [
  option('sport', [v.ANY_ORDER_PORTS], { op: op.OP_SOURCE_PORT, isInvertible: true, aliases: ['source-port'] }),
  option('dport', [v.ANY_ORDER_PORTS], { op: op.OP_DESTINATION_PORT, isInvertible: true, aliases: ['destination-port'] }),
];
const inverted = { isInvertible: true };
const wholeRange = { hidden: '0:4294967295', isInvertible: true };
/** `-eq`, `-gt`, `-lt` of one field. */
const compared = (name: string): OptionSpec[] => ['eq', 'gt', 'lt'].map((how) => option(`${name}-${how}`, [v.U8], inverted));
const ports = (name: string): readonly string[] => [`${name.replace(/s$/, '')}`, name === 'sports' ? 'source-ports' : 'destination-ports'];

export const HEADER_MATCHES: readonly ExtensionSpec[] = [
  match(
    'tcp',
    [
      ...portOptions,
      option('tcp-option', [v.U8], { op: op.OP_TCP_OPTION, ...inverted }),
      option('tcp-flags', [v.TCP_FLAGS, v.TCP_FLAGS], { op: op.OP_TCP_FLAGS, ...inverted }),
    ],
    { protocol: 6, rewrites: { syn: { arguments: 0, to: 'tcp-flags', values: () => ['FIN,SYN,RST,ACK', 'SYN'] } } },
  ),
  match('udp', anyOrderPorts, { protocol: 17 }),
  match('udplite', anyOrderPorts, { protocol: 136 }),
  match('sctp', [...anyOrderPorts, option('chunk-types', [v.choice({ all: 0, any: 1, only: 2 }), CHUNK_TYPES], { op: op.OP_CHUNK_TYPES, ...inverted })], { protocol: 132 }),
  match(
    'dccp',
    [
      ...dccpPorts,
      option('dccp-types', [DCCP_TYPES], { op: op.OP_DCCP_TYPES, ...inverted }),
      option('dccp-option', [v.U8], { op: op.OP_DCCP_OPTION, ...inverted }),
    ],
    { protocol: 33 },
  ),
  match('icmp', [option('icmp-type', [v.ICMP_TYPE], { op: op.OP_ICMP_TYPE, ...inverted })], { protocol: 1, family: 4 }),
  match('icmp6', [option('icmpv6-type', [v.ICMP6_TYPE], { op: op.OP_ICMP6_TYPE, ...inverted })], { protocol: 58, family: 6 }),
  match('multiport', [
    option('sports', [v.PORT_LIST], { op: op.OP_MULTIPORT_SOURCE, ...inverted, aliases: ports('sports') }),
    option('dports', [v.PORT_LIST], { op: op.OP_MULTIPORT_DESTINATION, ...inverted, aliases: ports('dports') }),
    option('ports', [v.PORT_LIST], { op: op.OP_MULTIPORT_EITHER, ...inverted, aliases: ['port'] }),
  ]),
  match('iprange', [
    option('src-range', [ADDRESS_RANGE], { op: op.OP_SOURCE_RANGE, ...inverted }),
    option('dst-range', [ADDRESS_RANGE], { op: op.OP_DESTINATION_RANGE, ...inverted }),
  ]),
  match('mac', [option('mac-source', [MAC], { op: op.OP_MAC_SOURCE, ...inverted })]),
  match('length', [option('length', [v.ANY_ORDER_U16], { op: op.OP_LENGTH, ...inverted })]),
  match(
    'ttl',
    [
      option('ttl-eq', [v.U8], { op: op.OP_TTL, fixed: [0], ...inverted, aliases: ['ttl'] }),
      option('ttl-lt', [v.U8], { op: op.OP_TTL, fixed: [1] }),
      option('ttl-gt', [v.U8], { op: op.OP_TTL, fixed: [2] }),
    ],
    { family: 4 },
  ),
  match(
    'hl',
    [
      option('hl-eq', [v.U8], { op: op.OP_TTL, fixed: [0], ...inverted, aliases: ['hl'] }),
      option('hl-lt', [v.U8], { op: op.OP_TTL, fixed: [1] }),
      option('hl-gt', [v.U8], { op: op.OP_TTL, fixed: [2] }),
    ],
    { family: 6 },
  ),
  match('tos', [option('tos', [v.TOS], { op: op.OP_TOS, ...inverted })]),
  match('dscp', [option('dscp', [v.DSCP], { op: op.OP_DSCP, ...inverted })], { rewrites: { 'dscp-class': { arguments: 1, to: 'dscp', values: v.dscpOfClass } } }),
  match('ecn', [
    option('ecn-tcp-ece', [], { op: op.OP_ECN_TCP, fixed: [0x40], ...inverted }),
    option('ecn-tcp-cwr', [], { op: op.OP_ECN_TCP, fixed: [0x80], ...inverted }),
    option('ecn-ip-ect', [v.number(3)], { op: op.OP_ECN_IP, ...inverted }),
  ]),
  match('esp', [option('espspi', [v.ANY_ORDER_U32], { op: op.OP_ESP_SPI, ...wholeRange })], { protocol: 50 }),
  match(
    'ah',
    [
      option('ahspi', [v.ANY_ORDER_U32], { op: op.OP_AH_SPI, ...wholeRange }),
      option('ahlen', [v.U32], { op: op.OP_AH6_LENGTH, ...inverted }),
      option('ahres', [], { op: op.OP_UNMODELLED_MATCH, fixed: [0] }),
    ],
    { protocol: 51 },
  ),
  match('ipcomp', [option('ipcompspi', [v.ANY_ORDER_U32], { op: op.OP_IPCOMP_SPI, ...wholeRange }), option('ipcompres', [], { op: op.OP_IPCOMP_SPI, fixed: [0, -1] })], { protocol: 108 }),
  match('tcpmss', [option('mss', [v.U16_RANGE], { op: op.OP_TCP_MSS, ...inverted })]),
  match('pkttype', [option('pkt-type', [v.choice({ unicast: 0, broadcast: 1, multicast: 2, bcast: 1, mcast: 2, host: 0 })], { op: op.OP_PACKET_TYPE, ...inverted })]),
  match('mh', [option('mh-type', [MH_TYPE], { op: op.OP_MH_TYPE, ...inverted })], { protocol: 135, family: 6 }),
  match('eui64', [], { op: op.OP_EUI64, family: 6 }),
  match(
    'rt',
    [
      option('rt-type', [v.U32], { ...inverted }),
      option('rt-segsleft', [v.ANY_ORDER_U32], wholeRange),
      option('rt-len', [v.U32], { ...inverted }),
      option('rt-0-res', []),
      option('rt-0-addrs', [ROUTING_ADDRESSES]),
      option('rt-0-not-strict', []),
    ],
    { op: op.OP_ROUTING_HEADER, family: 6 },
  ),
  match(
    'frag',
    [
      option('fragid', [v.ANY_ORDER_U32], wholeRange),
      option('fraglen', [v.U32], { ...inverted }),
      option('fragres', []),
      option('fragfirst', []),
      option('fragmore', []),
      option('fraglast', []),
    ],
    { op: op.OP_FRAGMENT_HEADER, family: 6 },
  ),
  match('hbh', [option('hbh-len', [v.U32], { ...inverted }), option('hbh-opts', [HEADER_OPTIONS])], { op: op.OP_HOP_BY_HOP, family: 6 }),
  match('dst', [option('dst-len', [v.U32], { ...inverted }), option('dst-opts', [HEADER_OPTIONS])], { op: op.OP_DESTINATION_OPTIONS, family: 6 }),
  match(
    'srh',
    [
      option('srh-next-hdr', [v.U8], inverted),
      ...compared('srh-hdr-len'),
      ...compared('srh-segs-left'),
      ...compared('srh-last-entry'),
      option('srh-tag', [v.U16], inverted),
      option('srh-psid', [v.wide(PREFIX)], inverted),
      option('srh-nsid', [v.wide(PREFIX)], inverted),
      option('srh-lsid', [v.wide(PREFIX)], inverted),
    ],
    { op: op.OP_SEGMENT_ROUTING, family: 6 },
  ),
  match(
    'osf',
    [option('genre', [v.NAME], inverted), option('ttl', [v.number(2)]), option('log', [v.number(2)])],
    { op: op.OP_OSF, family: 4 },
  ),
  match('ipv6header', [option('header', [IPV6_HEADERS], { ...inverted }), option('soft', [])], { op: op.OP_IPV6_HEADER, family: 6 }),
];
