/** Local delivery: ip_local_deliver, ip6_input, and the transports' lookups (net/ipv4/ip_input.c, udp.c, tcp_ipv4.c, icmp.c; Linux 6.18). */
import {
  ACCEPT,
  EXTENSION_HOP_BY_HOP,
  LOCAL_IN,
  NO_CONNTRACK,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  STAGE_DONE,
  STAGE_END,
  STOLEN,
  TCP_RST,
  type PacketContext,
} from '../packet/index.js';
import {
  DISPOSITION,
  INBOUND_ACCEPTED,
  INBOUND_ECHO,
  INBOUND_ICMP_ERROR,
  INBOUND_IGNORED,
  INBOUND_NO_SOCKET,
  STEP_INBOUND,
  WHAT_REPLY,
  drop,
} from '../record/index.js';
import { runHook } from '../netfilter/index.js';
import { ROUTE_BROADCAST, ROUTE_LOCAL, ROUTE_MULTICAST } from '../routing/index.js';
import { SYSCTL_ICMP6_ECHO_IGNORE_ALL, SYSCTL_ICMP6_ECHO_IGNORE_MULTICAST, SYSCTL_ICMP_ECHO_IGNORE_ALL, SYSCTL_ICMP_ECHO_IGNORE_BROADCASTS } from '../sysctl/index.js';
import { decapsulate } from '../link/index.js';
import { ICMP, ICMPV6, isError4, sendIcmpError } from './icmp-error.js';
import type { Machine } from './machine.js';
import { isNeighbourDiscovery, receiveNeighbourDiscovery } from './neighbour-discovery.js';
import { reflectedMark, sendIcmp } from './output.js';
import { hold } from './receive.js';
import { obeyRedirect } from './redirect.js';
import { sendReset } from './reset.js';
import { endFragments } from './timers.js';

export function localIn(m: Machine, p: PacketContext): number {
  if (p.hasMoreFragments || p.fragmentOffset > 0) {
    const verdict = m.conntrack.reassemble(m, p);
    if (verdict === STOLEN) return hold(m, p);
    if (verdict !== ACCEPT) return STAGE_END;
    endFragments(m);
  }
  const verdict = runHook(m, p, LOCAL_IN);
  if (verdict === STOLEN) return hold(m, p);
  if (verdict !== ACCEPT) return STAGE_END;
  if (p.family === 6 && hasStrayHopByHop(p)) return noProtocol(m, p);
  const tunnelled = decapsulate(m, p);
  if (tunnelled !== STAGE_DONE) return tunnelled;
  switch (p.protocol) {
    case PROTOCOL_UDP:
      return deliverUdp(m, p);
    case PROTOCOL_TCP:
      return deliverTcp(m, p);
    case PROTOCOL_ICMP:
      return p.family === 4 ? deliverIcmp(m, p) : noProtocol(m, p);
    case PROTOCOL_ICMPV6:
      return p.family === 6 ? deliverIcmp6(m, p) : noProtocol(m, p);
    default:
      return noProtocol(m, p);
  }
}

/** A hop-by-hop header that is not the first is a protocol that nobody takes (ip6_protocol_deliver_rcu). */
function hasStrayHopByHop(p: PacketContext): boolean {
  for (let rest = p.extensions >>> 4; rest !== 0; rest >>>= 4) if ((rest & 15) === EXTENSION_HOP_BY_HOP) return true;
  return false;
}

/** __udp4_lib_rcv / __udp6_lib_rcv. */
function deliverUdp(m: Machine, p: PacketContext): number {
  const { recorder, pool } = m.environment;
  const isToMany = p.routeType === ROUTE_BROADCAST || p.routeType === ROUTE_MULTICAST;
  const socket = isToMany ? takersOf(m, p) : m.sockets.lookupUdp(p);
  if (socket < 0) {
    recorder.step3(p, STEP_INBOUND, INBOUND_NO_SOCKET, p.protocol, portOf(p));
    if (isToMany) drop(p, 'NoListener', 'NOT_SPECIFIED');
    else {
      drop(p, 'NoListener', 'NO_SOCKET');
      // nf_reset_ct comes first in __udp4_lib_rcv: the error does not inherit the entry
      if (p.conntrack >= 0) m.conntrack.release(p);
      sendIcmpError(m, p, p.family === 4 ? ICMP.unreachable : ICMPV6.unreachable, p.family === 4 ? 3 : 4, 0);
    }
    return STAGE_END;
  }
  recorder.step3(p, STEP_INBOUND, INBOUND_ACCEPTED, p.protocol, portOf(p));
  for (let i = 1; isToMany && i < takers.length; i++) {
    const copy = pool.take();
    copy.copy(p, pool);
    accept(m, copy, takers[i]);
  }
  accept(m, p, socket);
  return STAGE_DONE;
}

/** Sockets that take a datagram to a group; reused. */
const takers: number[] = [];

/** __udp4_lib_mcast_deliver: the first of all sockets that want it, -1 for none. */
function takersOf(m: Machine, p: PacketContext): number {
  takers.length = 0;
  return m.sockets.lookupUdpMulticast(p, takers) > 0 ? takers[0] : -1;
}

/** The port asked for; 0 where it is the client's own, which is no part of a path. */
function portOf(p: PacketContext): number {
  return p.about === 2 ? 0 : p.destinationPort;
}

