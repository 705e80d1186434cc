/** IPv6 neighbour discovery as it is received: ndisc_recv_ns, ndisc_recv_na (net/ipv6/ndisc.c, Linux 6.18). */
import { PROTOCOL_ICMPV6, STAGE_END, type PacketContext } from '../packet/index.js';
import { DISPOSITION } from '../record/index.js';
import type { Machine } from './machine.js';
import { NEIGHBOUR_SOLICITATION, sendDiscovery, settleWaiting } from './solicitation.js';

const NEIGHBOUR_ADVERTISEMENT = 136;

const GROUP_QUERY = 130;
const GROUP_REPORT = 143;

/** What the kernel says by itself on a link: types 133 to 136 and multicast listener messages; redirects are ordinary messages to their receiver. */
export function isNeighbourDiscovery(p: PacketContext): boolean {
  return (p.icmpType >= GROUP_QUERY && p.icmpType <= NEIGHBOUR_ADVERTISEMENT) || p.icmpType === GROUP_REPORT;
}

export function receiveNeighbourDiscovery(m: Machine, p: PacketContext): number {
  p.disposition = DISPOSITION.Accepted;
  const device = p.inputInterface;
  if (p.ttl !== 255) return STAGE_END;
  if (p.icmpType === NEIGHBOUR_SOLICITATION && m.routing.answersSolicitation(m, device, p.icmpTarget)) {
    if (p.source !== 0) m.routing.learn(m, 6, device, p.source, p.sourceMac, false);
    settleWaiting(m);
    advertise(m, p, device);
  } else if (p.icmpType === NEIGHBOUR_ADVERTISEMENT) {
    m.routing.learn(m, 6, device, p.icmpTarget, p.sourceMac, true);
    settleWaiting(m);
  }
  return STAGE_END;
}

function advertise(m: Machine, p: PacketContext, device: number): void {
  const { addresses, pool } = m.environment;
  const q = pool.take();
  q.family = 6;
  q.protocol = PROTOCOL_ICMPV6;
  q.icmpType = NEIGHBOUR_ADVERTISEMENT;
  q.icmpTarget = p.icmpTarget;
  q.source = p.icmpTarget;
  // an unspecified asker (duplicate address detection) is answered at all nodes
  q.destination = p.source !== 0 ? p.source : addresses.intern6(0xff020000 | 0, 0, 0, 1);
  sendDiscovery(m, q, device, p.source !== 0);
}
