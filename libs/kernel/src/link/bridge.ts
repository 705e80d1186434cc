/**
 * The software bridge: br_handle_frame, br_handle_frame_finish, br_forward, br_flood, br_pass_frame_up, br_dev_xmit
 * (net/bridge/br_input.c, br_forward.c, br_device.c, Linux 6.18), with br_netfilter at the places where it hooks in.
 */
import type { Disposition } from '@worldline/model';
import {
  ACCEPT,
  FORWARD,
  NO_CONNTRACK,
  PACKET_HOST,
  STAGE_BRIDGE_FORWARD,
  STAGE_BRIDGE_PASS_UP,
  STAGE_DONE,
  STAGE_END,
  STAGE_NETWORK_RECEIVE,
  STAGE_TRANSMIT,
  type PacketContext,
} from '../packet/index.js';
import {
  BRIDGE_EBTABLES_DROP,
  BRIDGE_ENTER,
  BRIDGE_FLOOD,
  BRIDGE_FORWARD,
  BRIDGE_ISOLATED,
  BRIDGE_LOCAL,
  BRIDGE_NF_OFF,
  BRIDGE_NO_PORT,
  BRIDGE_PORT_DOWN,
  BRIDGE_SAME_PORT,
  DISPOSITION,
  drop,
} from '../record/index.js';
import type { NetworkInterface } from '../interface/index.js';
import { runHook } from '../netfilter/index.js';
import { FDB_LOCAL, FDB_NONE } from './bridge-state.js';
import { bridgePostrouting, bridgePrerouting, isIptablesCalled } from './br-netfilter.js';
import { EBTABLES_BROUTE, EB_BROUTING, EB_FORWARD, EB_INPUT, EB_OUTPUT, EB_POSTROUTING, EB_PREROUTING, runEbtables } from './ebtables/index.js';
import { note } from './bridge-step.js';
import type { LinkMachine } from './machine-view.js';
import { suppress } from './neighbour-suppression.js';

