/** IPv6 neighbour discovery as it is received: ndisc_recv_ns, ndisc_recv_na (net/ipv6/ndisc.c, Linux 6.18). */
import { PROTOCOL_ICMPV6, STAGE_DONE, STAGE_END, isMulticast, type PacketContext } from '../packet/index.js';
import { DISPOSITION } from '../record/index.js';
import { ANSWER_NONE, ANSWER_PROXY, type LinkWord } from '../routing/index.js';
import { NEIGH_PROXY_DELAY } from '../sysctl/index.js';
import { receiveArp } from './arp.js';
import type { Machine } from './machine.js';
import { runStages } from './pipeline.js';
import { NEIGHBOUR_SOLICITATION, sendDiscovery, settleWaiting } from './solicitation.js';

const NEIGHBOUR_ADVERTISEMENT = 136;

const SOLICITATION: LinkWord = { isConfirming: false, isCreating: true, overrides: 'always' };
const ADVERTISEMENT: LinkWord = { isConfirming: true, isCreating: false, overrides: 'always' };

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
  if (p.icmpType === NEIGHBOUR_SOLICITATION) return receiveSolicitation(m, p);
  if (p.icmpType === NEIGHBOUR_ADVERTISEMENT) {
    m.routing.learn(m, 6, device, p.icmpTarget, p.sourceMac, ADVERTISEMENT);
    settleWaiting(m);
  }
  return STAGE_END;
}

/** ndisc_recv_ns. */
function receiveSolicitation(m: Machine, p: PacketContext): number {
  const device = p.inputInterface;
  const answer = m.routing.answersSolicitation(m, device, p.icmpTarget);
  if (answer === ANSWER_NONE) return STAGE_END;
  const isUnicast = !isMulticast(m.environment.addresses, 6, p.destination);
  if (answer === ANSWER_PROXY && !p.isLocal && !isUnicast && m.sysctl.neighbour(6, device, NEIGH_PROXY_DELAY) > 0) {
    m.routing.delayAnswer(m, p, device);
    return STAGE_DONE;
  }
  if (p.source !== 0) m.routing.learn(m, 6, device, p.source, p.sourceMac, SOLICITATION);
  settleWaiting(m);
  advertise(m, p, device);
  return STAGE_END;
}

/** neigh_proxy_process: the delay of questions that are answered for others is over (parp_redo, pndisc_redo). */
export function answerDelayed(m: Machine): void {
  for (let p = m.routing.takeDelayed(); p !== null; p = m.routing.takeDelayed()) {
    p.isLocal = true;
    const stage = p.isArp ? receiveArp(m, p) : receiveSolicitation(m, p);
    if (stage === STAGE_DONE) continue;
    p.stage = stage;
    runStages(m, p);
  }
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