function accept(m: Machine, p: PacketContext, socket: number): void {
  p.machine = m.id;
  p.socket = socket;
  p.disposition = DISPOSITION.Accepted;
  p.conntrack = NO_CONNTRACK;
  m.network.inbox.push(p);
}

/** tcp_v4_rcv / tcp_v6_rcv. */
function deliverTcp(m: Machine, p: PacketContext): number {
  const { recorder } = m.environment;
  const socket = p.routeType === ROUTE_LOCAL ? m.sockets.lookupTcp(p) : -1;
  if (socket >= 0) {
    recorder.step3(p, STEP_INBOUND, INBOUND_ACCEPTED, p.protocol, portOf(p));
    accept(m, p, socket);
    return STAGE_DONE;
  }
  recorder.step3(p, STEP_INBOUND, INBOUND_NO_SOCKET, p.protocol, portOf(p));
  drop(p, 'NoListener', 'NO_SOCKET');
  if ((p.tcpFlags & TCP_RST) === 0 && p.routeType === ROUTE_LOCAL) sendReset(m, p);
  return STAGE_END;
}

/** icmp_rcv. */
function deliverIcmp(m: Machine, p: PacketContext): number {
  const { recorder } = m.environment;
  if (p.icmpType === ICMP.echoRequest) {
    const isToMany = p.routeType === ROUTE_BROADCAST || p.routeType === ROUTE_MULTICAST;
    const isIgnored = m.sysctl.global[SYSCTL_ICMP_ECHO_IGNORE_ALL] !== 0 || (isToMany && m.sysctl.global[SYSCTL_ICMP_ECHO_IGNORE_BROADCASTS] !== 0);
    // a broadcast echo that is ignored does not reach icmp_echo at all
    return echo(m, p, isIgnored, ICMP.echoReply, isToMany);
  }
  recorder.step3(p, STEP_INBOUND, isError4(p.icmpType) ? INBOUND_ICMP_ERROR : INBOUND_ACCEPTED, p.protocol, 0);
  m.network.icmpReceived(p);
  const { inner } = p;
  if (inner !== null && p.icmpType === ICMP.unreachable && p.icmpCode === ICMP.fragmentationNeeded) {
    m.routing.learnPathMtu(4, inner.destination, p.icmpMtu, m.environment.now);
  } else if (p.icmpType === ICMP.redirect) obeyRedirect(m, p);
  p.disposition = DISPOSITION.Accepted;
  return STAGE_END;
}

/** icmpv6_rcv. */
function deliverIcmp6(m: Machine, p: PacketContext): number {
  const { recorder } = m.environment;
  if (p.icmpType === ICMPV6.echoRequest) {
    const isToMany = p.routeType === ROUTE_MULTICAST;
    const isIgnored = m.sysctl.global[SYSCTL_ICMP6_ECHO_IGNORE_ALL] !== 0 || (isToMany && m.sysctl.global[SYSCTL_ICMP6_ECHO_IGNORE_MULTICAST] !== 0);
    return echo(m, p, isIgnored, ICMPV6.echoReply, isToMany);
  }
  if (isNeighbourDiscovery(p)) return receiveNeighbourDiscovery(m, p);
  recorder.step3(p, STEP_INBOUND, p.icmpType < 128 ? INBOUND_ICMP_ERROR : INBOUND_ACCEPTED, p.protocol, 0);
  m.network.icmpReceived(p);
  if (p.inner !== null && p.icmpType === ICMPV6.tooBig) m.routing.learnPathMtu(6, p.inner.destination, p.icmpMtu, m.environment.now);
  p.disposition = DISPOSITION.Accepted;
  return STAGE_END;
}

/** icmp_echo / icmpv6_echo_reply: from the address that was asked, or for a group the one that routing picks. */
function echo(m: Machine, p: PacketContext, isIgnored: boolean, replyType: number, isToMany: boolean): number {
  const { recorder, pool } = m.environment;
  recorder.step3(p, STEP_INBOUND, isIgnored ? INBOUND_IGNORED : INBOUND_ECHO, p.protocol, 0);
  p.disposition = DISPOSITION.Accepted;
  m.network.icmpReceived(p);
  if (isIgnored) return STAGE_END;
  const q = pool.take();
  q.question = p.question;
  q.about = p.about === 0 ? 0 : 3 - p.about;
  q.what = WHAT_REPLY;
  q.family = p.family;
  q.protocol = p.protocol;
  q.source = isToMany ? 0 : p.destination;
  q.destination = p.source;
  q.icmpType = replyType;
  q.sourcePort = p.sourcePort;
  q.icmpSequence = p.icmpSequence;
  q.payloadLength = p.payloadLength;
  q.length = (p.family === 4 ? 28 : 48) + p.payloadLength;
  q.tos = p.tos;
  q.mark = reflectedMark(m, p);
  q.mayFragment = true;
  if (p.family === 6) q.outputInterface = m.routing.scopeInterface(m, p);
  sendIcmp(m, q);
  return STAGE_END;
}

/** ip_protocol_deliver_rcu: nobody takes this protocol. */
function noProtocol(m: Machine, p: PacketContext): number {
  m.environment.recorder.step3(p, STEP_INBOUND, INBOUND_NO_SOCKET, p.protocol, 0);
  drop(p, 'NoListener', 'IP_NOPROTO');
  if (p.family === 4) sendIcmpError(m, p, ICMP.unreachable, 2, 0);
  else sendIcmpError(m, p, ICMPV6.parameterProblem, 1, 0);
  return STAGE_END;
}
