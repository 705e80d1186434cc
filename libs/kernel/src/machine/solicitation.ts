/** Asking neighbours: arp_solicit (net/ipv4/arp.c), ndisc_solicit (net/ipv6/ndisc.c); and what becomes of the packets that wait (Linux 6.18). */
import { EXTENSION_HOP_BY_HOP, PROTOCOL_ICMPV6, SENDER_KERNEL, STAGE_END, STAGE_LOCAL_OUT, STAGE_TRANSMIT, type PacketContext } from '../packet/index.js';
import { ROUTE_MULTICAST, ROUTE_UNICAST, solicitSource } from '../routing/index.js';
import { linkLocalOf } from './addresses.js';
import { ICMP, ICMPV6, sendIcmpError } from './icmp-error.js';
import type { Machine } from './machine.js';
import { runStages } from './pipeline.js';

const ARP_REQUEST = 1;
export const NEIGHBOUR_SOLICITATION = 135;
/** IPv6 header, message and one link-layer address option. */
const DISCOVERY_LENGTH = 40 + 24 + 8;
const ADDRESS_UNREACHABLE = 3;
const HOST_UNREACHABLE = 1;

/** Sends all questions that are due. */
export function solicit(m: Machine): void {
  const { neighbours } = m.routing;
  for (let entry = m.routing.takeSolicitation(); entry >= 0; entry = m.routing.takeSolicitation()) {
    if (!m.interfaces.list[neighbours.deviceOf(entry)].isUp) continue;
    if (neighbours.familyOf(entry) === 4) askByArp(m, entry);
    else askByDiscovery(m, entry);
  }
}

function askByArp(m: Machine, entry: number): void {
  const { neighbours } = m.routing;
  const device = m.interfaces.list[neighbours.deviceOf(entry)];
  const waiting = m.routing.waitingFor(entry);
  const q = m.environment.pool.take();
  q.isArp = true;
  q.icmpType = ARP_REQUEST;
  q.destination = neighbours.addressOf(entry);
  q.source = solicitSource(m, device.position, q.destination, waiting?.source ?? 0);
  q.sourceMac = device.macId;
  q.destinationMac = neighbours.isUnicastProbe(entry) ? neighbours.macOf(entry) : m.interfaces.broadcastMacId;
  q.outputInterface = device.position;
  q.stage = STAGE_TRANSMIT;
  m.enqueue(q);
}

function askByDiscovery(m: Machine, entry: number): void {
  const { neighbours } = m.routing;
  const { addresses, pool } = m.environment;
  const device = neighbours.deviceOf(entry);
  const target = neighbours.addressOf(entry);
  const waiting = m.routing.waitingFor(entry);
  const isUnicast = neighbours.isUnicastProbe(entry);
  const q = pool.take();
  q.family = 6;
  q.protocol = PROTOCOL_ICMPV6;
  q.icmpType = NEIGHBOUR_SOLICITATION;
  q.icmpTarget = target;
  q.source = waiting !== null && m.interfaces.ownerOf(6, waiting.source) === device ? waiting.source : linkLocalOf(m, device);
  // the solicited-node group (RFC 4291, 2.7.1)
  q.destination = isUnicast ? target : addresses.intern6(0xff020000 | 0, 0, 1, 0xff000000 | (addresses.word6(target, 3) & 0xffffff));
  sendDiscovery(m, q, device, isUnicast);
}

/** ndisc_send_skb: straight to the link, but past OUTPUT and POSTROUTING. */
export function sendDiscovery(m: Machine, q: PacketContext, device: number, isUnicast: boolean): void {
  sendToLink(m, q, { device, ttl: 255, length: DISCOVERY_LENGTH, isUnicast });
}

interface LinkSend {
  readonly device: number;
  readonly ttl: number;
  readonly length: number;
  readonly isUnicast: boolean;
}

function sendToLink(m: Machine, q: PacketContext, { device, ttl, length, isUnicast }: LinkSend): void {
  q.ttl = ttl;
  q.length = length;
  q.payloadLength = length - 40 - 8;
  q.machine = m.id;
  q.isLocal = true;
  q.sender = SENDER_KERNEL;
  q.outputInterface = device;
  q.nexthop = q.destination;
  q.routeType = isUnicast ? ROUTE_UNICAST : ROUTE_MULTICAST;
  q.routeMtu = m.interfaces.list[device].mtu;
  q.hasRoute = true;
  q.stage = STAGE_LOCAL_OUT;
  runStages(m, q);
}

const GROUP_REPORT = 143;
const GROUP_RECORD = 20;

/** mld_sendpack: tells the link's routers which groups were joined or left (RFC 3810), from the link-local address, past OUTPUT and POSTROUTING. */
export function reportGroups(m: Machine): void {
  const { addresses, pool } = m.environment;
  for (let report = m.routing.takeGroupReport(); report !== null; report = m.routing.takeGroupReport()) {
    const q = pool.take();
    q.family = 6;
    q.protocol = PROTOCOL_ICMPV6;
    q.icmpType = GROUP_REPORT;
    q.extensions = EXTENSION_HOP_BY_HOP;
    q.source = linkLocalOf(m, report.device);
    q.destination = addresses.intern6(0xff020000 | 0, 0, 0, 0x16);
    sendToLink(m, q, { device: report.device, ttl: 1, length: 40 + 8 + 8 + GROUP_RECORD * report.records, isUnicast: false });
  }
}

/** A neighbour has answered, or never will: what waited goes on or ends. */
export function settleWaiting(m: Machine): void {
  for (let p = m.routing.takeReady(); p !== null; p = m.routing.takeReady()) {
    p.stage = STAGE_TRANSMIT;
    m.enqueue(p);
  }
  for (let p = m.routing.takeFailed(); p !== null; p = m.routing.takeFailed()) {
    // ipv4_link_failure, ip6_link_failure
    if (p.family === 4) sendIcmpError(m, p, ICMP.unreachable, HOST_UNREACHABLE, 0);
    else sendIcmpError(m, p, ICMPV6.unreachable, ADDRESS_UNREACHABLE, 0);
    p.stage = STAGE_END;
    runStages(m, p);
  }
}
