/** Numbers of include/uapi/linux/netfilter/nf_conntrack_common.h and nf_nat.h (6.18). */

/** Ticks per second of the kernel's clock; timeouts of entries have this grain, as in the kernel (CONFIG_HZ). */
export const HZ = 250;
export const MICROSECONDS_PER_JIFFY = 1_000_000 / HZ;

/** nfct_time_stamp at a moment of simulated time (microseconds). */
export function jiffies(now: number): number {
  return Math.floor(now / MICROSECONDS_PER_JIFFY) | 0;
}

export const DIRECTION_ORIGINAL = 0;
export const DIRECTION_REPLY = 1;

/** enum ip_conntrack_status. */
export const IPS_EXPECTED = 1 << 0;
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_CONFIRMED = 1 << 3;
export const IPS_SRC_NAT = 1 << 4;
export const IPS_DST_NAT = 1 << 5;
export const IPS_SRC_NAT_DONE = 1 << 7;
export const IPS_DST_NAT_DONE = 1 << 8;
export const IPS_DYING = 1 << 9;
export const IPS_FIXED_TIMEOUT = 1 << 10;
export const IPS_NAT_CLASH = 1 << 12;
export const IPS_OFFLOAD = 1 << 14;
export const IPS_NAT_MASK = IPS_SRC_NAT | IPS_DST_NAT;
export const IPS_NAT_DONE_MASK = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;

/** What a hook may translate: PREROUTING and OUTPUT the destination, POSTROUTING and INPUT the source (HOOK2MANIP). */
export const MANIP_SOURCE = 0;
export const MANIP_DESTINATION = 1;

/** `ConntrackState.natWants`: what nf_nat_inet_fn does with a packet. */
export const NAT_NONE = 0;
export const NAT_APPLY = 1;
export const NAT_ASK_RULES = 2;

/** NF_NAT_RANGE_*. */
export const RANGE_MAP_IPS = 1 << 0;
export const RANGE_PROTO_SPECIFIED = 1 << 1;
export const RANGE_PROTO_RANDOM = 1 << 2;
export const RANGE_PERSISTENT = 1 << 3;
export const RANGE_PROTO_RANDOM_FULLY = 1 << 4;
export const RANGE_PROTO_OFFSET = 1 << 5;
export const RANGE_NETMAP = 1 << 6;
export const RANGE_PROTO_RANDOM_ALL = RANGE_PROTO_RANDOM | RANGE_PROTO_RANDOM_FULLY;

/** In `PacketContext.conntrackZone` beside the zone's number: the zone counts in one direction only (CT --zone-orig, --zone-reply). */
export const ZONE_ONLY_ORIGINAL = 1 << 16;
export const ZONE_ONLY_REPLY = 1 << 17;

/** The zone's number as seen by one direction (nf_ct_zone_id). */
export function zoneOf(conntrackZone: number, direction: number): number {
  const other = direction === DIRECTION_ORIGINAL ? ZONE_ONLY_REPLY : ZONE_ONLY_ORIGINAL;
  return (conntrackZone & other) !== 0 ? 0 : conntrackZone & 0xffff;
}

export const PROTOCOL_UDPLITE = 136;

/** enum tcp_conntrack; the names are those of `conntrack -L`. */
export const TCP_STATE_NAMES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;

/** enum sctp_conntrack. */
export const SCTP_STATE_NAMES = [
  'NONE',
  'CLOSED',
  'COOKIE_WAIT',
  'COOKIE_ECHOED',
  'ESTABLISHED',
  'SHUTDOWN_SENT',
  'SHUTDOWN_RECD',
  'SHUTDOWN_ACK_SENT',
  'HEARTBEAT_SENT',
] as const;
