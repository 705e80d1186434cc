/** Captured links and addresses into state. */
import { parseAddress, type AddressCapture, type LinkCapture, type MachineCapture } from '@worldline/model';
import type { Environment } from '../record/index.js';
import { InterfaceState } from './interface-state.js';
import {
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_NOWHERE,
  SCOPE_SITE,
  SCOPE_UNIVERSE,
  type InterfaceAddress,
  type InterfaceKind,
  type NetworkInterface,
  type PortState,
} from './network-interface.js';

const SCOPES: Readonly<Record<string, number>> = { global: SCOPE_UNIVERSE, universe: SCOPE_UNIVERSE, site: SCOPE_SITE, link: SCOPE_LINK, host: SCOPE_HOST, nowhere: SCOPE_NOWHERE };
/** Devices of these link types have no MAC addresses in their frames. */
const WITHOUT_LINK_ADDRESS = new Set(['loopback', 'none', 'ipip', 'sit', 'gre', 'gre6', 'tunnel6', 'ppp', 'netlink']);
const PORT_STATES: readonly string[] = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

/** The interfaces of a captured machine, at the positions of `capture.links`. Peers are set by `pairLinks`. */
export function compileInterfaces(capture: MachineCapture, environment: Environment): InterfaceState {
  const state = new InterfaceState(environment);
  for (const link of capture.links) {
    const device = state.add(link.name, kindOf(link), { ifindex: link.index, kindData: link.kindData, capture: link });
    fill(device, link, environment);
    device.addresses = link.addresses.map((a) => compileAddress(a, environment)).filter((a) => a !== null);
  }
  for (const link of capture.links) {
    if (link.kind !== 'vlan' || link.linkNetnsId >= 0) continue;
    const device = state.list[state.find(link.name)];
    device.lowerPosition = state.list.findIndex((d) => d.ifindex === link.linkIndex);
    device.vlanTag = Number(link.kindData['id'] ?? 0);
  }
  for (const link of capture.links) {
    if (link.master === null) continue;
    const device = state.list[state.find(link.name)];
    device.masterPosition = state.find(link.master);
    device.isBridgePort = device.masterPosition >= 0 && state.list[device.masterPosition].kind === 'bridge';
  }
  compilePorts(capture, state);
  return state;
}

/** SCOPE_* of an address or route by its word or number; `global` for none. */
export function scopeNumber(word: string | null): number {
  if (word === null) return SCOPE_UNIVERSE;
  return SCOPES[word] ?? (Number(word) || 0);
}

/** A device group by its number or word (/etc/iproute2/group knows `default`). */
export function groupNumber(word: unknown): number {
  return Number(word) || 0;
}

export function scopeName(scope: number): string {
  if (scope === SCOPE_UNIVERSE) return 'global';
  return Object.keys(SCOPES).find((word) => SCOPES[word] === scope) ?? String(scope);
}

function kindOf(link: LinkCapture): InterfaceKind {
  if (link.linkType === 'loopback') return 'loopback';
  return link.kind === '' ? 'physical' : link.kind;
}

function fill(device: NetworkInterface, link: LinkCapture, environment: Environment): void {
  device.macId = environment.macs.id(link.mac);
  device.mtu = link.mtu;
  device.group = groupNumber(link.raw['group']);
  device.isUp = link.flags.includes('UP');
  device.hasCarrier = device.isUp && (link.flags.includes('LOWER_UP') || device.kind === 'loopback');
  device.isPromiscuous = link.flags.includes('PROMISC');
  device.isNoArp = link.flags.includes('NOARP');
  device.isPointToPoint = link.flags.includes('POINTOPOINT');
  device.hasLinkAddress = !WITHOUT_LINK_ADDRESS.has(link.linkType);
  device.isNfCallIptables = isOn(link.kindData['nf_call_iptables']);
  device.isNfCallIp6tables = isOn(link.kindData['nf_call_ip6tables']);
  device.isVlanFiltering = isOn(link.kindData['vlan_filtering']);
  if (link.master !== null) fillPort(device, link.slaveData);
}

function fillPort(device: NetworkInterface, data: Readonly<Record<string, unknown>>): void {
  device.portState = portState(data['state'], device);
  device.isHairpin = isOn(data['hairpin']);
  device.isIsolated = isOn(data['isolated']);
  device.isLearning = isOnByDefault(data['learning']);
  device.isFlooding = isOnByDefault(data['flood']);
  device.isMulticastFlooding = isOnByDefault(data['mcast_flood']);
  device.isBroadcastFlooding = isOnByDefault(data['bcast_flood']);
  device.isNeighSuppressing = isOn(data['neigh_suppress']);
}

/** `bridge -d link` says the same as `info_slave_data`, and may be all that there is. */
function compilePorts(capture: MachineCapture, state: InterfaceState): void {
  for (const port of capture.bridgePorts) {
    const position = state.find(port.name);
    if (position < 0) continue;
    const device = state.list[position];
    if (port.bridge !== null && device.masterPosition < 0) {
      device.masterPosition = state.find(port.bridge);
      device.isBridgePort = device.masterPosition >= 0;
    }
    device.portState = portState(port.state, device);
    device.isHairpin = port.isHairpin;
    device.isIsolated = port.isIsolated;
    device.isLearning = port.isLearning;
    device.isFlooding = port.isFlooding;
    device.isMulticastFlooding = port.isMulticastFlooding;
    device.isBroadcastFlooding = port.isBroadcastFlooding;
    device.isNeighSuppressing = isOn(port.raw['neigh_suppress']);
  }
}

function compileAddress(capture: AddressCapture, environment: Environment): InterfaceAddress | null {
  const local = parseAddress(capture.local);
  if (!local) return null;
  const handleOf = (text: string | null): number => {
    const address = text === null ? null : parseAddress(text);
    return address ? environment.addresses.handle(address) : 0;
  };
  const handle = environment.addresses.handle(local);
  return {
    family: capture.family,
    handle,
    peer: capture.peer === null ? handle : handleOf(capture.peer),
    prefixLength: capture.prefixLength,
    broadcast: handleOf(capture.broadcast),
    scope: scopeNumber(capture.scope),
    isSecondary: capture.isSecondary,
    isDeprecated: capture.isDeprecated,
    isTentative: capture.isTentative,
    label: capture.label,
    isGenerated: false,
  };
}

function portState(value: unknown, device: NetworkInterface): PortState {
  if (typeof value === 'string' && PORT_STATES.includes(value)) return value as PortState;
  return device.isUp ? 'forwarding' : 'disabled';
}

function isOn(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'on';
}

function isOnByDefault(value: unknown): boolean {
  return value === undefined || isOn(value);
}
