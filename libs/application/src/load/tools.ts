import type { Batch, Issue, Parsed, Scenario, Snapshot } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import type { Files } from '../ports/index.js';

/** Reads what users write. */
export interface Readers {
  bundle(tree: FileTree): Parsed<Snapshot>;
  scenario(text: string, context: ScenarioContext): Parsed<Scenario>;
  batch(text: string, context: ScenarioContext): Parsed<Batch>;
  /** Paths that the events' `stdin` name, as written. */
  stdinFiles(text: string): readonly string[];
}

export interface ScenarioContext {
  /** Name for messages. */
  readonly file: string;
  /** What names are checked against; null: they are not checked. */
  readonly snapshot: Snapshot | null;
  /** Files that events feed to their commands, by the path as written; null: not read yet. */
  readonly stdin: ReadonlyMap<string, string> | null;
}

export interface LoadTools {
  readonly files: Files;
  readonly readers: Readers;
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

export function refused<T>(issues: readonly Issue[]): Parsed<T> {
  return { value: null, issues };
}
