/** ARP: arp_process (net/ipv4/arp.c, Linux 6.18). ARP packets travel the simulated links like any other frame; iptables does not see them. */
import { STAGE_DONE, STAGE_TRANSMIT, type PacketContext } from '../packet/index.js';
import { DISPOSITION } from '../record/index.js';
import type { Machine } from './machine.js';
import { settleWaiting } from './solicitation.js';

const REQUEST = 1;
const REPLY = 2;

export function receiveArp(m: Machine, p: PacketContext): number {
  const device = p.inputInterface;
  if (p.icmpType === REQUEST && m.routing.answersArp(m, device, p.source, p.destination)) {
    m.routing.learn(m, 4, device, p.source, p.sourceMac, false);
    answer(m, p);
  } else {
    const isOurs = p.icmpType === REPLY && m.isLocalAddress(4, p.destination);
    if (isOurs) m.routing.learn(m, 4, device, p.source, p.sourceMac, true);
  }
  settleWaiting(m);
  p.disposition = DISPOSITION.Accepted;
  m.discard(p);
  return STAGE_DONE;
}

function answer(m: Machine, p: PacketContext): void {
  const q = m.environment.pool.take();
  q.isArp = true;
  q.icmpType = REPLY;
  q.source = p.destination;
  q.destination = p.source;
  q.sourceMac = m.interfaces.list[p.inputInterface].macId;
  q.destinationMac = p.sourceMac;
  q.outputInterface = p.inputInterface;
  q.stage = STAGE_TRANSMIT;
  m.enqueue(q);
}
