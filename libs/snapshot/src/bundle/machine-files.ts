/** The files of a machine: who reads each, and where its value goes. */
import {
  parseBridgeFdb,
  parseBridgeLinks,
  parseConntrackEntries,
  parseIpAddresses,
  parseIpNeighbours,
  parseIpRoutes,
  parseIpRules,
  parseSockets,
  parseSysctl,
  readEbtablesSave,
  readIpsetSave,
  readRecent,
  scanRuleSet,
} from '@worldline/language';
import type { Family, Json, MachineCapture, Parsed, RouteCapture, RoutingRuleCapture, RuleSet } from '@worldline/model';
import { readDocuments } from '../document/index.js';
import { textOf } from './tree.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A machine while its files are read. Of some things there are several files; they are joined at the end. */
export interface MachineDraft extends Mutable<Omit<MachineCapture, 'routes' | 'routingRules' | 'ruleSets' | 'cni' | 'files'>> {
  routes4: readonly RouteCapture[] | null;
  routes6: readonly RouteCapture[] | null;
  rules4: readonly RoutingRuleCapture[] | null;
  rules6: readonly RoutingRuleCapture[] | null;
  readonly dumps: Map<string, RuleSet>;
  readonly cni: Map<string, Json>;
  readonly files: Set<string>;
}

export interface FileReader {
  /** Readers of one kind give equal values for equal bytes. */
  readonly kind: string;
  parse(bytes: Uint8Array, path: string): Parsed<unknown>;
  put(draft: MachineDraft, value: unknown, name: string): void;
  /** What of the content counts for the digest. */
  readonly canonical: 'json' | 'text' | 'rules';
}

/** Order in which rule dumps are evaluated in one hook. */
export const RULE_DUMPS: readonly (readonly [name: string, family: Family])[] = [
  ['iptables-save.txt', 4],
  ['iptables-legacy-save.txt', 4],
  ['ip6tables-save.txt', 6],
  ['ip6tables-legacy-save.txt', 6],
];

function reader<T>(kind: string, canonical: FileReader['canonical'], parse: (bytes: Uint8Array, path: string) => Parsed<T>, put: (draft: MachineDraft, value: T, name: string) => void): FileReader {
  return { kind, canonical, parse, put: (draft, value, name) => put(draft, value as T, name) };
}

function ofText<T>(parse: (text: string, path: string) => Parsed<T>): (bytes: Uint8Array, path: string) => Parsed<T> {
  return (bytes, path) => parse(textOf(bytes), path);
}

function ruleDump(name: string, family: Family): FileReader {
  return reader(
    name,
    'rules',
    (bytes, path) => {
      const { ruleSet, issues } = scanRuleSet(bytes, { family, file: name });
      return { value: ruleSet, issues: issues.map((issue) => ({ ...issue, file: path })) };
    },
    (draft, value) => draft.dumps.set(name, value),
  );
}

const JSON_DOCUMENT = (text: string, path: string): Parsed<Json> => {
  // CNI files end in .conflist, those of libcni's cache in nothing: all are JSON.
  const { documents, issues } = readDocuments(text, { file: /\.json$/.test(path) ? path : `${path}.json`, code: 'BrokenJson' });
  return { value: documents[0]?.value ?? null, issues: issues.map((issue) => ({ ...issue, file: path })) };
};

const READERS: ReadonlyMap<string, FileReader> = new Map<string, FileReader>([
  ['node.txt', reader('node.txt', 'text', ofText((text) => ({ value: text.trim(), issues: [] })), (draft, value) => void (draft.node = value || null))],
  ['uname.txt', reader('uname.txt', 'text', ofText((text) => ({ value: /\d+\.\d+\S*/.exec(text)?.[0] ?? null, issues: [] })), (draft, value) => void (draft.kernelVersion = value))],
  ['ip-addr.json', reader('ip-addr.json', 'json', ofText(parseIpAddresses), (draft, value) => void (draft.links = value))],
  ['ip-route.json', reader('ip-route.json', 'json', ofText((text, path) => parseIpRoutes(text, path, null)), (draft, value) => void (draft.routes4 = value))],
  ['ip6-route.json', reader('ip6-route.json', 'json', ofText((text, path) => parseIpRoutes(text, path, 6)), (draft, value) => void (draft.routes6 = value))],
  ['ip-rule.json', reader('ip-rule.json', 'json', ofText((text, path) => parseIpRules(text, path, 4)), (draft, value) => void (draft.rules4 = value))],
  ['ip6-rule.json', reader('ip6-rule.json', 'json', ofText((text, path) => parseIpRules(text, path, 6)), (draft, value) => void (draft.rules6 = value))],
  ['ip-neigh.json', reader('ip-neigh.json', 'json', ofText(parseIpNeighbours), (draft, value) => void (draft.neighbours = value))],
  ['bridge-link.json', reader('bridge-link.json', 'json', ofText(parseBridgeLinks), (draft, value) => void (draft.bridgePorts = value))],
  ['bridge-fdb.json', reader('bridge-fdb.json', 'json', ofText(parseBridgeFdb), (draft, value) => void (draft.fdb = value))],
  ...RULE_DUMPS.map(([name, family]) => [name, ruleDump(name, family)] as const),
  ['nft-ruleset.json', reader('nft-ruleset.json', 'json', ofText(JSON_DOCUMENT), (draft, value) => void (draft.nftRuleset = value))],
  ['ipvs.txt', reader('ipvs.txt', 'text', ofText((text) => ({ value: text, issues: [] })), (draft, value) => void (draft.ipvs = value))],
  ['ipset-save.txt', reader('ipset-save.txt', 'text', ofText(readIpsetSave), (draft, value) => void (draft.ipsets = value))],
  ['ebtables-save.txt', reader('ebtables-save.txt', 'rules', ofText(readEbtablesSave), (draft, value) => void (draft.ebtables = value))],
  [
    'conntrack.txt',
    reader(
      'conntrack.txt',
      'text',
      ofText((text, path) => {
        const { entries, issues } = parseConntrackEntries(text, path);
        return { value: entries, issues };
      }),
      (draft, value) => void (draft.conntrack = value),
    ),
  ],
  ['sysctl.txt', reader('sysctl.txt', 'text', ofText(parseSysctl), (draft, value) => void (draft.sysctl = value))],
  ['sockets.txt', reader('sockets.txt', 'text', ofText(parseSockets), (draft, value) => void (draft.sockets = value))],
  ['recent.txt', reader('recent.txt', 'text', ofText(readRecent), (draft, value) => void (draft.recent = value.entries))],
  ['resolv.conf', reader('resolv.conf', 'text', ofText((text) => ({ value: text, issues: [] })), (draft, value) => void (draft.resolvConf = value))],
]);

const CNI = reader('cni', 'json', ofText(JSON_DOCUMENT), (draft, value, name) => draft.cni.set(name.slice('cni/'.length), value));

/** Names of all files that a machine may have, for messages. */
export const MACHINE_FILES: readonly string[] = [...READERS.keys()];

/** Who reads the file of this name below a machine's folder; null: nobody knows it. */
export function fileReader(name: string): FileReader | null {
  if (/^cni\/([^/]+\.(conflist|conf|json)|results\/[^/]+)$/.test(name)) return CNI;
  return READERS.get(name) ?? null;
}
