/**
 * Every sysctl that the engine models: where it lives, its default in a fresh namespace of Linux 6.18, what it does and where the kernel reads it.
 *
 * A `*` in a name stands for `all`, `default` or an interface. Position in the list of a scope is the index of its value in SysctlState,
 * and the exported constants name these positions.
 */

export type SysctlScope =
  /** One value per namespace. */
  | 'netns'
  /** One value per interface, and `all` and `default`. */
  | 'interface'
  /** Neighbour parameters per interface, and `default`. */
  | 'neighbour';

export interface SysctlEntry {
  /** IPv4 and IPv6 spelling of one key; null where the family has none. */
  readonly name4: string | null;
  readonly name6: string | null;
  readonly scope: SysctlScope;
  readonly defaultValue: number;
  /** IPv6's default where it differs. */
  readonly defaultValue6: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
  /** Kept in its range and printed, and nothing asks for it. */
  readonly isInert: boolean;
  readonly effect: string;
  readonly citation: string;
}

interface Options {
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly default6?: number;
  readonly isInert?: boolean;
}

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;
const FLAG: Options = { min: 0, max: 1, unit: 'flag' };
const BYTE_FLAG: Options = { min: 0, max: 255, unit: 'flag' };
const INERT: Options = { isInert: true };

function entry(scope: SysctlScope, name4: string | null, name6: string | null, value: number, effect: string, citation: string, o: Options): SysctlEntry {
  return {
    name4,
    name6,
    scope,
    defaultValue: value,
    defaultValue6: o.default6 ?? value,
    minimum: o.min ?? INT_MIN,
    maximum: o.max ?? INT_MAX,
    unit: o.unit ?? 'number',
    isInert: o.isInert ?? false,
    effect,
    citation,
  };
}

function netns(name: string, value: number, effect: string, citation: string, options: Options = {}): SysctlEntry {
  return entry('netns', name, null, value, effect, citation, options);
}

/** `families` is `4`, `6` or `46`. */
function conf(key: string, families: string, value: number, effect: string, citation: string, options: Options = {}): SysctlEntry {
  const name4 = families.includes('4') ? `net.ipv4.conf.*.${key}` : null;
  const name6 = families.includes('6') ? `net.ipv6.conf.*.${key}` : null;
  return entry('interface', name4, name6, value, effect, citation, { unit: 'flag', ...options });
}

function neighbour(key: string, value: number, unit: string, effect: string, citation: string, options: Options = {}): SysctlEntry {
  return entry('neighbour', `net.ipv4.neigh.*.${key}`, `net.ipv6.neigh.*.${key}`, value, effect, citation, { unit, min: 0, ...options });
}

export const CONF_FORWARDING = 0;
export const CONF_RP_FILTER = 1;
export const CONF_ACCEPT_LOCAL = 2;
export const CONF_ROUTE_LOCALNET = 3;
export const CONF_SEND_REDIRECTS = 4;
export const CONF_ACCEPT_REDIRECTS = 5;
export const CONF_SHARED_MEDIA = 6;
export const CONF_BC_FORWARDING = 7;
export const CONF_SRC_VALID_MARK = 9;
export const CONF_ARP_IGNORE = 10;
export const CONF_ARP_ANNOUNCE = 11;
export const CONF_ARP_FILTER = 12;
export const CONF_PROXY_ARP = 14;
export const CONF_IGNORE_ROUTES_WITH_LINKDOWN = 16;
export const CONF_PROMOTE_SECONDARIES = 17;
export const CONF_DISABLE_IPV6 = 18;
export const CONF_FORCE_FORWARDING = 19;
export const CONF_HOP_LIMIT = 20;
export const CONF_KEEP_ADDR_ON_DOWN = 21;
export const CONF_PROXY_NDP = 22;
export const CONF_MTU = 23;
export const CONF_SECURE_REDIRECTS = 24;
export const CONF_COUNT = 25;

