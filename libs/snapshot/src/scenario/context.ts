import type { Snapshot } from '@worldline/model';
import type { KnownPlaces } from './known-places.js';

export interface ScenarioOptions {
  /** Name for messages; it also tells JSON by its ending. */
  readonly file: string;
  /** What names are checked against, and patterns and workloads spelled out by; null: neither. */
  readonly snapshot: Snapshot | null;
  /** Contents of the files that events feed to their commands, by the path as written. Null: not read yet, so nothing is said about them. */
  readonly stdin: ReadonlyMap<string, string> | null;
  /** For values that came without text: what pointers begin with, such as `/scenario`. */
  readonly pointerPrefix?: string;
}

/** What the readers of a scenario's parts share. */
export interface ReadContext {
  readonly places: KnownPlaces | null;
  readonly stdin: ReadonlyMap<string, string> | null;
}
