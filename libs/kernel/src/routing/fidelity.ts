/** What of routing and neighbours is modelled, for docs/FIDELITY.md. */

export interface RoutingFidelity {
  readonly name: string;
  readonly status: 'modelled' | 'approximated' | 'unproved' | 'not modelled';
  /** File and function of Linux 6.18. */
  readonly citation: string;
  readonly note?: string;
}

const RULES = 'net/core/fib_rules.c, net/ipv4/fib_rules.c, net/ipv6/fib6_rules.c';
const METRICS = 'net/ipv4/fib_semantics.c, net/ipv6/route.c';
const NEIGHBOUR = 'net/core/neighbour.c';

export const ROUTING_FIDELITY: readonly RoutingFidelity[] = [
  { name: 'rule: from, to, not, iif, oif, fwmark/mask, tos, ipproto, sport, dport', status: 'modelled', citation: RULES },
  { name: 'rule: uidrange', status: 'approximated', citation: RULES, note: 'every process runs as root' },
  { name: 'rule: lookup, goto, nop, blackhole, unreachable, prohibit', status: 'modelled', citation: RULES },
  { name: 'rule: suppress_prefixlength', status: 'modelled', citation: RULES },
  { name: 'rule: suppress_ifgroup', status: 'unproved', citation: RULES },
  { name: 'rule: l3mdev', status: 'not modelled', citation: 'net/l3mdev/l3mdev.c', note: 'it selects nothing; a packet that comes in by a port of a VRF ends as Unmodelled' },
  { name: 'rule: realms', status: 'not modelled', citation: RULES, note: 'the command is refused' },
  { name: 'route: unicast, local, broadcast, multicast, anycast, blackhole, unreachable, prohibit, throw', status: 'modelled', citation: 'net/ipv4/fib_trie.c fib_table_lookup, net/ipv6/route.c ip6_pol_route' },
  { name: 'route: metric, tos, scope, src, onlink, mtu, mtu lock, hoplimit', status: 'modelled', citation: METRICS },
  { name: 'route: pref', status: 'unproved', citation: 'net/ipv6/route.c rt6_score_route' },
  { name: 'route: advmss, window, rtt, rto_min, initcwnd, initrwnd, features, quickack, congctl, realm, expires', status: 'not modelled', citation: METRICS, note: 'kept and printed' },
  { name: 'multipath', status: 'approximated', citation: 'net/ipv4/fib_semantics.c fib_select_multipath, net/ipv6/route.c fib6_select_path', note: 'the secret of the hash is replaced by chance: the first packet of a flow chooses by weight; hash policy 3 is taken as 1' },
  { name: 'nexthop objects', status: 'approximated', citation: 'net/ipv4/nexthop.c', note: 'routes that use them are known by the ways that they are printed with; ip nexthop and nhid are refused' },
  { name: 'path MTU', status: 'modelled', citation: 'net/ipv4/route.c __ip_rt_update_pmtu, net/ipv6/route.c rt6_do_update_pmtu' },
  { name: 'redirects', status: 'modelled', citation: 'net/ipv4/route.c ip_rt_send_redirect, __ip_do_redirect, net/ipv6/ndisc.c ndisc_send_redirect', note: 'IPv6 hosts do not follow them' },
  { name: 'source validation', status: 'modelled', citation: 'net/ipv4/fib_frontend.c fib_validate_source' },
  { name: 'source choice', status: 'modelled', citation: 'net/ipv4/devinet.c inet_select_addr, net/ipv6/addrconf.c ipv6_dev_get_saddr' },
  { name: 'neighbour states, probes, failure', status: 'modelled', citation: `${NEIGHBOUR} neigh_timer_handler, __neigh_event_send, neigh_update` },
  { name: 'neighbour collection', status: 'approximated', citation: `${NEIGHBOUR} neigh_forced_gc, neigh_periodic_work`, note: 'unused entries stay until the table is full' },
  { name: 'ARP', status: 'modelled', citation: 'net/ipv4/arp.c arp_process, arp_solicit', note: 'nobody announces himself (arp_notify)' },
  { name: 'proxy ARP and neighbour discovery', status: 'modelled', citation: 'net/ipv4/arp.c arp_fwd_proxy, net/ipv6/ndisc.c ndisc_recv_ns', note: 'proxy_delay is drawn from the seed; proxy_arp_pvlan and medium_id are not modelled' },
];