/** A frame came in by a bridge port. */
export function bridgeInput(m: LinkMachine, p: PacketContext): number {
  const port = m.interfaces.list[p.inputInterface];
  const bridge = m.interfaces.list[port.masterPosition];
  if (port.portState === 'disabled' || port.portState === 'blocking' || port.portState === 'listening' || !bridge.isUp) {
    note(m, p, BRIDGE_PORT_DOWN, bridge, port);
    drop(p, 'LinkDown', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  note(m, p, BRIDGE_ENTER, bridge, port);
  if (runEbtables(m, p, EB_BROUTING, port.position, -1) === EBTABLES_BROUTE) return STAGE_NETWORK_RECEIVE;
  if (p.destinationMac === bridge.macId) p.packetType = PACKET_HOST;
  if (runEbtables(m, p, EB_PREROUTING, port.position, -1) !== ACCEPT) return ebtablesDrop(m, p, EB_PREROUTING, bridge, port);
  if (isIptablesCalled(m, bridge, p)) return bridgePrerouting(m, p, bridge, port);
  if (!p.isArp) note(m, p, BRIDGE_NF_OFF, bridge, port);
  return STAGE_BRIDGE_FORWARD;
}

/** br_handle_frame_finish: learn, look the destination up, forward, flood or pass up. */
export function bridgeForward(m: LinkMachine, p: PacketContext): number {
  const port = m.interfaces.list[p.inputInterface];
  const bridge = m.interfaces.list[port.masterPosition];
  if (port.isLearning) m.bridges.learn(bridge.position, p.sourceMac, port.position);
  if (port.portState === 'learning') {
    drop(p, 'LinkDown', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  const isSuppressed = suppress(m, p, bridge, port);
  const owner = m.bridges.lookup(bridge.position, p.destinationMac);
  if (owner === FDB_LOCAL) {
    note(m, p, BRIDGE_LOCAL, bridge, port);
    return STAGE_BRIDGE_PASS_UP;
  }
  const isGroup = owner === FDB_NONE && m.environment.macs.isGroup(p.destinationMac);
  const up = bridge.isPromiscuous || isGroup ? copyForBridge(m, p, isGroup) : null;
  const stage = owner === FDB_NONE ? flood(m, p, bridge, port, { isGroup, isCopied: up !== null, isSuppressed }) : forwardTo(m, p, bridge, port, m.interfaces.list[owner], up !== null);
  if (up !== null) m.enqueue(up);
  return stage;
}

/** br_pass_frame_up: into the bridge device's own stack. PREROUTING of iptables has been seen already where br_netfilter held the frame. */
export function bridgePassUp(m: LinkMachine, p: PacketContext): number {
  const port = m.interfaces.list[p.inputInterface];
  const bridge = m.interfaces.list[port.masterPosition];
  if (runEbtables(m, p, EB_INPUT, port.position, -1) !== ACCEPT) return ebtablesDrop(m, p, EB_INPUT, bridge, port);
  p.inputInterface = bridge.position;
  return STAGE_NETWORK_RECEIVE;
}

/** br_dev_xmit: the bridge device sends. */
export function bridgeTransmit(m: LinkMachine, p: PacketContext): number {
  const bridge = m.interfaces.list[p.outputInterface];
  if (p.isBridgedDnat) {
    // br_nf_dev_xmit: the neighbour has given the header, go on where bridging was left
    p.isBridgedDnat = false;
    m.conntrack.unpin(p);
    p.inputInterface = p.physicalInput;
    return STAGE_BRIDGE_FORWARD;
  }
  p.physicalInput = -1;
  p.isBridged = false;
  const owner = m.bridges.lookup(bridge.position, p.destinationMac);
  if (owner === FDB_NONE || owner === FDB_LOCAL) {
    return flood(m, p, bridge, bridge, { isGroup: m.environment.macs.isGroup(p.destinationMac), isCopied: false, isSuppressed: false });
  }
  return forwardTo(m, p, bridge, bridge, m.interfaces.list[owner], false);
}

/** br_forward: to one port, if it may have the frame. `port` is the bridge itself where the frame comes from its own stack. */
function forwardTo(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface, to: NetworkInterface, isCopied: boolean): number {
  const refusal = refusalOf(port, to);
  if (refusal !== ACCEPT_PORT) {
    note(m, p, refusal, bridge, to);
    if (isCopied) {
      m.discard(p);
      return STAGE_DONE;
    }
    drop(p, refusal === BRIDGE_PORT_DOWN ? 'LinkDown' : 'LostOnLink', 'NOT_SPECIFIED');
    return STAGE_END;
  }
  note(m, p, BRIDGE_FORWARD, bridge, to);
  return sendTo(m, p, bridge, port, to);
}

/** Hooks of a frame on its way to a port, then the port's queue. */
function sendTo(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface, to: NetworkInterface): number {
  const isOwn = port === bridge;
  if (isOwn) {
    // __br_forward with local_orig: the hook sees each port, never the bridge
    if (runEbtables(m, p, EB_OUTPUT, -1, to.position) !== ACCEPT) return ebtablesDrop(m, p, EB_OUTPUT, bridge, to);
  } else {
    if (runEbtables(m, p, EB_FORWARD, port.position, to.position) !== ACCEPT) return ebtablesDrop(m, p, EB_FORWARD, bridge, to);
    if (p.isBridged) {
      p.physicalOutput = to.position;
      p.inputInterface = bridge.position;
      p.outputInterface = bridge.position;
      // br_nf_forward: to iptables the frame is for this host, so that REJECT may answer it
      p.packetType = PACKET_HOST;
      if (runHook(m, p, FORWARD) !== ACCEPT) return STAGE_END;
    }
  }
  if (runEbtables(m, p, EB_POSTROUTING, isOwn ? -1 : port.position, to.position) !== ACCEPT) return ebtablesDrop(m, p, EB_POSTROUTING, bridge, to);
  if (!isOwn && p.isBridged) return bridgePostrouting(m, p, bridge, to);
  p.outputInterface = to.position;
  return STAGE_TRANSMIT;
}

const ACCEPT_PORT = -1;

/** should_deliver: why a port may not have a frame, or ACCEPT_PORT. */
function refusalOf(port: NetworkInterface, to: NetworkInterface): number {
  if (to === port && !to.isHairpin) return BRIDGE_SAME_PORT;
  if (to.portState !== 'forwarding' || !to.isUp || !to.hasCarrier) return BRIDGE_PORT_DOWN;
  if (port.isIsolated && to.isIsolated) return BRIDGE_ISOLATED;
  return ACCEPT_PORT;
}

interface Flood {
  readonly isGroup: boolean;
  /** The bridge's own stack has a copy. */
  readonly isCopied: boolean;
  /** Ports with neigh_suppress do not get it. */
  readonly isSuppressed: boolean;
}

/** br_flood: to every port that takes frames of this kind, the newest first (br_add_if puts a port at the head). The packet itself goes to the last one. */
function flood(m: LinkMachine, p: PacketContext, bridge: NetworkInterface, port: NetworkInterface, { isGroup, isCopied, isSuppressed }: Flood): number {
  let last: NetworkInterface | null = null;
  const { list } = m.interfaces;
  for (let i = list.length - 1; i >= 0; i--) {
    const to = list[i];
    if (to.masterPosition !== bridge.position || to.isDeleted || refusalOf(port, to) !== ACCEPT_PORT) continue;
    if (isSuppressed && to.isNeighSuppressing) continue;
    if (!(isGroup ? (p.packetType === 1 ? to.isBroadcastFlooding : to.isMulticastFlooding) : to.isFlooding)) continue;
    if (last) {
      p.isFlooded = true;
      const copy = m.environment.pool.take();
      copy.copy(p, m.environment.pool);
      m.conntrack.hold(copy);
      note(m, copy, BRIDGE_FLOOD, bridge, last);
      const stage = sendTo(m, copy, bridge, port, last);
      copy.stage = stage;
      m.enqueue(copy);
    }
    last = to;
  }
  if (!last) {
    if (isCopied) {
      m.discard(p);
      return STAGE_DONE;
    }
    note(m, p, BRIDGE_NO_PORT, bridge, port);
    drop(p, 'LostOnLink', 'NO_TX_TARGET');
    return STAGE_END;
  }
  note(m, p, BRIDGE_FLOOD, bridge, last);
  const stage = sendTo(m, p, bridge, port, last);
  if (!p.isFlooded) return stage;
  // its turn comes after that of its copies
  p.stage = stage;
  m.enqueue(p);
  return STAGE_DONE;
}

/** The copy for the bridge's own stack. A promiscuous bridge's copy has lost its conntrack entry (br_pass_frame_up, nf_reset_ct). */
function copyForBridge(m: LinkMachine, p: PacketContext, isGroup: boolean): PacketContext {
  const copy = m.environment.pool.take();
  copy.copy(p, m.environment.pool);
  copy.isFlooded = true;
  if (isGroup) m.conntrack.hold(copy);
  else copy.conntrack = NO_CONNTRACK;
  copy.stage = STAGE_BRIDGE_PASS_UP;
  return copy;
}

/** What a drop is called by its hook. */
const DENIALS: Readonly<Record<number, Disposition>> = {
  [EB_PREROUTING]: 'DeniedPrerouting',
  [EB_INPUT]: 'DeniedIn',
  [EB_FORWARD]: 'DeniedForward',
  [EB_OUTPUT]: 'DeniedOut',
  [EB_POSTROUTING]: 'DeniedPostrouting',
};

function ebtablesDrop(m: LinkMachine, p: PacketContext, hook: number, bridge: NetworkInterface, port: NetworkInterface): number {
  note(m, p, BRIDGE_EBTABLES_DROP, bridge, port);
  if (p.disposition !== DISPOSITION.Unmodelled) drop(p, DENIALS[hook], 'NETFILTER_DROP');
  return STAGE_END;
}
