/** State of a machine as captures would have it. */
import type { BridgePortCapture, ConntrackCapture, FdbCapture, MachineCapture } from '@worldline/model';
import { captureEntry } from '../conntrack/index.js';
import { captureBridgePorts } from '../interface/index.js';
import { FDB_LOCAL } from '../link/index.js';
import type { Machine } from '../machine/index.js';

/** Entries of both families, IPv4 first, as conntrack -L lists them. */
export function captureConntrack(m: Machine): ConntrackCapture[] {
  const entries: ConntrackCapture[] = [];
  const { now } = m.environment;
  for (let entry = m.conntrack.next(-1, now); entry >= 0; entry = m.conntrack.next(entry, now)) entries.push(captureEntry(m.conntrack, m, entry));
  return [...entries.filter((e) => e.family === 4), ...entries.filter((e) => e.family === 6)];
}

/** Forwarding entries: those captured that are still there as they were printed, then what was learnt. */
export function captureFdb(m: Machine, capture: MachineCapture): FdbCapture[] {
  const { macs, addresses } = m.environment;
  const nameOf = (position: number): string => m.interfaces.list[position].name;
  const now: FdbCapture[] = [];
  for (const { device, mac, port, isFixed, remote } of m.bridges.entries()) {
    const isTunnel = port === null;
    const owner = isTunnel || port === FDB_LOCAL ? device : port;
    const family = m.tunnels.of(device)?.family ?? 4;
    now.push({
      mac: macs.name(mac),
      device: nameOf(owner),
      master: isTunnel ? null : nameOf(device),
      destination: remote === null ? null : addresses.format(family, remote),
      vlan: null,
      state: isFixed ? (port === FDB_LOCAL || isTunnel ? 'permanent' : 'static') : '',
      flags: isTunnel ? ['self'] : [],
    });
  }
  // an own address of the bridge is captured at the port that it belongs to
  const keyOf = (e: FdbCapture): string =>
    e.state === 'permanent' && e.master !== null ? `${e.mac} ${e.master}` : `${e.mac} ${e.device} ${e.destination ?? ''} ${e.state === 'static' ? 'static' : ''}`;
  const left = new Set(now.map(keyOf));
  const known = new Set(capture.fdb.map(keyOf));
  const kept = capture.fdb.filter((e) => (e.master === null && e.destination === null ? m.interfaces.find(e.device) >= 0 : left.has(keyOf(e))));
  return [...kept, ...now.filter((e) => !known.has(keyOf(e)) && e.state !== 'permanent')];
}

export function captureBridge(m: Machine, capture: MachineCapture): BridgePortCapture[] {
  return captureBridgePorts(m.interfaces, capture.bridgePorts);
}
