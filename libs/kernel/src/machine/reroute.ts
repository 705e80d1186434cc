import type { Disposition } from '@worldline/model';
import { ACCEPT, DROP, EACCES, EHOSTUNREACH, EINVAL, isLoopback, type PacketContext } from '../packet/index.js';
import { drop } from '../record/index.js';
import type { Machine } from './machine.js';

/**
 * ip_route_me_harder / ip6_route_me_harder (net/ipv4/netfilter.c, net/ipv6/netfilter.c): a new route for what a local process sends, after
 * mangle changed its mark or nat its destination. A failed lookup drops the packet with that error.
 */
export function rerouteOutput(m: Machine, p: PacketContext): number {
  const error = m.routing.reroute(m, p);
  if (error === 0) return ACCEPT;
  if (p === m.network.sending) m.network.sendError = error;
  drop(p, dispositionOfError(m, p, error), 'NETFILTER_DROP');
  return DROP;
}

/** What a failed route lookup of a local sender is called. EINVAL is a blackhole route's, or a loopback source's that may not leave (route_localnet). */
export function dispositionOfError(m: Machine, p: PacketContext, error: number): Disposition {
  if (error === EINVAL && isLoopback(m.environment.addresses, p.family, p.source)) return 'MartianSource';
  return error === EHOSTUNREACH || error === EACCES || error === EINVAL ? 'NullRouted' : 'NoRoute';
}
