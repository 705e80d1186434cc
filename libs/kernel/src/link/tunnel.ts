/**
 * Tunnels: VXLAN (drivers/net/vxlan), IPIP, SIT and keyless GRE (net/ipv4/ip_tunnel.c), Linux 6.18. A packet in a tunnel is the `inner` of the
 * context that carries it; its steps go on in the same context.
 */
import { parseAddress, type Family } from '@worldline/model';
import {
  PROTOCOL_GRE,
  PROTOCOL_IPIP,
  PROTOCOL_IPV6,
  PROTOCOL_UDP,
  STAGE_DONE,
  STAGE_END,
  STAGE_LOCAL_OUT,
  STAGE_RECEIVE,
  type PacketContext,
} from '../packet/index.js';
import { STEP_ENCAPSULATION, drop, type Environment } from '../record/index.js';
import { CONF_HOP_LIMIT, SYSCTL_IP_DEFAULT_TTL } from '../sysctl/index.js';
import type { NetworkInterface } from '../interface/index.js';
import type { LinkMachine } from './machine-view.js';

const VXLAN_HEADERS = 20 + 8 + 8 + 14;
const VXLAN_HEADERS_6 = VXLAN_HEADERS + 20;
/** ip_local_port_range by default. */
const FIRST_PORT = 32768;
const LAST_PORT = 60999;

interface Tunnel {
  readonly position: number;
  readonly kind: 'vxlan' | 'ipip' | 'sit' | 'gre';
  readonly family: Family;
  readonly port: number;
  readonly id: number;
  readonly local: number;
  readonly remote: number;
  readonly ttl: number;
  readonly isLearning: boolean;
  /** Source ports of VXLAN: from `firstPort` to below `endPort`. */
  readonly firstPort: number;
  readonly endPort: number;
}

const KINDS: readonly string[] = ['vxlan', 'ipip', 'sit', 'gre'];

export function isTunnel(device: NetworkInterface): boolean {
  return KINDS.includes(device.kind);
}

/** The tunnel devices of one machine; their settings do not change in a run, their forwarding entries stand in BridgeState. */
export class TunnelState {
  constructor(readonly list: readonly Tunnel[]) {}

  of(position: number): Tunnel | null {
    for (const tunnel of this.list) if (tunnel.position === position) return tunnel;
    return null;
  }

  fork(): TunnelState {
    return this;
  }
}

/** Reads the settings of tunnel devices from what `ip -d addr` prints of them. */
export function compileTunnels(devices: readonly NetworkInterface[], environment: Environment): TunnelState {
  const list: Tunnel[] = [];
  for (const device of devices) {
    if (!isTunnel(device)) continue;
    const data = device.kindData;
    const text = (key: string): string | null => (typeof data[key] === 'string' ? data[key] : null);
    const number = (key: string, otherwise: number): number => (typeof data[key] === 'number' ? data[key] : otherwise);
    const local = parseAddress(text('local') ?? text('local6') ?? '');
    const remote = parseAddress(text('remote') ?? text('remote6') ?? text('group') ?? text('group6') ?? '');
    list.push({
      position: device.position,
      kind: device.kind as Tunnel['kind'],
      family: local?.family ?? remote?.family ?? 4,
      port: number('port', 4789),
      id: number('id', 0),
      local: local ? environment.addresses.handle(local) : 0,
      remote: remote ? environment.addresses.handle(remote) : 0,
      ttl: number('ttl', 0),
      isLearning: data['learning'] === true,
      ...portRange(data['port_range']),
    });
  }
  return new TunnelState(list);
}

function portRange(value: unknown): { firstPort: number; endPort: number } {
  const { low, high } = (typeof value === 'object' && value !== null ? value : {}) as { low?: unknown; high?: unknown };
  const isGiven = typeof low === 'number' && typeof high === 'number' && high > low;
  return isGiven ? { firstPort: low, endPort: high } : { firstPort: FIRST_PORT, endPort: LAST_PORT };
}

