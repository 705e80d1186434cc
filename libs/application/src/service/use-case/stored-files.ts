/** Stored documents as the files that use cases read: a bundle in `snapshot/`, beside it `scenario.json` and `batch.json`. */
import type { FileTree } from '@worldline/snapshot';
import { MemoryFiles } from '../../ports/index.js';

export const SNAPSHOT_FOLDER = 'snapshot';
export const SCENARIO_FILE = 'scenario.json';
export const BATCH_FILE = 'batch.json';

export function storedFiles(tree: FileTree, documents: Readonly<Record<string, string>>): MemoryFiles {
  const files = new MemoryFiles(documents);
  for (const [name, bytes] of tree) files.content.set(`${SNAPSHOT_FOLDER}/${name}`, bytes);
  return files;
}