/** Per-interface keys (net/ipv4/devinet.c, net/ipv6/addrconf.c). */
export const CONF_SYSCTLS: readonly SysctlEntry[] = [
  conf('forwarding', '46', 0, 'IPv4: packets that arrive by the interface may be forwarded. IPv6: `all` alone decides', 'net/ipv4/route.c ip_route_input_slow; net/ipv6/ip6_output.c ip6_forward'),
  conf('rp_filter', '4', 0, 'Source validation: 1 strict, 2 loose; the larger of `all` and the interface', 'net/ipv4/fib_frontend.c fib_validate_source', { unit: 'mode' }),
  conf('accept_local', '4', 0, 'Packets with a local source address are accepted', 'net/ipv4/fib_frontend.c __fib_validate_source'),
  conf('route_localnet', '4', 0, '127/8 is no martian', 'net/ipv4/route.c ip_route_input_slow, __mkroute_output'),
  conf('send_redirects', '4', 1, 'Redirects are sent, by `all` or the interface', 'net/ipv4/route.c __mkroute_input, ip_rt_send_redirect'),
  conf('accept_redirects', '46', 1, 'Redirects are obeyed (IPv4; no IPv6 sender was seen to)', 'net/ipv4/route.c __ip_do_redirect'),
  conf('shared_media', '4', 1, 'Redirects are sent for hosts of other subnets on the same link', 'net/ipv4/route.c __mkroute_input'),
  conf('bc_forwarding', '4', 0, 'Directed broadcasts are forwarded; needs `all` and the interface', 'net/ipv4/route.c ip_route_input_slow'),
  conf('log_martians', '4', 0, 'Martians are logged', 'net/ipv4/route.c ip_handle_martian_source'),
  conf('src_valid_mark', '4', 0, 'Source validation looks up with the mark', 'net/ipv4/fib_frontend.c __fib_validate_source'),
  conf('arp_ignore', '4', 0, 'Which ARP requests are answered', 'net/ipv4/arp.c arp_ignore', { unit: 'mode' }),
  conf('arp_announce', '4', 0, 'Which source address ARP requests carry', 'net/ipv4/arp.c arp_solicit', { unit: 'mode' }),
  conf('arp_filter', '4', 0, 'ARP is answered only by the interface of the route back', 'net/ipv4/arp.c arp_filter'),
  conf('arp_accept', '4', 0, 'Gratuitous ARP creates entries', 'net/ipv4/arp.c arp_process', INERT),
  conf('proxy_arp', '4', 0, 'ARP is answered for addresses routed by another interface', 'net/ipv4/arp.c arp_process'),
  conf('drop_unicast_in_l2_multicast', '46', 0, 'Unicast packets in multicast frames are dropped', 'net/ipv4/ip_input.c ip_rcv_finish_core', INERT),
  conf('ignore_routes_with_linkdown', '46', 0, 'Routes of an interface without carrier are passed over', 'net/ipv4/fib_trie.c fib_lookup_good_nhc'),
  conf('promote_secondaries', '4', 0, 'A secondary address takes the place of a deleted primary one', 'net/ipv4/devinet.c __inet_del_ifa'),
  conf('disable_ipv6', '6', 0, 'The interface has no IPv6', 'net/ipv6/ip6_input.c ip6_rcv_core; net/ipv6/addrconf.c dev_disable_change'),
  conf('force_forwarding', '6', 0, 'Packets that arrive by the interface are forwarded although `all.forwarding` is 0', 'net/ipv6/ip6_output.c ip6_forward', FLAG),
  conf('hop_limit', '6', 64, 'Hop limit of what leaves by the interface', 'net/ipv6/route.c ip6_dst_hoplimit', { min: 1, max: 255, unit: 'hops' }),
  conf('keep_addr_on_down', '6', 0, 'Static addresses survive when the link goes down', 'net/ipv6/addrconf.c addrconf_ifdown'),
  conf('proxy_ndp', '6', 0, 'Neighbour solicitations are answered for proxied addresses', 'net/ipv6/ndisc.c ndisc_recv_ns'),
  conf('mtu', '6', 1500, 'MTU of IPv6 on the interface', 'net/ipv6/addrconf.c addrconf_sysctl_mtu', { min: 1280, max: 65536, unit: 'bytes' }),
  conf('secure_redirects', '4', 1, 'Without shared_media, redirects are obeyed only to gateways of default routes', 'net/ipv4/route.c __ip_do_redirect'),
];

