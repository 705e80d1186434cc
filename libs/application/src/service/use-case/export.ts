import { writeTarGz } from '@worldline/snapshot';
import type { Stores } from '../ports.js';

/** A stored bundle as `.tar.gz`, for a command line to read; null: there is none. The same bundle gives the same bytes. */
export async function snapshotArchive(digest: string, { snapshots }: Pick<Stores, 'snapshots'>): Promise<Uint8Array | null> {
  const tree = await snapshots.tree(digest);
  return tree && writeTarGz(tree);
}
