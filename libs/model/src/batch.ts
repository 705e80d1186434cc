/** The batch file of `worldline what-if`: one base, many variants, what is expected of them, and what fails the batch. */
import type { Json } from './canonical.js';
import type { Expectation, FlowProtocol, PlaceRef, ScenarioEvent } from './scenario.js';

export interface BatchVariant {
  readonly name: string;
  /** Added to the scenario's own; machines are spelled out. */
  readonly events: readonly ScenarioEvent[];
  /** `{apply, delete}` as written, else null. */
  readonly objects: Json;
  /** Versions and options of components as written, else null. */
  readonly components: Json;
}

export interface BatchExpectation extends Expectation {
  /** Names of the variants that it is about; null: all. */
  readonly variants: readonly string[] | null;
}

/** What `{pods: {namespace, selector}}` and its like may name. */
export const MATRIX_KINDS = ['pods', 'nodes', 'externals', 'services', 'loadBalancers'] as const;
export type MatrixKind = (typeof MATRIX_KINDS)[number];

/** One place, or all places of a kind that a namespace (null: any) and a selector of labels leave. */
export type MatrixPlace =
  | { readonly kind: 'place'; readonly place: PlaceRef }
  | { readonly kind: MatrixKind; readonly namespace: string | null; readonly selector: Readonly<Record<string, string>> };

/** Everybody in `from` asks everybody in `to`: each pair is a flow of its own. */
export interface BatchMatrix {
  readonly name: string;
  readonly from: MatrixPlace;
  readonly to: MatrixPlace;
  /** Null: every port of a Service by its own protocol, TCP for other places. */
  readonly protocol: FlowProtocol | null;
  /** Null: every port of a Service. Other places need one, unless it is ICMP. */
  readonly port: number | null;
  /** Pairs with one of these on either side are left out. */
  readonly except: readonly PlaceRef[];
  /** Of all flows of the matrix. */
  readonly expect: Expectation;
}

export type BatchFailure = 'failed' | 'undecided' | 'finding:error' | 'finding:warning';

export interface BatchGate {
  /** Default: failed and undecided. */
  readonly failOn: readonly BatchFailure[];
  /** `new`: what is already so on the base does not count. */
  readonly scope: 'all' | 'new';
}

export interface Batch {
  readonly name: string;
  readonly base: {
    /** Path of a bundle as written; null: the one that the scenario names. */
    readonly snapshot: string | null;
    /** Path of a scenario as written. */
    readonly scenario: string | null;
    /** An inline topology as written, else null. */
    readonly topology: Json;
    /** Id of a stored simulation. */
    readonly simulation: string | null;
  };
  readonly variants: readonly BatchVariant[];
  readonly matrices: readonly BatchMatrix[];
  readonly expect: readonly BatchExpectation[];
  readonly gate: BatchGate;
  readonly raw: Json;
}
