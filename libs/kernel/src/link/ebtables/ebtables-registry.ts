/** Which matches and targets of ebtables are modelled, and where the kernel does them. */
export interface EbtablesRegistryEntry {
  readonly name: string;
  readonly status: 'modelled' | 'approximated' | 'unproved' | 'not modelled';
  /** Kernel source, 6.18. */
  readonly citation: string;
  readonly note?: string;
}

export const EBTABLES_MATCHES: readonly EbtablesRegistryEntry[] = [
  { name: '-p, -s, -d, -i, -o, --logical-in, --logical-out', status: 'modelled', citation: 'net/bridge/netfilter/ebtables.c ebt_basic_match' },
  { name: 'ip', status: 'modelled', citation: 'net/bridge/netfilter/ebt_ip.c ebt_ip_mt' },
  { name: 'ip6', status: 'modelled', citation: 'net/bridge/netfilter/ebt_ip6.c ebt_ip6_mt' },
  { name: 'arp', status: 'modelled', citation: 'net/bridge/netfilter/ebt_arp.c ebt_arp_mt' },
  { name: 'mark_m', status: 'modelled', citation: 'net/bridge/netfilter/ebt_mark_m.c ebt_mark_mt' },
  { name: 'pkttype', status: 'modelled', citation: 'net/bridge/netfilter/ebt_pkttype.c ebt_pkttype_mt' },
  { name: 'limit', status: 'modelled', citation: 'net/netfilter/nft_limit.c nft_limit; net/bridge/netfilter/ebt_limit.c ebt_limit_mt' },
  { name: 'among', status: 'modelled', citation: 'net/bridge/netfilter/ebt_among.c ebt_among_mt' },
  { name: 'vlan', status: 'approximated', citation: 'net/bridge/netfilter/ebt_vlan.c ebt_vlan_mt', note: 'frames carry no tags here' },
  { name: 'stp', status: 'approximated', citation: 'net/bridge/netfilter/ebt_stp.c ebt_stp_mt', note: 'no BPDUs are sent here' },
  { name: '802_3', status: 'approximated', citation: 'net/bridge/netfilter/ebt_802_3.c ebt_802_3_mt', note: 'no such frames are sent here' },
  { name: 'log', status: 'modelled', citation: 'net/bridge/netfilter/ebt_log.c ebt_log_tg', note: 'the packet goes on' },
  { name: 'nflog', status: 'modelled', citation: 'net/bridge/netfilter/ebt_nflog.c ebt_nflog_tg', note: 'the packet goes on' },
  { name: 'comment', status: 'modelled', citation: 'net/netfilter/xt_comment.c' },
];

export const EBTABLES_ACTIONS: readonly EbtablesRegistryEntry[] = [
  { name: 'ACCEPT, DROP, CONTINUE, RETURN', status: 'modelled', citation: 'net/bridge/netfilter/ebtables.c ebt_do_table' },
  { name: 'mark', status: 'modelled', citation: 'net/bridge/netfilter/ebt_mark.c ebt_mark_tg' },
  { name: 'dnat', status: 'modelled', citation: 'net/bridge/netfilter/ebt_dnat.c ebt_dnat_tg' },
  { name: 'snat', status: 'modelled', citation: 'net/bridge/netfilter/ebt_snat.c ebt_snat_tg' },
  { name: 'redirect', status: 'modelled', citation: 'net/bridge/netfilter/ebt_redirect.c ebt_redirect_tg' },
  { name: 'arpreply', status: 'modelled', citation: 'net/bridge/netfilter/ebt_arpreply.c ebt_arpreply_tg' },
];
