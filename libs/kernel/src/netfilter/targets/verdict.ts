/** Targets that only write something down, and those that hand the packet to somebody outside the kernel. */
import { RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { PROTOCOL_TCP, type PacketContext } from '../../packet/index.js';
import { RULE_ACCEPT, RULE_CONTINUE, RULE_QUEUE, drop } from '../../record/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import { RULE_FAILED, type Act } from './answer.js';

/** LOG, NFLOG, AUDIT, CLASSIFY, CHECKSUM, IDLETIMER, LED...: nothing that a packet's way depends on. */
export const targetNote: Act = () => RULE_CONTINUE;

/** TRACE: the packet's way is written down from here on (skb->nf_trace). */
export const targetTrace: Act = (_, p) => {
  p.isNfTraced = true;
  return RULE_CONTINUE;
};

const BYPASS_BIT = bitIn('NFQUEUE', 'queue-bypass', true);

/** NFQUEUE: nobody listens in user space, so the packet is dropped, or with --queue-bypass goes on as if accepted (nf_queue.c; 6.18). */
export const targetQueue: Act = (_, _p, code, at) => {
  const size = code[at] >>> 16;
  return size > RECORD_GIVEN && (code[at + RECORD_GIVEN] & BYPASS_BIT) !== 0 ? RULE_ACCEPT : RULE_QUEUE;
};

const ON_PORT = fieldIn('TPROXY', 'on-port', true);
const ON_IP = fieldIn('TPROXY', 'on-ip', true);

/**
 * TPROXY (tproxy_tg4, nf_tproxy_get_sock_v4; 6.18): the packet goes to the socket of its own connection or to the one that waits at the address given, if
 * that is transparent, else it is dropped. `ss` does not tell which are, so a socket that waits leaves the packet's fate open.
 */
export const targetTproxy: Act = (m, p, code, at) => {
  const probe = m.environment.pool.take();
  probe.copyHeaders(p);
  probe.inputInterface = p.inputInterface;
  probe.destinationPort = code[at + ON_PORT] || p.destinationPort;
  probe.destination = code[at + ON_IP] || laddr(m, p);
  const isWaiting = (p.protocol === PROTOCOL_TCP ? m.sockets.lookupTcp(probe) : m.sockets.lookupUdp(probe)) >= 0;
  m.environment.pool.give(probe);
  if (!isWaiting) return RULE_QUEUE;
  drop(p, 'Unmodelled', 'NOT_SPECIFIED');
  return RULE_FAILED;
};

/** nf_tproxy_laddr4: without --on-ip the first address of the device that the packet came in by, else its own destination. */
function laddr(m: NetfilterMachine, p: PacketContext): number {
  const own = m.interfaces.list[m.netfilter.inputInterface].addresses.find((a) => a.family === p.family);
  return own?.handle ?? p.destination;
}
