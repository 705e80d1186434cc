import type { ExpectationResult, Issue, Report } from '@worldline/model';

/** What a run is to a build server: named expectations that hold or do not. */
export interface Suite {
  /** The scenario, or `scenario: variant`. */
  readonly name: string;
  /** Path of the scenario file, as given. */
  readonly file: string;
  readonly results: readonly ExpectationResult[];
  readonly issues: readonly Issue[];
  readonly report: Report;
  /** Names of expectations that may fail: the gate of a batch does not count what is already so on the base. */
  readonly tolerated?: readonly string[];
}

export function isTolerated(suite: Suite, result: ExpectationResult): boolean {
  return suite.tolerated?.includes(result.name) ?? false;
}

/** Whether undecided expectations count as failures there too. */
export interface DocumentOptions {
  readonly isUndecidedAllowed: boolean;
  /** Written as the tool's version. */
  readonly version: string;
}
