/** What the engine models and how well: every registry of the rooms in one shape. docs/FIDELITY.md is made from it. */
import { CONNTRACK_FIDELITY } from '../conntrack/index.js';
import { EBTABLES_ACTIONS, EBTABLES_MATCHES, LINK_FIDELITY } from '../link/index.js';
import { IPSET_TYPES, MATCHES, TARGETS, UNMODELLED_MATCHES, UNMODELLED_TARGETS } from '../netfilter/index.js';
import { ROUTING_FIDELITY } from '../routing/index.js';
import { SYSCTLS, type SysctlEntry } from '../sysctl/index.js';

/** `unproved`: written after the source, never compared with a kernel. */
export type FidelityStatus = 'modelled' | 'approximated' | 'unproved' | 'not modelled';

export interface FidelityRow {
  readonly name: string;
  readonly status: FidelityStatus;
  /** File of Linux 6.18, with the function where one does it. */
  readonly citation: string;
  /** Where the engine knows less than the kernel, or what a setting does. */
  readonly note: string;
}

export interface FidelitySection {
  readonly title: string;
  readonly rows: readonly FidelityRow[];
}

export const FIDELITY: readonly FidelitySection[] = [
  { title: 'Matches', rows: [...MATCHES, ...UNMODELLED_MATCHES].map(row) },
  { title: 'Targets', rows: [...TARGETS, ...UNMODELLED_TARGETS].map(row) },
  { title: 'Set types', rows: IPSET_TYPES.map(row) },
  { title: 'Bridge matches', rows: EBTABLES_MATCHES.map(row) },
  { title: 'Bridge targets', rows: EBTABLES_ACTIONS.map(row) },
  { title: 'Devices and bridges', rows: LINK_FIDELITY.map(row) },
  { title: 'Routing and neighbours', rows: ROUTING_FIDELITY.map(row) },
  { title: 'Connection tracking and NAT', rows: CONNTRACK_FIDELITY.map(row) },
  { title: 'Sysctls', rows: SYSCTLS.map(sysctlRow).filter(isFirst) },
];

function row(entry: { name: string; status: FidelityStatus; citation: string; note?: string }): FidelityRow {
  return { name: entry.name, status: entry.status, citation: entry.citation, note: entry.note ?? '' };
}

function sysctlRow(entry: SysctlEntry): FidelityRow {
  const names = [entry.name4, entry.name6].filter((name) => name !== null);
  return { name: names.join(', '), status: entry.isInert ? 'not modelled' : 'modelled', citation: entry.citation, note: entry.effect };
}

/** A sysctl of several values has an entry for each. */
function isFirst(entry: FidelityRow, at: number, all: readonly FidelityRow[]): boolean {
  return all.findIndex(({ name }) => name === entry.name) === at;
}
