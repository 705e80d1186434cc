/** `ip address` carried out. */
import { parseAddress, type Family, type IpPrefix } from '@worldline/model';
import type { AddressSpec } from '@worldline/language';
import { isLinkLocal, isLoopback } from '../packet/index.js';
import { SCOPE_HOST, SCOPE_LINK, SCOPE_UNIVERSE, samePrefix, type InterfaceAddress } from '../interface/index.js';
import { addAddress, deleteAddress } from '../routing/index.js';
import { done, refused, type CommandResult } from './command-result.js';
import { noDevice } from './ip-link.js';
import type { NetworkCommandMachine } from './network-machine.js';

export function changeAddress(m: NetworkCommandMachine, action: 'add' | 'replace' | 'change' | 'delete', spec: AddressSpec): CommandResult {
  const position = m.interfaces.find(spec.device);
  if (position < 0) return noDevice(spec.device);
  if (action === 'delete') return remove(m, position, spec);
  const address = addressOf(m, spec);
  const isThere = m.interfaces.list[position].addresses.some((a) => isNamed(a, address) && a.prefixLength === address.prefixLength);
  if (action === 'change' && !isThere) return refused('RTNETLINK answers: No such file or directory', 2);
  if (action !== 'add' && isThere) return done();
  const fault = addAddress(m, position, address, { isNoPrefixRoute: spec.isNoPrefixRoute, metric: spec.metric });
  return fault === null ? done() : refused(fault, 2);
}

function remove(m: NetworkCommandMachine, position: number, spec: AddressSpec): CommandResult {
  const wanted = addressOf(m, spec);
  const found = m.interfaces.list[position].addresses.find(
    (a) => isNamed(a, wanted) && (!spec.isLengthGiven || a.prefixLength === spec.prefixLength) && (spec.label === null || a.label === spec.label),
  );
  if (!found) return refused(spec.family === 4 ? 'Error: ipv4: Address not found.' : 'Error: ipv6: address not found.', 2);
  take(m, position, found);
  return done();
}

/** The address goes, and with it the masquerade entries that used it (masq_inet_event). */
function take(m: NetworkCommandMachine, position: number, address: InterfaceAddress): void {
  deleteAddress(m, position, address);
  m.conntrack.killMasquerade(position, address.family, address.handle);
}

function isNamed(a: InterfaceAddress, b: InterfaceAddress): boolean {
  return a.family === b.family && a.handle === b.handle;
}

export interface AddressFlush {
  readonly device: string | null;
  readonly family: Family | null;
  readonly scope: number | null;
  readonly to: IpPrefix | null;
  readonly label: string | null;
}

export function flushAddresses(m: NetworkCommandMachine, filter: AddressFlush): CommandResult {
  if (filter.device !== null && m.interfaces.find(filter.device) < 0) return refused(`Device "${filter.device}" does not exist.`, 1);
  const { addresses } = m.environment;
  for (const device of m.interfaces.list) {
    if (device.isDeleted || (filter.device !== null && device.name !== filter.device)) continue;
    const isMatch = (a: InterfaceAddress): boolean =>
      (filter.family === null || a.family === filter.family) &&
      (filter.scope === null || a.scope === filter.scope) &&
      (filter.label === null || a.label === filter.label) &&
      (filter.to === null || (a.family === filter.to.address.family && samePrefix(addresses, a.family, a.handle, addresses.handle(filter.to.address), filter.to.length)));
    for (let found = device.addresses.find(isMatch); found; found = device.addresses.find(isMatch)) take(m, device.position, found);
  }
  return done();
}

function addressOf(m: NetworkCommandMachine, spec: AddressSpec): InterfaceAddress {
  const { addresses } = m.environment;
  const handleOf = (text: string): number => {
    const address = parseAddress(text);
    return address ? addresses.handle(address) : 0;
  };
  const handle = handleOf(spec.local);
  const peer = spec.peer === null ? handle : handleOf(spec.peer);
  return {
    family: spec.family,
    handle,
    peer,
    prefixLength: spec.prefixLength,
    broadcast: broadcastOf(spec, peer, handleOf),
    scope: spec.family === 6 ? scope6(m, handle) : (spec.scope ?? (isLoopback(addresses, 4, handle) ? SCOPE_HOST : SCOPE_UNIVERSE)),
    isSecondary: false,
    isDeprecated: spec.isDeprecated,
    isTentative: false,
    label: spec.family === 4 ? (spec.label ?? spec.device) : null,
    isGenerated: false,
  };
}

function scope6(m: NetworkCommandMachine, handle: number): number {
  const { addresses } = m.environment;
  if (isLinkLocal(addresses, 6, handle)) return SCOPE_LINK;
  return isLoopback(addresses, 6, handle) ? SCOPE_HOST : SCOPE_UNIVERSE;
}

/** `+` sets the host bits, `-` clears them. */
function broadcastOf(spec: AddressSpec, peer: number, handleOf: (text: string) => number): number {
  if (spec.family === 6 || spec.broadcast === null) return 0;
  if (spec.broadcast !== '+' && spec.broadcast !== '-') return handleOf(spec.broadcast);
  if (spec.prefixLength > 30) return 0;
  const hostBits = -1 >>> spec.prefixLength;
  return spec.broadcast === '+' ? peer | hostBits : peer & ~hostBits;
}
