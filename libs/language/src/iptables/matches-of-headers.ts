/** Matches on what stands in a packet's headers. Orders and spellings are those of iptables 1.8.9, seen on its own output. */
import * as op from './opcode.js';
import { match, option, type ExtensionSpec } from './extension.js';
import { ADDRESS_RANGE, MAC } from './value/address.js';
import { CHUNK_TYPES, DCCP_TYPES, MH_TYPE, ROUTING_ADDRESSES, HEADER_OPTIONS, IPV6_HEADERS } from './value/header-list.js';
import * as v from './value/scalar.js';

const portOptions = [
  option('sport', [v.PORTS], { op: op.OP_SOURCE_PORT, isInvertible: true, aliases: ['source-port'], hidden: '0:65535' }),
  option('dport', [v.PORTS], { op: op.OP_DESTINATION_PORT, isInvertible: true, aliases: ['destination-port'], hidden: '0:65535' }),
];
const inverted = { isInvertible: true };
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
  match('udp', portOptions, { protocol: 17 }),
  match('udplite', portOptions, { protocol: 136 }),
  match('sctp', [...portOptions, option('chunk-types', [v.choice({ all: 0, any: 1, only: 2 }), CHUNK_TYPES], { op: op.OP_CHUNK_TYPES, ...inverted })], { protocol: 132 }),
  match(
    'dccp',
    [
      ...portOptions,
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
  match('length', [option('length', [v.range(0xffff)], { op: op.OP_LENGTH, ...inverted })]),
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
  match('esp', [option('espspi', [v.U32_RANGE], { op: op.OP_ESP_SPI, ...inverted })], { protocol: 50 }),
  match(
    'ah',
    [
      option('ahspi', [v.U32_RANGE], { op: op.OP_AH_SPI, ...inverted }),
      option('ahlen', [v.U32], { op: op.OP_AH6_LENGTH, ...inverted }),
      option('ahres', [], { op: op.OP_UNMODELLED_MATCH, fixed: [0] }),
    ],
    { protocol: 51 },
  ),
  match('ipcomp', [option('ipcompspi', [v.U32_RANGE], { op: op.OP_IPCOMP_SPI, ...inverted })], { protocol: 108 }),
  match('tcpmss', [option('mss', [v.U16_RANGE], { op: op.OP_TCP_MSS, ...inverted })]),
  match('pkttype', [option('pkt-type', [v.choice({ unicast: 0, broadcast: 1, multicast: 2, bcast: 1, mcast: 2, host: 0 })], { op: op.OP_PACKET_TYPE, ...inverted })]),
  match('mh', [option('mh-type', [MH_TYPE], { op: op.OP_MH_TYPE, ...inverted })], { protocol: 135, family: 6 }),
  match('eui64', [], { op: op.OP_EUI64, family: 6 }),
  match(
    'rt',
    [
      option('rt-type', [v.U32], { ...inverted }),
      option('rt-segsleft', [v.U32_RANGE], { ...inverted }),
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
      option('fragid', [v.U32_RANGE], { ...inverted }),
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
  match('ipv6header', [option('header', [IPV6_HEADERS], { ...inverted }), option('soft', [])], { op: op.OP_IPV6_HEADER, family: 6 }),
];
