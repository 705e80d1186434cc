/** The work behind a Workbench, done at once and here. Adapters carry it elsewhere. */
import { digestOf } from '@worldline/model';
import type { HashText, Parsed } from '@worldline/model';
import { ARCHIVE_LIMITS, readArchive } from '@worldline/snapshot';
import type { FileTree } from '@worldline/snapshot';
import { loadScenario, hasErrors, refused } from '../../load/index.js';
import type { Readers } from '../../load/index.js';
import { checkBatch } from '../../use-case/index.js';
import type { CheckedScenario, Inspection, SnapshotStore, Workbench } from '../ports.js';
import { BATCH_FILE, SCENARIO_FILE, SNAPSHOT_FOLDER, storedFiles } from './stored-files.js';

/** What is uploaded must leave room for other requests; a command line has a machine to itself. */
const UPLOAD_LIMITS = { ...ARCHIVE_LIMITS, unpackedBytes: 256 * 1024 ** 2, files: 200_000 };

export interface BenchTools {
  readonly snapshots: Pick<SnapshotStore, 'tree'>;
  readonly readers: Readers;
  readonly hash: HashText;
}

/** A workbench on the caller's own thread. */
export function bench({ snapshots, readers, hash }: BenchTools): Workbench {
  return {
    openArchive: (bytes) => Promise.resolve(readArchive(bytes, 'the archive', UPLOAD_LIMITS)),
    inspect: (tree) => Promise.resolve(inspect(tree, readers)),
    async checkScenario(digest, text) {
      const tree = await snapshots.tree(digest);
      if (tree === null) return null;
      const { value, issues } = await loadScenario(SCENARIO_FILE, SNAPSHOT_FOLDER, { readers, files: storedFiles(tree, { [SCENARIO_FILE]: text }) });
      if (value === null) return refused<CheckedScenario>(issues);
      const { name, seed, raw } = value.scenario;
      return { value: { name, seed, digest: digestOf(raw, hash) }, issues };
    },
    async checkBatch({ snapshotDigest, scenario, batch }) {
      const tree = await snapshots.tree(snapshotDigest);
      if (tree === null) return null;
      const { value, issues } = await checkBatch(BATCH_FILE, { readers, files: storedFiles(tree, { [SCENARIO_FILE]: scenario, [BATCH_FILE]: batch }) });
      return value === null ? refused(issues) : { value: { name: value.batch.name }, issues };
    },
  };
}

function inspect(tree: FileTree, readers: Readers): Parsed<Inspection> {
  const { value, issues } = readers.bundle(tree);
  if (value === null || hasErrors(issues)) return refused(issues);
  return { value: { digest: value.digest(), machines: value.machines.map(({ machine }) => machine) }, issues };
}
