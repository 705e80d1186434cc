/**
 * Names that Linux 6.18 knows and the engine does not act on: they may be set, are printed again, and raise an Issue that says so.
 * Words of one line are separated by blanks.
 */

const KNOWN_NETNS = [
  'net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_expect_max',
  'net.bridge.bridge-nf-filter-pppoe-tagged net.bridge.bridge-nf-filter-vlan-tagged net.bridge.bridge-nf-pass-vlan-input-dev',
  'net.core.bpf_jit_enable net.core.bpf_jit_harden net.core.bpf_jit_limit net.core.busy_poll net.core.busy_read net.core.default_qdisc',
  'net.core.dev_weight net.core.devconf_inherit_init_net net.core.fb_tunnels_only_for_init_net net.core.gro_normal_batch',
  'net.core.high_order_alloc_disable net.core.max_skb_frags net.core.message_burst net.core.message_cost net.core.netdev_budget',
  'net.core.netdev_budget_usecs net.core.netdev_max_backlog net.core.optmem_max net.core.rmem_default net.core.rmem_max',
  'net.core.rps_default_mask net.core.rps_sock_flow_entries net.core.somaxconn net.core.tstamp_allow_data net.core.txrehash net.core.warnings',
  'net.core.wmem_default net.core.wmem_max net.core.xfrm_acq_expires net.core.xfrm_aevent_etime net.core.xfrm_aevent_rseqth',
  'net.core.xfrm_larval_drop net.ipv4.cipso_cache_enable net.ipv4.fib_multipath_hash_fields net.ipv4.fib_multipath_hash_seed',
  'net.ipv4.fib_multipath_use_neigh net.ipv4.fib_notify_on_flag_change net.ipv4.icmp_echo_enable_probe',
  'net.ipv4.icmp_ignore_bogus_error_responses net.ipv4.igmp_link_local_mcast_reports net.ipv4.igmp_max_memberships net.ipv4.igmp_max_msf',
  'net.ipv4.igmp_qrv net.ipv4.inet_peer_maxttl net.ipv4.inet_peer_minttl net.ipv4.inet_peer_threshold net.ipv4.ip_autobind_reuse',
  'net.ipv4.ip_dynaddr net.ipv4.ip_early_demux net.ipv4.ip_forward_update_priority net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start net.ipv4.ipfrag_high_thresh net.ipv4.ipfrag_low_thresh net.ipv4.ipfrag_max_dist',
  'net.ipv4.neigh.default.gc_interval net.ipv4.neigh.default.gc_thresh1 net.ipv4.neigh.default.gc_thresh2 net.ipv4.nexthop_compat_mode',
  'net.ipv4.ping_group_range net.ipv4.raw_l3mdev_accept net.ipv4.route.error_burst net.ipv4.route.error_cost net.ipv4.route.flush',
  'net.ipv4.route.gc_thresh net.ipv4.route.max_size net.ipv4.route.min_adv_mss net.ipv4.route.redirect_load net.ipv4.route.redirect_number',
  'net.ipv4.route.redirect_silence net.ipv4.tcp_abort_on_overflow net.ipv4.tcp_adv_win_scale net.ipv4.tcp_allowed_congestion_control',
  'net.ipv4.tcp_app_win net.ipv4.tcp_autocorking net.ipv4.tcp_available_congestion_control net.ipv4.tcp_backlog_ack_defer net.ipv4.tcp_base_mss',
  'net.ipv4.tcp_challenge_ack_limit net.ipv4.tcp_child_ehash_entries net.ipv4.tcp_comp_sack_delay_ns net.ipv4.tcp_comp_sack_nr',
  'net.ipv4.tcp_comp_sack_slack_ns net.ipv4.tcp_congestion_control net.ipv4.tcp_dsack net.ipv4.tcp_early_demux net.ipv4.tcp_early_retrans',
  'net.ipv4.tcp_ecn net.ipv4.tcp_ecn_fallback net.ipv4.tcp_ecn_option net.ipv4.tcp_ecn_option_beacon net.ipv4.tcp_ehash_entries',
  'net.ipv4.tcp_fack net.ipv4.tcp_fastopen net.ipv4.tcp_fastopen_blackhole_timeout_sec net.ipv4.tcp_fastopen_key net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_frto net.ipv4.tcp_fwmark_accept net.ipv4.tcp_invalid_ratelimit net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time net.ipv4.tcp_l3mdev_accept net.ipv4.tcp_limit_output_bytes net.ipv4.tcp_low_latency net.ipv4.tcp_max_reordering',
  'net.ipv4.tcp_max_syn_backlog net.ipv4.tcp_max_tw_buckets net.ipv4.tcp_mem net.ipv4.tcp_migrate_req net.ipv4.tcp_min_rtt_wlen',
  'net.ipv4.tcp_min_snd_mss net.ipv4.tcp_min_tso_segs net.ipv4.tcp_moderate_rcvbuf net.ipv4.tcp_mtu_probe_floor net.ipv4.tcp_mtu_probing',
  'net.ipv4.tcp_no_metrics_save net.ipv4.tcp_no_ssthresh_metrics_save net.ipv4.tcp_notsent_lowat net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_pacing_ca_ratio net.ipv4.tcp_pacing_ss_ratio net.ipv4.tcp_pingpong_thresh net.ipv4.tcp_plb_cong_thresh net.ipv4.tcp_plb_enabled',
  'net.ipv4.tcp_plb_idle_rehash_rounds net.ipv4.tcp_plb_rehash_rounds net.ipv4.tcp_plb_suspend_rto_sec net.ipv4.tcp_probe_interval',
  'net.ipv4.tcp_probe_threshold net.ipv4.tcp_recovery net.ipv4.tcp_reflect_tos net.ipv4.tcp_reordering net.ipv4.tcp_retrans_collapse',
  'net.ipv4.tcp_retries1 net.ipv4.tcp_retries2 net.ipv4.tcp_rfc1337 net.ipv4.tcp_rmem net.ipv4.tcp_rto_max_ms net.ipv4.tcp_rto_min_us',
  'net.ipv4.tcp_sack net.ipv4.tcp_shrink_window net.ipv4.tcp_slow_start_after_idle net.ipv4.tcp_stdurg net.ipv4.tcp_syn_linear_timeouts',
  'net.ipv4.tcp_synack_retries net.ipv4.tcp_syncookies net.ipv4.tcp_thin_linear_timeouts net.ipv4.tcp_timestamps net.ipv4.tcp_tso_rtt_log',
  'net.ipv4.tcp_tso_win_divisor net.ipv4.tcp_tw_reuse net.ipv4.tcp_tw_reuse_delay net.ipv4.tcp_window_scaling net.ipv4.tcp_wmem',
  'net.ipv4.tcp_workaround_signed_windows net.ipv4.udp_child_hash_entries net.ipv4.udp_early_demux net.ipv4.udp_hash_entries',
  'net.ipv4.udp_l3mdev_accept net.ipv4.udp_mem net.ipv4.udp_rmem_min net.ipv4.udp_wmem_min net.ipv4.xfrm4_gc_thresh',
  'net.ipv6.anycast_src_echo_reply net.ipv6.auto_flowlabels net.ipv6.fib_multipath_hash_fields net.ipv6.fib_notify_on_flag_change',
  'net.ipv6.flowlabel_consistency net.ipv6.flowlabel_reflect net.ipv6.flowlabel_state_ranges net.ipv6.icmp.error_anycast_as_unicast',
  'net.ipv6.icmp.ratemask net.ipv6.idgen_delay net.ipv6.idgen_retries net.ipv6.ioam6_id net.ipv6.ioam6_id_wide net.ipv6.ip6frag_high_thresh',
  'net.ipv6.ip6frag_low_thresh net.ipv6.max_dst_opts_length net.ipv6.max_dst_opts_number net.ipv6.max_hbh_length net.ipv6.max_hbh_opts_number',
  'net.ipv6.neigh.default.gc_interval net.ipv6.neigh.default.gc_thresh1 net.ipv6.neigh.default.gc_thresh2 net.ipv6.route.flush',
  'net.ipv6.route.gc_elasticity net.ipv6.route.gc_interval net.ipv6.route.gc_min_interval net.ipv6.route.gc_min_interval_ms',
  'net.ipv6.route.gc_thresh net.ipv6.route.gc_timeout net.ipv6.route.max_size net.ipv6.route.min_adv_mss net.ipv6.route.skip_notify_on_dev_down',
  'net.ipv6.seg6_flowlabel net.ipv6.xfrm6_gc_thresh net.mptcp.add_addr_timeout net.mptcp.allow_join_initial_addr_port',
  'net.mptcp.available_path_managers net.mptcp.available_schedulers net.mptcp.blackhole_timeout net.mptcp.checksum_enabled',
  'net.mptcp.close_timeout net.mptcp.enabled net.mptcp.path_manager net.mptcp.pm_type net.mptcp.scheduler net.mptcp.stale_loss_cnt',
  'net.mptcp.syn_retrans_before_tcp_fallback net.netfilter.nf_conntrack_events net.netfilter.nf_conntrack_frag6_high_thresh',
  'net.netfilter.nf_conntrack_frag6_low_thresh net.netfilter.nf_conntrack_log_invalid',
  'net.netfilter.nf_hooks_lwtunnel net.nf_conntrack_max net.unix.max_dgram_qlen',
];

