/**
 * Which parts of connection tracking the rules turn on: the extensions whose checkentry calls nf_ct_netns_get, nf_nat_register_fn or
 * nf_defrag_ipv4_enable (Linux 6.18). Without one of them nothing is tracked.
 */
import * as op from '@worldline/language';
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_FIRST_TARGET } from '@worldline/language';

export const NEEDS_TRACKING = 1;
export const NEEDS_DEFRAGMENTING = 2;

const NEEDS: readonly number[] = Object.assign(new Array<number>(256).fill(0), {
  [op.OP_CONNTRACK_STATE]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_PROTOCOL]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_ADDRESS]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_PORT]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_STATUS]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_EXPIRE]: NEEDS_TRACKING,
  [op.OP_CONNTRACK_DIRECTION]: NEEDS_TRACKING,
  [op.OP_CONNMARK]: NEEDS_TRACKING,
  [op.OP_CONNBYTES]: NEEDS_TRACKING,
  [op.OP_CONNLABEL]: NEEDS_TRACKING,
  [op.OP_CONNLIMIT]: NEEDS_TRACKING,
  [op.OP_HELPER]: NEEDS_TRACKING,
  [op.OP_CLUSTER]: NEEDS_TRACKING,
  [op.OP_IPVS]: NEEDS_TRACKING,
  [op.OP_SOCKET]: NEEDS_DEFRAGMENTING,
  [op.OP_TPROXY]: NEEDS_DEFRAGMENTING,
  [op.OP_SET_CONNMARK]: NEEDS_TRACKING,
  [op.OP_CONNSECMARK]: NEEDS_TRACKING,
  [op.OP_DNAT]: NEEDS_TRACKING,
  [op.OP_SNAT]: NEEDS_TRACKING,
  [op.OP_MASQUERADE]: NEEDS_TRACKING,
  [op.OP_REDIRECT]: NEEDS_TRACKING,
  [op.OP_NETMAP]: NEEDS_TRACKING,
  [op.OP_SYNPROXY]: NEEDS_TRACKING,
});

/** NEEDS_* of the clauses from `from` to the next target. */
export function needsOfClauses(code: Int32Array, from: number): number {
  let bits = 0;
  for (let at = from; ; at += code[at] >>> CLAUSE_SIZE_SHIFT) {
    const opcode = code[at] & CLAUSE_OPCODE;
    // CT --notrack alone keeps no tracker (xt_ct_tg_check)
    if (opcode === op.OP_CT) return (code[at + op.RECORD_GIVEN] & NOTRACK) !== 0 ? bits : bits | NEEDS_TRACKING;
    bits |= NEEDS[opcode];
    if (opcode >= OP_FIRST_TARGET) return bits;
  }
}
const NOTRACK = op.bitIn('CT', 'notrack', true);
