/**
 * Which parts of connection tracking the rules turn on: the extensions whose checkentry calls nf_ct_netns_get, nf_nat_register_fn or
 * nf_defrag_ipv4_enable (Linux 6.18). Without one of them nothing is tracked.
 */
import * as op from '@worldline/language';
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_FIRST_TARGET } from '@worldline/language';
import { RULE_CLAUSES, type ChainProgram } from './program.js';
import type { TableState } from './table-state.js';

export interface ConntrackNeeds {
  readonly isTracking: boolean;
  readonly isNat: boolean;
  readonly isDefragmenting: boolean;
}

const TRACKING = 1;
const DEFRAGMENTING = 2;

const NEEDS: Readonly<Record<number, number>> = {
  [op.OP_CONNTRACK_STATE]: TRACKING,
  [op.OP_CONNTRACK_PROTOCOL]: TRACKING,
  [op.OP_CONNTRACK_ADDRESS]: TRACKING,
  [op.OP_CONNTRACK_PORT]: TRACKING,
  [op.OP_CONNTRACK_STATUS]: TRACKING,
  [op.OP_CONNTRACK_EXPIRE]: TRACKING,
  [op.OP_CONNTRACK_DIRECTION]: TRACKING,
  [op.OP_CONNMARK]: TRACKING,
  [op.OP_CONNBYTES]: TRACKING,
  [op.OP_CONNLABEL]: TRACKING,
  [op.OP_CONNLIMIT]: TRACKING,
  [op.OP_HELPER]: TRACKING,
  [op.OP_CLUSTER]: TRACKING,
  [op.OP_IPVS]: TRACKING,
  [op.OP_SOCKET]: DEFRAGMENTING,
  [op.OP_TPROXY]: DEFRAGMENTING,
  [op.OP_SET_CONNMARK]: TRACKING,
  [op.OP_CONNSECMARK]: TRACKING,
  [op.OP_DNAT]: TRACKING,
  [op.OP_SNAT]: TRACKING,
  [op.OP_MASQUERADE]: TRACKING,
  [op.OP_REDIRECT]: TRACKING,
  [op.OP_NETMAP]: TRACKING,
  [op.OP_SYNPROXY]: TRACKING,
};

const known = new WeakMap<ChainProgram, number>();

export function needsOf(tables: readonly TableState[]): ConntrackNeeds {
  let bits = 0;
  for (const table of tables) {
    for (const chain of table.chains) {
      if (chain !== null) bits |= needsOfChain(chain);
      if (bits === (TRACKING | DEFRAGMENTING)) break;
    }
  }
  return {
    isTracking: (bits & TRACKING) !== 0,
    isNat: tables.some((t) => t.name === 'nat' && t.base.some((slot) => slot >= 0)),
    isDefragmenting: (bits & DEFRAGMENTING) !== 0,
  };
}

function needsOfChain(chain: ChainProgram): number {
  const answer = known.get(chain);
  if (answer !== undefined) return answer;
  let bits = 0;
  for (let r = 0; r < chain.ruleCount; r++) bits |= needsOfRule(chain.code, chain.rules[chain.firstRule + r]);
  known.set(chain, bits);
  return bits;
}

function needsOfRule(code: Int32Array, rule: number): number {
  let bits = 0;
  for (let at = rule + RULE_CLAUSES; ; at += code[at] >>> CLAUSE_SIZE_SHIFT) {
    const opcode = code[at] & CLAUSE_OPCODE;
    // CT --notrack alone keeps no tracker (xt_ct_tg_check)
    if (opcode === op.OP_CT) return (code[at + op.RECORD_GIVEN] & NOTRACK) !== 0 ? bits : bits | TRACKING;
    bits |= NEEDS[opcode] ?? 0;
    if (opcode >= OP_FIRST_TARGET) return bits;
  }
}
const NOTRACK = op.bitIn('CT', 'notrack', true);
