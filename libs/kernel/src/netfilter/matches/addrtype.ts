/** What kind of address it is to this machine's routes (xt_addrtype.c; 6.18). */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import type { PacketContext } from '../../packet/index.js';
import type { NetfilterMachine } from '../machine-view.js';
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
    const isType = isOfType(m, p, p.source, device, code[at + SOURCE]);
    if (isType === ((inverted & SOURCE_BIT) !== 0)) return false;
  }
  if ((given & DESTINATION_BIT) === 0) return true;
  const isType = isOfType(m, p, p.destination, device, code[at + DESTINATION]);
  return isType !== ((inverted & DESTINATION_BIT) !== 0);
};

/** UNSPEC, UNICAST, MULTICAST: what IPv6 sees in the address itself. Each that is asked for must hold, and then one of those that the routes know. */
const BY_FORM = 0x23;
/** LOCAL, ANYCAST, UNREACHABLE. */
const BY_ROUTE = 0x94;

/** match_type, match_type6. */
function isOfType(m: NetfilterMachine, p: PacketContext, address: number, device: number, mask: number): boolean {
  const types = m.routing.addressType(m, p.family, address, device);
  if (p.family === 4) return (types & mask) !== 0;
  if ((mask & BY_FORM & ~types) !== 0) return false;
  return (mask & BY_ROUTE) === 0 || (types & mask & BY_ROUTE) !== 0;
}
