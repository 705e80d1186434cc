/** Every match, by opcode: what evaluates it and where the kernel does. docs/FIDELITY.md is made from this table. */
import * as op from '@worldline/language';
import * as k from '../program.js';
import * as address from './address.js';
import { matchAddressType } from './addrtype.js';
import type { Evaluate } from './answer.js';
import { matchCluster } from './cluster.js';
import { matchConnbytes } from './connbytes.js';
import { matchConnlimit } from './connlimit.js';
import * as ct from './conntrack.js';
import * as device from './device.js';
import { matchHashlimit } from './hashlimit.js';
import * as header from './header.js';
import { matchIcmp6Type, matchIcmpType } from './icmp.js';
import * as ip from './ip.js';
import * as six from './ipv6-headers.js';
import { matchLimit } from './limit.js';
import { matchMark } from './mark.js';
import { matchBpf, matchString, matchU32 } from './payload.js';
import * as ports from './ports.js';
import { matchQuota } from './quota.js';
import { matchRecent } from './recent.js';
import { matchChunkTypes } from './sctp.js';
import { matchSet } from './set.js';
import { matchStatistic } from './statistic.js';
import * as rest from './unmet.js';
import * as tcp from './tcp.js';
import { matchTime } from './time.js';

export interface MatchEntry {
  readonly opcode: number;
  /** As in a rule: match and option. */
  readonly name: string;
  readonly evaluate: Evaluate;
  /** File of Linux 6.18. */
  readonly citation: string;
  readonly status: 'modelled' | 'approximated' | 'unproved';
  readonly note?: string;
}

type Row = readonly [opcode: number, name: string, evaluate: Evaluate, file: string, note?: string, status?: 'unproved'];

const IP = 'net/ipv4/netfilter/ip_tables.c ip_packet_match, net/ipv6/netfilter/ip6_tables.c ip6_packet_match';

