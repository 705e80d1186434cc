/** The files of one machine into a MachineCapture. */
import type { Issue, Json, MachineCapture, MachineName } from '@worldline/model';
import { didYouMean, isObject } from '../document/index.js';
import type { ContentCache } from './content-cache.js';
import { fileReader, MACHINE_FILES, RULE_DUMPS } from './machine-files.js';
import type { MachineDraft } from './machine-files.js';

/** What is alike on many machines is told once, of the first. */
export class MachineNotices {
  private readonly notices = new Map<string, { readonly issue: Issue; others: number }>();

  add(folder: string, name: string, issue: Omit<Issue, 'file' | 'severity'>): void {
    const key = `${issue.code} ${name} ${issue.word ?? ''}`;
    const known = this.notices.get(key);
    if (known) known.others++;
    else this.notices.set(key, { issue: { ...issue, severity: 'warning', file: `${folder}/${name}` }, others: 0 });
  }

  get issues(): Issue[] {
    return [...this.notices.values()].map(({ issue, others }) => (others === 0 ? issue : { ...issue, message: `${issue.message} (the same on ${others} more)` }));
  }
}

/** Tables that iptables-nft and its sisters own: their dumps say the same. */
const IPTABLES_NFT = /^(ip|ip6|arp|bridge) (raw|mangle|nat|filter|security|broute)$/;

export interface MachineFolder {
  readonly machine: MachineName;
  readonly folder: string;
  /** By name below the folder, in order. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface MachineReading {
  readonly cache: ContentCache;
  readonly issues: Issue[];
  readonly notices: MachineNotices;
}

export function readMachine({ machine, folder, files }: MachineFolder, { cache, issues, notices }: MachineReading): MachineCapture {
  const draft = emptyDraft(machine, folder);
  for (const [name, bytes] of files) {
    const path = `${folder}/${name}`;
    const reader = fileReader(name);
    if (!reader) {
      notices.add(folder, name, { code: 'UnknownFile', message: `is not a file of a bundle, and was not read${didYouMean(name, MACHINE_FILES)}`, word: name });
      continue;
    }
    draft.files.add(name);
    const value = cache.read(reader.kind, bytes, issues, () => reader.parse(bytes, path));
    if (value !== null) reader.put(draft, value, name);
  }
  tellUnmodelled(draft, notices);
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
function tellUnmodelled({ folder, nftRuleset, ipvs, kernelVersion }: MachineDraft, notices: MachineNotices): void {
  for (const table of nftTables(nftRuleset ?? null)) {
    if (IPTABLES_NFT.test(table)) continue;
    notices.add(folder, 'nft-ruleset.json', { code: 'Unmodelled', message: `nft table ${table} is kept, but packets do not pass through it in this version`, word: table });
  }
  if (/^-A /m.test(ipvs ?? '')) {
    notices.add(folder, 'ipvs.txt', { code: 'Unmodelled', message: 'virtual servers of IPVS are kept, but packets do not pass through them in this version', word: 'ipvs' });
  }
  if (kernelVersion !== null && !kernelVersion.startsWith('6.')) {
    notices.add(folder, 'uname.txt', { code: 'KernelVersion', message: `kernel ${kernelVersion}: the semantics are those of Linux 6.18`, word: kernelVersion });
  }
}

function nftTables(ruleset: Json): string[] {
  const items = isObject(ruleset) && Array.isArray(ruleset['nftables']) ? (ruleset['nftables'] as readonly Json[]) : [];
  return items.flatMap((item) => {
    const table = isObject(item) ? item['table'] : null;
    return isObject(table) ? [`${String(table['family'])} ${String(table['name'])}`] : [];
  });
}
