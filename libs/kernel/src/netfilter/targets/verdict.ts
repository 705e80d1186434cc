/** Targets that only write something down, and those that hand the packet to somebody outside the kernel. */
import { RECORD_GIVEN, bitIn } from '@worldline/language';
import { RULE_ACCEPT, RULE_CONTINUE, RULE_QUEUE } from '../../record/index.js';
import type { Act } from './answer.js';

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

/** TPROXY: a socket must be transparent to be found, and none is (nf_tproxy_get_sock_v4; 6.18). */
export const targetTproxy: Act = () => RULE_QUEUE;
