/** What an address is by its form alone (include/linux/in.h, net/ipv6/addrconf_core.c). */
import type { Family } from '@worldline/model';
import type { AddressTable } from './address-table.js';

export function isMulticast(addresses: AddressTable, family: Family, handle: number): boolean {
  return family === 4 ? (handle & 0xf0000000) === (0xe0000000 | 0) : addresses.word6(handle, 0) >>> 24 === 0xff;
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(addresses: AddressTable, family: Family, handle: number): boolean {
  if (family === 4) return handle >>> 24 === 127;
  return addresses.word6(handle, 3) === 1 && addresses.word6(handle, 2) === 0 && addresses.word6(handle, 1) === 0 && addresses.word6(handle, 0) === 0;
}

/** fe80::/10; IPv4 has none that the kernel treats apart. */
export function isLinkLocal(addresses: AddressTable, family: Family, handle: number): boolean {
  return family === 6 && addresses.word6(handle, 0) >>> 22 === 0x3fa;
}

/** 255.255.255.255. */
export function isLimitedBroadcast(family: Family, handle: number): boolean {
  return family === 4 && handle === -1;
}
