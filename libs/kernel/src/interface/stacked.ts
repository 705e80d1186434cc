/**
 * Devices over other devices: a bond and its slaves (drivers/net/bonding/bond_main.c), a VLAN over the device that carries it (net/8021q/vlan_dev.c, vlan_core.c;
 * Linux 6.18).
 */
import type { InterfaceState } from './interface-state.js';
import type { NetworkInterface } from './network-interface.js';

/** Kinds of which `transmit` and `receive` know what they do. */
export const MODELLED_KINDS: ReadonlySet<string> = new Set(['loopback', 'physical', 'veth', 'bridge', 'bond', 'vlan', 'vxlan', 'ipip', 'sit', 'gre', 'dummy', 'ifb']);

/** Whether a device's frames are those of the bond that it is a slave of. */
export function isBondSlave(interfaces: InterfaceState, device: NetworkInterface): boolean {
  return device.masterPosition >= 0 && interfaces.list[device.masterPosition].kind === 'bond';
}

/**
 * The slave that a bond sends by and listens to: the one captured as active while it is up, else the first that is. Where the mode spreads flows over several
 * slaves, all of them lead to the same switch.
 */
export function activeSlave(interfaces: InterfaceState, bond: NetworkInterface): NetworkInterface | null {
  const wanted = bond.kindData['active_slave'];
  let first: NetworkInterface | null = null;
  for (const device of interfaces.list) {
    if (device.masterPosition !== bond.position || device.isDeleted || !device.isUp || !device.hasCarrier) continue;
    if (device.name === wanted) return device;
    first ??= device;
  }
  return first;
}

/** Whether frames that reach a device are taken: not so by a slave that its bond does not use (bond_should_deliver_exact_match). */
export function isListening(interfaces: InterfaceState, device: NetworkInterface): boolean {
  return !isBondSlave(interfaces, device) || activeSlave(interfaces, interfaces.list[device.masterPosition]) === device;
}

/** The VLAN device over `device` that takes frames with a tag, or null (vlan_do_receive). */
export function vlanOver(interfaces: InterfaceState, device: NetworkInterface, tag: number): NetworkInterface | null {
  for (const upper of interfaces.list) {
    if (upper.kind === 'vlan' && upper.lowerPosition === device.position && upper.vlanTag === tag && !upper.isDeleted) return upper;
  }
  return null;
}
