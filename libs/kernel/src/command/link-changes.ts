/** Links set up and down, joined to bridges, made and removed, with what follows on the other end (net/core/dev.c, drivers/net/veth.c, net/bridge/br_if.c; Linux 6.18). */
import type { NetworkInterface } from '../interface/index.js';
import { FDB_LOCAL } from '../link/index.js';
import { carrierChanged, interfaceDown, interfaceUp } from '../routing/index.js';
import type { NetworkCommandMachine } from './network-machine.js';

/** `ip link set DEV up|down`. */
export function setLinkUp(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, device: NetworkInterface, isUp: boolean): void {
  if (device.isUp === isUp) return;
  device.isUp = isUp;
  const hadCarrier = device.hasCarrier;
  device.hasCarrier = isUp && hasLowerCarrier(machines, m, device);
  if (isUp) interfaceUp(m, device.position);
  else {
    interfaceDown(m, device.position, false);
    m.conntrack.killMasquerade(device.position);
  }
  m.interfaces.changed();
  if (device.kind === 'bridge') for (const port of portsOf(m, device)) updatePort(m, port);
  if (device.isBridgePort) updatePort(m, device);
  if (hadCarrier !== device.hasCarrier && isUp) carrierChanged(m, device.position);
  updatePeer(machines, device);
}

/** Whether what is below or behind a device carries. */
function hasLowerCarrier(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, device: NetworkInterface): boolean {
  if (device.kind === 'bridge') return portsOf(m, device).some((p) => p.isUp && p.hasCarrier);
  const peer = peerOf(machines, device);
  return peer === null || peer.device.isUp;
}

function peerOf(machines: readonly NetworkCommandMachine[], device: NetworkInterface): { machine: NetworkCommandMachine; device: NetworkInterface } | null {
  const machine = machines.find((other) => other.id === device.peerMachine);
  return machine ? { machine, device: machine.interfaces.list[device.peerPosition] } : null;
}

/** veth_open, veth_close: the carrier of both ends follows both. */
function updatePeer(machines: readonly NetworkCommandMachine[], device: NetworkInterface): void {
  const peer = peerOf(machines, device);
  if (!peer) return;
  const hasCarrier = peer.device.isUp && device.isUp;
  if (peer.device.hasCarrier === hasCarrier) return;
  peer.device.hasCarrier = hasCarrier;
  carrierChanged(peer.machine, peer.device.position);
  if (peer.device.isBridgePort) updatePort(peer.machine, peer.device);
}

function portsOf(m: NetworkCommandMachine, bridge: NetworkInterface): NetworkInterface[] {
  return m.interfaces.list.filter((i) => i.isBridgePort && i.masterPosition === bridge.position && !i.isDeleted);
}

/** br_port_carrier_check: a port forwards while it, its link and the bridge are up; the bridge carries while a port does. */
function updatePort(m: NetworkCommandMachine, port: NetworkInterface): void {
  const bridge = m.interfaces.list[port.masterPosition];
  const isOn = port.isUp && port.hasCarrier && bridge.isUp;
  if (isOn && port.portState === 'disabled') port.portState = 'forwarding';
  else if (!isOn && port.portState !== 'disabled') {
    port.portState = 'disabled';
    m.bridges.forgetPort(port.position, false);
  }
  updateBridge(m, bridge);
}

function updateBridge(m: NetworkCommandMachine, bridge: NetworkInterface): void {
  const hasCarrier = bridge.isUp && portsOf(m, bridge).some((p) => p.isUp && p.hasCarrier);
  if (hasCarrier === bridge.hasCarrier) return;
  bridge.hasCarrier = hasCarrier;
  carrierChanged(m, bridge.position);
}

/** `master BRIDGE` and `nomaster`. */
export function setMaster(m: NetworkCommandMachine, device: NetworkInterface, master: NetworkInterface | null): void {
  if (device.masterPosition >= 0) leaveMaster(m, device);
  if (master === null) return;
  device.masterPosition = master.position;
  device.isBridgePort = master.kind === 'bridge';
  if (device.isBridgePort) {
    device.isHairpin = false;
    device.isIsolated = false;
    device.isLearning = true;
    device.isFlooding = true;
    device.isMulticastFlooding = true;
    device.isBroadcastFlooding = true;
    device.portState = 'disabled';
    m.bridges.setFixed(master.position, device.macId, FDB_LOCAL);
    if (master.macId === m.interfaces.zeroMacId) {
      master.macId = device.macId;
      m.bridges.setFixed(master.position, master.macId, FDB_LOCAL);
    }
    updatePort(m, device);
  }
  m.interfaces.changed();
}

function leaveMaster(m: NetworkCommandMachine, device: NetworkInterface): void {
  const bridge = m.interfaces.list[device.masterPosition];
  if (device.isBridgePort) {
    m.bridges.forgetPort(device.position, true);
    if (device.macId !== bridge.macId) m.bridges.delete(bridge.position, device.macId);
  }
  device.masterPosition = -1;
  device.isBridgePort = false;
  updateBridge(m, bridge);
  m.interfaces.changed();
}

/** `ip link del DEV`: a veth takes its other end along, a bridge frees its ports. */
export function removeLink(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, device: NetworkInterface): void {
  const peer = peerOf(machines, device);
  removeOne(m, device);
  if (peer && !peer.device.isDeleted) removeOne(peer.machine, peer.device);
}

function removeOne(m: NetworkCommandMachine, device: NetworkInterface): void {
  if (device.kind === 'bridge') for (const port of portsOf(m, device)) setMaster(m, port, null);
  if (device.masterPosition >= 0) setMaster(m, device, null);
  device.isUp = false;
  device.hasCarrier = false;
  interfaceDown(m, device.position, true);
  m.conntrack.killMasquerade(device.position);
  m.sysctl.removeInterface(device.position);
  m.interfaces.remove(device.position);
  m.routing.changed();
}
