/** Which matches and targets of ebtables are modelled, and where the kernel does them. */
import { EBTABLES_OPTIONS, type EbtablesExtension } from '@worldline/language';

export interface EbtablesRegistryEntry {
  readonly name: string;
  readonly status: 'modelled' | 'approximated' | 'unproved' | 'Unmodelled';
  /** Kernel source, 6.18, and what is left out. */
  readonly citation: string;
}

export const EBTABLES_MATCHES: readonly EbtablesRegistryEntry[] = [
  { name: 'base', status: 'modelled', citation: 'net/bridge/netfilter/ebtables.c ebt_basic_match' },
  { name: 'ip', status: 'modelled', citation: 'net/bridge/netfilter/ebt_ip.c ebt_ip_mt' },
  { name: 'ip6', status: 'modelled', citation: 'net/bridge/netfilter/ebt_ip6.c ebt_ip6_mt' },
  { name: 'arp', status: 'modelled', citation: 'net/bridge/netfilter/ebt_arp.c ebt_arp_mt' },
  { name: 'mark_m', status: 'modelled', citation: 'net/bridge/netfilter/ebt_mark_m.c ebt_mark_mt' },
  { name: 'pkttype', status: 'modelled', citation: 'net/bridge/netfilter/ebt_pkttype.c ebt_pkttype_mt' },
  { name: 'limit', status: 'modelled', citation: 'net/netfilter/nft_limit.c nft_limit; net/bridge/netfilter/ebt_limit.c ebt_limit_mt' },
  { name: 'among', status: 'modelled', citation: 'net/bridge/netfilter/ebt_among.c ebt_among_mt' },
  { name: 'vlan', status: 'approximated', citation: 'net/bridge/netfilter/ebt_vlan.c ebt_vlan_mt; frames carry no tags here' },
  { name: 'stp', status: 'approximated', citation: 'net/bridge/netfilter/ebt_stp.c ebt_stp_mt; no BPDUs are sent here' },
  { name: '802_3', status: 'approximated', citation: 'net/bridge/netfilter/ebt_802_3.c ebt_802_3_mt; no such frames are sent here' },
  { name: 'log', status: 'modelled', citation: 'net/bridge/netfilter/ebt_log.c ebt_log_tg; the packet goes on' },
  { name: 'nflog', status: 'modelled', citation: 'net/bridge/netfilter/ebt_nflog.c ebt_nflog_tg; the packet goes on' },
  { name: 'comment', status: 'modelled', citation: 'no effect' },
];

export const EBTABLES_TARGETS_MODELLED: readonly EbtablesRegistryEntry[] = [
  { name: 'ACCEPT, DROP, CONTINUE, RETURN', status: 'modelled', citation: 'net/bridge/netfilter/ebtables.c ebt_do_table' },
  { name: 'mark', status: 'modelled', citation: 'net/bridge/netfilter/ebt_mark.c ebt_mark_tg' },
  { name: 'dnat', status: 'modelled', citation: 'net/bridge/netfilter/ebt_dnat.c ebt_dnat_tg' },
  { name: 'snat', status: 'modelled', citation: 'net/bridge/netfilter/ebt_snat.c ebt_snat_tg' },
  { name: 'redirect', status: 'modelled', citation: 'net/bridge/netfilter/ebt_redirect.c ebt_redirect_tg; ebtables-nft sets the packet type alone' },
  { name: 'arpreply', status: 'Unmodelled', citation: 'net/bridge/netfilter/ebt_arpreply.c ebt_arpreply_tg' },
];

/** Whether every option of an extension is known to the compiler. */
export function isEbtablesModelled(extension: EbtablesExtension): boolean {
  const entry = [...EBTABLES_MATCHES, ...EBTABLES_TARGETS_MODELLED].find((e) => e.name === extension);
  return entry !== undefined && entry.status !== 'Unmodelled' && EBTABLES_OPTIONS.some((o) => o.extension === extension);
}
