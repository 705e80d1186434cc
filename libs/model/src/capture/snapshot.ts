/** All state of a cluster at one instant. */
import type { Json } from '../canonical.js';
import type { Issue } from '../issue.js';
import type { MachineCapture } from './machine-capture.js';

export type FabricKind = 'l2' | 'gcp' | 'aws' | 'azure' | 'metal';

export interface ExternalSpec {
  readonly name: string;
  readonly ip: string | null;
  readonly prefixLength: number;
  readonly attach: 'l2' | 'routed';
  readonly gateway: string | null;
  readonly ip6: string | null;
  readonly prefixLength6: number;
  readonly gateway6: string | null;
}

/** A router of the fabric; `spec.fabric.routers` takes a bare `ADDRESS/LENGTH` or `{name, addresses, mac}`. */
export interface RouterSpec {
  readonly name: string;
  /** Addresses with prefix lengths, of both families. */
  readonly addresses: readonly string[];
  readonly mac: string | null;
}

/** One of `spec.nodes`, where they are listed. */
export interface NodeSpec {
  readonly name: string;
  readonly ip: string | null;
  readonly podCidr: string | null;
}

/** The spec of `cluster.yaml`. */
export interface ClusterSpec {
  readonly name: string;
  readonly fabric: { readonly kind: FabricKind; readonly routers: readonly RouterSpec[]; readonly raw: Json };
  readonly externals: readonly ExternalSpec[];
  /** Nodes to be made, or how many; absent: those that have files or objects. */
  readonly nodes?: number | readonly NodeSpec[];
  /** Versions and options of components as written. */
  readonly components?: Json;
  readonly takenAt: string | null;
  readonly seed: number;
  /** The spec as written, for words that this version keeps but does not use. */
  readonly raw: Json;
}

export interface Snapshot {
  readonly cluster: ClusterSpec;
  /** Kubernetes objects as read, in a fixed order. */
  readonly objects: readonly Json[];
  /** Ordered by name: nodes, pods, externals. */
  readonly machines: readonly MachineCapture[];
  readonly issues: readonly Issue[];
  /** Digest of the parsed content: folder, zip and tar.gz agree. */
  digest(): string;
}
