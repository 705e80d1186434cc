/** What the kernel knows of each set type: features decide which sets may be swapped, citations say where the lookup comes from. */
import { SET_TYPES } from '@worldline/language';

export interface IpsetTypeEntry {
  readonly name: string;
  readonly status: 'modelled' | 'unproved';
  /** What a member consists of, as bits; two sets are alike when these agree (ip_set_swap). */
  readonly features: number;
  /** Whether a network may be /0 (IP_SET_HASH_WITH_NET0). */
  readonly acceptsZeroPrefix: boolean;
  /** Kernel source, 6.18. */
  readonly citation: string;
}

const IP = 1;
const PORT = 2;
const MAC = 4;
const IP2 = 8;
const NAME = 16;
const IFACE = 32;
const MARK = 64;
const NOMATCH = 128;

/** All types; those that no kernel at hand offers are unproved. */
export const IPSET_TYPES: readonly IpsetTypeEntry[] = [
  entry('bitmap:ip', IP, 'ip_set_bitmap_ip.c bitmap_ip_kadt'),
  entry('bitmap:ip,mac', IP | MAC, 'ip_set_bitmap_ipmac.c bitmap_ipmac_kadt'),
  entry('bitmap:port', PORT, 'ip_set_bitmap_port.c bitmap_port_kadt'),
  entry('hash:ip', IP, 'ip_set_hash_ip.c hash_ip4_kadt'),
  { ...entry('hash:mac', MAC, 'ip_set_hash_mac.c hash_mac4_kadt'), status: 'unproved' },
  { ...entry('hash:ip,mac', IP | MAC, 'ip_set_hash_ipmac.c hash_ipmac4_kadt'), status: 'unproved' },
  { ...entry('hash:ip,mark', IP | MARK, 'ip_set_hash_ipmark.c hash_ipmark4_kadt'), status: 'unproved' },
  entry('hash:ip,port', IP | PORT, 'ip_set_hash_ipport.c hash_ipport4_kadt'),
  entry('hash:ip,port,ip', IP | PORT | IP2, 'ip_set_hash_ipportip.c hash_ipportip4_kadt'),
  entry('hash:ip,port,net', IP | PORT | IP2 | NOMATCH, 'ip_set_hash_ipportnet.c hash_ipportnet4_kadt'),
  entry('hash:net', IP | NOMATCH, 'ip_set_hash_net.c hash_net4_kadt'),
  { ...entry('hash:net,net', IP | IP2 | NOMATCH, 'ip_set_hash_netnet.c hash_netnet4_kadt', true), status: 'unproved' },
  entry('hash:net,port', IP | PORT | NOMATCH, 'ip_set_hash_netport.c hash_netport4_kadt'),
  { ...entry('hash:net,port,net', IP | PORT | IP2 | NOMATCH, 'ip_set_hash_netportnet.c hash_netportnet4_kadt', true), status: 'unproved' },
  entry('hash:net,iface', IP | IFACE | NOMATCH, 'ip_set_hash_netiface.c hash_netiface4_kadt', true),
  entry('list:set', NAME, 'ip_set_list_set.c list_set_ktest'),
];

/** The entry of a type that the language knows. */
export function ipsetTypeEntry(name: string): IpsetTypeEntry {
  return IPSET_TYPES[SET_TYPES.findIndex((t) => t.name === name)] as IpsetTypeEntry;
}

function entry(name: string, features: number, source: string, acceptsZeroPrefix = false): IpsetTypeEntry {
  return { name, status: 'modelled', features, acceptsZeroPrefix, citation: `net/netfilter/ipset/${source}` };
}