export const NEIGH_UCAST_SOLICIT = 0;
export const NEIGH_MCAST_SOLICIT = 1;
export const NEIGH_APP_SOLICIT = 2;
export const NEIGH_MCAST_RESOLICIT = 3;
export const NEIGH_RETRANS_TIME_MS = 4;
export const NEIGH_BASE_REACHABLE_TIME_MS = 5;
export const NEIGH_DELAY_FIRST_PROBE_TIME = 6;
export const NEIGH_UNRES_QLEN_BYTES = 8;
export const NEIGH_LOCKTIME = 9;
export const NEIGH_PROXY_DELAY = 10;
export const NEIGH_COUNT = 11;

/** Parameters of neighbour discovery (net/core/neighbour.c). */
export const NEIGH_SYSCTLS: readonly SysctlEntry[] = [
  neighbour('ucast_solicit', 3, 'probes', 'Unicast probes before a neighbour fails', 'net/core/neighbour.c neigh_max_probes'),
  neighbour('mcast_solicit', 3, 'probes', 'Broadcast or multicast probes before a neighbour fails', 'net/core/neighbour.c neigh_max_probes'),
  neighbour('app_solicit', 0, 'probes', 'Probes left to a user-space daemon', 'net/core/neighbour.c neigh_max_probes'),
  neighbour('mcast_resolicit', 0, 'probes', 'Multicast probes after unicast ones have failed', 'net/core/neighbour.c neigh_max_probes'),
  neighbour('retrans_time_ms', 1000, 'ms', 'Time between probes', 'net/core/neighbour.c neigh_timer_handler'),
  neighbour('base_reachable_time_ms', 30000, 'ms', 'How long an entry stays reachable, give or take half', 'net/core/neighbour.c neigh_rand_reach_time'),
  neighbour('delay_first_probe_time', 5, 's', 'How long a stale entry is used before it is probed', 'net/core/neighbour.c neigh_timer_handler'),
  neighbour('gc_stale_time', 60, 's', 'Age at which unused entries may go', 'net/core/neighbour.c neigh_periodic_work', INERT),
  neighbour('unres_qlen_bytes', 212992, 'bytes', 'Packets that wait for an answer', 'net/core/neighbour.c __neigh_event_send'),
  neighbour('locktime', 100, 'USER_HZ ticks', 'Age before which an answer does not replace another', 'net/ipv4/arp.c arp_process', { default6: 0 }),
  neighbour('proxy_delay', 80, 'USER_HZ ticks', 'At most so long an answer for another machine waits', 'net/core/neighbour.c pneigh_enqueue'),
];

export const SYSCTL_IP_DEFAULT_TTL = 0;
export const SYSCTL_ICMP_RATELIMIT = 1;
export const SYSCTL_ICMP_RATEMASK = 2;
export const SYSCTL_ICMP_MSGS_PER_SEC = 3;
export const SYSCTL_ICMP_MSGS_BURST = 4;
export const SYSCTL_ICMP_ECHO_IGNORE_ALL = 5;
export const SYSCTL_ICMP_ECHO_IGNORE_BROADCASTS = 6;
export const SYSCTL_ICMP_ERRORS_USE_INBOUND_IFADDR = 7;
export const SYSCTL_ICMP6_RATELIMIT = 8;
export const SYSCTL_ICMP6_ECHO_IGNORE_ALL = 9;
export const SYSCTL_ICMP6_ECHO_IGNORE_MULTICAST = 10;
export const SYSCTL_IP_LOCAL_PORT_MIN = 12;
export const SYSCTL_IP_LOCAL_PORT_MAX = 13;
export const SYSCTL_MIN_PMTU = 17;
export const SYSCTL_MTU_EXPIRES = 18;
export const SYSCTL_MTU_EXPIRES6 = 19;
export const SYSCTL_IP_FORWARD_USE_PMTU = 20;
export const SYSCTL_FIB_MULTIPATH_HASH_POLICY = 21;
export const SYSCTL_FIB_MULTIPATH_HASH_POLICY6 = 22;
export const SYSCTL_FWMARK_REFLECT = 23;
export const SYSCTL_FWMARK_REFLECT6 = 24;
export const SYSCTL_BRIDGE_NF_CALL_IPTABLES = 28;
export const SYSCTL_BRIDGE_NF_CALL_IP6TABLES = 29;
export const SYSCTL_NEIGH_GC_THRESH3 = 31;
export const SYSCTL_NEIGH6_GC_THRESH3 = 32;
export const SYSCTL_TCP_SYN_RETRIES = 42;

