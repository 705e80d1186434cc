/** Ports of TCP, UDP, UDP-Lite, SCTP and DCCP (xt_tcpudp.c, xt_sctp.c, xt_dccp.c, xt_multiport.c; 6.18). Later fragments have none and match nothing. */
import { CLAUSE_SIZE_SHIFT } from '@worldline/language';
import { isInverted, type Evaluate } from './answer.js';

export const matchSourcePort: Evaluate = (_, p, code, at) =>
  p.fragmentOffset === 0 && (p.sourcePort >= code[at + 1] && p.sourcePort <= code[at + 2]) !== isInverted(code, at);

export const matchDestinationPort: Evaluate = (_, p, code, at) =>
  p.fragmentOffset === 0 && (p.destinationPort >= code[at + 1] && p.destinationPort <= code[at + 2]) !== isInverted(code, at);

export const matchSourcePortIs: Evaluate = (_, p, code, at) => p.fragmentOffset === 0 && (p.sourcePort === code[at + 1]) !== isInverted(code, at);

export const matchDestinationPortIs: Evaluate = (_, p, code, at) =>
  p.fragmentOffset === 0 && (p.destinationPort === code[at + 1]) !== isInverted(code, at);

function isListed(code: Int32Array, at: number, port: number): boolean {
  const end = at + (code[at] >>> CLAUSE_SIZE_SHIFT);
  for (let i = at + 1; i < end; i += 2) if (port >= code[i] && port <= code[i + 1]) return true;
  return false;
}

export const matchMultiportSource: Evaluate = (_, p, code, at) => p.fragmentOffset === 0 && isListed(code, at, p.sourcePort) !== isInverted(code, at);

export const matchMultiportDestination: Evaluate = (_, p, code, at) =>
  p.fragmentOffset === 0 && isListed(code, at, p.destinationPort) !== isInverted(code, at);

export const matchMultiportEither: Evaluate = (_, p, code, at) =>
  p.fragmentOffset === 0 && (isListed(code, at, p.sourcePort) || isListed(code, at, p.destinationPort)) !== isInverted(code, at);
