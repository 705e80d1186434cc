/** REJECT (ipt_REJECT.c, ip6t_REJECT.c, nft_reject; 6.18). The answer is made by the machine. */
import { REJECT_WITH_RESET, fieldIn } from '@worldline/language';
import { RULE_REJECT } from '../../record/index.js';
import type { Act } from './answer.js';

const REJECT_WITH = fieldIn('REJECT', 'reject-with', true);

/** In `PacketContext.rejectWith - 1` in the place of an ICMP code. */
export const REJECT_TCP_RESET = 255;

/** Codes of ICMP unreachable by enum ipt_reject_with. */
const CODES_4 = [0, 1, 2, 3, 3, 9, 10, 3, 13];

/** The code of the unreachable error that a REJECT asks for. */
export function rejectIcmpOf(type: number): number {
  return type;
}

export const targetReject: Act = (_, p, code, at) => {
  const type = code[at + REJECT_WITH];
  p.rejectWith = 1 + (type === REJECT_WITH_RESET ? REJECT_TCP_RESET : p.family === 4 ? CODES_4[type] : type);
  return RULE_REJECT;
};
