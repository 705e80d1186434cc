/** What of devices and bridges is modelled, for docs/FIDELITY.md. */
import type { EbtablesRegistryEntry } from './ebtables/index.js';

const BRIDGE = 'net/bridge';

export const LINK_FIDELITY: readonly EbtablesRegistryEntry[] = [
  { name: 'loopback, veth, physical', status: 'modelled', citation: 'drivers/net/loopback.c, drivers/net/veth.c veth_xmit', note: 'links take no time' },
  { name: 'bridge', status: 'modelled', citation: `${BRIDGE}/br_input.c br_handle_frame_finish, br_forward.c br_flood, br_device.c br_dev_xmit`, note: 'forwarding entries do not age' },
  { name: 'bridge port: state, hairpin, isolated, learning, flood, mcast_flood, bcast_flood', status: 'modelled', citation: `${BRIDGE}/br_forward.c should_deliver, br_flood` },
  { name: 'bridge port: neigh_suppress', status: 'modelled', citation: `${BRIDGE}/br_arp_nd_proxy.c`, note: 'ARP was compared with a kernel, neighbour discovery was not' },
  { name: 'bridge fdb', status: 'modelled', citation: `${BRIDGE}/br_fdb.c br_fdb_update`, note: 'static, permanent and dynamic entries without a VLAN' },
  { name: 'bridge vlan_filtering', status: 'not modelled', citation: `${BRIDGE}/br_vlan.c`, note: 'all ports are taken to be members of the same VLAN, with an Issue' },
  { name: 'br_netfilter', status: 'modelled', citation: `${BRIDGE}/br_netfilter_hooks.c, br_netfilter_ipv6.c`, note: 'tagged frames are not passed to iptables' },
  { name: 'bond', status: 'unproved', citation: 'drivers/net/bonding/bond_main.c', note: 'sends by the active slave, or the first that is up; all slaves lead to the same switch' },
  { name: 'vlan', status: 'unproved', citation: 'net/8021q/vlan_dev.c, vlan_core.c', note: 'segments carry every tag' },
  { name: 'vxlan', status: 'modelled', citation: 'drivers/net/vxlan/vxlan_core.c', note: 'what is flooded goes to the first remote; external mode is not modelled' },
  { name: 'ipip, sit, gre', status: 'unproved', citation: 'net/ipv4/ip_tunnel.c, ipip.c, ip_gre.c', note: 'gre without keys' },
  { name: 'dummy, ifb', status: 'unproved', citation: 'drivers/net/dummy.c, ifb.c', note: 'what leaves by it is lost' },
  { name: 'macvlan, macvtap, ipvlan, vrf, geneve, gretap, ip6tnl, ip6gre, vti, wireguard, tun, team, macsec, xfrm', status: 'not modelled', citation: 'drivers/net', note: 'kept and printed, with an Issue' },
];
