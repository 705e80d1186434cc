/** Questions about the addresses of an interface. */
import { maskWord, type Family } from '@worldline/model';
import { isLinkLocal } from '../packet/index.js';
import type { Machine } from './machine.js';

/** inet_addr_onlink / whether an address lies in one of the interface's own networks. */
export function isOnLink(m: Machine, family: Family, position: number, handle: number): boolean {
  const { addresses } = m.environment;
  for (const own of m.interfaces.list[position].addresses) {
    if (own.family !== family) continue;
    if (family === 4) {
      if (((own.handle ^ handle) & maskWord(own.prefixLength, 0)) === 0) return true;
      continue;
    }
    let isIn = true;
    for (let i = 0; isIn && i < 4; i++) isIn = ((addresses.word6(own.handle, i) ^ addresses.word6(handle, i)) & maskWord(own.prefixLength, i)) === 0;
    if (isIn) return true;
  }
  return false;
}

/** The interface's link-local address, 0 for none. */
export function linkLocalOf(m: Machine, position: number): number {
  for (const own of m.interfaces.list[position].addresses) {
    if (own.family === 6 && isLinkLocal(m.environment.addresses, 6, own.handle)) return own.handle;
  }
  return 0;
}