/** A note says where the engine knows less than the kernel: then it is an approximation. */
const ROWS: readonly Row[] = [
  [op.OP_SOURCE, '-s', header.matchSource, IP],
  [op.OP_DESTINATION, '-d', header.matchDestination, IP],
  [k.K_SOURCE_IS, '-s (one address)', header.matchSourceIs, IP],
  [k.K_DESTINATION_IS, '-d (one address)', header.matchDestinationIs, IP],
  [op.OP_INPUT_INTERFACE, '-i', header.matchInputInterface, IP],
  [op.OP_OUTPUT_INTERFACE, '-o', header.matchOutputInterface, IP],
  [k.K_INPUT_PATTERN, '-i NAME+', header.matchInputPattern, IP],
  [k.K_OUTPUT_PATTERN, '-o NAME+', header.matchOutputPattern, IP],
  [op.OP_PROTOCOL, '-p', header.matchProtocol, IP],
  [op.OP_FRAGMENT, '-f', header.matchFragment, IP],
  [op.OP_SOURCE_PORT, 'tcp, udp, sctp, dccp --sport', ports.matchSourcePort, 'net/netfilter/xt_tcpudp.c'],
  [op.OP_DESTINATION_PORT, 'tcp, udp, sctp, dccp --dport', ports.matchDestinationPort, 'net/netfilter/xt_tcpudp.c'],
  [k.K_SOURCE_PORT_IS, '--sport (one port)', ports.matchSourcePortIs, 'net/netfilter/xt_tcpudp.c'],
  [k.K_DESTINATION_PORT_IS, '--dport (one port)', ports.matchDestinationPortIs, 'net/netfilter/xt_tcpudp.c'],
  [op.OP_CONNTRACK_STATE, 'conntrack --ctstate, state --state', ct.matchConntrackState, 'net/netfilter/xt_conntrack.c'],
  [op.OP_MARK, 'mark', matchMark, 'net/netfilter/xt_mark.c'],
  [op.OP_TCP_FLAGS, 'tcp --tcp-flags', tcp.matchTcpFlags, 'net/netfilter/xt_tcpudp.c'],
  [op.OP_TCP_OPTION, 'tcp --tcp-option', tcp.matchTcpOption, 'net/netfilter/xt_tcpudp.c', 'NOP, MSS, window scale, SACK permitted and timestamps only'],
  [op.OP_ICMP_TYPE, 'icmp --icmp-type', matchIcmpType, 'net/netfilter/xt_tcpudp.c icmp_match'],
  [op.OP_ICMP6_TYPE, 'icmp6 --icmpv6-type', matchIcmp6Type, 'net/netfilter/xt_tcpudp.c icmp6_match'],
  [op.OP_CHUNK_TYPES, 'sctp --chunk-types', matchChunkTypes, 'net/netfilter/xt_sctp.c', 'a packet carries one chunk'],
  [op.OP_MULTIPORT_SOURCE, 'multiport --sports', ports.matchMultiportSource, 'net/netfilter/xt_multiport.c'],
  [op.OP_MULTIPORT_DESTINATION, 'multiport --dports', ports.matchMultiportDestination, 'net/netfilter/xt_multiport.c'],
  [op.OP_MULTIPORT_EITHER, 'multiport --ports', ports.matchMultiportEither, 'net/netfilter/xt_multiport.c'],
  [op.OP_CONNTRACK_PROTOCOL, 'conntrack --ctproto', ct.matchConntrackProtocol, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNTRACK_ADDRESS, 'conntrack --ctorigsrc, --ctorigdst, --ctreplsrc, --ctrepldst', ct.matchConntrackAddress, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNTRACK_PORT, 'conntrack --ctorigsrcport, --ctorigdstport, --ctreplsrcport, --ctrepldstport', ct.matchConntrackPort, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNTRACK_STATUS, 'conntrack --ctstatus', ct.matchConntrackStatus, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNTRACK_EXPIRE, 'conntrack --ctexpire', ct.matchConntrackExpire, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNTRACK_DIRECTION, 'conntrack --ctdir', ct.matchConntrackDirection, 'net/netfilter/xt_conntrack.c'],
  [op.OP_CONNMARK, 'connmark', ct.matchConnmark, 'net/netfilter/xt_connmark.c'],
  [op.OP_HELPER, 'helper', ct.matchHelper, 'net/netfilter/xt_helper.c', 'no connection is expected by a helper'],
  [op.OP_SOURCE_RANGE, 'iprange --src-range', address.matchSourceRange, 'net/netfilter/xt_iprange.c'],
  [op.OP_DESTINATION_RANGE, 'iprange --dst-range', address.matchDestinationRange, 'net/netfilter/xt_iprange.c'],
  [op.OP_MAC_SOURCE, 'mac', address.matchMacSource, 'net/netfilter/xt_mac.c'],
  [op.OP_EUI64, 'eui64', address.matchEui64, 'net/ipv6/netfilter/ip6t_eui64.c'],
  [op.OP_LENGTH, 'length', ip.matchLength, 'net/netfilter/xt_length.c'],
  [op.OP_TTL, 'ttl, hl', ip.matchTtl, 'net/netfilter/xt_hl.c'],
  [op.OP_TOS, 'tos', ip.matchTos, 'net/netfilter/xt_dscp.c'],
  [op.OP_DSCP, 'dscp', ip.matchDscp, 'net/netfilter/xt_dscp.c'],
  [op.OP_ECN_IP, 'ecn --ecn-ip-ect', ip.matchEcnIp, 'net/netfilter/xt_ecn.c'],
  [op.OP_ECN_TCP, 'ecn --ecn-tcp-ece, --ecn-tcp-cwr', ip.matchEcnTcp, 'net/netfilter/xt_ecn.c'],
  [op.OP_PACKET_TYPE, 'pkttype', ip.matchPacketType, 'net/netfilter/xt_pkttype.c'],
  [op.OP_PHYSDEV_INPUT, 'physdev --physdev-in', device.matchPhysdevInput, 'net/netfilter/xt_physdev.c'],
  [op.OP_PHYSDEV_OUTPUT, 'physdev --physdev-out', device.matchPhysdevOutput, 'net/netfilter/xt_physdev.c'],
  [op.OP_PHYSDEV_IS, 'physdev --physdev-is-in, -is-out, -is-bridged', device.matchPhysdevIs, 'net/netfilter/xt_physdev.c'],
  [op.OP_U32, 'u32', matchU32, 'net/netfilter/xt_u32.c', 'payload and transport checksums read as zero'],
  [op.OP_BPF, 'bpf', matchBpf, 'net/netfilter/xt_bpf.c', 'bytecode only; payload and transport checksums read as zero'],
  [op.OP_STRING, 'string', matchString, 'net/netfilter/xt_string.c', 'payload and transport checksums read as zero'],
  [op.OP_TCP_MSS, 'tcpmss', tcp.matchTcpMss, 'net/netfilter/xt_tcpmss.c'],
  [op.OP_OWNER, 'owner --uid-owner, --gid-owner', device.matchOwner, 'net/netfilter/xt_owner.c', 'every process runs as root'],
  [op.OP_SOCKET_EXISTS, 'owner --socket-exists', device.matchSocketExists, 'net/netfilter/xt_owner.c'],
  [op.OP_ADDRTYPE, 'addrtype', matchAddressType, 'net/netfilter/xt_addrtype.c'],
  [op.OP_SET, 'set', matchSet, 'net/netfilter/xt_set.c'],
  [op.OP_STATISTIC, 'statistic', matchStatistic, 'net/netfilter/xt_statistic.c'],
  [op.OP_RECENT, 'recent', matchRecent, 'net/netfilter/xt_recent.c'],
  [op.OP_LIMIT, 'limit', matchLimit, 'net/netfilter/xt_limit.c, net/netfilter/nft_limit.c'],
  [op.OP_HASHLIMIT, 'hashlimit', matchHashlimit, 'net/netfilter/xt_hashlimit.c', 'an entry goes when it expires, not at the next collection; rules that share a table share no settings'],
  [op.OP_CONNLIMIT, 'connlimit', matchConnlimit, 'net/netfilter/xt_connlimit.c, nf_conncount.c', 'the end of a connection over loopback may count one more'],
  [op.OP_RPFILTER, 'rpfilter', device.matchReversePath, 'net/ipv4/netfilter/ipt_rpfilter.c, net/ipv6/netfilter/ip6t_rpfilter.c'],
  [op.OP_SOCKET, 'socket', device.matchSocket, 'net/netfilter/xt_socket.c', 'no socket is transparent'],
  [op.OP_TIME, 'time', matchTime, 'net/netfilter/xt_time.c', 'the kernel\'s time zone is UTC'],
  [op.OP_QUOTA, 'quota', matchQuota, 'net/netfilter/xt_quota.c'],
  [op.OP_ESP_SPI, 'esp', rest.matchNever, 'net/ipv4/netfilter/ipt_esp.c', 'no packet carries ESP'],
  [op.OP_AH_SPI, 'ah --ahspi', rest.matchNever, 'net/ipv4/netfilter/ipt_ah.c', 'no packet carries AH'],
  [op.OP_AH6_LENGTH, 'ah --ahlen', rest.matchNever, 'net/ipv6/netfilter/ip6t_ah.c', 'no packet carries AH'],
  [op.OP_IPCOMP_SPI, 'ipcomp', rest.matchNever, 'net/netfilter/xt_ipcomp.c', 'no packet carries IPComp'],
  [op.OP_MH_TYPE, 'mh', rest.matchNever, 'net/ipv6/netfilter/ip6t_mh.c', 'no packet carries a mobility header'],
  [op.OP_DCCP_TYPES, 'dccp --dccp-types', rest.matchNever, 'net/netfilter/xt_dccp.c', 'no packet carries DCCP'],
  [op.OP_DCCP_OPTION, 'dccp --dccp-option', rest.matchNever, 'net/netfilter/xt_dccp.c', 'no packet carries DCCP'],
  [op.OP_CPU, 'cpu', rest.matchCpu, 'net/netfilter/xt_cpu.c', 'everything runs on CPU 0'],
  [op.OP_CGROUP, 'cgroup', rest.matchCgroup, 'net/netfilter/xt_cgroup.c', 'every process is in the root group'],
  [op.OP_NFACCT, 'nfacct', rest.matchAlways, 'net/netfilter/xt_nfacct.c'],
  [op.OP_REALM, 'realm', rest.matchZero, 'net/netfilter/xt_realm.c', 'no route has a realm'],
  [op.OP_DEVICE_GROUP, 'devgroup', rest.matchDeviceGroup, 'net/netfilter/xt_devgroup.c', 'every device is in group 0'],
  [op.OP_POLICY, 'policy', rest.matchPolicy, 'net/netfilter/xt_policy.c', 'no packet goes through IPsec'],
  [op.OP_IPVS, 'ipvs', rest.matchIpvs, 'net/netfilter/xt_ipvs.c', 'no packet belongs to IPVS; the kernel at hand has none', 'unproved'],
  [op.OP_ROUTING_HEADER, 'rt', six.matchRoutingHeader, 'net/ipv6/netfilter/ip6t_rt.c', 'routing headers are of type 2'],
  [op.OP_FRAGMENT_HEADER, 'frag', six.matchFragmentHeader, 'net/ipv6/netfilter/ip6t_frag.c'],
  [op.OP_HOP_BY_HOP, 'hbh', six.matchHopByHop, 'net/ipv6/netfilter/ip6t_hbh.c', 'headers hold padding only'],
  [op.OP_DESTINATION_OPTIONS, 'dst', six.matchDestinationOptions, 'net/ipv6/netfilter/ip6t_hbh.c', 'headers hold padding only'],
  [op.OP_CONNBYTES, 'connbytes', matchConnbytes, 'net/netfilter/xt_connbytes.c'],
  [op.OP_CLUSTER, 'cluster', matchCluster, 'net/netfilter/xt_cluster.c'],
  [op.OP_OSF, 'osf', rest.matchNever, 'net/netfilter/xt_osf.c, nfnetlink_osf.c', 'no fingerprints are loaded'],
  [op.OP_SEGMENT_ROUTING, 'srh', rest.matchNever, 'net/ipv6/netfilter/ip6t_srh.c', 'no packet carries a segment routing header'],
  [op.OP_IPV6_HEADER, 'ipv6header', six.matchIpv6Header, 'net/ipv6/netfilter/ip6t_ipv6header.c'],
];

