/** `ip -j -d addr`: links and their addresses, read and printed. */
import { parseAddress, type AddressCapture, type Issue, type LinkCapture, type Parsed } from '@worldline/model';
import { elementIssue, numberOf, objectOf, parseJsonDump, printJsonDump, stringOf, stringsOf, type JsonObject } from './json-dump.js';

const FOREVER = 4294967295;

/** Reads `ip-addr.json`. Entries that cannot be used are left out, with an issue each. */
export function parseIpAddresses(text: string, file: string): Parsed<LinkCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const links: LinkCapture[] = [];
  const indexes = new Map(dump.value.map((o) => [stringOf(o['ifname']), numberOf(o['ifindex']) ?? 0] as const));
  dump.value.forEach((object, i) => {
    const name = stringOf(object['ifname']);
    const index = numberOf(object['ifindex']);
    if (name === null || index === null) {
      issues.push(elementIssue(text, file, i, name === null ? 'ifname' : 'ifindex', 'a link needs a name and an index'));
      return;
    }
    links.push(readLink(object, name, index, indexes, (field, message, word) => issues.push(elementIssue(text, file, i, field, message, word))));
  });
  return { value: links, issues };
}

type Complain = (field: string, message: string, word?: string) => void;

function readLink(object: JsonObject, name: string, index: number, indexes: ReadonlyMap<string | null, number>, complain: Complain): LinkCapture {
  const info = objectOf(object['linkinfo']);
  // The peer in the same namespace is printed by name, one elsewhere by index
  const lower = stringOf(object['link']);
  const addresses: AddressCapture[] = [];
  const list = Array.isArray(object['addr_info']) ? (object['addr_info'] as unknown[]) : [];
  list.forEach((item, i) => {
    const address = readAddress(objectOf(item));
    if (address) addresses.push(address);
    else if (Object.keys(objectOf(item)).length > 0) complain(`addr_info/${i}`, 'not an address', stringOf(objectOf(item)['local']) ?? undefined);
  });
  return {
    index,
    name,
    linkIndex: numberOf(object['link_index']) ?? (lower === null ? 0 : (indexes.get(lower) ?? 0)),
    linkNetnsId: numberOf(object['link_netnsid']) ?? -1,
    flags: stringsOf(object['flags']),
    mtu: numberOf(object['mtu']) ?? 1500,
    operstate: stringOf(object['operstate']) ?? 'UNKNOWN',
    linkType: stringOf(object['link_type']) ?? (name === 'lo' ? 'loopback' : 'ether'),
    mac: stringOf(object['address']) ?? '00:00:00:00:00:00',
    master: stringOf(object['master']),
    kind: stringOf(info['info_kind']) ?? '',
    kindData: objectOf(info['info_data']),
    slaveData: objectOf(info['info_slave_data']),
    addresses,
    raw: object,
  };
}

function readAddress(object: JsonObject): AddressCapture | null {
  const local = stringOf(object['local']);
  const parsed = local === null ? null : parseAddress(local);
  if (local === null || !parsed) return null;
  const broadcast = stringOf(object['broadcast']);
  return {
    family: parsed.family,
    local,
    peer: stringOf(object['address']),
    prefixLength: numberOf(object['prefixlen']) ?? (parsed.family === 4 ? 32 : 128),
    broadcast: broadcast !== null && parseAddress(broadcast) ? broadcast : null,
    scope: stringOf(object['scope']) ?? 'global',
    isSecondary: object['secondary'] === true,
    isDeprecated: object['deprecated'] === true,
    isTentative: object['tentative'] === true || object['dadfailed'] === true,
    label: stringOf(object['label']),
  };
}

/** Prints links as `ip -j -d addr` does: what was captured as it was, with what has changed since written over it. */
export function printIpAddresses(links: readonly LinkCapture[]): string {
  return printJsonDump(links.map(linkJson));
}

function linkJson(link: LinkCapture): JsonObject {
  const { raw } = link;
  const isFresh = Object.keys(raw).length === 0;
  const base = isFresh ? freshLink(link) : { ...raw };
  const info = objectOf(raw['linkinfo']);
  const json: Record<string, unknown> = {
    ...base,
    ifname: link.name,
    flags: link.flags,
    mtu: link.mtu,
    operstate: link.operstate,
    address: link.mac,
    addr_info: link.addresses.map((a) => addressJson(a, raw['addr_info'])),
  };
  if (link.master === null) delete json['master'];
  else json['master'] = link.master;
  if (link.kind !== '') {
    const linkinfo: Record<string, unknown> = { ...info, info_kind: link.kind };
    if (Object.keys(link.kindData).length > 0) linkinfo['info_data'] = link.kindData;
    if (link.master === null) {
      delete linkinfo['info_slave_kind'];
      delete linkinfo['info_slave_data'];
    } else if (Object.keys(link.slaveData).length > 0) {
      linkinfo['info_slave_kind'] ??= 'bridge';
      linkinfo['info_slave_data'] = link.slaveData;
    }
    json['linkinfo'] = linkinfo;
  }
  return inOrder(json);
}

function freshLink(link: LinkCapture): Record<string, unknown> {
  return {
    ifindex: link.index,
    ...(link.linkIndex > 0 ? { link_index: link.linkIndex } : {}),
    qdisc: 'noqueue',
    group: 'default',
    txqlen: 1000,
    link_type: link.linkType,
    broadcast: 'ff:ff:ff:ff:ff:ff',
    ...(link.linkNetnsId >= 0 ? { link_netnsid: link.linkNetnsId } : {}),
    promiscuity: 0,
    allmulti: 0,
  };
}

const LINK_ORDER = [
  'ifindex', 'link', 'link_index', 'ifname', 'flags', 'mtu', 'qdisc', 'master', 'operstate', 'linkmode', 'group', 'txqlen', 'link_type', 'address', 'link_pointtopoint', 'broadcast', 'link_netnsid',
  'promiscuity', 'allmulti', 'min_mtu', 'max_mtu', 'linkinfo',
];

/** Keys in the order of the tool; those it puts last, and others, stay as they came. */
function inOrder(json: Readonly<Record<string, unknown>>): JsonObject {
  const ordered: Record<string, unknown> = {};
  for (const key of LINK_ORDER) if (key in json) ordered[key] = json[key];
  for (const [key, value] of Object.entries(json)) if (!(key in ordered) && key !== 'addr_info') ordered[key] = value;
  ordered['addr_info'] = json['addr_info'];
  return ordered;
}

function addressJson(address: AddressCapture, raw: unknown): JsonObject {
  const list = Array.isArray(raw) ? (raw as unknown[]) : [];
  const known = list.map(objectOf).find((o) => o['local'] === address.local && o['prefixlen'] === address.prefixLength && (o['secondary'] === true) === address.isSecondary);
  if (known) return known;
  return {
    family: address.family === 4 ? 'inet' : 'inet6',
    local: address.local,
    ...(address.peer === null ? {} : { address: address.peer }),
    prefixlen: address.prefixLength,
    ...(address.broadcast === null ? {} : { broadcast: address.broadcast }),
    scope: address.scope,
    ...(address.isSecondary ? { secondary: true } : {}),
    ...(address.isDeprecated ? { deprecated: true } : {}),
    ...(address.label === null ? {} : { label: address.label }),
    valid_life_time: FOREVER,
    preferred_life_time: address.isDeprecated ? 0 : FOREVER,
  };
}
