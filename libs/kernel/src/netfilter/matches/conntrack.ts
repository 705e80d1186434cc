/** What is known of the packet's connection (xt_conntrack.c, xt_connmark.c, xt_helper.c; 6.18). */
import { CLAUSE_BESIDE_STATE, STATE_DNAT, STATE_INVALID, STATE_SNAT, STATE_UNTRACKED } from '@worldline/language';
import { CT_UNTRACKED, type PacketContext } from '../../packet/index.js';
import { DIRECTION_ORIGINAL, DIRECTION_REPLY, IPS_CONFIRMED, IPS_DST_NAT, IPS_SRC_NAT, Tuple } from '../../conntrack/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import { isInverted, isWithin, type Evaluate } from './answer.js';

const IP_CT_IS_REPLY = 3;
const tuple = new Tuple();

export const matchConntrackState: Evaluate = (m, p, code, at) => {
  const entry = p.conntrack;
  let bits: number;
  if (entry >= 0) {
    bits = 1 << ((p.conntrackInfo % IP_CT_IS_REPLY) + 1);
    if (code[at + 1] >= STATE_SNAT) {
      const status = m.conntrack.status(entry);
      if ((status & IPS_SRC_NAT) !== 0) bits |= STATE_SNAT;
      if ((status & IPS_DST_NAT) !== 0) bits |= STATE_DNAT;
    }
  } else bits = p.conntrackInfo === CT_UNTRACKED ? STATE_UNTRACKED : STATE_INVALID;
  return ((code[at + 1] & bits) !== 0) !== isInverted(code, at);
};

/** A packet without an entry fails every other option, unless --ctstate stands beside it and has let it pass. */
function withoutEntry(code: Int32Array, at: number): boolean {
  return (code[at] & CLAUSE_BESIDE_STATE) !== 0;
}

export const matchConntrackProtocol: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  m.conntrack.tuple(p.conntrack, DIRECTION_ORIGINAL, tuple);
  return (tuple.protocol === code[at + 1]) !== isInverted(code, at);
};

const SOURCE = 0;

/** Which end: 0 and 1 of the original, 2 and 3 of the reply; even is the source. */
function readTuple(m: NetfilterMachine, p: PacketContext, which: number): void {
  m.conntrack.tuple(p.conntrack, which < 2 ? DIRECTION_ORIGINAL : DIRECTION_REPLY, tuple);
}

export const matchConntrackAddress: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  const which = code[at + 1];
  readTuple(m, p, which);
  const address = (which & 1) === SOURCE ? tuple.source : tuple.destination;
  const isInside =
    p.family === 4 ? ((address ^ code[at + 2]) & code[at + 3]) === 0 : m.environment.addresses.isInPrefix6(address, code, at + 2);
  return isInside !== isInverted(code, at);
};

export const matchConntrackPort: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  const which = code[at + 1];
  readTuple(m, p, which);
  const port = (which & 1) === SOURCE ? tuple.sourcePort : tuple.destinationPort;
  return (port >= code[at + 2] && port <= code[at + 3]) !== isInverted(code, at);
};

export const matchConntrackStatus: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  return ((m.conntrack.status(p.conntrack) & code[at + 1]) !== 0) !== isInverted(code, at);
};

/** Seconds left, none before the entry is confirmed (nf_ct_expires takes its relative timeout for a time of day); asks the clock, so its answer may differ for the next packet. */
export const matchConntrackExpire: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  const isConfirmed = (m.conntrack.status(p.conntrack) & IPS_CONFIRMED) !== 0;
  const left = isConfirmed ? Math.max(0, Math.floor(m.conntrack.remaining(p.conntrack, m.environment.now))) : 0;
  return isWithin(left, code[at + 1], code[at + 2]) !== isInverted(code, at);
};

export const matchConntrackDirection: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return withoutEntry(code, at);
  return (m.conntrack.direction(p) === code[at + 1]) !== isInverted(code, at);
};

export const matchConnmark: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return false;
  return (m.conntrack.mark(p.conntrack) & code[at + 2]) === code[at + 1] !== isInverted(code, at);
};

/** No connection here is the child of another, so none belongs to a helper (helper_mt). */
export const matchHelper: Evaluate = (_, _p, code, at) => isInverted(code, at);
