/** `ip -j rule` and its IPv6 twin, read and printed. */
import { parsePrefix, type Family, type Issue, type Parsed, type RoutingRuleCapture } from '@worldline/model';
import { elementIssue, numberOf, parseJsonDump, printJsonDump, stringOf, type JsonObject } from './json-dump.js';
import { ipProtocolNumber, ipProtocolWord, tableNumber, tableWord } from './names.js';

const FULL_MASK = 0xffff_ffff;
const ACTIONS: readonly string[] = ['unreachable', 'blackhole', 'prohibit'];

/** Reads `ip-rule.json` (4) or `ip6-rule.json` (6). */
export function parseIpRules(text: string, file: string, family: Family): Parsed<RoutingRuleCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const rules: RoutingRuleCapture[] = [];
  dump.value.forEach((object, i) => {
    const rule = readRule(object, family);
    if ('fault' in rule) issues.push(elementIssue(text, file, i, rule.fault, rule.message, stringOf(object[rule.fault]) ?? undefined));
    else rules.push(rule);
  });
  return { value: rules, issues };
}

function readRule(object: JsonObject, family: Family): RoutingRuleCapture | { fault: string; message: string } {
  const priority = numberOf(object['priority']);
  if (priority === null) return { fault: 'priority', message: 'a rule needs a priority' };
  const source = readPrefix(object['src'], object['srclen'], family);
  if (source === undefined) return { fault: 'src', message: 'not a source prefix' };
  const destination = readPrefix(object['dst'], object['dstlen'], family);
  if (destination === undefined) return { fault: 'dst', message: 'not a destination prefix' };
  const mark = numberOf(object['fwmark']);
  const protocol = stringOf(object['ipproto']);
  const action = readAction(object);
  const table = action === 'goto' ? numberOf(object['goto']) : tableNumber(stringOf(object['table']) ?? '0');
  if (table === null) return { fault: action === 'goto' ? 'goto' : 'table', message: 'no table of this name' };
  return {
    family,
    priority,
    isInverted: 'not' in object,
    source,
    destination,
    inputInterface: stringOf(object['iif']),
    outputInterface: stringOf(object['oif']),
    mark: mark === null ? null : mark | 0,
    markMask: (numberOf(object['fwmask']) ?? FULL_MASK) | 0,
    tos: numberOf(object['tos']) ?? numberOf(object['dsfield']) ?? 0,
    protocol: protocol === null ? null : ipProtocolNumber(protocol),
    sourcePorts: readRange(object, 'sport'),
    destinationPorts: readRange(object, 'dport'),
    uidRange: 'uid_start' in object ? [numberOf(object['uid_start']) ?? 0, numberOf(object['uid_end']) ?? FULL_MASK] : null,
    action,
    table,
    suppressPrefixLength: numberOf(object['suppress_prefixlen']) ?? numberOf(object['suppress_prefixlength']),
    ...('suppress_ifgroup' in object ? { suppressGroup: String(object['suppress_ifgroup']) } : {}),
    isL3mdev: 'l3mdev' in object,
    raw: object,
  };
}

function readAction(object: JsonObject): RoutingRuleCapture['action'] {
  if ('goto' in object) return 'goto';
  if ('nop' in object) return 'nop';
  const action = stringOf(object['action']);
  return action !== null && ACTIONS.includes(action) ? (action as RoutingRuleCapture['action']) : 'table';
}

/** `all` is no prefix (null); undefined when the words are none. */
function readPrefix(address: unknown, length: unknown, family: Family): string | null | undefined {
  const text = stringOf(address);
  if (text === null || text === 'all' || text === 'default') return null;
  const bits = numberOf(length);
  const prefix = bits === null || text.includes('/') ? text : `${text}/${bits}`;
  const parsed = parsePrefix(prefix);
  if (!parsed || parsed.address.family !== family) return undefined;
  return prefix.includes('/') ? prefix : `${prefix}/${family === 4 ? 32 : 128}`;
}

function readRange(object: JsonObject, key: string): readonly [number, number] | null {
  const one = numberOf(object[key]);
  if (one !== null) return [one, one];
  const first = numberOf(object[`${key}_start`]);
  return first === null ? null : [first, numberOf(object[`${key}_end`]) ?? first];
}

/** Prints rules as `ip -j rule` does; a captured rule as it was. */
export function printIpRules(rules: readonly RoutingRuleCapture[]): string {
  return printJsonDump(rules.map((r) => (Object.keys(r.raw).length > 0 ? r.raw : ruleJson(r))));
}

export function ruleJson(rule: RoutingRuleCapture): JsonObject {
  return {
    priority: rule.priority,
    ...(rule.isInverted ? { not: null } : {}),
    ...prefixJson('src', rule.source, rule.family, true),
    ...prefixJson('dst', rule.destination, rule.family, false),
    ...(rule.tos === 0 ? {} : { tos: `0x${rule.tos.toString(16).padStart(2, '0')}` }),
    ...(rule.mark === null ? {} : { fwmark: `0x${(rule.mark >>> 0).toString(16)}` }),
    ...(rule.mark === null || rule.markMask === -1 ? {} : { fwmask: `0x${(rule.markMask >>> 0).toString(16)}` }),
    ...(rule.inputInterface === null ? {} : { iif: rule.inputInterface }),
    ...(rule.outputInterface === null ? {} : { oif: rule.outputInterface }),
    ...(rule.isL3mdev ? { l3mdev: null } : {}),
    ...(rule.uidRange === null ? {} : { uid_start: rule.uidRange[0], uid_end: rule.uidRange[1] }),
    ...(rule.protocol === null ? {} : { ipproto: ipProtocolWord(rule.protocol) }),
    ...rangeJson('sport', rule.sourcePorts),
    ...rangeJson('dport', rule.destinationPorts),
    ...(rule.action === 'table' && !rule.isL3mdev ? { table: tableWord(rule.table) } : {}),
    ...(rule.suppressPrefixLength === null ? {} : { suppress_prefixlen: rule.suppressPrefixLength }),
    ...(rule.suppressGroup === undefined ? {} : { suppress_ifgroup: rule.suppressGroup }),
    ...(rule.action === 'goto' ? { goto: rule.table } : rule.action === 'nop' ? { nop: null } : rule.action === 'table' ? {} : { action: rule.action }),
  };
}

function prefixJson(key: 'src' | 'dst', prefix: string | null, family: Family, isAlways: boolean): JsonObject {
  if (prefix === null) return isAlways ? { [key]: 'all' } : {};
  const [address, length] = prefix.split('/');
  const isFull = length === undefined || Number(length) === (family === 4 ? 32 : 128);
  return isFull ? { [key]: address } : { [key]: address, [`${key}len`]: Number(length) };
}

function rangeJson(key: string, range: readonly [number, number] | null): JsonObject {
  if (range === null) return {};
  return range[0] === range[1] ? { [key]: range[0] } : { [`${key}_start`]: range[0], [`${key}_end`]: range[1] };
}
