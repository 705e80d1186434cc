/** Interfaces as the captures that `ip -j -d addr` and `bridge -j -d link` would print now. */
import type { AddressCapture, BridgePortCapture, LinkCapture } from '@worldline/model';
import type { Environment } from '../record/index.js';
import { scopeName } from './compile-interfaces.js';
import type { InterfaceState } from './interface-state.js';
import type { InterfaceAddress, NetworkInterface } from './network-interface.js';

const CARRIER_FLAGS = ['NO-CARRIER', 'UP', 'LOWER_UP', 'M-DOWN', 'PROMISC', 'NOARP'];

export function captureLinks(interfaces: InterfaceState, environment: Environment): LinkCapture[] {
  return interfaces.list.filter((i) => !i.isDeleted).map((i) => captureLink(interfaces, i, environment));
}

function captureLink(interfaces: InterfaceState, device: NetworkInterface, environment: Environment): LinkCapture {
  const before = device.capture;
  const isUnchanged = before !== null && before.flags.includes('UP') === device.isUp && (before.flags.includes('LOWER_UP') || device.kind === 'loopback') === device.hasCarrier;
  const mac = environment.macs.name(device.macId);
  return {
    index: device.ifindex,
    name: device.name,
    linkIndex: before?.linkIndex ?? 0,
    linkNetnsId: before?.linkNetnsId ?? -1,
    flags: isUnchanged ? before.flags : flagsOf(device),
    mtu: device.mtu,
    operstate: isUnchanged ? before.operstate : operstateOf(interfaces, device),
    linkType: before?.linkType ?? (device.kind === 'loopback' ? 'loopback' : 'ether'),
    mac,
    master: device.masterPosition < 0 ? null : interfaces.list[device.masterPosition].name,
    kind: device.kind === 'loopback' || device.kind === 'physical' ? '' : device.kind,
    kindData: device.kindData,
    slaveData: device.isBridgePort ? { ...(before?.master ? before.slaveData : {}), ...portData(device) } : (before?.slaveData ?? {}),
    addresses: device.addresses.map((a) => captureAddress(a, environment)),
    raw: before?.raw ?? {},
  };
}

/** Flags in the order of the tool. */
function flagsOf(device: NetworkInterface): string[] {
  const kept = (device.capture?.flags ?? ['BROADCAST', 'MULTICAST']).filter((f) => !CARRIER_FLAGS.includes(f));
  return [
    ...(device.isUp && !device.hasCarrier ? ['NO-CARRIER'] : []),
    ...kept,
    ...(device.isNoArp ? ['NOARP'] : []),
    ...(device.isPromiscuous ? ['PROMISC'] : []),
    ...(device.isUp ? ['UP'] : []),
    ...(device.hasCarrier ? ['LOWER_UP'] : []),
  ];
}

/** default_operstate: another device is to blame only where one with the index of the other end is in this namespace. */
function operstateOf(interfaces: InterfaceState, device: NetworkInterface): string {
  if (!device.isUp) return 'DOWN';
  if (device.hasCarrier) return device.kind === 'loopback' || device.kind === 'vxlan' ? 'UNKNOWN' : 'UP';
  const lower = device.kind === 'veth' ? interfaces.list.find((d) => d !== device && !d.isDeleted && d.ifindex === (device.capture?.linkIndex ?? -1)) : undefined;
  return lower !== undefined && !lower.hasCarrier ? 'LOWERLAYERDOWN' : 'DOWN';
}

function portData(device: NetworkInterface): Record<string, unknown> {
  return {
    state: device.portState,
    hairpin: device.isHairpin,
    learning: device.isLearning,
    flood: device.isFlooding,
    mcast_flood: device.isMulticastFlooding,
    bcast_flood: device.isBroadcastFlooding,
    neigh_suppress: device.isNeighSuppressing,
    isolated: device.isIsolated,
  };
}

function captureAddress(address: InterfaceAddress, environment: Environment): AddressCapture {
  const { addresses } = environment;
  const { family } = address;
  return {
    family,
    local: addresses.format(family, address.handle),
    peer: address.peer === address.handle ? null : addresses.format(family, address.peer),
    prefixLength: address.prefixLength,
    broadcast: address.broadcast === 0 ? null : addresses.format(family, address.broadcast),
    scope: scopeName(address.scope),
    isSecondary: address.isSecondary,
    isDeprecated: address.isDeprecated,
    isTentative: address.isTentative,
    label: address.label,
  };
}

/** `bridge -d link`: `raw` is what was captured of the port. */
export function captureBridgePorts(interfaces: InterfaceState, captured: readonly BridgePortCapture[]): BridgePortCapture[] {
  return interfaces.list
    .filter((i) => !i.isDeleted && i.isBridgePort)
    .map((i) => ({
      name: i.name,
      bridge: i.masterPosition < 0 ? null : interfaces.list[i.masterPosition].name,
      state: i.portState,
      isHairpin: i.isHairpin,
      isLearning: i.isLearning,
      isFlooding: i.isFlooding,
      isMulticastFlooding: i.isMulticastFlooding,
      isBroadcastFlooding: i.isBroadcastFlooding,
      isIsolated: i.isIsolated,
      raw: captured.find((p) => p.name === i.name)?.raw ?? { ifindex: i.ifindex },
    }));
}
