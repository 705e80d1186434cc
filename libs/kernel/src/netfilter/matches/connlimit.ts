/** `connlimit` (net/netfilter/xt_connlimit.c; 6.18). */
import { CLAUSE_SIZE_SHIFT, RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import { maskWord } from '@worldline/model';
import { DIRECTION_ORIGINAL } from '../../conntrack/index.js';
import type { Evaluate } from './answer.js';

const UPTO = fieldIn('connlimit', 'connlimit-upto');
const UPTO_BIT = bitIn('connlimit', 'connlimit-upto');
const ABOVE = fieldIn('connlimit', 'connlimit-above');
const ABOVE_BIT = bitIn('connlimit', 'connlimit-above');
const MASK = fieldIn('connlimit', 'connlimit-mask');
const DESTINATION_BIT = bitIn('connlimit', 'connlimit-daddr');

export const matchConnlimit: Evaluate = (m, p, code, at) => {
  const { netfilter, conntrack, environment } = m;
  m.environment.effects.refuse();
  const given = code[at + RECORD_GIVEN];
  const address = (given & DESTINATION_BIT) !== 0 ? p.destination : p.source;
  const length = code[at + MASK];
  const masked =
    p.family === 4
      ? String(address & maskWord(length < 0 ? 32 : length, 0))
      : [0, 1, 2, 3].map((i) => environment.addresses.word6(address, i) & maskWord(length < 0 ? 128 : length, i)).join('.');
  const zone = p.conntrack >= 0 ? conntrack.zone(p.conntrack, DIRECTION_ORIGINAL) : 0;
  const place = netfilter.statePlace(code[at + (code[at] >>> CLAUSE_SIZE_SHIFT) - 1]);
  const memory = netfilter.stateValues;
  if (memory[place] === 0) memory[place] = netfilter.connections.add();
  const count = netfilter.connections.count(m, p, memory[place], `${zone}/${masked}`);
  // None is left, not even the packet's own: the kernel takes it for a lack of memory (connlimit_mt)
  if (count === 0) {
    netfilter.isHotdrop = true;
    return false;
  }
  if ((given & UPTO_BIT) !== 0) return count <= code[at + UPTO] >>> 0;
  return count > code[at + ABOVE] >>> 0 !== ((code[at + RECORD_INVERTED] & ABOVE_BIT) !== 0);
};
