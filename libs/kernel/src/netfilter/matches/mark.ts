/** The packet's mark (xt_mark.c; 6.18). */
import { isInverted, type Evaluate } from './answer.js';

export const matchMark: Evaluate = (_, p, code, at) => ((p.mark & code[at + 2]) === code[at + 1]) !== isInverted(code, at);
