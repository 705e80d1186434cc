/** Command lines of ip(8) (iproute2 6.1) as values. */
import type { Family, IpPrefix, RouteType } from '@worldline/model';

/** What `ip link set` and `ip link add` change of a device; absent: as it is. */
export interface LinkChanges {
  readonly isUp?: boolean;
  readonly mtu?: number;
  readonly mac?: string;
  readonly name?: string;
  /** null: `nomaster`. */
  readonly master?: string | null;
  readonly isPromiscuous?: boolean;
  readonly isArp?: boolean;
  readonly isMulticast?: boolean;
  readonly alias?: string;
  readonly txqlen?: number;
  /** `type bridge_slave ...` and `type bridge ...`: option words and their values, as written. */
  readonly kind?: string;
  readonly kindData?: Readonly<Record<string, string>>;
}

export interface LinkAdd {
  readonly name: string;
  readonly kind: string;
  /** `link DEV` or `dev DEV` of a tunnel. */
  readonly lower: string | null;
  readonly ifindex: number | null;
  /** The other end of a veth pair; null: the kernel names it. */
  readonly peer: { readonly name: string; readonly mac: string | null } | null;
  readonly changes: LinkChanges;
  readonly kindData: Readonly<Record<string, string>>;
}

export interface AddressSpec {
  readonly family: Family;
  readonly local: string;
  readonly peer: string | null;
  readonly prefixLength: number;
  /** Whether the length was written. */
  readonly isLengthGiven: boolean;
  /** `+`, `-`, an address, or null. */
  readonly broadcast: string | null;
  readonly scope: number | null;
  readonly label: string | null;
  readonly device: string;
  readonly metric: number;
  readonly isNoPrefixRoute: boolean;
  readonly isDeprecated: boolean;
}

export interface NexthopSpec {
  readonly gateway: string | null;
  readonly device: string | null;
  readonly weight: number;
  readonly isOnLink: boolean;
}

/** A route as written: what is null was not given, and the command fills it in as the tool and the kernel do. */
export interface RouteSpec {
  readonly family: Family;
  readonly type: RouteType | null;
  readonly destination: IpPrefix;
  readonly table: number | null;
  readonly protocol: number | null;
  readonly scope: number | null;
  readonly preferredSource: string | null;
  readonly metric: number | null;
  readonly tos: number;
  readonly mtu: number | null;
  readonly isMtuLocked: boolean;
  readonly hopLimit: number | null;
  /** `low`, `medium` or `high` (IPv6). */
  readonly preference: string | null;
  readonly nexthops: readonly NexthopSpec[];
}

/** What `ip route flush` and `ip route del` select by; null selects all. */
export interface RouteFilter {
  readonly family: Family;
  /** `all` of `table all`: -1. */
  readonly table: number | null;
  readonly type: RouteType | null;
  readonly protocol: number | null;
  readonly scope: number | null;
  readonly device: string | null;
  readonly gateway: string | null;
  readonly destination: IpPrefix | null;
  /** `root`: and what lies inside; `exact` is the default. */
  readonly isRoot: boolean;
  readonly isCache: boolean;
}

export interface RuleSpec {
  readonly family: Family;
  readonly priority: number | null;
  readonly isInverted: boolean;
  readonly source: string | null;
  readonly destination: string | null;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly mark: number | null;
  readonly markMask: number | null;
  readonly tos: number;
  readonly protocol: number | null;
  readonly sourcePorts: readonly [number, number] | null;
  readonly destinationPorts: readonly [number, number] | null;
  readonly uidRange: readonly [number, number] | null;
  /** null: none was given; `add` then looks into main. */
  readonly action: 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit' | null;
  readonly table: number;
  readonly suppressPrefixLength: number | null;
  /** Number of a device group. */
  readonly suppressGroup: number | null;
  readonly isL3mdev: boolean;
}

export interface NeighbourSpec {
  readonly family: Family;
  readonly address: string;
  readonly device: string;
  readonly mac: string | null;
  /** Upper case, as `ip neigh` prints it; null when not given. */
  readonly state: string | null;
  readonly isProxy: boolean;
}

export type IpCommand =
  | { readonly object: 'link'; readonly action: 'add'; readonly link: LinkAdd }
  | { readonly object: 'link'; readonly action: 'set'; readonly device: string; readonly changes: LinkChanges }
  | { readonly object: 'link'; readonly action: 'delete'; readonly device: string }
  | { readonly object: 'address'; readonly action: 'add' | 'replace' | 'change' | 'delete'; readonly address: AddressSpec }
  | { readonly object: 'address'; readonly action: 'flush'; readonly device: string | null; readonly family: Family | null; readonly scope: number | null; readonly to: IpPrefix | null; readonly label: string | null }
  | { readonly object: 'route'; readonly action: 'add' | 'replace' | 'change' | 'append' | 'prepend' | 'delete'; readonly route: RouteSpec }
  | { readonly object: 'route'; readonly action: 'flush'; readonly filter: RouteFilter }
  | { readonly object: 'rule'; readonly action: 'add' | 'delete'; readonly rule: RuleSpec }
  | { readonly object: 'rule'; readonly action: 'flush'; readonly family: Family }
  | { readonly object: 'neighbour'; readonly action: 'add' | 'replace' | 'change' | 'delete'; readonly neighbour: NeighbourSpec }
  | { readonly object: 'neighbour'; readonly action: 'flush'; readonly family: Family | null; readonly device: string | null; readonly to: IpPrefix | null; readonly states: readonly string[] }
  /** Something that only prints. */
  | { readonly object: 'link' | 'address' | 'route' | 'rule' | 'neighbour' | 'other'; readonly action: 'show'; readonly family: Family | null };
