/** What kind of address it is to this machine's routes (xt_addrtype.c; 6.18). */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import type { Evaluate } from './answer.js';

const SOURCE = fieldIn('addrtype', 'src-type');
const SOURCE_BIT = bitIn('addrtype', 'src-type');
const DESTINATION = fieldIn('addrtype', 'dst-type');
const DESTINATION_BIT = bitIn('addrtype', 'dst-type');
const LIMIT_IN_BIT = bitIn('addrtype', 'limit-iface-in');
const LIMIT_OUT_BIT = bitIn('addrtype', 'limit-iface-out');

export const matchAddressType: Evaluate = (m, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  const { netfilter } = m;
  const device = (given & LIMIT_IN_BIT) !== 0 ? netfilter.inputInterface : (given & LIMIT_OUT_BIT) !== 0 ? netfilter.outputInterface : -1;
  const inverted = code[at + RECORD_INVERTED];
  if ((given & SOURCE_BIT) !== 0) {
    const isType = (m.routing.addressType(m, p.family, p.source, device) & code[at + SOURCE]) !== 0;
    if (isType === ((inverted & SOURCE_BIT) !== 0)) return false;
  }
  if ((given & DESTINATION_BIT) === 0) return true;
  const isType = (m.routing.addressType(m, p.family, p.destination, device) & code[at + DESTINATION]) !== 0;
  return isType !== ((inverted & DESTINATION_BIT) !== 0);
};
