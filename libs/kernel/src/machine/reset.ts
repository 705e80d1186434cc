/** Answers in the place of a socket: RST for a segment that nobody wants, REJECT's answers. */
import {
  NO_CONNTRACK,
  PROTOCOL_TCP,
  STAGE_TRANSMIT,
  TCP_ACK,
  TCP_FIN,
  TCP_RST,
  TCP_SYN,
  type PacketContext,
} from '../packet/index.js';
import { STEP_ORIGINATE, WHAT_CLIENT_RST, WHAT_RST } from '../record/index.js';
import { CONF_HOP_LIMIT, SYSCTL_IP_DEFAULT_TTL } from '../sysctl/index.js';
import { REJECT_TCP_RESET, rejectIcmpOf } from '../netfilter/index.js';
import { ICMP, ICMPV6, sendIcmpError } from './icmp-error.js';
import type { Machine } from './machine.js';
import { reflectedMark, send, sendForged } from './output.js';
import { runStages } from './pipeline.js';

/** tcp_v4_send_reset / tcp_v6_send_reset: the segment found no socket. */
export function sendReset(m: Machine, p: PacketContext): void {
  if ((p.tcpFlags & TCP_RST) !== 0) return;
  const q = resetFor(m, p);
  // ip_send_unicast_reply, tcp_v6_send_response: what the segment asked for, without ECN
  q.tos = p.tos & ~3;
  send(m, q);
}

/** nf_send_unreach, nf_send_reset (net/ipv4/netfilter/nf_reject_ipv4.c, ..ipv6.c): what REJECT answers, by the rule's type. */
export function sendReject(m: Machine, p: PacketContext): void {
  if (p.rejectWith - 1 === REJECT_TCP_RESET) {
    if (p.protocol !== PROTOCOL_TCP || (p.tcpFlags & TCP_RST) !== 0 || p.fragmentOffset > 0) return;
    const q = resetFor(m, p);
    m.conntrack.attach(q, p);
    m.conntrack.close(p);
    if (p.isBridged && p.physicalInput >= 0) sendByPort(m, q, p);
    else sendForged(m, q);
    return;
  }
  const code = rejectIcmpOf(p.rejectWith - 1);
  sendIcmpError(m, p, p.family === 4 ? ICMP.unreachable : ICMPV6.unreachable, code, 0);
}

/** A frame that a bridge holds is answered by the port that it came in by, with its own addresses turned round, past all hooks. */
function sendByPort(m: Machine, q: PacketContext, p: PacketContext): void {
  q.machine = m.id;
  q.sentAt = m.environment.now;
  q.ttl = q.family === 4 ? m.sysctl.global[SYSCTL_IP_DEFAULT_TTL] : m.sysctl.conf(6, p.physicalInput, CONF_HOP_LIMIT);
  q.sourceMac = p.destinationMac;
  q.destinationMac = p.sourceMac;
  q.outputInterface = p.physicalInput;
  m.network.packetsSent++;
  m.environment.recorder.step1(q, STEP_ORIGINATE, m.id);
  q.stage = STAGE_TRANSMIT;
  runStages(m, q);
}

function resetFor(m: Machine, p: PacketContext): PacketContext {
  const q = m.environment.pool.take();
  q.question = p.question;
  q.about = p.about === 0 ? 0 : 3 - p.about;
  q.what = q.about === 1 ? WHAT_CLIENT_RST : WHAT_RST;
  q.family = p.family;
  q.protocol = PROTOCOL_TCP;
  q.source = p.destination;
  q.destination = p.source;
  q.sourcePort = p.destinationPort;
  q.destinationPort = p.sourcePort;
  q.isDontFragment = p.family === 4;
  q.conntrack = NO_CONNTRACK;
  q.mark = reflectedMark(m, p);
  q.tcpFlags = TCP_RST;
  if ((p.tcpFlags & TCP_ACK) !== 0) q.tcpSeq = p.tcpAck;
  else {
    q.tcpFlags |= TCP_ACK;
    const occupied = ((p.tcpFlags & TCP_SYN) !== 0 ? 1 : 0) + ((p.tcpFlags & TCP_FIN) !== 0 ? 1 : 0);
    q.tcpAck = (p.tcpSeq + occupied + p.payloadLength) | 0;
  }
  q.length = (p.family === 4 ? 20 : 40) + 20;
  return q;
}
