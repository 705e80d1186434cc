import { ACCEPT, DROP, type PacketContext } from '../packet/index.js';
import { drop } from '../record/index.js';
import { EACCES, EHOSTUNREACH, EINVAL } from '../routing/index.js';
import type { Machine } from './machine.js';

/**
 * ip_route_me_harder / ip6_route_me_harder (net/ipv4/netfilter.c, net/ipv6/netfilter.c): a new route for what a local process sends, after
 * mangle changed its mark or nat its destination. A failed lookup drops the packet with that error.
 */
export function rerouteOutput(m: Machine, p: PacketContext): number {
  const error = m.routing.reroute(m, p);
  if (error === 0) return ACCEPT;
  if (p === m.network.sending) m.network.sendError = error;
  dropForError(p, error);
  return DROP;
}

/** What a failed route lookup of a local sender is called. */
export function dropForError(p: PacketContext, error: number): void {
  if (error === EHOSTUNREACH || error === EACCES || error === EINVAL) drop(p, 'NullRouted', 'NETFILTER_DROP');
  else drop(p, 'NoRoute', 'NETFILTER_DROP');
}
