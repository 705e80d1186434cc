/** The interfaces of one machine. Positions are stable for the whole run: what is deleted stays in the list, marked. */
import { maskWord, type Family } from '@worldline/model';
import type { AddressTable } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import { NetworkInterface, SCOPE_LINK, type InterfaceAddress, type InterfaceKind } from './network-interface.js';

export class InterfaceState {
  readonly list: NetworkInterface[] = [];
  /** ff:ff:ff:ff:ff:ff and 00:00:00:00:00:00 in `environment.macs`. */
  readonly broadcastMacId: number;
  readonly zeroMacId: number;
  /** Position of lo, -1 when the capture has none. */
  loopbackPosition = -1;
  /** Bumped by every change. */
  generation = 1;

  constructor(private readonly environment: Environment) {
    this.broadcastMacId = environment.macs.id('ff:ff:ff:ff:ff:ff');
    this.zeroMacId = environment.macs.id('00:00:00:00:00:00');
  }

  /** Position of an interface by the id of its name, -1 for none. */
  byName(nameId: number): number {
    return this.list.findIndex((i) => i.nameId === nameId && !i.isDeleted);
  }

  /** Position of an interface by its name, -1 for none. */
  find(name: string): number {
    return this.byName(this.environment.interfaceNames.find(name));
  }

  byIndex(ifindex: number): number {
    return this.list.findIndex((i) => i.ifindex === ifindex && !i.isDeleted);
  }

  add(name: string, kind: InterfaceKind, options: { ifindex?: number; kindData?: Readonly<Record<string, unknown>>; capture?: NetworkInterface['capture'] } = {}): NetworkInterface {
    const ifindex = options.ifindex ?? this.list.reduce((highest, i) => Math.max(highest, i.ifindex), 0) + 1;
    const nameId = this.environment.interfaceNames.id(name);
    const added = new NetworkInterface(this.list.length, ifindex, nameId, name, kind, options.kindData ?? {}, options.capture ?? null);
    this.list.push(added);
    if (kind === 'loopback') this.loopbackPosition = added.position;
    this.generation++;
    return added;
  }

  remove(position: number): void {
    const gone = this.list[position];
    gone.isDeleted = true;
    gone.isUp = false;
    gone.hasCarrier = false;
    gone.masterPosition = -1;
    gone.addresses = [];
    this.generation++;
  }

  rename(position: number, name: string): void {
    this.list[position].name = name;
    this.list[position].nameId = this.environment.interfaceNames.id(name);
    this.generation++;
  }

  /** inet_insert_ifa: IPv4 goes to the end of its kind (primary, secondary), IPv6 to the front. */
  addAddress(position: number, address: InterfaceAddress): void {
    const device = this.list[position];
    const same = device.addresses.filter((a) => a.family === address.family);
    const others = device.addresses.filter((a) => a.family !== address.family);
    const inOrder = address.family === 6 ? insert6(same, address) : insert4(same, address);
    device.addresses = address.family === 4 ? [...inOrder, ...others] : [...others, ...inOrder];
    this.generation++;
  }

  setAddresses(position: number, addresses: readonly InterfaceAddress[]): void {
    this.list[position].addresses = addresses;
    this.generation++;
  }

  /** Position of the interface that has an address (inet_lookup_ifaddr_rcu, ipv6_chk_addr), -1 for none. */
  ownerOf(family: Family, handle: number): number {
    for (const device of this.list) {
      for (const address of device.addresses) if (address.handle === handle && address.family === family) return device.position;
    }
    return -1;
  }

  /** Whether an address stands on any interface; a `local` route alone does not count. */
  isLocalAddress(family: Family, handle: number): boolean {
    return this.ownerOf(family, handle) >= 0;
  }

  /** Whether an address lies in a subnet of the interface (inet_addr_onlink, ipv6_chk_prefix). */
  isOnLink(family: Family, position: number, handle: number): boolean {
    const { addresses } = this.environment;
    for (const own of this.list[position].addresses) {
      if (own.family === family && samePrefix(addresses, family, handle, own.peer, own.prefixLength)) return true;
    }
    return false;
  }

  /** The interface's link-local IPv6 address, 0 for none (ipv6_get_lladdr). */
  linkLocalOf(position: number): number {
    for (const own of this.list[position].addresses) {
      if (own.family === 6 && own.scope === SCOPE_LINK && !own.isTentative) return own.handle;
    }
    return 0;
  }

  /** Notes a change of fields that a caller has set directly. */
  changed(): void {
    this.generation++;
  }

  fork(environment: Environment = this.environment): InterfaceState {
    const copy = new InterfaceState(environment);
    for (const device of this.list) copy.list.push(device.copy());
    copy.loopbackPosition = this.loopbackPosition;
    copy.generation = this.generation;
    return copy;
  }
}

/** Primaries by scope, the wider first (inet_insert_ifa); secondaries last. */
function insert4(list: readonly InterfaceAddress[], added: InterfaceAddress): InterfaceAddress[] {
  if (added.isSecondary) return [...list, added];
  let at = 0;
  for (let i = 0; i < list.length; i++) {
    if (!list[i].isSecondary && added.scope <= list[i].scope) at = i + 1;
  }
  return [...list.slice(0, at), added, ...list.slice(at)];
}

/** By scope, the wider first; within one the newest first (ipv6_link_dev_addr). */
function insert6(list: readonly InterfaceAddress[], added: InterfaceAddress): InterfaceAddress[] {
  const at = list.findIndex((a) => a.scope >= added.scope);
  return at < 0 ? [...list, added] : [...list.slice(0, at), added, ...list.slice(at)];
}

/** Whether two addresses agree in the first `length` bits. */
export function samePrefix(addresses: AddressTable, family: Family, a: number, b: number, length: number): boolean {
  if (family === 4) return ((a ^ b) & maskWord(length, 0)) === 0;
  for (let i = 0; i < 4; i++) {
    if (((addresses.word6(a, i) ^ addresses.word6(b, i)) & maskWord(length, i)) !== 0) return false;
  }
  return true;
}
