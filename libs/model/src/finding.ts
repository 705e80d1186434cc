/** A diagnosis. Field names are public surface. */
import type { Json } from './canonical.js';
import type { Severity } from './issue.js';
import type { MachineName } from './capture/machine-capture.js';

export type Harm = 'blackhole' | 'wormhole' | 'intermittent' | 'latency' | 'reset' | 'asymmetry' | 'leak' | 'latent';

export type BlameKind =
  | 'conntrack-entry'
  | 'rule'
  | 'policy'
  | 'ipset-entry'
  | 'sysctl'
  | 'route'
  | 'routing-rule'
  | 'neighbour'
  | 'fdb-entry'
  | 'bridge-port'
  | 'link'
  | 'address'
  | 'socket'
  | 'object'
  | 'component'
  | 'fabric';

export interface Blame {
  readonly kind: BlameKind;
  readonly machine: MachineName | null;
  readonly ref: { readonly [key: string]: Json | undefined };
  readonly missing?: true;
  readonly owner?: string;
  readonly since?: { readonly at: string; readonly event: string };
}

export interface Remedy {
  readonly do: readonly Json[];
  readonly flips: readonly string[];
  readonly breaks: readonly string[];
  readonly verified: true;
}

export interface Finding {
  readonly kind: Harm;
  readonly severity: Severity;
  readonly title: string;
  readonly flows: readonly string[];
  readonly blame: Blame;
  readonly evidence: readonly Json[];
  readonly remedy: Remedy | null;
}
