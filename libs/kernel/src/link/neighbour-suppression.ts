/**
 * Ports with neigh_suppress: the bridge answers ARP requests and neighbour solicitations for what its own stack knows, and does not flood them there
 * (net/bridge/br_arp_nd_proxy.c, br_forward.c br_flood; Linux 6.18).
 */
import { PROTOCOL_ICMPV6, STAGE_TRANSMIT, isMulticast, type PacketContext } from '../packet/index.js';
import type { NetworkInterface } from '../interface/index.js';
import type { LinkMachine } from './machine-view.js';

const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const ADVERTISEMENT_LENGTH = 40 + 24 + 8;

/** Whether a frame that came in by `port` is kept from suppressing ports (proxyarp_replied); answers it where it can. */
export function suppress(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): boolean {
  const isDiscovery = !p.isArp && p.family === 6 && p.protocol === PROTOCOL_ICMPV6 && (p.icmpType === SOLICITATION || p.icmpType === ADVERTISEMENT);
  if ((!p.isArp && !isDiscovery) || port.isNeighSuppressing || !hasSuppressing(m, bridge)) return false;
  return p.isArp ? suppressArp(m, p, bridge, port) : suppressDiscovery(m, p, bridge, port);
}

function hasSuppressing(m: LinkMachine, bridge: NetworkInterface): boolean {
  return m.interfaces.list.some((d) => d.masterPosition === bridge.position && !d.isDeleted && d.isNeighSuppressing);
}

/** br_do_proxy_suppress_arp. */
function suppressArp(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): boolean {
  if (p.icmpType === ARP_REQUEST && !m.environment.macs.isGroup(p.destinationMac)) return false;
  if (p.source === 0 || p.source === p.destination) return true;
  if (p.icmpType !== ARP_REQUEST) return false;
  if (m.interfaces.ownerOf(4, p.destination) === bridge.position) return true;
  const mac = knownMac(m, 4, bridge, p.destination);
  if (mac < 0) return false;
  if (isBehindSuppressing(m, bridge, mac)) {
    const q = m.environment.pool.take();
    q.isArp = true;
    q.icmpType = ARP_REPLY;
    q.source = p.destination;
    q.destination = p.source;
    answer(m, q, p, mac, port);
  }
  return true;
}

/** br_do_suppress_nd. */
function suppressDiscovery(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): boolean {
  const { addresses } = m.environment;
  if (p.icmpType !== SOLICITATION) return false;
  if (!isMulticast(addresses, 6, p.destination)) return false;
  if (p.source === 0 || p.source === p.icmpTarget) return true;
  if (m.interfaces.ownerOf(6, p.icmpTarget) === bridge.position) return true;
  const mac = knownMac(m, 6, bridge, p.icmpTarget);
  if (mac < 0) return false;
  if (isBehindSuppressing(m, bridge, mac)) {
    const q = m.environment.pool.take();
    q.family = 6;
    q.protocol = PROTOCOL_ICMPV6;
    q.icmpType = ADVERTISEMENT;
    q.icmpTarget = p.icmpTarget;
    q.source = p.icmpTarget;
    q.destination = p.source;
    q.ttl = 255;
    q.length = ADVERTISEMENT_LENGTH;
    answer(m, q, p, mac, port);
  }
  return true;
}

/** The MAC address that the bridge's own stack and its forwarding table know, -1 for none. */
function knownMac(m: LinkMachine, family: 4 | 6, bridge: NetworkInterface, address: number): number {
  const { neighbours } = m.routing;
  const entry = neighbours.find(family, bridge.position, address);
  if (!neighbours.isValid(entry)) return -1;
  const mac = neighbours.macOf(entry);
  return m.bridges.isKnown(bridge.position, mac) ? mac : -1;
}

function isBehindSuppressing(m: LinkMachine, bridge: NetworkInterface, mac: number): boolean {
  const owner = m.bridges.lookup(bridge.position, mac);
  return owner >= 0 && m.interfaces.list[owner].isNeighSuppressing;
}

/** br_arp_send, br_nd_send: out by the port that the question came in by, in the name of the one who was asked for. */
function answer(m: LinkMachine, q: PacketContext, p: PacketContext, mac: number, port: NetworkInterface): void {
  q.sourceMac = mac;
  q.destinationMac = p.sourceMac;
  q.outputInterface = port.position;
  q.stage = STAGE_TRANSMIT;
  m.enqueue(q);
}
