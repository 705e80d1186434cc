/** `ip link` carried out. */
import type { LinkAdd, LinkChanges } from '@worldline/language';
import type { NetworkInterface } from '../interface/index.js';
import { done, refused, type CommandResult } from './command-result.js';
import { removeLink, setLinkUp, setMaster } from './link-changes.js';
import type { NetworkCommandMachine } from './network-machine.js';

const KINDS = new Set(['veth', 'bridge', 'dummy', 'vxlan', 'ipip', 'vlan']);
const SMALLEST_MTU = 68;
const LARGEST_MTU = 65535;
const LONGEST_NAME = 15;

export function noDevice(name: string): CommandResult {
  return refused(`Cannot find device "${name}"`, 1);
}

export function setLink(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, name: string, changes: LinkChanges): CommandResult {
  const position = m.interfaces.find(name);
  if (position < 0) return noDevice(name);
  const device = m.interfaces.list[position];
  const fault = faultOf(m, changes);
  if (fault) return fault;
  if (changes.mtu !== undefined) {
    device.mtu = changes.mtu;
    m.sysctl.restore(`net.ipv6.conf.${device.name.replace(/\./g, '/')}.mtu`, String(changes.mtu));
  }
  if (changes.mac !== undefined) device.macId = m.environment.macs.id(changes.mac);
  if (changes.name !== undefined) rename(m, device, changes.name);
  if (changes.isPromiscuous !== undefined) device.isPromiscuous = changes.isPromiscuous;
  if (changes.isArp !== undefined) device.isNoArp = !changes.isArp;
  if (changes.master !== undefined) setMaster(m, device, changes.master === null ? null : m.interfaces.list[m.interfaces.find(changes.master)]);
  if (changes.kind !== undefined) {
    const refusal = setKindData(m, device, changes.kind, changes.kindData ?? {});
    if (refusal) return refusal;
  }
  m.interfaces.changed();
  if (changes.isUp !== undefined) setLinkUp(machines, m, device, changes.isUp);
  return done();
}

function faultOf(m: NetworkCommandMachine, changes: LinkChanges): CommandResult | null {
  if (changes.mtu !== undefined && changes.mtu < SMALLEST_MTU) return refused('Error: mtu less than device minimum.', 2);
  if (changes.mtu !== undefined && changes.mtu > LARGEST_MTU) return refused('Error: mtu greater than device maximum.', 2);
  if (typeof changes.master === 'string' && m.interfaces.find(changes.master) < 0) {
    return refused(`Error: argument "${changes.master}" is wrong: Device does not exist\n`, 255);
  }
  if (changes.name !== undefined && changes.name.length > LONGEST_NAME) return refused(`Error: argument "${changes.name}" is wrong: "name" not a valid ifname`, 255);
  if (changes.name !== undefined && m.interfaces.find(changes.name) >= 0) return refused('RTNETLINK answers: File exists', 2);
  return null;
}

function rename(m: NetworkCommandMachine, device: NetworkInterface, name: string): void {
  m.interfaces.rename(device.position, name);
  m.sysctl.renameInterface(device.position, name);
}

/** `type bridge ...` and `type bridge_slave ...`. */
function setKindData(m: NetworkCommandMachine, device: NetworkInterface, kind: string, data: Readonly<Record<string, string>>): CommandResult | null {
  if (kind === 'bridge_slave') {
    if (!device.isBridgePort) return refused('RTNETLINK answers: Operation not supported', 2);
    for (const [option, value] of Object.entries(data)) setPortOption(device, option, value === 'on' || value === '1');
    return null;
  }
  if (kind !== device.kind) return refused('RTNETLINK answers: Operation not supported', 2);
  setBridgeOptions(device, data);
  m.interfaces.changed();
  return null;
}

function setPortOption(device: NetworkInterface, option: string, isOn: boolean): void {
  if (option === 'hairpin') device.isHairpin = isOn;
  else if (option === 'learning') device.isLearning = isOn;
  else if (option === 'flood') device.isFlooding = isOn;
  else if (option === 'mcast_flood') device.isMulticastFlooding = isOn;
  else if (option === 'bcast_flood') device.isBroadcastFlooding = isOn;
  else if (option === 'isolated') device.isIsolated = isOn;
  else if (option === 'neigh_suppress') device.isNeighSuppressing = isOn;
}

