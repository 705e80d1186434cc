/** Commands that make a machine's links, as `ip -batch` and `bridge -batch` take them. */
import { STACKED_KINDS } from './kinds.js';
import type { BridgePortCapture, FdbCapture, LinkCapture, MachineCapture } from '@worldline/model';

/** One end of a wire. */
export interface WireEnd {
  readonly machine: string;
  readonly link: LinkCapture;
}

/** `link add` of a veth pair whose ends are in their machines from the beginning. */
export function vethLine(a: WireEnd, b: WireEnd): string {
  return `link add ${endWords(a)} type veth peer ${endWords(b)}`;
}

function endWords({ machine, link }: WireEnd): string {
  const index = link.index > 0 ? ` index ${link.index}` : '';
  return `name ${link.name}${index}${link.mac === '' ? '' : ` address ${link.mac}`} mtu ${link.mtu} netns @${machine}@`;
}

/** Links that need no other: bridges, dummies. */
export function plainLines(capture: MachineCapture): string[] {
  return capture.links.filter(({ kind }) => kind === 'bridge' || kind === 'dummy').map((link) => `link add name ${link.name} index ${link.index} address ${link.mac} mtu ${link.mtu} type ${link.kind}${link.kind === 'bridge' ? bridgeWords(link) : ''}`);
}

/** Links that stand on others. */
export function stackedLines(capture: MachineCapture): { lines: string[]; unknown: LinkCapture[] } {
  const lines: string[] = [];
  const unknown: LinkCapture[] = [];
  for (const link of capture.links) {
    if (MADE_ELSEWHERE.includes(link.kind)) continue;
    const words = STACKED_KINDS[link.kind]?.(link, (index) => capture.links.find((l) => l.index === index)?.name ?? null);
    if (words === undefined) unknown.push(link);
    else lines.push(words);
  }
  return { lines, unknown };
}

/** Loopback and devices of their own have no kind. */
const MADE_ELSEWHERE = ['', 'veth', 'bridge', 'dummy', 'physical'];

/** Ports forward at once while the stage is built; what was captured is set afterwards. */
function bridgeWords({ kindData }: LinkCapture): string {
  // (not every kernel knows VLAN filtering)
  return ` forward_delay 0 stp_state 0${kindData['mcast_snooping'] === 0 ? ' mcast_snooping 0' : ''}${kindData['vlan_filtering'] === 1 ? ' vlan_filtering 1' : ''}`;
}

/** Masters, promiscuity, then up; a link that was captured down stays down. */
export function stateLines(capture: MachineCapture): string[] {
  const masters = capture.links.filter(({ master }) => master !== null).map((l) => `link set dev ${l.name} master ${l.master}`);
  const modes = capture.links.flatMap((l) => [...(l.flags.includes('PROMISC') ? [`link set dev ${l.name} promisc on`] : []), ...(l.flags.includes('NOARP') && l.kind === 'veth' ? [`link set dev ${l.name} arp off`] : [])]);
  const ups = capture.links.filter(({ flags }) => flags.includes('UP')).map((l) => `link set dev ${l.name} up`);
  return [...masters, ...modes, ...ups];
}

/** IPv6 lists first what was added last (addrconf.c ipv6_link_dev_addr). */
export function addressLines(capture: MachineCapture): string[] {
  return capture.links.flatMap((link) => {
    const four = link.addresses.filter(({ family }) => family === 4);
    const six = link.addresses.filter(({ family }) => family === 6).reverse();
    return [...four, ...six].filter((a) => !(link.name === 'lo' && (a.local === '127.0.0.1' || a.local === '::1'))).map((a) => {
      const to = a.peer === null ? `${a.local}/${a.prefixLength}` : `${a.local} peer ${a.peer}/${a.prefixLength}`;
      const broadcast = a.broadcast === null ? '' : ` broadcast ${a.broadcast}`;
      const label = a.family === 6 || a.label === null || a.label === link.name ? '' : ` label ${a.label}`;
      return `addr replace ${to}${broadcast} dev ${link.name} scope ${a.scope}${label}${a.family === 6 ? ' nodad' : ''}${a.isDeprecated ? ' preferred_lft 0' : ''}`;
    });
  });
}

export function neighbourLines({ neighbours }: MachineCapture): string[] {
  return neighbours.flatMap(({ address, device, mac, state, isProxy }) => {
    if (isProxy) return [`neigh replace proxy ${address} dev ${device}`];
    const kept = ['PERMANENT', 'REACHABLE', 'STALE', 'NOARP', 'FAILED'].includes(state) ? state : 'STALE';
    if (mac === null) return state === 'FAILED' ? [`neigh replace ${address} dev ${device} nud failed`] : [];
    return [`neigh replace ${address} lladdr ${mac} dev ${device} nud ${kept.toLowerCase()}`];
  });
}

/** Lines of `bridge -batch`: port options that are not the kernel's, then entries. */
export function bridgeLines({ bridgePorts, fdb, links }: MachineCapture): string[] {
  const isPort = (name: string): boolean => links.some((l) => l.name === name && l.master !== null);
  return [...bridgePorts.filter(({ name }) => isPort(name)).flatMap(portLine), ...fdb.flatMap((entry) => fdbLine(entry, links))];
}

function portLine(port: BridgePortCapture): string[] {
  const options: readonly (readonly [boolean, boolean, string])[] = [
    [port.isHairpin, false, 'hairpin'],
    [port.isLearning, true, 'learning'],
    [port.isFlooding, true, 'flood'],
    [port.isMulticastFlooding, true, 'mcast_flood'],
    [port.isBroadcastFlooding, true, 'bcast_flood'],
    [port.isIsolated, false, 'isolated'],
  ];
  const words = options.filter(([value, usual]) => value !== usual).map(([value, , name]) => `${name} ${value ? 'on' : 'off'}`);
  return words.length > 0 ? [`link set dev ${port.name} ${words.join(' ')}`] : [];
}

function fdbLine({ mac, device, master, destination, vlan, state }: FdbCapture, links: readonly LinkCapture[]): string[] {
  if (destination !== null) return [`fdb append ${mac} dev ${device} dst ${destination} self ${state === 'permanent' ? 'permanent' : 'static'}`];
  const isOwn = device === master || state === 'permanent' || links.some((l) => l.name === device && l.mac === mac);
  if (master === null || isOwn) return [];
  return [`fdb replace ${mac} dev ${device} master ${state === 'static' ? 'static' : 'dynamic'}${vlan === null ? '' : ` vlan ${vlan}`}`];
}