const ICMP = 'net/ipv4/icmp.c';
const ICMP6 = 'net/ipv6/icmp.c';
const CONNTRACK = 'net/netfilter/nf_conntrack_standalone.c';
const TCP = 'net/netfilter/nf_conntrack_proto_tcp.c';
const BRIDGE = 'net/bridge/br_netfilter_hooks.c';
const SECONDS: Options = { unit: 's', min: 0 };

/** Keys of a namespace. `ip_local_port_range` stands as two numbers. */
export const NETNS_SYSCTLS: readonly SysctlEntry[] = [
  netns('net.ipv4.ip_default_ttl', 64, 'TTL of what the machine sends', 'net/ipv4/route.c ip4_dst_hoplimit', { min: 1, max: 255, unit: 'hops' }),
  netns('net.ipv4.icmp_ratelimit', 1000, 'Time one ICMP error to a peer takes; 0 no limit', `${ICMP} icmpv4_xrlim_allow`, { min: 0, unit: 'ms' }),
  netns('net.ipv4.icmp_ratemask', 6168, 'ICMP types that are limited', `${ICMP} icmpv4_mask_allow`, { unit: 'bit mask' }),
  netns('net.ipv4.icmp_msgs_per_sec', 1000, 'ICMP errors to all peers together', `${ICMP} icmp_global_allow`, { min: 0, unit: '1/s' }),
  netns('net.ipv4.icmp_msgs_burst', 50, 'Burst of the same', `${ICMP} icmp_global_allow`, { min: 0 }),
  netns('net.ipv4.icmp_echo_ignore_all', 0, 'Echo requests are not answered', `${ICMP} icmp_echo`, FLAG),
  netns('net.ipv4.icmp_echo_ignore_broadcasts', 1, 'Broadcast and multicast echo requests are dropped', `${ICMP} icmp_rcv`, FLAG),
  netns('net.ipv4.icmp_errors_use_inbound_ifaddr', 0, 'Errors carry the address of the interface that the packet came in by', `${ICMP} __icmp_send`, FLAG),
  netns('net.ipv6.icmp.ratelimit', 100, 'Time one ICMPv6 error to a peer takes', `${ICMP6} icmpv6_xrlim_allow`, { unit: 'ms' }),
  netns('net.ipv6.icmp.echo_ignore_all', 0, 'Echo requests are not answered', `${ICMP6} icmpv6_rcv`, BYTE_FLAG),
  netns('net.ipv6.icmp.echo_ignore_multicast', 0, 'Multicast echo requests are not answered', `${ICMP6} icmpv6_echo_reply`, BYTE_FLAG),
  netns('net.ipv6.icmp.echo_ignore_anycast', 0, 'Anycast echo requests are not answered', `${ICMP6} icmpv6_echo_reply`, { ...BYTE_FLAG, ...INERT }),
  netns('net.ipv4.ip_local_port_range', 32768, 'First port that the kernel chooses', 'net/ipv4/inet_connection_sock.c inet_csk_find_open_port', { min: 1, max: 65535, unit: 'port' }),
  netns('net.ipv4.ip_local_port_range', 60999, 'Last port that the kernel chooses', 'net/ipv4/inet_connection_sock.c inet_csk_find_open_port', { min: 1, max: 65535, unit: 'port' }),
  netns('net.ipv4.ip_nonlocal_bind', 0, 'Sockets may be bound to foreign addresses', 'net/ipv4/af_inet.c __inet_bind', { ...FLAG, ...INERT }),
  netns('net.ipv6.ip_nonlocal_bind', 0, 'Sockets may be bound to foreign addresses', 'net/ipv6/af_inet6.c __inet6_bind', { ...FLAG, ...INERT }),
  netns('net.ipv4.ip_no_pmtu_disc', 0, 'Path MTU discovery mode', 'net/ipv4/route.c __ip_rt_update_pmtu', { min: 0, max: 3, unit: 'mode', ...INERT }),
  netns('net.ipv4.route.min_pmtu', 552, 'Smallest path MTU that is believed', 'net/ipv4/route.c __ip_rt_update_pmtu', { min: 68, unit: 'bytes' }),
  netns('net.ipv4.route.mtu_expires', 600, 'How long a learnt path MTU holds', 'net/ipv4/route.c __ip_rt_update_pmtu', SECONDS),
  netns('net.ipv6.route.mtu_expires', 600, 'How long a learnt path MTU holds', 'net/ipv6/route.c rt6_do_update_pmtu', SECONDS),
  netns('net.ipv4.ip_forward_use_pmtu', 0, 'Routers heed learnt path MTUs', 'include/net/ip.h ip_dst_mtu_maybe_forward', BYTE_FLAG),
  netns('net.ipv4.fib_multipath_hash_policy', 0, 'What chooses a path: 0 addresses, 1 addresses and ports, 2 inner addresses, 3 chosen fields', 'net/ipv4/route.c fib_multipath_hash', { min: 0, max: 3, unit: 'mode' }),
  netns('net.ipv6.fib_multipath_hash_policy', 0, 'What chooses a path', 'net/ipv6/route.c rt6_multipath_hash', { min: 0, max: 3, unit: 'mode' }),
  netns('net.ipv4.fwmark_reflect', 0, 'Answers of the kernel carry the mark of what they answer', `${ICMP} icmp_reply`, BYTE_FLAG),
  netns('net.ipv6.fwmark_reflect', 0, 'Answers of the kernel carry the mark of what they answer', `${ICMP6} icmp6_send`, BYTE_FLAG),
  netns('net.ipv4.ipfrag_time', 30, 'How long fragments wait for each other', 'net/ipv4/ip_fragment.c ip_expire', SECONDS),
  netns('net.ipv6.ip6frag_time', 60, 'How long fragments wait for each other', 'net/ipv6/reassembly.c ip6_frag_expire', SECONDS),
  netns('net.ipv6.bindv6only', 0, 'Sockets bound to :: do not take IPv4', 'net/ipv6/af_inet6.c inet6_create', { ...BYTE_FLAG, ...INERT }),
  netns('net.bridge.bridge-nf-call-iptables', 1, 'iptables sees bridged IPv4', `${BRIDGE} br_nf_pre_routing`, { unit: 'flag' }),
  netns('net.bridge.bridge-nf-call-ip6tables', 1, 'ip6tables sees bridged IPv6', `${BRIDGE} br_nf_pre_routing`, { unit: 'flag' }),
  netns('net.bridge.bridge-nf-call-arptables', 1, 'arptables sees bridged ARP', `${BRIDGE} br_nf_forward`, { unit: 'flag', ...INERT }),
  netns('net.ipv4.neigh.default.gc_thresh3', 1024, 'Neighbours at most', 'net/core/neighbour.c neigh_alloc', { min: 0, unit: 'entries' }),
  netns('net.ipv6.neigh.default.gc_thresh3', 1024, 'Neighbours at most', 'net/core/neighbour.c neigh_alloc', { min: 0, unit: 'entries' }),
  netns('net.netfilter.nf_conntrack_max', 262144, 'Connections at most; shared by all namespaces, read-only in all but the first', `${CONNTRACK}`, { min: 0, unit: 'entries' }),
  netns('net.netfilter.nf_conntrack_buckets', 262144, 'Size of the hash', `${CONNTRACK}`, { min: 0 }),
  netns('net.netfilter.nf_conntrack_checksum', 1, 'Packets with bad checksums are INVALID', `${CONNTRACK}`, FLAG),
  netns('net.netfilter.nf_conntrack_acct', 0, 'Entries count packets', `${CONNTRACK}`, FLAG),
  netns('net.netfilter.nf_conntrack_tcp_loose', 1, 'Connections are picked up in the middle', `${TCP} tcp_new`, FLAG),
  netns('net.netfilter.nf_conntrack_tcp_be_liberal', 0, 'Segments outside the window are not INVALID', `${TCP} tcp_in_window`, FLAG),
  netns('net.netfilter.nf_conntrack_tcp_ignore_invalid_rst', 0, 'RST outside the window is not INVALID', `${TCP} nf_conntrack_tcp_packet`, FLAG),
  netns('net.netfilter.nf_conntrack_tcp_max_retrans', 3, 'Retransmissions before the timeout is cut', `${TCP} nf_conntrack_tcp_packet`, { min: 0, max: 255 }),
  netns('net.netfilter.nf_log_all_netns', 0, 'LOG prints outside the first namespace', 'net/netfilter/nf_log.c nf_log_packet', { unit: 'flag' }),
  netns('net.ipv4.tcp_syn_retries', 6, 'SYNs sent again before connect() gives up', 'net/ipv4/tcp_timer.c tcp_write_timeout', { min: 1, max: 127 }),
  netns('net.netfilter.nf_conntrack_timestamp', 0, 'Entries know when they began', 'net/netfilter/nf_conntrack_timestamp.c', FLAG),
  ...timeouts([
    ['tcp_timeout_syn_sent', 120],
    ['tcp_timeout_syn_recv', 60],
    ['tcp_timeout_established', 432000],
    ['tcp_timeout_fin_wait', 120],
    ['tcp_timeout_close_wait', 60],
    ['tcp_timeout_last_ack', 30],
    ['tcp_timeout_time_wait', 120],
    ['tcp_timeout_close', 10],
    ['tcp_timeout_max_retrans', 300],
    ['tcp_timeout_unacknowledged', 300],
    ['udp_timeout', 30],
    ['udp_timeout_stream', 120],
    ['icmp_timeout', 30],
    ['icmpv6_timeout', 30],
    ['generic_timeout', 600],
    ['gre_timeout', 30],
    ['gre_timeout_stream', 180],
    ['sctp_timeout_closed', 10],
    ['sctp_timeout_cookie_wait', 3],
    ['sctp_timeout_cookie_echoed', 3],
    ['sctp_timeout_established', 210],
    ['sctp_timeout_shutdown_sent', 3],
    ['sctp_timeout_shutdown_recd', 3],
    ['sctp_timeout_shutdown_ack_sent', 3],
    ['sctp_timeout_heartbeat_sent', 30],
    ['frag6_timeout', 60],
  ]),
];

function timeouts(rows: readonly (readonly [string, number])[]): SysctlEntry[] {
  return rows.map(([key, value]) =>
    netns(`net.netfilter.nf_conntrack_${key}`, value, 'Lifetime of an entry in this state, from its next packet on', `${CONNTRACK} nf_ct_sysctl_table`, { unit: 's' }),
  );
}

/** Everything modelled. */
export const SYSCTLS: readonly SysctlEntry[] = [...NETNS_SYSCTLS, ...CONF_SYSCTLS, ...NEIGH_SYSCTLS];

/** Keys that nobody may write (mode 0444), and those read-only outside the first namespace. */
export const READ_ONLY = new Set(['net.netfilter.nf_conntrack_count', 'net.ipv4.conf.all.mc_forwarding']);
export const HOST_ONLY = new Set(['net.netfilter.nf_conntrack_max', 'net.netfilter.nf_conntrack_buckets', 'net.netfilter.nf_conntrack_expect_max', 'net.netfilter.nf_log_all_netns']);