function setBridgeOptions(device: NetworkInterface, data: Readonly<Record<string, string>>): void {
  device.kindData = { ...device.kindData, ...Object.fromEntries(Object.entries(data).map(([k, v]) => [k, /^\d+$/.test(v) ? Number(v) : v])) };
  if (data['nf_call_iptables'] !== undefined) device.isNfCallIptables = data['nf_call_iptables'] !== '0';
  if (data['nf_call_ip6tables'] !== undefined) device.isNfCallIp6tables = data['nf_call_ip6tables'] !== '0';
  if (data['vlan_filtering'] !== undefined) device.isVlanFiltering = data['vlan_filtering'] !== '0';
}

export function deleteLink(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, name: string): CommandResult {
  const position = m.interfaces.find(name);
  if (position < 0) return noDevice(name);
  const device = m.interfaces.list[position];
  if (device.kind === 'loopback' || device.kind === 'physical') return refused('RTNETLINK answers: Operation not supported', 2);
  removeLink(machines, m, device);
  return done();
}

export function addLink(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, link: LinkAdd): CommandResult {
  if (!KINDS.has(link.kind)) return refused('Error: Unknown device type.', 2);
  const name = link.name === '' ? freeName(m, link.kind) : link.name;
  if (name.length > LONGEST_NAME) return refused(`Error: argument "${name}" is wrong: "name" not a valid ifname`, 255);
  const peerName = link.kind === 'veth' ? link.peer?.name || freeName(m, link.kind) : null;
  if (m.interfaces.find(name) >= 0 || (peerName !== null && m.interfaces.find(peerName) >= 0) || peerName === name) return refused('RTNETLINK answers: File exists', 2);
  if (link.lower !== null && m.interfaces.find(link.lower) < 0) return noDevice(link.lower);
  const fault = faultOf(m, link.changes);
  if (fault) return fault;
  const device = create(m, name, link.kind, link.changes.mac ?? null, link.ifindex);
  device.kindData = kindDataOf(link);
  if (link.kind === 'bridge') setBridgeOptions(device, link.kindData);
  if (peerName !== null) {
    const peer = create(m, peerName, 'veth', link.peer?.mac ?? null, null);
    join(m, device, peer);
    join(m, peer, device);
  }
  const { mac: _made, ...rest } = link.changes;
  return setLink(machines, m, name, rest);
}

function create(m: NetworkCommandMachine, name: string, kind: string, mac: string | null, ifindex: number | null): NetworkInterface {
  const device = m.interfaces.add(name, kind, ifindex === null ? {} : { ifindex });
  const isWithoutMac = kind === 'ipip';
  device.hasLinkAddress = !isWithoutMac;
  device.isNoArp = isWithoutMac || kind === 'dummy';
  device.mtu = kind === 'vxlan' ? 1450 : kind === 'ipip' ? 1480 : 1500;
  device.macId = mac !== null ? m.environment.macs.id(mac) : isWithoutMac || kind === 'bridge' ? m.interfaces.zeroMacId : randomMac(m);
  m.sysctl.addInterface(device.position, name);
  return device;
}

function join(m: NetworkCommandMachine, device: NetworkInterface, peer: NetworkInterface): void {
  device.peerMachine = m.id;
  device.peerPosition = peer.position;
}

/** eth_hw_addr_random: locally administered. */
function randomMac(m: NetworkCommandMachine): number {
  const { random, macs } = m.environment;
  const bytes = [0x02 | (random.below(64) << 2), ...Array.from({ length: 5 }, () => random.below(256))];
  return macs.id(bytes.map((b) => b.toString(16).padStart(2, '0')).join(':'));
}

/** `veth0`, `dummy0`... */
function freeName(m: NetworkCommandMachine, kind: string): string {
  for (let n = 0; ; n++) if (m.interfaces.find(`${kind}${n}`) < 0) return `${kind}${n}`;
}

/** Options in the spelling of `ip -j -d link`. */
function kindDataOf(link: LinkAdd): Readonly<Record<string, unknown>> {
  if (link.kind !== 'vxlan' && link.kind !== 'ipip' && link.kind !== 'vlan') return {};
  const data: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(link.kindData)) {
    if (option === 'vni') data['id'] = Number(value);
    else if (option === 'dstport') data['port'] = Number(value);
    else if (option === 'dev') data['link'] = value;
    else if (option === 'learning' || option === 'nolearning') data['learning'] = option === 'learning';
    else data[option] = /^\d+$/.test(value) ? Number(value) : value;
  }
  if (link.kind === 'vxlan') {
    data['port'] ??= 8472;
    data['learning'] ??= true;
  }
  return data;
}
