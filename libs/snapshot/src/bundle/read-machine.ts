/** The files of one machine into a MachineCapture. */
import type { Issue, Json, MachineCapture, MachineName } from '@worldline/model';
import { didYouMean, isObject } from '../document/index.js';
import type { ContentCache } from './content-cache.js';
import { fileReader, MACHINE_FILES, RULE_DUMPS } from './machine-files.js';
import type { MachineDraft } from './machine-files.js';

/** Tables that iptables-nft and its sisters own: their dumps say the same. */
const IPTABLES_NFT = /^(ip|ip6|arp|bridge) (raw|mangle|nat|filter|security|broute)$/;

export interface MachineFolder {
  readonly machine: MachineName;
  readonly folder: string;
  /** By name below the folder, in order. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export function readMachine({ machine, folder, files }: MachineFolder, cache: ContentCache, issues: Issue[]): MachineCapture {
  const draft = emptyDraft(machine, folder);
  for (const [name, bytes] of files) {
    const path = `${folder}/${name}`;
    const reader = fileReader(name);
    if (!reader) {
      issues.push({ code: 'UnknownFile', severity: 'warning', message: `is not a file of a bundle, and was not read${didYouMean(name, MACHINE_FILES)}`, file: path, word: name });
      continue;
    }
    draft.files.add(name);
    const value = cache.read(reader.kind, bytes, issues, () => reader.parse(bytes, path));
    if (value !== null) reader.put(draft, value, name);
  }
  tellUnmodelled(draft, issues);
  return finish(draft);
}

function emptyDraft(machine: MachineName, folder: string): MachineDraft {
  return {
    ...{ machine, folder, node: null, links: [], neighbours: [], bridgePorts: [], fdb: [], ipsets: [], ebtables: null, conntrack: [], sysctl: new Map(), sockets: [], recent: [] },
    ...{ kernelVersion: null, routes4: null, routes6: null, rules4: null, rules6: null },
    dumps: new Map(),
    cni: new Map(),
    files: new Set(),
  };
}

function finish(draft: MachineDraft): MachineCapture {
  const { routes4, routes6, rules4, rules6, dumps, cni, ...rest } = draft;
  return {
    ...rest,
    // `ip-route.json` may hold both families; for IPv6 the file of its own wins.
    routes: routes6 === null ? (routes4 ?? []) : [...(routes4 ?? []).filter(({ family }) => family === 4), ...routes6],
    routingRules: [...(rules4 ?? []), ...(rules6 ?? [])],
    ruleSets: RULE_DUMPS.map(([name]) => dumps.get(name)).filter((one) => one !== undefined),
    ...(cni.size > 0 ? { cni } : {}),
  };
}

/** What is kept and has no meaning in a run yet is said, not left aside. */
function tellUnmodelled(draft: MachineDraft, issues: Issue[]): void {
  const warn = (file: string, message: string, word: string): void => void issues.push({ code: 'Unmodelled', severity: 'warning', message, file: `${draft.folder}/${file}`, word });
  const foreign = nftTables(draft.nftRuleset ?? null).filter((table) => !IPTABLES_NFT.test(table));
  for (const table of foreign) warn('nft-ruleset.json', `nft table ${table} is kept, but packets do not pass through it in this version`, table);
  if (/^-A /m.test(draft.ipvs ?? '')) warn('ipvs.txt', 'virtual servers of IPVS are kept, but packets do not pass through them in this version', 'ipvs');
  if (draft.kernelVersion !== null && !draft.kernelVersion.startsWith('6.')) {
    const message = `kernel ${draft.kernelVersion}: the semantics are those of Linux 6.18`;
    issues.push({ code: 'KernelVersion', severity: 'warning', message, file: `${draft.folder}/uname.txt`, word: draft.kernelVersion });
  }
}

function nftTables(ruleset: Json): string[] {
  const items = isObject(ruleset) && Array.isArray(ruleset['nftables']) ? (ruleset['nftables'] as readonly Json[]) : [];
  return items.flatMap((item) => {
    const table = isObject(item) ? item['table'] : null;
    return isObject(table) ? [`${String(table['family'])} ${String(table['name'])}`] : [];
  });
}
