/** SCTP chunks (xt_sctp.c; 6.18). A packet here carries one chunk, whose type stands in `tcpFlags`. */
import { isInverted, type Evaluate } from './answer.js';

const ALL = 0;
const ANY = 1;

export const matchChunkTypes: Evaluate = (_, p, code, at) => {
  if (p.fragmentOffset !== 0) return false;
  const type = p.tcpFlags;
  const bit = 1 << (type & 31);
  const word = type < 32 ? code[at + 2] : code[at + 3];
  const isNamed = (word & bit) !== 0;
  const mode = code[at + 1];
  if (mode === ANY) return isNamed !== isInverted(code, at);
  const others = type < 32 ? (code[at + 2] & ~bit) | code[at + 3] : code[at + 2] | (code[at + 3] & ~bit);
  // all: every named type occurs; only: no other type occurs
  return (mode === ALL ? isNamed && others === 0 : isNamed) !== isInverted(code, at);
};
