/** ARP: arp_process (net/ipv4/arp.c, Linux 6.18). ARP packets travel the simulated links like any other frame; iptables does not see them. */
import { PACKET_HOST, STAGE_DONE, STAGE_TRANSMIT, type PacketContext } from '../packet/index.js';
import { DISPOSITION } from '../record/index.js';
import { ANSWER_NONE, ANSWER_OWN, ANSWER_PROXY, type LinkWord } from '../routing/index.js';
import { NEIGH_PROXY_DELAY } from '../sysctl/index.js';
import type { Machine } from './machine.js';
import { settleWaiting } from './solicitation.js';

const REQUEST = 1;
const REPLY = 2;

/** neigh_event_ns: who asks tells of itself. */
const QUESTION: LinkWord = { isConfirming: false, isCreating: true, overrides: 'always' };
const REPLY_TO_US: LinkWord = { isConfirming: true, isCreating: false, overrides: 'old' };
/** "Broadcast replies and request packets do not assert neighbour reachability." */
const OVERHEARD: LinkWord = { isConfirming: false, isCreating: false, overrides: 'old' };
const GRATUITOUS: LinkWord = { isConfirming: false, isCreating: false, overrides: 'always' };

export function receiveArp(m: Machine, p: PacketContext): number {
  const device = p.inputInterface;
  const answer = p.icmpType === REQUEST ? m.routing.answersArp(m, p) : ANSWER_NONE;
  if (answer === ANSWER_OWN || answer === ANSWER_PROXY) {
    if (p.source !== 0) m.routing.learn(m, 4, device, p.source, p.sourceMac, QUESTION);
    if (answer === ANSWER_PROXY && !p.isLocal && p.packetType !== PACKET_HOST && m.sysctl.neighbour(4, device, NEIGH_PROXY_DELAY) > 0) {
      m.routing.delayAnswer(m, p, device);
      settleWaiting(m);
      return STAGE_DONE;
    }
    reply(m, p);
  } else if (answer === ANSWER_NONE) {
    const word = p.source === p.destination ? GRATUITOUS : p.icmpType === REPLY && p.packetType === PACKET_HOST ? REPLY_TO_US : OVERHEARD;
    m.routing.learn(m, 4, device, p.source, p.sourceMac, word);
  }
  settleWaiting(m);
  p.disposition = DISPOSITION.Accepted;
  m.discard(p);
  return STAGE_DONE;
}

function reply(m: Machine, p: PacketContext): void {
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
