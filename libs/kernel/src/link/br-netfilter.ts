/**
 * br_netfilter (net/bridge/br_netfilter_hooks.c, br_netfilter_ipv6.c, Linux 6.18): iptables sees bridged frames as if they were routed by the
 * bridge device, and a destination that nat changed is followed.
 */
import {
  ACCEPT,
  PACKET_HOST,
  POSTROUTING,
  PREROUTING,
  STAGE_BRIDGE_FORWARD,
  STAGE_DONE,
  STAGE_END,
  STAGE_NEIGHBOR,
  STAGE_TRANSMIT,
  STOLEN,
  type PacketContext,
} from '../packet/index.js';
import { BRIDGE_REDIRECTED, BRIDGE_ROUTED, drop } from '../record/index.js';
import type { NetworkInterface } from '../interface/index.js';
import { runHook } from '../netfilter/index.js';
import { NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE, ROUTE_UNICAST } from '../routing/index.js';
import { SYSCTL_BRIDGE_NF_CALL_IP6TABLES, SYSCTL_BRIDGE_NF_CALL_IPTABLES } from '../sysctl/index.js';
import { note } from './bridge-step.js';
import type { LinkMachine } from './machine-view.js';

/** br_netfilter's switch: the namespace's sysctl or the bridge's own attribute. */
export function isIptablesCalled(m: LinkMachine, bridge: NetworkInterface, p: PacketContext): boolean {
  // bridge-nf-filter-vlan-tagged is 0
  if (p.isArp || p.vlanTag !== 0) return false;
  return p.family === 4
    ? m.sysctl.global[SYSCTL_BRIDGE_NF_CALL_IPTABLES] !== 0 || bridge.isNfCallIptables
    : m.sysctl.global[SYSCTL_BRIDGE_NF_CALL_IP6TABLES] !== 0 || bridge.isNfCallIp6tables;
}

/** br_nf_pre_routing and br_nf_pre_routing_finish. */
export function bridgePrerouting(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): number {
  const { destination, packetType } = p;
  p.isBridged = true;
  p.physicalInput = port.position;
  p.inputInterface = bridge.position;
  p.packetType = PACKET_HOST;
  const verdict = runHook(m, p, PREROUTING);
  if (verdict === STOLEN) {
    m.hold(p);
    return STAGE_DONE;
  }
  if (verdict !== ACCEPT) return STAGE_END;
  p.packetType = packetType;
  if (p.destination !== destination) {
    const next = followDestination(m, p, bridge, port);
    if (next !== STAGE_BRIDGE_FORWARD) return next;
  }
  p.inputInterface = port.position;
  return STAGE_BRIDGE_FORWARD;
}

/** Where nat has given the frame a new destination: on to the bridge's own stack, or bridged to the neighbour it now goes to. */
function followDestination(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): number {
  p.inputInterface = bridge.position;
  // IPv4 has a route for what cannot be routed, too: the bridge's own stack refuses it, and tells the sender
  if (p.family === 4 && m.routing.isErrorRoute4(m, p)) return toOwnStack(m, p, bridge, port);
  const verdict = m.routing.routeInput(m, p);
  if (verdict !== ACCEPT) {
    if (p.family === 6) drop(p, 'NoRoute', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  if (p.routeType === ROUTE_UNICAST && p.outputInterface === bridge.position) return bridgeToNeighbour(m, p, bridge, port);
  p.isRoutedByBridge = true;
  return toOwnStack(m, p, bridge, port);
}

function toOwnStack(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): number {
  note(m, p, BRIDGE_ROUTED, bridge, port);
  p.destinationMac = bridge.macId;
  p.packetType = PACKET_HOST;
  return STAGE_BRIDGE_FORWARD;
}

/** br_nf_pre_routing_finish_bridge: the neighbour's address is put into the frame and it goes on being bridged. */
function bridgeToNeighbour(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface): number {
  note(m, p, BRIDGE_REDIRECTED, bridge, port);
  p.hasRoute = false;
  const mac = connectedMac(m, p, bridge.position);
  if (mac >= 0 && m.bridges.isHeaderCached(bridge.position, p.family, p.nexthop)) {
    p.destinationMac = mac;
    return STAGE_BRIDGE_FORWARD;
  }
  p.isBridgedDnat = true;
  m.conntrack.pin(p);
  p.outputInterface = bridge.position;
  return STAGE_NEIGHBOR;
}

/** The neighbour's address while its entry is NUD_CONNECTED, else -1. */
function connectedMac(m: LinkMachine, p: PacketContext, bridge: number): number {
  const { neighbours } = m.routing;
  const entry = neighbours.find(p.family, bridge, p.nexthop);
  if (entry < 0) return -1;
  const state = neighbours.stateOf(entry);
  return state === NUD_PERMANENT || state === NUD_REACHABLE || state === NUD_NOARP ? neighbours.macOf(entry) : -1;
}

/** br_nf_post_routing and br_nf_dev_queue_xmit. */
export function bridgePostrouting(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, to: NetworkInterface): number {
  p.inputInterface = bridge.position;
  p.outputInterface = bridge.position;
  if (runHook(m, p, POSTROUTING) !== ACCEPT) return STAGE_END;
  p.outputInterface = to.position;
  return STAGE_TRANSMIT;
}
