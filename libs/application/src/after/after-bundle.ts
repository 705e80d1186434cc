/** The final state of a run as a bundle in the same format (`--after`). */
import type { Issue, MachineName, Parsed } from '@worldline/model';
import { folderOfMachine, placeInBundle } from '@worldline/snapshot';
import type { FileTree } from '@worldline/snapshot';
import type { EngineRun } from '../simulate/index.js';

/** Above this many machines only those that changed are written, unless they are named. */
const ALL_MACHINES_LIMIT = 100;

export interface AfterRequest {
  /** The bundle that the run began with. */
  readonly before: FileTree;
  /** Machines to write; null: all, or those that changed where there are many. */
  readonly machines: readonly MachineName[] | null;
}

/** Files that a run cannot change are taken over as they are; all others are printed from the machines' state. */
export function afterBundle(run: EngineRun, { before, machines }: AfterRequest): Parsed<ReadonlyMap<string, Uint8Array | string>> {
  const issues: Issue[] = (machines ?? [])
    .filter((name) => !run.machines.includes(name))
    .map((name) => ({ code: 'UnknownMachine', severity: 'error', message: `no machine is named ${name}`, word: name }));
  if (issues.length > 0) return { value: null, issues };

  const tree = new Map<string, Uint8Array | string>();
  for (const [path, content] of before) if (placeInBundle(path).kind !== 'machine') tree.set(path, content);
  for (const machine of machines ?? chosen(run)) {
    const folder = folderOfMachine(machine);
    for (const [path, content] of before) if (path.startsWith(`${folder}/`)) tree.set(path, content);
    for (const [file, text] of run.dump(machine)) tree.set(`${folder}/${file}`, text);
  }
  return { value: tree, issues: [] };
}

function chosen(run: EngineRun): readonly MachineName[] {
  return run.machines.length <= ALL_MACHINES_LIMIT ? run.machines : run.machines.filter((machine) => run.isChanged(machine));
}
