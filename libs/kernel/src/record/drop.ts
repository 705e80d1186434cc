/** How a packet dies: its disposition and the kernel's own reason. */
import { DISPOSITIONS, type Disposition } from '@worldline/model';
import { DROP, type PacketContext } from '../packet/index.js';

/** Position of each disposition in DISPOSITIONS. */
export const DISPOSITION = Object.fromEntries(DISPOSITIONS.map((d, i) => [d, i])) as Readonly<Record<Disposition, number>>;

/** Drop reasons of include/net/dropreason-core.h (6.18) and a few of our own where the kernel has none. */
export const REASONS = [
  'NETFILTER_DROP',
  'IP_INADDRERRORS',
  'IP_INNOROUTES',
  'IP_INHDR',
  'IP_RPFILTER',
  'IP_LOCAL_SOURCE',
  'IP_LOCALNET',
  'IP_INVALID_SOURCE',
  'IP_INVALID_DEST',
  'IP_NOPROTO',
  'PKT_TOO_BIG',
  'NO_SOCKET',
  'NEIGH_FAILED',
  'NO_TX_TARGET',
  'QDISC_DROP',
  'IPV6DISABLED',
  'TCP_LISTEN_OVERFLOW',
  'NOT_SPECIFIED',
  'LOST_OUTSIDE',
  'DEV_READY',
  'FRAG_REASM_TIMEOUT',
  'OTHERHOST',
] as const;
export type Reason = (typeof REASONS)[number];
const REASON = Object.fromEntries(REASONS.map((r, i) => [r, i])) as Readonly<Record<Reason, number>>;

/** Notes why the packet is gone. The first cause stands. Returns DROP. */
export function drop(p: PacketContext, disposition: Disposition, reason: Reason): typeof DROP {
  p.disposition = DISPOSITION[disposition];
  p.reason = REASON[reason];
  return DROP;
}
