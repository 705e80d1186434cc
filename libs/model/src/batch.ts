/** The batch file of `worldline what-if`: one base, many variants, what is expected of them, and what fails the batch. */
import type { Json } from './canonical.js';
import type { Expectation, ScenarioEvent } from './scenario.js';

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
  /** As written. */
  readonly matrices: readonly Json[];
  readonly expect: readonly BatchExpectation[];
  readonly gate: BatchGate;
  readonly raw: Json;
}