export const MATCHES: readonly MatchEntry[] = ROWS.map(([opcode, name, evaluate, citation, note, status]) => ({
  opcode,
  name,
  evaluate,
  citation,
  status: status ?? (note === undefined ? 'modelled' : 'approximated'),
  ...(note === undefined ? {} : { note }),
}));

/** What is read and has no evaluation: a packet that comes to it ends as Unmodelled. */
export const UNMODELLED_MATCHES = [
  { name: 'connlabel', citation: 'net/netfilter/xt_connlabel.c', status: 'not modelled', note: 'entries keep no labels' },
  { name: 'rateest', citation: 'net/netfilter/xt_rateest.c', status: 'not modelled', note: 'there are no rate estimators' },
  { name: 'bpf --object-pinned', citation: 'net/netfilter/xt_bpf.c', status: 'not modelled', note: 'the program is not in the bundle' },
  { name: 'ah --ahres', citation: 'net/ipv6/netfilter/ip6t_ah.c', status: 'not modelled', note: 'no packet carries AH' },
] as const;

/** By opcode; undefined for what is not modelled. */
export const EVALUATE: readonly (Evaluate | undefined)[] = (() => {
  const table = new Array<Evaluate | undefined>(128).fill(undefined);
  for (const { opcode, evaluate } of MATCHES) table[opcode] = evaluate;
  return table;
})();
