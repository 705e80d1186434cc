import type { Json, Parsed, Report } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';

/** Simulations that a service keeps, by id. One that is not there, or not at its end, is an Issue; a service that cannot be reached is an operating error, and thrown. */
export interface StoredSimulations {
  report(id: string): Promise<Parsed<Report>>;
  /** What it was asked to do. */
  order(id: string): Promise<Parsed<StoredOrder>>;
}

export interface StoredOrder {
  readonly tree: FileTree;
  /** The document, without the seed that it was run with. */
  readonly scenario: Json;
  readonly seed: number;
}
