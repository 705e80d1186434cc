/** A packet's path as values: Trace (one packet) > Hop (one visit to one machine) > Step (one decision). */
import type { Json } from './canonical.js';
import type { MachineName } from './capture/machine-capture.js';

export const STEP_KINDS = [
  'EnterInputInterface',
  'Originate',
  'Conntrack',
  'Filter',
  'Transformation',
  'Routing',
  'ReversePath',
  'SysctlCheck',
  'Neighbor',
  'Bridge',
  'Encapsulation',
  'Balance',
  'Fragment',
  'Inbound',
  'ExitOutputInterface',
  'Loop',
  'Unmodelled',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

export interface Step {
  readonly kind: StepKind;
  /** One word, lower camel case: `accept`, `drop`, `jump`, `created`, `found`, `skipped`, `destination`. */
  readonly action: string;
  readonly detail: { readonly [key: string]: Json | undefined };
  /** One line for people. */
  readonly text: string;
  /** Whether this step decided the packet's fate or changed the packet. */
  readonly isDeciding: boolean;
}

/** A `Filter` step's detail: the rules that matched in one table at one hook, in order. */
export interface Hop {
  readonly machine: MachineName;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly steps: readonly Step[];
}

/** A rule looked at in one filter step, and why it did or did not match. */
export interface RuleTrail {
  readonly table: string;
  readonly chain: string;
  readonly number: number;
  readonly text: string;
  readonly matched: boolean;
  /** The first clause that said no, as written; absent when it matched. */
  readonly failedClause?: string;
}
