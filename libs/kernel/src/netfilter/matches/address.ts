/** Ranges of addresses and link addresses (xt_iprange.c, xt_mac.c; 6.18). */
import type { AddressTable } from '../../packet/index.js';
import type { Family } from '@worldline/model';
import { isInverted, isWithin, type Evaluate } from './answer.js';

function isInRange(addresses: AddressTable, family: Family, address: number, code: Int32Array, at: number): boolean {
  if (family === 4) return isWithin(address, code[at], code[at + 4]);
  return compare(addresses, address, code, at) >= 0 && compare(addresses, address, code, at + 4) <= 0;
}

function compare(addresses: AddressTable, address: number, code: Int32Array, at: number): number {
  for (let i = 0; i < 4; i++) {
    const difference = (addresses.word6(address, i) >>> 0) - (code[at + i] >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const matchSourceRange: Evaluate = (m, p, code, at) => isInRange(m.environment.addresses, p.family, p.source, code, at + 1) !== isInverted(code, at);

export const matchDestinationRange: Evaluate = (m, p, code, at) =>
  isInRange(m.environment.addresses, p.family, p.destination, code, at + 1) !== isInverted(code, at);

/** Needs a link header: not in OUTPUT, nor behind devices without one. */
export const matchMacSource: Evaluate = (m, p, code, at) => {
  if (p.sourceMac < 0 || m.netfilter.inputInterface < 0) return false;
  const mac = m.environment.macs.name(p.sourceMac);
  const high = code[at + 1];
  const low = code[at + 2];
  const text = [high >>> 8, high & 255, low >>> 24, (low >>> 16) & 255, (low >>> 8) & 255, low & 255].map((b) => b.toString(16).padStart(2, '0')).join(':');
  return (mac === text) !== isInverted(code, at);
};

/** eui64: the interface id of the source is made of the frame's source MAC (ip6t_eui64.c). */
export const matchEui64: Evaluate = (m, p) => {
  if (p.sourceMac < 0 || p.fragmentOffset !== 0) return false;
  const b = m.environment.macs.name(p.sourceMac).split(':').map((x) => parseInt(x, 16));
  const { addresses } = m.environment;
  const high = (((b[0] ^ 2) << 24) | (b[1] << 16) | (b[2] << 8) | 0xff) | 0;
  const low = ((0xfe << 24) | (b[3] << 16) | (b[4] << 8) | b[5]) | 0;
  return addresses.word6(p.source, 2) === high && addresses.word6(p.source, 3) === low;
};