/** What a tunnel device does with a frame: wraps it and hands it to the machine's own stack. */
export function encapsulate(m: LinkMachine, p: PacketContext, device: NetworkInterface): number {
  const tunnel = m.tunnels.of(device.position);
  const remote = tunnel ? remoteOf(m, p, tunnel) : 0;
  if (!tunnel || remote === 0) {
    drop(p, 'LostOnLink', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  const { mark } = p;
  if (p.conntrack >= 0) m.conntrack.release(p);
  wrap(m, p, tunnel, remote);
  p.leaveMachine();
  p.mark = mark;
  p.isLocal = true;
  p.mayFragment = true;
  const error = m.routing.routeOutput(m, p);
  noteTunnel(m, p, 1, device);
  if (error !== 0 || p.outputInterface === device.position) {
    drop(p, error === 0 ? 'Loop' : 'NoRoute', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  if (tunnel.kind === 'vxlan' && tunnel.ttl === 0) p.ttl = hopLimitOf(m, p);
  return STAGE_LOCAL_OUT;
}

/** vxlan_xmit_one: ip4_dst_hoplimit and ip6_dst_hoplimit, as for any packet of the machine's own. */
function hopLimitOf(m: LinkMachine, p: PacketContext): number {
  if (p.routeHopLimit > 0) return p.routeHopLimit;
  return p.family === 4 ? m.sysctl.global[SYSCTL_IP_DEFAULT_TTL] : m.sysctl.conf(6, p.outputInterface, CONF_HOP_LIMIT);
}

function remoteOf(m: LinkMachine, p: PacketContext, tunnel: Tunnel): number {
  if (tunnel.kind !== 'vxlan') return tunnel.remote !== 0 ? tunnel.remote : p.nexthop;
  const known = m.bridges.remotesOf(tunnel.position, p.destinationMac);
  if (known.length > 0) return known[0];
  const byDefault = m.bridges.remotesOf(tunnel.position, m.environment.macs.id('00:00:00:00:00:00'));
  return byDefault.length > 0 ? byDefault[0] : tunnel.remote;
}

function wrap(m: LinkMachine, p: PacketContext, tunnel: Tunnel, remote: number): void {
  const inner = m.environment.pool.take();
  inner.copyHeaders(p);
  const { length, ttl, isDontFragment, tos, family } = p;
  p.copyHeaders(m.environment.pool.blank);
  p.inner = inner;
  p.family = tunnel.family;
  p.source = tunnel.local;
  p.destination = remote;
  p.ttl = tunnel.ttl > 0 ? tunnel.ttl : ttl;
  if (tunnel.kind === 'vxlan') {
    p.protocol = PROTOCOL_UDP;
    p.sourcePort = flowPort(inner, tunnel);
    p.destinationPort = tunnel.port;
    p.tunnelId = tunnel.id;
    p.length = length + (tunnel.family === 4 ? VXLAN_HEADERS : VXLAN_HEADERS_6);
    p.payloadLength = length + 22;
  } else {
    p.protocol = tunnel.kind === 'gre' ? PROTOCOL_GRE : family === 6 ? PROTOCOL_IPV6 : PROTOCOL_IPIP;
    p.length = length + 20 + (tunnel.kind === 'gre' ? 4 : 0);
    p.isDontFragment = tunnel.kind !== 'sit' || isDontFragment;
    p.tos = tos;
  }
}

/** udp_flow_src_port: the same flow always has the same port. The kernel's hash is keyed by a secret; ours is not. */
function flowPort(inner: PacketContext, { firstPort, endPort }: Tunnel): number {
  let h = Math.imul(inner.source ^ Math.imul(inner.destination, 0x9e3779b1), 0x85ebca6b) ^ (inner.sourcePort << 16) ^ inner.destinationPort ^ inner.protocol;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return firstPort + Math.floor(((h >>> 0) / 0x1_0000_0000) * (endPort - firstPort));
}

/** A packet for one of the machine's tunnels comes out of it: STAGE_RECEIVE; STAGE_DONE when it is for none. */
export function decapsulate(m: LinkMachine, p: PacketContext): number {
  const { inner } = p;
  if (inner === null || m.tunnels.list.length === 0) return STAGE_DONE;
  for (const tunnel of m.tunnels.list) {
    if (!isFor(tunnel, p) || !m.interfaces.list[tunnel.position].isUp) continue;
    if (tunnel.isLearning && inner.sourceMac >= 0) m.bridges.addRemote(tunnel.position, inner.sourceMac, p.source);
    const { mark, machine } = p;
    if (p.conntrack >= 0) m.conntrack.release(p);
    noteTunnel(m, p, 0, m.interfaces.list[tunnel.position]);
    p.copyHeaders(inner);
    inner.inner = null;
    m.environment.pool.give(inner);
    p.leaveMachine();
    p.machine = machine;
    p.mark = mark;
    p.inputInterface = tunnel.position;
    return STAGE_RECEIVE;
  }
  return STAGE_DONE;
}

/** Into (1) or out of (0) a tunnel; the outer source is known once the way out is. */
function noteTunnel(m: LinkMachine, p: PacketContext, direction: number, device: NetworkInterface): void {
  const { recorder } = m.environment;
  recorder.step2(p, STEP_ENCAPSULATION, direction, device.nameId);
  recorder.detail(p, p.family);
  recorder.detail(p, p.source);
  recorder.detail(p, p.destination);
}

function isFor(tunnel: Tunnel, p: PacketContext): boolean {
  if (tunnel.family !== p.family) return false;
  if (tunnel.kind === 'vxlan') return p.protocol === PROTOCOL_UDP && p.destinationPort === tunnel.port && p.tunnelId === tunnel.id;
  if (tunnel.remote !== 0 && tunnel.remote !== p.source) return false;
  if (tunnel.local !== 0 && tunnel.local !== p.destination) return false;
  const wanted = tunnel.kind === 'gre' ? PROTOCOL_GRE : tunnel.kind === 'sit' ? PROTOCOL_IPV6 : PROTOCOL_IPIP;
  return p.protocol === wanted;
}
