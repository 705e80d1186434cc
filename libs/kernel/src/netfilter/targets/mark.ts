/** MARK, CONNMARK (xt_mark.c, xt_connmark.c; 6.18). */
import { RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { RULE_CONTINUE } from '../../record/index.js';
import type { Act } from './answer.js';

const SET_MARK = fieldIn('MARK', 'set-xmark', true);

export const targetMark: Act = (_, p, code, at) => {
  p.mark = (p.mark & ~code[at + SET_MARK + 1]) ^ code[at + SET_MARK];
  return RULE_CONTINUE;
};

const SET = fieldIn('CONNMARK', 'set-xmark', true);
const NF_MASK = fieldIn('CONNMARK', 'nfmask', true);
const CT_MASK = fieldIn('CONNMARK', 'ctmask', true);
const LEFT = fieldIn('CONNMARK', 'left-shift-mark', true);
const RIGHT = fieldIn('CONNMARK', 'right-shift-mark', true);
const SAVE_BIT = bitIn('CONNMARK', 'save-mark', true);
const RESTORE_BIT = bitIn('CONNMARK', 'restore-mark', true);

function shifted(value: number, code: Int32Array, at: number): number {
  const right = code[at + RIGHT];
  if (right !== 0) return right > 31 ? 0 : value >>> right;
  const left = code[at + LEFT];
  return left > 31 ? 0 : value << left;
}

export const targetConnmark: Act = (m, p, code, at) => {
  const entry = p.conntrack;
  if (entry < 0) return RULE_CONTINUE;
  const given = code[at + RECORD_GIVEN];
  const old = m.conntrack.mark(entry);
  if ((given & RESTORE_BIT) !== 0) {
    p.mark = (p.mark & ~code[at + NF_MASK]) ^ shifted(old & code[at + CT_MASK], code, at);
    return RULE_CONTINUE;
  }
  const mark =
    (given & SAVE_BIT) !== 0
      ? (old & ~code[at + CT_MASK]) ^ shifted(p.mark & code[at + NF_MASK], code, at)
      : shifted((old & ~code[at + SET + 1]) ^ code[at + SET], code, at);
  if (mark !== old) m.conntrack.setMark(entry, mark);
  return RULE_CONTINUE;
};
