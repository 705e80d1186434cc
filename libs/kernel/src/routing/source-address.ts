/** Which of its addresses a machine sends from (inet_select_addr in net/ipv4/devinet.c, ipv6_dev_get_saddr in net/ipv6/addrconf.c; Linux 6.18). */
import { isLoopback, isMulticast, type AddressTable } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, type InterfaceAddress, type InterfaceState } from '../interface/index.js';
import { CONF_ROUTE_LOCALNET } from '../sysctl/index.js';
import type { FibMachine } from './fib.js';

/** inet_select_addr: the first primary address in the same subnet as `destination` (0: any), else the first of wide enough scope; 0 for none. */
export function selectSource4(m: FibMachine, device: number, destination: number, scope: number): number {
  let found = 0;
  if (device >= 0) {
    const narrowest = m.sysctl.isConfOn(4, device, CONF_ROUTE_LOCALNET) ? SCOPE_LINK : SCOPE_HOST;
    for (const own of m.interfaces.list[device].addresses) {
      if (own.family !== 4 || own.isSecondary || Math.min(own.scope, narrowest) > scope) continue;
      if (destination === 0 || isSameSubnet(own, destination)) return own.handle;
      if (found === 0) found = own.handle;
    }
    if (found !== 0) return found;
  }
  for (const other of m.interfaces.list) {
    for (const own of other.addresses) {
      if (own.family === 4 && !own.isSecondary && own.scope !== SCOPE_LINK && own.scope <= scope) return own.handle;
    }
  }
  return 0;
}

function isSameSubnet(own: InterfaceAddress, destination: number): boolean {
  return own.prefixLength === 0 || (own.peer ^ destination) >>> (32 - own.prefixLength) === 0;
}

const SCOPE6_LINK = 2;
const SCOPE6_SITE = 5;
const SCOPE6_GLOBAL = 14;

/** ipv6_dev_get_saddr (RFC 6724): the best of all addresses for a destination; 0 for none. */
export function selectSource6(interfaces: InterfaceState, addresses: AddressTable, device: number, destination: number): number {
  const scope = scopeOf(addresses, destination);
  const label = labelOf(addresses, destination);
  const isOnDeviceOnly = device >= 0 && (isMulticast(addresses, 6, destination) || scope <= SCOPE6_LINK);
  let best: InterfaceAddress | null = null;
  let bestDevice = -1;
  for (const candidateDevice of interfaces.list) {
    if (isOnDeviceOnly && candidateDevice.position !== device) continue;
    for (const own of candidateDevice.addresses) {
      if (own.family !== 6 || own.isTentative) continue;
      const isBetter = best === null || compare(addresses, own, candidateDevice.position, best, bestDevice, destination, scope, label, device) > 0;
      if (!isBetter) continue;
      best = own;
      bestDevice = candidateDevice.position;
    }
  }
  return best ? best.handle : 0;
}

/** Positive when `a` is the better source: the rules of ipv6_get_saddr_eval in order. */
function compare(
  addresses: AddressTable,
  a: InterfaceAddress,
  deviceA: number,
  b: InterfaceAddress,
  deviceB: number,
  destination: number,
  scope: number,
  label: number,
  device: number,
): number {
  return (
    Number(a.handle === destination) - Number(b.handle === destination) ||
    scopeDistance(scopeOf(addresses, a.handle), scope) - scopeDistance(scopeOf(addresses, b.handle), scope) ||
    Number(b.isDeprecated) - Number(a.isDeprecated) ||
    Number(deviceA === device) - Number(deviceB === device) ||
    Number(labelOf(addresses, a.handle) === label) - Number(labelOf(addresses, b.handle) === label) ||
    commonLength(addresses, a, destination) - commonLength(addresses, b, destination)
  );
}

function scopeDistance(scope: number, wanted: number): number {
  return scope >= wanted ? -scope : scope - 128;
}

function commonLength(addresses: AddressTable, own: InterfaceAddress, destination: number): number {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const difference = addresses.word6(own.handle, i) ^ addresses.word6(destination, i);
    if (difference !== 0) return Math.min(length + Math.clz32(difference), own.prefixLength);
    length += 32;
  }
  return Math.min(length, own.prefixLength);
}

/** __ipv6_addr_src_scope. */
function scopeOf(addresses: AddressTable, handle: number): number {
  const first = addresses.word6(handle, 0);
  if (first >>> 24 === 0xff) return (first >>> 16) & 0xf;
  if (first >>> 22 === 0x3fa || isLoopback(addresses, 6, handle)) return SCOPE6_LINK;
  if (first >>> 22 === 0x3fb) return SCOPE6_SITE;
  return SCOPE6_GLOBAL;
}

/** The default labels of net/ipv6/addrlabel.c. */
function labelOf(addresses: AddressTable, handle: number): number {
  const w0 = addresses.word6(handle, 0);
  if (w0 >>> 25 === 0x7e) return 5; // fc00::/7
  if (w0 >>> 22 === 0x3fb) return 11; // fec0::/10
  if (w0 >>> 16 === 0x2002) return 2;
  if (w0 >>> 16 === 0x3ffe) return 12;
  if (w0 >>> 4 === 0x2001001) return 7; // 2001:10::/28
  if (w0 === 0x20010000) return 6;
  if (w0 !== 0 || addresses.word6(handle, 1) !== 0) return 1;
  const w2 = addresses.word6(handle, 2);
  if (w2 === 0xffff) return 4;
  if (w2 !== 0) return 1;
  return addresses.word6(handle, 3) === 1 ? 0 : 3;
}
