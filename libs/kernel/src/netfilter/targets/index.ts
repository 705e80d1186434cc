/** Every target, by opcode. docs/FIDELITY.md is made from this table. */
import * as op from '@worldline/language';
import type { Act } from './answer.js';
import { targetCt, targetNotrack } from './ct.js';
import { targetConnmark, targetMark } from './mark.js';
import { targetDnat, targetMasquerade, targetNetmap, targetRedirect, targetSnat } from './nat.js';
import { targetReject } from './reject.js';
import { targetDscp, targetEcn, targetMss, targetStripOptions, targetTos, targetTtl } from './rewrite.js';
import { targetSet } from './set.js';
import { targetNote, targetQueue, targetTproxy, targetTrace } from './verdict.js';

export { REJECT_TCP_RESET, rejectIcmpOf } from './reject.js';
export { RULE_FAILED, type Act } from './answer.js';

export interface TargetEntry {
  readonly opcode: number;
  readonly name: string;
  readonly act: Act;
  /** File of Linux 6.18. */
  readonly citation: string;
  readonly status: 'modelled' | 'approximated' | 'unproved';
  readonly note?: string;
}

type Row = readonly [opcode: number, name: string, act: Act, file: string, note?: string, status?: 'unproved'];

const NAT = 'net/netfilter/xt_nat.c';

const ROWS: readonly Row[] = [
  [op.OP_REJECT, 'REJECT', targetReject, 'net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c'],
  [op.OP_LOG, 'LOG', targetNote, 'net/netfilter/xt_LOG.c'],
  [op.OP_NFLOG, 'NFLOG, ULOG', targetNote, 'net/netfilter/xt_NFLOG.c'],
  [op.OP_SET_MARK, 'MARK', targetMark, 'net/netfilter/xt_mark.c'],
  [op.OP_SET_CONNMARK, 'CONNMARK', targetConnmark, 'net/netfilter/xt_connmark.c'],
  [op.OP_CT, 'CT', targetCt, 'net/netfilter/xt_CT.c', 'helpers expect nothing, timeout policies and event masks have no effect'],
  [op.OP_NOTRACK, 'NOTRACK', targetNotrack, 'net/netfilter/xt_CT.c notrack_tg'],
  [op.OP_DNAT, 'DNAT', targetDnat, NAT],
  [op.OP_SNAT, 'SNAT', targetSnat, NAT],
  [op.OP_MASQUERADE, 'MASQUERADE', targetMasquerade, 'net/netfilter/nf_nat_masquerade.c'],
  [op.OP_REDIRECT, 'REDIRECT', targetRedirect, 'net/netfilter/nf_nat_redirect.c'],
  [op.OP_NETMAP, 'NETMAP', targetNetmap, 'net/netfilter/xt_NETMAP.c'],
  [op.OP_TPROXY, 'TPROXY', targetTproxy, 'net/netfilter/xt_TPROXY.c', 'a packet for which no socket waits is dropped; whether one that waits is transparent is not known, and ends as Unmodelled'],
  [op.OP_SET_MSS, 'TCPMSS', targetMss, 'net/netfilter/xt_TCPMSS.c'],
  [op.OP_SET_TTL, 'TTL, HL', targetTtl, 'net/netfilter/xt_HL.c'],
  [op.OP_SET_TOS, 'TOS', targetTos, 'net/netfilter/xt_DSCP.c'],
  [op.OP_SET_DSCP, 'DSCP', targetDscp, 'net/netfilter/xt_DSCP.c'],
  [op.OP_SET_ECN, 'ECN', targetEcn, 'net/ipv4/netfilter/ipt_ECN.c'],
  [op.OP_CHANGE_SET, 'SET', targetSet, 'net/netfilter/xt_set.c'],
  [op.OP_CLASSIFY, 'CLASSIFY', targetNote, 'net/netfilter/xt_CLASSIFY.c', 'there is no traffic control'],
  [op.OP_TRACE, 'TRACE', targetTrace, 'net/netfilter/xt_TRACE.c'],
  [op.OP_CHECKSUM, 'CHECKSUM', targetNote, 'net/netfilter/xt_CHECKSUM.c'],
  [op.OP_AUDIT, 'AUDIT', targetNote, 'net/netfilter/xt_AUDIT.c'],
  [op.OP_NFQUEUE, 'NFQUEUE, QUEUE', targetQueue, 'net/netfilter/nf_queue.c', 'nobody listens in user space'],
  [op.OP_TCPOPTSTRIP, 'TCPOPTSTRIP', targetStripOptions, 'net/netfilter/xt_TCPOPTSTRIP.c'],
  [op.OP_SECMARK, 'SECMARK', targetNote, 'net/netfilter/xt_SECMARK.c', 'nothing asks for the label; the kernel at hand has no SELinux', 'unproved'],
  [op.OP_CONNSECMARK, 'CONNSECMARK', targetNote, 'net/netfilter/xt_CONNSECMARK.c', 'nothing asks for the label', 'unproved'],
  [op.OP_IDLETIMER, 'IDLETIMER', targetNote, 'net/netfilter/xt_IDLETIMER.c'],
  [op.OP_LED, 'LED', targetNote, 'net/netfilter/xt_LED.c', 'the kernel at hand has none', 'unproved'],
  [op.OP_RATEEST_TARGET, 'RATEEST', targetNote, 'net/netfilter/xt_RATEEST.c', 'nothing is estimated'],
];

export const TARGETS: readonly TargetEntry[] = ROWS.map(([opcode, name, act, citation, note, status]) => ({
  opcode,
  name,
  act,
  citation,
  status: status ?? (note === undefined ? 'modelled' : 'approximated'),
  ...(note === undefined ? {} : { note }),
}));

/** What is read and has no effect to carry out: a packet that comes to it ends as Unmodelled. */
export const UNMODELLED_TARGETS = [
  { name: 'TEE', citation: 'net/netfilter/xt_TEE.c', status: 'not modelled', note: 'copies with a way of their own are not made' },
  { name: 'SYNPROXY', citation: 'net/netfilter/xt_SYNPROXY.c', status: 'not modelled', note: 'handshakes are not answered in the place of a server' },
  { name: 'HMARK', citation: 'net/netfilter/xt_HMARK.c', status: 'not modelled', note: 'the mark would be a hash of the packet' },
  { name: 'SNPT, DNPT', citation: 'net/ipv6/netfilter/ip6t_NPT.c', status: 'not modelled', note: 'prefixes are not translated without an entry' },
] as const;

/** By opcode; undefined for what is not modelled. */
export const ACT: readonly (Act | undefined)[] = (() => {
  const table = new Array<Act | undefined>(256).fill(undefined);
  for (const { opcode, act } of TARGETS) table[opcode] = act;
  return table;
})();
