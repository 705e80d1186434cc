/** From the device to the route: __netif_receive_skb_core, eth_type_trans, ip_rcv, ip6_rcv and their finish functions (Linux 6.18). */
import {
  ACCEPT,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_LOOPBACK,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PREROUTING,
  PROTOCOL_TCP,
  STAGE_ARP,
  STAGE_BRIDGE_INPUT,
  STAGE_DONE,
  STAGE_END,
  STAGE_FORWARD,
  STAGE_LOCAL_IN,
  STAGE_NETWORK_RECEIVE,
  STOLEN,
  isLoopback,
  isMulticast,
  type PacketContext,
} from '../packet/index.js';
import { STEP_ENTER, STEP_UNMODELLED, WIRE_IN, drop, writeWire } from '../record/index.js';
import { runHook } from '../netfilter/index.js';
import { ROUTE_ERROR, ROUTE_UNICAST } from '../routing/index.js';
import { CONF_DISABLE_IPV6 } from '../sysctl/index.js';
import { isBondSlave, vlanOver, type NetworkInterface } from '../interface/index.js';
import type { Machine } from './machine.js';
import { sendIcmpError } from './icmp-error.js';
import { endFragments } from './timers.js';

/** A frame came in by an interface. */
export function receive(m: Machine, p: PacketContext): number {
  const device = m.interfaces.list[p.inputInterface];
  const { recorder } = m.environment;
  recorder.step2(p, STEP_ENTER, m.id, device.nameId);
  if (!device.isUp) {
    drop(p, 'LinkDown', 'DEV_READY');
    return STAGE_END;
  }
  if (device.kind !== 'loopback') p.packetType = packetTypeOf(m, p, device.macId);
  // netif_rx takes the time, but not of what bears the sender's already: TCP's departure time (skb_clear_delivery_time)
  if (recorder.isWireOn && !p.isArp) writeWire(p, m.id, device.nameId, WIRE_IN, p.protocol === PROTOCOL_TCP ? p.hopClock.ticks++ : p.arrival);
  if (p.vlanTag !== 0 || device.masterPosition >= 0) {
    const upper = upperOf(m, p, device);
    if (upper !== null) return again(m, p, upper);
    if (device.masterPosition >= 0 && !device.isBridgePort) return unmodelledMaster(m, p, m.interfaces.list[device.masterPosition]);
  }
  if (device.isBridgePort) return STAGE_BRIDGE_INPUT;
  return p.isArp && p.vlanTag === 0 ? STAGE_ARP : STAGE_NETWORK_RECEIVE;
}

/** The device over this one that a frame is for (__netif_receive_skb_core): the VLAN of its tag, or the bond. */
function upperOf(m: Machine, p: PacketContext, device: NetworkInterface): NetworkInterface | null {
  const vlan = p.vlanTag === 0 ? null : vlanOver(m.interfaces, device, p.vlanTag);
  if (vlan !== null) return vlan;
  return isBondSlave(m.interfaces, device) ? m.interfaces.list[device.masterPosition] : null;
}

/** "another_round". */
function again(m: Machine, p: PacketContext, upper: NetworkInterface): number {
  if (upper.kind === 'vlan') p.vlanTag = 0;
  p.inputInterface = upper.position;
  p.arrival = p.hopClock.ticks++;
  return receive(m, p);
}

function unmodelledMaster(m: Machine, p: PacketContext, master: NetworkInterface): number {
  m.environment.recorder.step1(p, STEP_UNMODELLED, m.environment.words.id(`${master.kind} device ${master.name}`));
  drop(p, 'Unmodelled', 'NOT_SPECIFIED');
  return STAGE_END;
}

function packetTypeOf(m: Machine, p: PacketContext, own: number): number {
  if (p.destinationMac === own || p.destinationMac < 0) return PACKET_HOST;
  if (!m.environment.macs.isGroup(p.destinationMac)) return PACKET_OTHERHOST;
  return p.destinationMac === m.interfaces.broadcastMacId ? PACKET_BROADCAST : PACKET_MULTICAST;
}

/** ip_rcv and ip6_rcv. What a bridge passes up came here with its own interface as input and shows on the wire once more. */
export function networkReceive(m: Machine, p: PacketContext): number {
  const device = m.interfaces.list[p.inputInterface];
  if (device.kind === 'bridge') {
    if (m.environment.recorder.isWireOn && !p.isArp && p.packetType !== PACKET_LOOPBACK) writeWire(p, m.id, device.nameId, WIRE_IN, p.hopClock.ticks++);
    if (p.packetType === PACKET_OTHERHOST && p.destinationMac === device.macId) p.packetType = PACKET_HOST;
    const vlan = p.vlanTag === 0 ? null : vlanOver(m.interfaces, device, p.vlanTag);
    if (vlan !== null) return again(m, p, vlan);
  }
  // a tag that no VLAN here is for
  if (p.vlanTag !== 0) p.packetType = PACKET_OTHERHOST;
  if (p.packetType === PACKET_OTHERHOST && (!p.isArp || p.vlanTag !== 0)) {
    if (!p.isFlooded) {
      drop(p, 'LostOnLink', 'OTHERHOST');
      return STAGE_END;
    }
    // Not an end that anybody counts: the frame was for another machine
    m.discard(p);
    return STAGE_DONE;
  }
  p.isFlooded = false;
  if (p.isArp) return STAGE_ARP;
  if (p.family === 6 && !isAcceptable6(m, p)) return STAGE_END;
  if (!p.isBridged) {
    const verdict = runHook(m, p, PREROUTING);
    if (verdict === STOLEN) return hold(m, p);
    if (verdict !== ACCEPT) return STAGE_END;
    if (p.largestFragment > 0) endFragments(m);
  }
  return route(m, p);
}

/** Reassembly or a queue keeps the packet. */
export function hold(m: Machine, p: PacketContext): number {
  m.hold(p);
  endFragments(m);
  return STAGE_DONE;
}

/** ip6_rcv_core's refusals before any hook. */
function isAcceptable6(m: Machine, p: PacketContext): boolean {
  const { addresses } = m.environment;
  const isOutside = m.interfaces.list[p.inputInterface].kind !== 'loopback';
  if (isOutside && m.sysctl.conf(6, p.inputInterface, CONF_DISABLE_IPV6) !== 0) {
    drop(p, 'LinkDown', 'IPV6DISABLED');
    return false;
  }
  if (isMulticast(addresses, 6, p.source) || (isOutside && (isLoopback(addresses, 6, p.source) || isLoopback(addresses, 6, p.destination)))) {
    drop(p, 'MartianSource', 'IP_INHDR');
    return false;
  }
  return true;
}

/** ip_rcv_finish: a route, unless the bridge has found one already or the packet carries its own (loopback). */
function route(m: Machine, p: PacketContext): number {
  if (!p.hasRoute) {
    const verdict = m.routing.routeInput(m, p);
    if (verdict === ROUTE_ERROR) return routeError(m, p);
    if (verdict !== ACCEPT) return STAGE_END;
  }
  return p.routeType === ROUTE_UNICAST ? STAGE_FORWARD : STAGE_LOCAL_IN;
}

/** ip_error / ip6_pkt_discard: the lookup ended in an error route; the packet dies and its sender may hear of it. */
function routeError(m: Machine, p: PacketContext): number {
  const { icmpType, icmpCode, isLimited } = m.routing.error;
  if (icmpType >= 0 && !isLimited) sendIcmpError(m, p, icmpType, icmpCode, 0);
  return STAGE_END;
}

