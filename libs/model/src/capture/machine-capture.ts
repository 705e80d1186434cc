/** What ordinary tools print about one kernel network namespace, as values. Addresses stay text: they are turned into words when compiled. */
import type { Family } from '../address.js';
import type { Json } from '../canonical.js';
import type { RuleSet } from './rule-set.js';

/** `node/<name>`, `pod/<ns>/<name>`, `external/<name>` or `fabric/<name>`. */
export type MachineName = string;

export interface AddressCapture {
  readonly family: Family;
  readonly local: string;
  /** The other end of a point-to-point address (`peer`), else null. */
  readonly peer: string | null;
  readonly prefixLength: number;
  readonly broadcast: string | null;
  readonly scope: string;
  readonly isSecondary: boolean;
  readonly isDeprecated: boolean;
  readonly isTentative: boolean;
  readonly label: string | null;
}

/** One entry of `ip -j -d addr`. */
export interface LinkCapture {
  readonly index: number;
  readonly name: string;
  /** `link_index`: the peer of a veth, the lower device of others; 0 when none is printed. */
  readonly linkIndex: number;
  /** `link_netnsid`; -1 when none is printed. */
  readonly linkNetnsId: number;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  /** `link_type`: ether, loopback, none, ipip... */
  readonly linkType: string;
  readonly mac: string;
  readonly master: string | null;
  /** `linkinfo.info_kind`: veth, bridge, vxlan, dummy, vlan, ipip, vrf...; empty for a physical device. */
  readonly kind: string;
  /** `linkinfo.info_data`, as printed. */
  readonly kindData: Readonly<Record<string, unknown>>;
  /** `linkinfo.info_slave_data` of a bridge port, as printed. */
  readonly slaveData: Readonly<Record<string, unknown>>;
  readonly addresses: readonly AddressCapture[];
  /** The entry as printed, so that it can be printed again. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'multicast' | 'anycast' | 'unreachable' | 'blackhole' | 'prohibit' | 'throw' | 'nat';

export interface NexthopCapture {
  readonly gateway: string | null;
  readonly device: string | null;
  readonly weight: number;
  readonly flags: readonly string[];
}

/** One entry of `ip -j route show table all`. */
export interface RouteCapture {
  readonly family: Family;
  readonly type: RouteType;
  /** `0.0.0.0/0` or `::/0` for `default`; always with a length. */
  readonly destination: string;
  /** Table number: 254 main, 255 local, 253 default. */
  readonly table: number;
  readonly protocol: string | null;
  readonly scope: string | null;
  readonly preferredSource: string | null;
  readonly metric: number;
  readonly tos: number;
  readonly mtu: number | null;
  readonly hopLimit: number | null;
  /** IPv6: `low`, `medium`, `high`. */
  readonly preference?: string;
  readonly flags: readonly string[];
  /** One entry for a plain route, several for ECMP, none for types without a way out. */
  readonly nexthops: readonly NexthopCapture[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** One entry of `ip -j rule`. */
export interface RoutingRuleCapture {
  readonly family: Family;
  readonly priority: number;
  readonly isInverted: boolean;
  readonly source: string | null; // prefix, null: all
  readonly destination: string | null;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly mark: number | null;
  readonly markMask: number;
  readonly tos: number;
  readonly protocol: number | null;
  readonly sourcePorts: readonly [number, number] | null;
  readonly destinationPorts: readonly [number, number] | null;
  readonly uidRange: readonly [number, number] | null;
  readonly action: 'table' | 'unreachable' | 'blackhole' | 'prohibit' | 'goto' | 'nop';
  /** Table number, or the priority that `goto` names. */
  readonly table: number;
  readonly suppressPrefixLength: number | null;
  /** Device group whose routes do not count, as a word or number. */
  readonly suppressGroup?: string;
  readonly isL3mdev: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** One entry of `ip -j neigh`. */
export interface NeighbourCapture {
  readonly family: Family;
  readonly address: string;
  readonly device: string;
  readonly mac: string | null;
  /** PERMANENT, REACHABLE, STALE, DELAY, PROBE, FAILED, INCOMPLETE, NOARP. */
  readonly state: string;
  readonly isProxy: boolean;
}

/** One entry of `bridge -j -d link`. */
export interface BridgePortCapture {
  readonly name: string;
  readonly bridge: string | null;
  readonly state: string;
  readonly isHairpin: boolean;
  readonly isLearning: boolean;
  readonly isFlooding: boolean;
  readonly isMulticastFlooding: boolean;
  readonly isBroadcastFlooding: boolean;
  readonly isIsolated: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** One entry of `bridge -j fdb`. */
export interface FdbCapture {
  readonly mac: string;
  readonly device: string;
  readonly master: string | null;
  /** A VTEP's remote address, else null. */
  readonly destination: string | null;
  readonly vlan: number | null;
  readonly state: string;
  readonly flags: readonly string[];
}

export interface TupleCapture {
  readonly source: string;
  readonly destination: string;
  /** Ports; for ICMP the id stands in both. 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** Per-direction zone (`zone-orig`, `zone-reply`), 0 when none. */
  readonly zone: number;
}

/** One line of `conntrack -L -o extended`. */
export interface ConntrackCapture {
  readonly family: Family;
  readonly protocol: number;
  /** Seconds. */
  readonly timeout: number;
  /** TCP or SCTP state, else null. */
  readonly state: string | null;
  readonly original: TupleCapture;
  readonly reply: TupleCapture;
  readonly isReplied: boolean;
  readonly isAssured: boolean;
  readonly mark: number;
  readonly zone: number;
  /** `[OFFLOAD]` and the like, counters, secctx: as printed. */
  readonly extras: readonly string[];
  readonly line: number;
}

/** One line of `ss -Hlnptu`. */
export interface SocketCapture {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'raw';
  readonly family: Family;
  /** `0.0.0.0`, `::` or an address; `*` is both families. */
  readonly address: string;
  readonly isDualStack: boolean;
  readonly device: string | null;
  readonly port: number;
  readonly process: string | null;
}

export interface IpsetMember {
  /** As printed: `10.0.0.1,tcp:80`. */
  readonly entry: string;
  readonly isNomatch: boolean;
  /** The interface is the beginning of a name. */
  readonly isWildcard: boolean;
  readonly timeout: number | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly comment: string | null;
  readonly skbmark: string | null;
  /** `MAJOR:MINOR`, hexadecimal. */
  readonly skbprio: string | null;
  readonly skbqueue: number | null;
  readonly line: number;
}

/** One set of `ipset save`. */
export interface IpsetCapture {
  readonly name: string;
  /** `hash:ip`, `hash:ip,port`, `bitmap:port`, `list:set`... */
  readonly type: string;
  /** Create options as printed, in order: `['family', 'inet', 'hashsize', '1024', ...]`. */
  readonly options: readonly string[];
  readonly members: readonly IpsetMember[];
  readonly line: number;
}

export interface EbtablesRule {
  /** Words after `-A CHAIN`. */
  readonly words: readonly string[];
  readonly text: string;
  readonly packets: number;
  readonly bytes: number;
  readonly line: number;
}

export interface EbtablesChain {
  readonly name: string;
  readonly policy: 'ACCEPT' | 'DROP' | 'RETURN';
  readonly rules: readonly EbtablesRule[];
}

/** `ebtables-save`. */
export interface EbtablesCapture {
  /** Printed by ebtables-legacy: the old kernel tables hold the rules, not nft. */
  readonly isLegacy: boolean;
  readonly tables: readonly { readonly name: string; readonly chains: readonly EbtablesChain[] }[];
}

/** One line of /proc/net/xt_recent/NAME. */
export interface RecentCapture {
  readonly list: string;
  readonly source: string;
  readonly ttl: number;
  /** Microseconds before the moment of capture, newest first. */
  readonly stamps: readonly number[];
}

/** All captured state of one machine. What a bundle does not say is null or empty. */
export interface MachineCapture {
  readonly machine: MachineName;
  /** Folder inside the bundle, for messages: `nodes/n1`. */
  readonly folder: string;
  /** The node that a pod runs on (`node.txt`); null for nodes and externals. */
  readonly node: string | null;
  readonly links: readonly LinkCapture[];
  readonly routes: readonly RouteCapture[];
  readonly routingRules: readonly RoutingRuleCapture[];
  readonly neighbours: readonly NeighbourCapture[];
  readonly bridgePorts: readonly BridgePortCapture[];
  readonly fdb: readonly FdbCapture[];
  /** One per dump that stood in the bundle: iptables (nft or legacy), ip6tables. Evaluated in this order in each hook. */
  readonly ruleSets: readonly RuleSet[];
  readonly ipsets: readonly IpsetCapture[];
  readonly ebtables: EbtablesCapture | null;
  readonly conntrack: readonly ConntrackCapture[];
  readonly sysctl: ReadonlyMap<string, string>;
  readonly sockets: readonly SocketCapture[];
  readonly recent: readonly RecentCapture[];
  readonly kernelVersion: string | null;
  /** `nft -j list ruleset`, as printed; absent where there was no such file. */
  readonly nftRuleset?: Json;
  /** `ipvsadm -Sn`, as printed. */
  readonly ipvs?: string;
  /** Files of /etc/cni/net.d and of libcni's cache (`results/*`) by their name below `cni/`. */
  readonly cni?: ReadonlyMap<string, Json>;
  /** A pod's /etc/resolv.conf. */
  readonly resolvConf?: string;
  /** Names of the files that were there. */
  readonly files: ReadonlySet<string>;
}
