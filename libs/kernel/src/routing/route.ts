/** Routes, policy rules and what a lookup finds (include/uapi/linux/rtnetlink.h, net/ipv4/fib_semantics.c, net/ipv6/route.c; Linux 6.18). */
import type { Family, RouteType } from '@worldline/model';

/** RTN_*. */
/** Of `::`, which is of no type. */
export const RTN_UNSPEC = 0;
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_ANYCAST = 4;
export const RTN_MULTICAST = 5;
export const RTN_BLACKHOLE = 6;
export const RTN_UNREACHABLE = 7;
export const RTN_PROHIBIT = 8;
export const RTN_THROW = 9;
export const RTN_NAT = 10;

const TYPE_WORDS: readonly RouteType[] = ['unicast', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat'];

export function routeTypeWord(type: number): RouteType {
  return TYPE_WORDS[type];
}

export function routeTypeNumber(word: RouteType): number {
  return Math.max(TYPE_WORDS.lastIndexOf(word), RTN_UNICAST);
}

/** What `p.routeType` says of a packet: which way it goes on. */
export const ROUTE_UNICAST = RTN_UNICAST;
export const ROUTE_LOCAL = RTN_LOCAL;
export const ROUTE_BROADCAST = RTN_BROADCAST;
export const ROUTE_ANYCAST = RTN_ANYCAST;
export const ROUTE_MULTICAST = RTN_MULTICAST;

/** Verdict of `routeInput` beside ACCEPT and DROP: the packet is dropped and `RoutingState.error` says what its sender may be told. */
export const ROUTE_ERROR = 3;

export const TABLE_DEFAULT = 253;
export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

const PREFERENCES = ['', 'low', 'medium', 'high'];

export function routePreference(word: unknown): number {
  const at = typeof word === 'string' ? PREFERENCES.indexOf(word) : -1;
  return at > 0 ? at : PREFERENCES.indexOf('medium');
}

export function routePreferenceWord(preference: number): string {
  return PREFERENCES[preference];
}

export const PROTOCOL_KERNEL = 2;
export const PROTOCOL_BOOT = 3;

export interface Nexthop {
  /** 0 for none: the destination itself is on the link. */
  readonly gateway: number;
  /** Interface position, -1 for none. */
  readonly device: number;
  readonly weight: number;
  readonly isOnLink: boolean;
  /** RTNH_F_DEAD: its interface is down. A route whose every way is dead does not exist. */
  readonly isDead: boolean;
}

/** A route never changes; a changed one is another. So forks share them. */
export interface Route {
  readonly family: Family;
  readonly type: number;
  readonly destination: number;
  readonly prefixLength: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  /** 0 for none. */
  readonly preferredSource: number;
  readonly metric: number;
  /** DSCP bits of the TOS byte, 0 for any. */
  readonly tos: number;
  /** 0 for the interface's. */
  readonly mtu: number;
  readonly isMtuLocked: boolean;
  /** 0 for the sysctl's. */
  readonly hopLimit: number;
  /** IPv6: 1 low, 2 medium, 3 high (RFC 4191); decides between routes of equal metric. */
  readonly preference: number;
  readonly nexthops: readonly Nexthop[];
  /** Words that the engine keeps but does not use: `pref`, `flags`, `expires`... */
  readonly extras: Readonly<Record<string, unknown>>;
}

/** What a rule does. `goto` has the priority that it goes to in `table`. */
export type RuleAction = 'table' | 'goto' | 'nop' | 'blackhole' | 'unreachable' | 'prohibit';

export interface PolicyRule {
  readonly family: Family;
  readonly priority: number;
  readonly isInverted: boolean;
  readonly source: number;
  /** -1: any. */
  readonly sourceLength: number;
  readonly destination: number;
  readonly destinationLength: number;
  /** Ids of interface names, -1: any. A name need not exist. */
  readonly inputName: number;
  readonly outputName: number;
  readonly mark: number;
  readonly markMask: number;
  /** DSCP bits, 0 for any. */
  readonly tos: number;
  /** 0 for any. */
  readonly protocol: number;
  readonly sourcePorts: readonly [number, number] | null;
  readonly destinationPorts: readonly [number, number] | null;
  readonly uidRange: readonly [number, number] | null;
  readonly action: RuleAction;
  readonly table: number;
  /** Routes of this length or shorter do not count; -1: all do. */
  readonly suppressPrefixLength: number;
  /** Routes by devices of this group do not count; -1: all do. */
  readonly suppressGroup: number;
  readonly isL3mdev: boolean;
}

/** What is looked up. One reused object per RoutingState. */
export class RouteKey {
  family: Family = 4;
  destination = 0;
  source = 0;
  inputInterface = -1;
  outputInterface = -1;
  mark = 0;
  tos = 0;
  protocol = 0;
  sourcePort = 0;
  destinationPort = 0;
  uid = 0;
  /** IPv6 RT6_LOOKUP_F_IFACE: only routes by `device` count. */
  isStrict = false;
  /** IPv4: routes of a wider scope than this do not count (a gateway must be nearer than what it is for). */
  scope = 0;
  /** IPv6: the interface whose routes are preferred (oif, or iif on input). -1: none. */
  device = -1;
}

/** What a lookup found. One reused object per RoutingState; `error` is 0 or a negative errno. */
export class RouteResult {
  error = 0;
  type = 0;
  route: Route | null = null;
  nexthop: Nexthop | null = null;
  table = 0;
  prefixLength = 0;
}
