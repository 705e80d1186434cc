/** ICMP redirects: ip_rt_send_redirect (net/ipv4/route.c), ndisc_send_redirect (net/ipv6/ndisc.c), Linux 6.18. */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, isLinkLocal, isMulticast, type PacketContext } from '../packet/index.js';
import { WHAT_ICMP_ERROR } from '../record/index.js';
import { ROUTE_UNICAST, type Nexthop } from '../routing/index.js';
import { CONF_ACCEPT_REDIRECTS, CONF_FORWARDING, CONF_SECURE_REDIRECTS, CONF_SEND_REDIRECTS, CONF_SHARED_MEDIA } from '../sysctl/index.js';
import { isOnLink, linkLocalOf } from './addresses.js';
import { HEADERS, HEADERS_6, ICMP, ICMPV6, MAXIMUM_ERROR, MAXIMUM_ERROR_6, PRECEDENCE_INTERNETCONTROL } from './icmp-error.js';
import type { Machine } from './machine.js';
import { send } from './output.js';
import { solicit } from './solicitation.js';

/** IPv6: one token a second and peer (inet_peer_xrlim_allow); six are sent before they stop. */
const REDIRECT_INTERVAL_MS = 1000;

/** IPv6 header, ICMPv6 header with target and destination. */
const REDIRECT_HEADERS_6 = 40 + 40;
const LINK_ADDRESS_OPTION = 8;

/** __ip_do_redirect: a sender learns of a nearer gateway, if its sockets heard of it and its neighbour is known. */
export function obeyRedirect(m: Machine, p: PacketContext): void {
  const { inner, inputInterface: device, icmpTarget: gateway, source: from } = p;
  const { routing } = m;
  const { now, addresses } = m.environment;
  if (inner === null || inner.family !== 4) return;
  const isForwarding = m.sysctl.conf(4, device, CONF_FORWARDING) !== 0;
  const isAccepted = isForwarding ? m.sysctl.andConf(device, CONF_ACCEPT_REDIRECTS) : m.sysctl.isConfOn(4, device, CONF_ACCEPT_REDIRECTS);
  if (!isAccepted || gateway === from || gateway === 0 || gateway === -1 || isMulticast(addresses, 4, gateway)) return;
  if (!m.sysctl.isConfOn(4, device, CONF_SHARED_MEDIA)) {
    if (!isOnLink(m, 4, device, gateway) || !isOnLink(m, 4, device, from)) return;
    if (m.sysctl.isConfOn(4, device, CONF_SECURE_REDIRECTS) && !routing.fib4.routes.some((r) => r.prefixLength === 0 && r.nexthops.some((h) => h.gateway === gateway && h.device === device))) return;
  } else if (routing.addressType(m, 4, gateway, -1) !== 1 << ROUTE_UNICAST) return;
  const way = wayOf(m, inner);
  if (way === null || routing.redirects.follow(inner.destination, way.gateway, routing.generation, m.environment) !== from) return;
  if (!routing.neighbours.isValid(routing.neighbours.find(4, device, gateway))) {
    routing.neighbours.ask(m.sysctl, m.environment, 4, device, gateway);
    solicit(m);
    return;
  }
  m.environment.effects.change();
  routing.redirects.learn(inner.destination, way.gateway, gateway, now, routing.generation);
}

/** The way that the quoted packet took. */
function wayOf(m: Machine, inner: PacketContext): Nexthop | null {
  const { routing } = m;
  routing.keyOutput(m, inner, inner.source, -1);
  routing.key.device = -1;
  routing.key.isStrict = false;
  const { error, type, nexthop } = routing.lookup(m, 4);
  return error === 0 && type === ROUTE_UNICAST ? nexthop : null;
}

/** Whether the packet leaves by the interface it came in on and its sender could have gone there itself. */
export function wantsRedirect(m: Machine, p: PacketContext): boolean {
  if (p.inputInterface < 0) return false;
  if (p.family === 6) return p.inputInterface === p.outputInterface || p.isRoutedByBridge;
  if (p.inputInterface !== p.outputInterface) return false;
  if (!m.sysctl.isConfOn(4, p.outputInterface, CONF_SEND_REDIRECTS)) return false;
  if (!isOnLink(m, 4, p.inputInterface, p.source)) return false;
  return m.sysctl.isConfOn(4, p.outputInterface, CONF_SHARED_MEDIA) || isOnLink(m, 4, p.outputInterface, p.nexthop);
}

export function sendRedirect(m: Machine, p: PacketContext): void {
  const { now, pool, addresses, effects } = m.environment;
  effects.refuse();
  if (p.family === 6) {
    if (p.nexthop !== p.destination && !isLinkLocal(addresses, 6, p.nexthop)) return;
    if (!isOnLink(m, 6, p.inputInterface, p.source) && !isLinkLocal(addresses, 6, p.source)) return;
    if (!m.routing.peers.allow(6, p.destination, REDIRECT_INTERVAL_MS, now)) return;
    if (!m.routing.peers.allow(6, p.source, REDIRECT_INTERVAL_MS, now)) return;
  } else if (!m.routing.peers.allowRedirect(p.source, now)) return;
  const q = pool.take();
  q.question = p.question;
  q.about = p.about;
  q.what = WHAT_ICMP_ERROR;
  q.family = p.family;
  q.protocol = p.family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  q.icmpType = p.family === 4 ? ICMP.redirect : ICMPV6.redirect;
  q.icmpCode = p.family === 4 ? 1 : 0;
  q.icmpTarget = p.nexthop;
  q.destination = p.source;
  if (p.family === 6) {
    q.source = linkLocalOf(m, p.inputInterface);
    q.outputInterface = p.inputInterface;
    q.ttl = 255;
  } else q.tos = (p.tos & 0x1e) | PRECEDENCE_INTERNETCONTROL;
  const inner = pool.take();
  inner.copyHeaders(p);
  inner.inner = null;
  q.inner = inner;
  if (p.family === 4) {
    q.payloadLength = Math.min(p.length, MAXIMUM_ERROR - HEADERS);
    q.length = q.payloadLength + HEADERS;
  } else {
    const isTargetKnown = m.routing.neighbours.find(6, p.outputInterface, p.nexthop) >= 0;
    const options = isTargetKnown ? LINK_ADDRESS_OPTION : 0;
    const quoted = Math.min(MAXIMUM_ERROR_6 - REDIRECT_HEADERS_6 - options, p.length + 8) & ~7;
    q.length = REDIRECT_HEADERS_6 + options + quoted;
    q.payloadLength = q.length - HEADERS_6;
  }
  send(m, q);
}
