/** TCP flags and options (xt_tcpudp.c tcp_mt, xt_tcpmss.c; 6.18). */
import { isInverted, type Evaluate } from './answer.js';

export const matchTcpFlags: Evaluate = (_, p, code, at) => p.fragmentOffset === 0 && ((p.tcpFlags & code[at + 1]) === code[at + 2]) !== isInverted(code, at);

/**
 * Kinds of options: 1 NOP, 2 MSS, 3 window scale, 4 SACK permitted, 8 timestamps. NOPs fill up what is no multiple of four, as tcp_options_write lays
 * it down: SACK permitted and timestamps fit together, each alone and the window scale do not.
 */
export const matchTcpOption: Evaluate = (_, p, code, at) => {
  if (p.fragmentOffset !== 0) return false;
  const kind = code[at + 1];
  const has =
    (kind === 1 && (p.tcpWindowScale >= 0 || p.hasSackPermitted !== p.hasTimestamps)) ||
    (kind === 2 && p.tcpMss !== 0) || (kind === 3 && p.tcpWindowScale >= 0) || (kind === 4 && p.hasSackPermitted) || (kind === 8 && p.hasTimestamps);
  return has !== isInverted(code, at);
};

export const matchTcpMss: Evaluate = (_, p, code, at) => {
  if (p.fragmentOffset !== 0) return false;
  // Without the option even the inverted match fails to find one in range, so it is true
  const isInRange = p.tcpMss !== 0 && p.tcpMss >= code[at + 1] && p.tcpMss <= code[at + 2];
  return isInRange !== isInverted(code, at);
};