const KNOWN_CONF4 = [
  'accept_source_route arp_evict_nocarrier arp_notify bootp_relay disable_policy disable_xfrm drop_gratuitous_arp force_igmp_version',
  'igmpv2_unsolicited_report_interval igmpv3_unsolicited_report_interval mc_forwarding medium_id proxy_arp_pvlan tag',
];

const KNOWN_CONF6 = [
  'accept_dad accept_ra accept_ra_defrtr accept_ra_from_local accept_ra_min_hop_limit accept_ra_min_lft accept_ra_mtu accept_ra_pinfo',
  'accept_ra_rt_info_max_plen accept_ra_rt_info_min_plen accept_ra_rtr_pref accept_source_route accept_untracked_na addr_gen_mode autoconf',
  'dad_transmits disable_policy drop_unsolicited_na enhanced_dad force_mld_version force_tllao ioam6_enabled ioam6_id ioam6_id_wide',
  'max_addresses max_desync_factor mc_forwarding mldv1_unsolicited_report_interval mldv2_unsolicited_report_interval ndisc_evict_nocarrier',
  'ndisc_notify ndisc_tclass optimistic_dad ra_defrtr_metric ra_honor_pio_life ra_honor_pio_pflag regen_max_retry regen_min_advance',
  'router_probe_interval router_solicitation_delay router_solicitation_interval router_solicitation_max_interval router_solicitations',
  'rpl_seg_enabled seg6_enabled seg6_require_hmac suppress_frag_ndisc temp_prefered_lft temp_valid_lft use_oif_addrs_only use_optimistic',
  'use_tempaddr',
];

const KNOWN_NEIGHBOUR = [
  'anycast_delay interval_probe_time_ms proxy_delay proxy_qlen unres_qlen',
];

/** Everything outside the network that a node's operator may write: taken as it comes. */
const FOREIGN = /^(kernel|vm|fs|user|dev|debug|abi|crypto|sunrpc)\./;

const netns = toSet(KNOWN_NETNS);
const conf4 = toSet(KNOWN_CONF4);
const conf6 = toSet(KNOWN_CONF6);
const neighbour = toSet(KNOWN_NEIGHBOUR);

/** Whether the kernel has a key of this name; of per-interface names (`kind` conf4, conf6, neighbour) only the last part is looked at. */
export function isKnownName(kind: 'netns' | 'conf4' | 'conf6' | 'neighbour', name: string): boolean {
  if (kind === 'netns') return netns.has(name) || FOREIGN.test(name) || name.startsWith('net.netfilter.nf_log.');
  return (kind === 'conf4' ? conf4 : kind === 'conf6' ? conf6 : neighbour).has(name);
}

function toSet(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
