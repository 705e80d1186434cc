/** What of connection tracking and NAT is modelled, for docs/FIDELITY.md. */

export interface ConntrackFidelity {
  readonly name: string;
  readonly status: 'modelled' | 'approximated' | 'not modelled';
  /** File and function of Linux 6.18. */
  readonly citation: string;
  readonly note?: string;
}

const CORE = 'net/netfilter/nf_conntrack_core.c';
const NAT = 'net/netfilter/nf_nat_core.c';

export const CONNTRACK_FIDELITY: readonly ConntrackFidelity[] = [
  { name: 'lookup and creation', status: 'modelled', citation: `${CORE} nf_conntrack_in, resolve_normal_ct` },
  { name: 'zones, also per direction', status: 'modelled', citation: 'include/net/netfilter/nf_conntrack_zones.h nf_ct_zone_id' },
  { name: 'confirmation and clashes', status: 'modelled', citation: `${CORE} __nf_conntrack_confirm, nf_ct_resolve_clash` },
  { name: 'expiry', status: 'modelled', citation: `${CORE} nf_ct_is_expired, gc_worker`, note: 'the phase of the collector is that of the scenario' },
  { name: 'full table', status: 'modelled', citation: `${CORE} __nf_conntrack_alloc` },
  { name: 'early drop', status: 'approximated', citation: `${CORE} early_drop`, note: 'the secret hash is replaced by chance' },
  { name: 'tcp', status: 'modelled', citation: 'net/netfilter/nf_conntrack_proto_tcp.c', note: 'SACK blocks are not seen' },
  { name: 'udp, udplite', status: 'modelled', citation: 'net/netfilter/nf_conntrack_proto_udp.c' },
  { name: 'icmp', status: 'modelled', citation: 'net/netfilter/nf_conntrack_proto_icmp.c' },
  { name: 'icmpv6', status: 'modelled', citation: 'net/netfilter/nf_conntrack_proto_icmpv6.c' },
  { name: 'sctp', status: 'approximated', citation: 'net/netfilter/nf_conntrack_proto_sctp.c', note: 'one chunk a packet, verification tags taken as right' },
  { name: 'gre', status: 'approximated', citation: 'net/netfilter/nf_conntrack_proto_gre.c', note: 'without keys, which belong to PPTP' },
  { name: 'other protocols', status: 'modelled', citation: `${CORE} generic_packet` },
  { name: 'accounting', status: 'modelled', citation: 'net/netfilter/nf_conntrack_acct.c' },
  { name: 'timestamps', status: 'modelled', citation: 'net/netfilter/nf_conntrack_timestamp.c' },
  { name: 'helpers and expectations', status: 'approximated', citation: 'net/netfilter/nf_conntrack_helper.c', note: 'an entry has the helper that CT gives it; no packet carries what a helper would read, so nothing is expected' },
  { name: 'labels, timeouts by policy', status: 'not modelled', citation: 'net/netfilter/nf_conntrack_labels.c, nf_conntrack_timeout.c' },
  { name: 'flow offload', status: 'not modelled', citation: 'net/netfilter/nf_flow_table_core.c' },
  { name: 'nat bindings', status: 'modelled', citation: `${NAT} nf_nat_setup_info, get_unique_tuple` },
  { name: 'nat address of a range', status: 'modelled', citation: `${NAT} find_best_ips_proto` },
  { name: 'nat port search', status: 'modelled', citation: `${NAT} nf_nat_l4proto_unique_tuple`, note: 'drawn from the seed' },
  { name: 'nat of ICMP errors', status: 'modelled', citation: 'net/netfilter/nf_nat_proto.c nf_nat_icmp_reply_translation' },
  { name: 'masquerade entries and their device', status: 'modelled', citation: 'net/netfilter/nf_nat_masquerade.c' },
  { name: 'reassembly', status: 'modelled', citation: 'net/ipv4/ip_fragment.c, net/ipv6/netfilter/nf_conntrack_reasm.c', note: 'without limits of memory' },
];
