/** A machine's files, as `--after` writes them, asked about: rules, entries of conntrack, sysctls. */
import { isOwnedBy, ownerOf } from '@worldline/analysis';
import { canonicalSysctlName, conntrackProtocolName, encodeUtf8, formatConntrackEntry, parseConntrackEntries, parseSysctl, ruleText, scanRuleSet } from '@worldline/language';
import type { ConntrackCapture, MachineName, RuleSet, TupleCapture } from '@worldline/model';
import type { PageRequest } from '../ports.js';
import { pageOfList } from '../pages.js';
import type { CountedPage, EntryState, RuleState, StateFilter, TupleState } from './replays.js';

/** File name to text. */
export type MachineFiles = ReadonlyMap<string, string>;

/** Rule dumps, in the order in which a hook asks them. */
const RULE_FILES = [
  { file: 'iptables-save.txt', family: 4, tool: 'iptables' },
  { file: 'iptables-legacy-save.txt', family: 4, tool: 'iptables-legacy' },
  { file: 'ip6tables-save.txt', family: 6, tool: 'ip6tables' },
  { file: 'ip6tables-legacy-save.txt', family: 6, tool: 'ip6tables-legacy' },
] as const;

const POLICIES = ['-', 'ACCEPT', 'DROP'];

/** All rules, then page by page; a base chain's policy stands behind its rules. */
export function rulesOf(files: MachineFiles, filter: StateFilter, page: PageRequest, machine: MachineName): CountedPage<RuleState> {
  const rules: RuleState[] = [];
  for (const { file, family, tool } of RULE_FILES) {
    const text = files.get(file);
    if (text !== undefined) rules.push(...rulesOfSet(scanRuleSet(encodeUtf8(text), { family, file }).ruleSet, tool));
  }
  const isWanted = (rule: RuleState): boolean => isWantedRule(rule, filter) && isWantedMachine(machine, filter);
  return counted(rules.filter(isWanted), page);
}

function rulesOfSet(set: RuleSet, tool: string): RuleState[] {
  const rules: RuleState[] = [];
  for (const { name: table, chainStart, chainEnd } of set.tables) {
    for (let c = chainStart; c < chainEnd; c++) {
      const chain = set.words.text(set.chainName[c] as number);
      const [first, end] = [set.chainRuleStart[c] as number, set.chainRuleStart[c + 1] as number];
      for (let r = first; r < end; r++) rules.push({ tool, table, chain, number: r - first + 1, text: ruleText(set, r), packets: set.rulePackets[r] as number });
      const policy = POLICIES[set.chainPolicy[c] as number] as string;
      if (policy !== '-') rules.push({ tool, table, chain, number: null, text: `-P ${chain} ${policy}`, packets: set.chainPackets[c] as number });
    }
  }
  return rules;
}

function isWantedRule({ tool, table, chain, number, text }: RuleState, filter: StateFilter): boolean {
  const asked = filter.owner;
  return (
    isOfKind('rule', filter) &&
    [filter.name, filter.address, filter.port, filter.protocol, filter.at].every((word) => word === undefined) &&
    isEqual(filter.tool, tool) &&
    isEqual(filter.table, table) &&
    isEqual(filter.chain, chain) &&
    isEqual(filter.rule, number) &&
    (filter.text === undefined || text.includes(filter.text)) &&
    (asked === undefined || isOwnedBy(ownerOf(chain, text), asked))
  );
}

/** In the order of `conntrack -L`. */
export function conntrackOf(files: MachineFiles, filter: StateFilter, page: PageRequest, machine: MachineName): CountedPage<EntryState> {
  const { entries } = parseConntrackEntries(files.get('conntrack.txt') ?? '', 'conntrack.txt');
  const wanted = entries.filter((entry) => isWantedEntry(entry, filter) && isWantedMachine(machine, filter)).map(entryState);
  return counted(wanted.filter(({ text }) => filter.text === undefined || text.includes(filter.text)), page);
}

function isWantedEntry({ protocol, original, reply }: ConntrackCapture, filter: StateFilter): boolean {
  const { address, port } = filter;
  const ends = [original, reply].flatMap(({ source, sourcePort, destination, destinationPort }) => [{ ip: source, port: sourcePort }, { ip: destination, port: destinationPort }]);
  return (
    isOfKind('conntrack-entry', filter) &&
    [filter.tool, filter.table, filter.chain, filter.rule, filter.name, filter.owner, filter.at].every((word) => word === undefined) &&
    isEqual(filter.protocol, conntrackProtocolName(protocol)) &&
    ends.some((end) => isEqual(address, end.ip) && isEqual(port, end.port))
  );
}

function entryState(entry: ConntrackCapture): EntryState {
  const { family, protocol, timeout, state, original, reply, isReplied, isAssured, mark, zone } = entry;
  const hasPorts = !/^icmp/.test(conntrackProtocolName(protocol)) && (original.sourcePort !== 0 || original.destinationPort !== 0);
  const side = (ip: string, port: number): TupleState['source'] => ({ ip, port: hasPorts ? port : null });
  const tuple = (one: TupleCapture): TupleState => ({ source: side(one.source, one.sourcePort), destination: side(one.destination, one.destinationPort) });
  return { family, protocol: conntrackProtocolName(protocol), timeout, state, original: tuple(original), reply: tuple(reply), isReplied, isAssured, mark, zone, text: formatConntrackEntry(entry, true) };
}

/** Null: the machine has no such key. */
export function sysctlOf(files: MachineFiles, name: string): string | null {
  return parseSysctl(files.get('sysctl.txt') ?? '', 'sysctl.txt').value?.get(canonicalSysctlName(name)) ?? null;
}

/** The page of a list whose items are told apart by their place in it. */
export function counted<T>(list: readonly T[], request: PageRequest): CountedPage<T> {
  const placed = list.map((item, place) => ({ item, place }));
  const page = pageOfList(placed, request, ['n'], ({ place }) => [place]);
  return { ...page, items: page.items.map(({ cursor, item }) => ({ cursor, item: item.item })), total: list.length };
}

function isOfKind(kind: string, { kind: asked }: StateFilter): boolean {
  return asked === undefined || asked.includes(kind);
}

function isWantedMachine(machine: MachineName, { machine: asked }: StateFilter): boolean {
  return asked === undefined || asked === machine;
}

function isEqual<T>(asked: T | undefined, found: T | null): boolean {
  return asked === undefined || asked === found;
}
