/** `bridge -j -d link` and `bridge -j fdb`, read and printed. */
import type { BridgePortCapture, FdbCapture, Issue, Parsed } from '@worldline/model';
import { elementIssue, numberOf, parseJsonDump, printJsonDump, stringOf, stringsOf } from '../ip/index.js';

/** Reads `bridge-link.json`. */
export function parseBridgeLinks(text: string, file: string): Parsed<BridgePortCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const ports: BridgePortCapture[] = [];
  dump.value.forEach((object, i) => {
    const name = stringOf(object['ifname']);
    if (name === null) {
      issues.push(elementIssue(text, file, i, 'ifname', 'a bridge port needs a name'));
      return;
    }
    const isOn = (key: string, otherwise: boolean): boolean => (key in object ? object[key] === true : otherwise);
    ports.push({
      name,
      bridge: stringOf(object['master']),
      state: stringOf(object['state']) ?? 'forwarding',
      isHairpin: isOn('hairpin', false),
      isLearning: isOn('learning', true),
      isFlooding: isOn('flood', true),
      isMulticastFlooding: isOn('mcast_flood', true),
      isBroadcastFlooding: isOn('bcast_flood', true),
      isIsolated: isOn('isolated', false),
      raw: object,
    });
  });
  return { value: ports, issues };
}

/** Prints ports as `bridge -j -d link` does. */
export function printBridgeLinks(ports: readonly BridgePortCapture[]): string {
  return printJsonDump(
    ports.map((p) => ({
      ...p.raw,
      ifname: p.name,
      ...(p.bridge === null ? {} : { master: p.bridge }),
      state: p.state,
      hairpin: p.isHairpin,
      learning: p.isLearning,
      flood: p.isFlooding,
      mcast_flood: p.isMulticastFlooding,
      bcast_flood: p.isBroadcastFlooding,
      isolated: p.isIsolated,
    })),
  );
}

/** Reads `bridge-fdb.json`. */
export function parseBridgeFdb(text: string, file: string): Parsed<FdbCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const entries: FdbCapture[] = [];
  dump.value.forEach((object, i) => {
    const mac = stringOf(object['mac']);
    const device = stringOf(object['ifname']);
    if (mac === null || device === null) {
      issues.push(elementIssue(text, file, i, mac === null ? 'mac' : 'ifname', 'an entry needs a MAC address and an interface'));
      return;
    }
    entries.push({
      mac,
      device,
      master: stringOf(object['master']),
      destination: stringOf(object['dst']),
      vlan: numberOf(object['vlan']),
      state: stringOf(object['state']) ?? '',
      flags: stringsOf(object['flags']),
    });
  });
  return { value: entries, issues };
}

export function printBridgeFdb(entries: readonly FdbCapture[]): string {
  return printJsonDump(
    entries.map((e) => ({
      mac: e.mac,
      ifname: e.device,
      ...(e.destination === null ? {} : { dst: e.destination }),
      ...(e.vlan === null ? {} : { vlan: e.vlan }),
      flags: e.flags,
      ...(e.master === null ? {} : { master: e.master }),
      state: e.state,
    })),
  );
}
