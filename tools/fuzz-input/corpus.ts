/** What is mutated: every folder of scenarios/ that holds a scenario, with its bundle. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files of one case by their path: `scenario.yaml`, `snapshot/nodes/n1/sysctl.txt`. */
export type CaseFiles = ReadonlyMap<string, Uint8Array>;

export interface Case {
  readonly name: string;
  readonly files: CaseFiles;
}

export function readCorpus(root: string): Case[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter(({ name }) => existsSync(join(root, name, 'scenario.yaml')));
  return folders.map(({ name }) => ({ name, files: filesOf(join(root, name)) })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function filesOf(folder: string): CaseFiles {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const inside = path.slice(folder.length + 1);
    if (entry.isFile() && (inside === 'scenario.yaml' || inside.startsWith('snapshot/'))) files.set(inside, readFileSync(path));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
