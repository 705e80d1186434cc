/** The neighbour's address and the device: ip_finish_output2, neigh_output, __dev_queue_xmit, and what each kind of device does with a frame. */
import {
  PACKET_HOST,
  STAGE_BRIDGE_TRANSMIT,
  STAGE_DONE,
  STAGE_END,
  STAGE_FABRIC,
  STAGE_RECEIVE,
  STAGE_TRANSMIT,
  isLimitedBroadcast,
  isMulticast,
  type PacketContext,
} from '../packet/index.js';
import { STEP_EXIT, STEP_UNMODELLED, WIRE_OUT, drop, writeWire } from '../record/index.js';
import { NEIGHBOR_QUEUED, ROUTE_BROADCAST } from '../routing/index.js';
import { encapsulate, isTunnel, multicastMac } from '../link/index.js';
import { activeSlave, type NetworkInterface } from '../interface/index.js';
import type { Machine } from './machine.js';
import { solicit } from './solicitation.js';

export function neighbour(m: Machine, p: PacketContext): number {
  const device = m.interfaces.list[p.outputInterface];
  if (device.kind === 'loopback' || !device.hasLinkAddress) return STAGE_TRANSMIT;
  if (p.sourceMac < 0 || !p.isBridgedDnat) p.sourceMac = device.macId;
  if (p.family === 4 && (p.routeType === ROUTE_BROADCAST || isLimitedBroadcast(4, p.destination))) p.destinationMac = m.interfaces.broadcastMacId;
  else if (isMulticast(m.environment.addresses, p.family, p.nexthop)) p.destinationMac = multicastMac(m.environment, p.family, p.nexthop);
  else {
    const mac = m.routing.resolve(m, p, p.outputInterface, p.nexthop);
    if (mac === NEIGHBOR_QUEUED) {
      // the entry's place may be given to another while the packet waits, and nothing asks for it after this; a bridged packet still has FORWARD before it and its entry is pinned
      if (p.conntrack >= 0 && !p.isBridgedDnat) m.conntrack.release(p);
      m.hold(p);
      solicit(m);
      return STAGE_DONE;
    }
    if (mac < 0) return STAGE_END;
    p.destinationMac = mac;
  }
  return STAGE_TRANSMIT;
}

export function transmit(m: Machine, p: PacketContext): number {
  const device = m.interfaces.list[p.outputInterface];
  const { recorder } = m.environment;
  if (!device.isUp || !device.hasCarrier) {
    drop(p, 'LinkDown', 'QDISC_DROP');
    return STAGE_END;
  }
  recorder.step1(p, STEP_EXIT, device.nameId);
  if (recorder.isWireOn && !p.isArp) writeWire(p, m.id, device.nameId, WIRE_OUT, p.hopClock.ticks++);
  switch (device.kind) {
    case 'loopback':
      return loop(m, p);
    case 'bridge':
      return STAGE_BRIDGE_TRANSMIT;
    case 'veth':
    case 'physical':
      return cross(m, p, device);
    case 'bond':
      return hand(m, p, device, activeSlave(m.interfaces, device));
    case 'vlan':
      p.vlanTag = device.vlanTag;
      return hand(m, p, device, m.interfaces.list[device.lowerPosition] ?? null);
    case 'dummy':
      drop(p, 'LostOnLink', 'NOT_SPECIFIED');
      return STAGE_END;
    default:
      return isTunnel(device) ? encapsulate(m, p, device) : unmodelled(m, p, device);
  }
}

/** A device over another hands its frames on: bond_start_xmit, vlan_dev_hard_start_xmit. */
function hand(m: Machine, p: PacketContext, device: NetworkInterface, lower: NetworkInterface | null): number {
  if (lower === null) {
    if (device.kind === 'vlan') return unmodelled(m, p, device);
    drop(p, 'LinkDown', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  p.outputInterface = lower.position;
  return STAGE_TRANSMIT;
}

/** loopback_xmit: the frame comes back in with its entry, its mark and its route. */
function loop(m: Machine, p: PacketContext): number {
  p.inputInterface = p.outputInterface;
  p.outputInterface = -1;
  p.packetType = PACKET_HOST;
  p.arrival = p.hopClock.ticks++;
  p.stage = STAGE_RECEIVE;
  m.enqueue(p);
  return STAGE_DONE;
}

/** veth_xmit: into the peer's namespace, stripped of what belongs to this one; or out to the fabric. */
function cross(m: Machine, p: PacketContext, device: NetworkInterface): number {
  if (p.conntrack >= 0) m.conntrack.release(p);
  const { mark } = p;
  if (device.peerMachine < 0) {
    p.leaveMachine();
    // the fabric needs to know where it came from
    p.outputInterface = device.position;
    p.stage = STAGE_FABRIC;
    m.enqueue(p);
    return STAGE_DONE;
  }
  p.leaveMachine();
  p.inputInterface = device.peerPosition;
  p.arrival = p.hopClock.ticks++;
  p.stage = STAGE_RECEIVE;
  if (device.peerMachine === m.id) p.mark = mark;
  p.machine = device.peerMachine;
  m.network.enqueue(p);
  return STAGE_DONE;
}

function unmodelled(m: Machine, p: PacketContext, device: NetworkInterface): number {
  m.environment.recorder.step1(p, STEP_UNMODELLED, m.environment.words.id(`${device.kind} device ${device.name}`));
  drop(p, 'Unmodelled', 'NOT_SPECIFIED');
  return STAGE_END;
}
