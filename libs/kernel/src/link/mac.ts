/** MAC addresses that follow from others. */
import type { Environment } from '../record/index.js';

/** The group address of an IPv4 (RFC 1112) or IPv6 (RFC 2464) multicast destination. */
export function multicastMac(environment: Environment, family: number, handle: number): number {
  const low = family === 4 ? handle & 0x7fffff : environment.addresses.word6(handle, 3);
  const octet = (shift: number): string => ((low >>> shift) & 255).toString(16).padStart(2, '0');
  const text = family === 4 ? `01:00:5e:${octet(16)}:${octet(8)}:${octet(0)}` : `33:33:${octet(24)}:${octet(16)}:${octet(8)}:${octet(0)}`;
  return environment.macs.id(text);
}
