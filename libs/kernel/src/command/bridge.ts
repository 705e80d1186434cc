/** bridge(8) on a machine: forwarding entries and port attributes (iproute2 6.1, Linux 6.18). */
import { parseAddress } from '@worldline/model';
import { parseBridgeCommand, type FdbSpec, type PortChanges } from '@worldline/language';
import type { NetworkInterface } from '../interface/index.js';
import { FDB_LOCAL, FDB_NONE } from '../link/index.js';
import { done, notUnderstood, refused, type CommandResult } from './command-result.js';
import { noDevice } from './ip-link.js';
import type { NetworkCommandMachine } from './network-machine.js';

/** Carries out the words after `bridge`. */
export function runBridge(m: NetworkCommandMachine, words: readonly string[]): CommandResult {
  const { value, issues } = parseBridgeCommand(words);
  if (!value) return notUnderstood('bridge', issues[0]?.word ?? '', issues[0]?.message ?? '');
  if (value.action === 'show') return done();
  const name = 'entry' in value ? value.entry.device : value.device;
  const position = m.interfaces.find(name);
  if (position < 0) return noDevice(name);
  const device = m.interfaces.list[position];
  if (value.object === 'link') return setPort(m, device, value.changes);
  if (value.action === 'flush') {
    m.bridges.forgetPort(position, false);
    return done();
  }
  return device.kind === 'vxlan' && !value.entry.isMaster ? changeRemote(m, device, value.action, value.entry) : changeEntry(m, device, value.action, value.entry);
}

/** `self` entries of a VXLAN device (vxlan_fdb_add, vxlan_fdb_delete). */
function changeRemote(m: NetworkCommandMachine, device: NetworkInterface, action: 'add' | 'append' | 'replace' | 'delete', entry: FdbSpec): CommandResult {
  const mac = m.environment.macs.id(entry.mac);
  const address = entry.destination === null ? null : parseAddress(entry.destination);
  const remote = address ? m.environment.addresses.handle(address) : null;
  const known = m.bridges.remotesOf(device.position, mac);
  if (action === 'delete') return m.bridges.deleteRemote(device.position, mac, remote) ? done() : refused('RTNETLINK answers: No such file or directory', 2);
  if (remote === null) return refused('RTNETLINK answers: Invalid argument', 2);
  if (action === 'add' && known.length > 0) return refused('RTNETLINK answers: File exists', 2);
  if (action === 'append' && known.includes(remote)) return refused('RTNETLINK answers: File exists', 2);
  if (action === 'replace') m.bridges.deleteRemote(device.position, mac, null);
  m.bridges.addRemote(device.position, mac, remote);
  return done();
}

/** `master` entries of a bridge port (br_fdb_add, br_fdb_delete); without `master` the tool means the device itself, which only bridges of ours have. */
function changeEntry(m: NetworkCommandMachine, device: NetworkInterface, action: 'add' | 'append' | 'replace' | 'delete', entry: FdbSpec): CommandResult {
  const isBridge = device.kind === 'bridge';
  const bridge = isBridge ? device.position : device.masterPosition;
  if (bridge < 0 || (!isBridge && !entry.isMaster)) return done();
  const mac = m.environment.macs.id(entry.mac);
  const isThere = m.bridges.lookup(bridge, mac) !== FDB_NONE;
  if (action === 'delete') return m.bridges.delete(bridge, mac) ? done() : refused('RTNETLINK answers: No such file or directory', 2);
  if (action === 'add' && isThere) return refused('RTNETLINK answers: File exists', 2);
  if (isThere) m.bridges.delete(bridge, mac);
  // `local` is the default: the address is the bridge's own
  if (entry.state === 'dynamic') m.bridges.learn(bridge, mac, device.position);
  else m.bridges.setFixed(bridge, mac, isBridge || entry.state !== 'static' ? FDB_LOCAL : device.position);
  return done();
}

function setPort(m: NetworkCommandMachine, device: NetworkInterface, changes: PortChanges): CommandResult {
  if (!device.isBridgePort) return refused('RTNETLINK answers: Operation not supported', 2);
  device.isHairpin = changes.hairpin ?? device.isHairpin;
  device.isLearning = changes.learning ?? device.isLearning;
  device.isFlooding = changes.flood ?? device.isFlooding;
  device.isMulticastFlooding = changes.mcast_flood ?? device.isMulticastFlooding;
  device.isBroadcastFlooding = changes.bcast_flood ?? device.isBroadcastFlooding;
  device.isIsolated = changes.isolated ?? device.isIsolated;
  device.isNeighSuppressing = changes.neigh_suppress ?? device.isNeighSuppressing;
  device.portState = changes.state ?? device.portState;
  m.interfaces.changed();
  return done();
}
