/** Fields of the IP header (xt_length.c, xt_hl.c, xt_dscp.c, xt_ecn.c, xt_pkttype.c; 6.18). */
import { PACKET_BROADCAST, PACKET_HOST, PACKET_MULTICAST, PROTOCOL_TCP, isMulticast } from '../../packet/index.js';
import { isInverted, type Evaluate } from './answer.js';

export const matchLength: Evaluate = (_, p, code, at) => (p.length >= code[at + 1] && p.length <= code[at + 2]) !== isInverted(code, at);

const LESS = 1;
const GREATER = 2;

export const matchTtl: Evaluate = (_, p, code, at) => {
  const value = code[at + 2];
  switch (code[at + 1]) {
    case LESS:
      return p.ttl < value;
    case GREATER:
      return p.ttl > value;
    default:
      return (p.ttl === value) !== isInverted(code, at);
  }
};

export const matchTos: Evaluate = (_, p, code, at) => ((p.tos & code[at + 2]) === code[at + 1]) !== isInverted(code, at);

export const matchDscp: Evaluate = (_, p, code, at) => (p.tos >> 2 === code[at + 1]) !== isInverted(code, at);

export const matchEcnIp: Evaluate = (_, p, code, at) => ((p.tos & 3) === code[at + 1]) !== isInverted(code, at);

export const matchEcnTcp: Evaluate = (_, p, code, at) => p.protocol === PROTOCOL_TCP && ((p.tcpFlags & code[at + 1]) !== 0) !== isInverted(code, at);

/** A packet of this machine's own that comes by the loopback device is judged by its destination (pkttype_mt). */
export const matchPacketType: Evaluate = (m, p, code, at) => {
  const { inputInterface } = m.netfilter;
  const isLoopback = p.isLocal || (inputInterface >= 0 && m.interfaces.list[inputInterface].kind === 'loopback');
  let type = p.packetType;
  if (isLoopback) {
    const isGroup = isMulticast(m.environment.addresses, p.family, p.destination);
    type = isGroup ? PACKET_MULTICAST : p.family === 4 && p.destination === -1 ? PACKET_BROADCAST : PACKET_HOST;
  }
  return (type === code[at + 1]) !== isInverted(code, at);
};
