/** What an event of a scenario changed on a machine: the history that nodes do not keep. */
import type { Json } from './canonical.js';
import type { MachineName } from './capture/machine-capture.js';

export const STATE_CHANGE_KINDS = ['rule', 'policy', 'chain', 'ipset', 'ipset-entry', 'sysctl', 'route', 'routing-rule', 'neighbour', 'address', 'link', 'conntrack-entry', 'bridge-port', 'fdb-entry', 'ebtables'] as const;
/** Words are those of `blame.kind` where it has one. */
export type StateChangeKind = (typeof STATE_CHANGE_KINDS)[number];

export interface StateChange {
  /** When, microseconds. */
  readonly at: number;
  readonly machine: MachineName;
  readonly kind: StateChangeKind;
  /** Names the thing within its machine: `{tool, table, chain, number}`, `{name}`, `{destination, table}`... */
  readonly ref: Json;
  /** As the tool prints it; null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  /** The command that did it. */
  readonly event: string;
}
