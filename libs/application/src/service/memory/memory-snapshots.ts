import type { FileTree } from '@worldline/snapshot';
import type { SnapshotStore, Surroundings } from '../ports.js';
import type { SnapshotRecord } from '../records.js';

export class MemorySnapshots implements SnapshotStore {
  private readonly stored = new Map<string, { readonly record: SnapshotRecord; readonly tree: FileTree }>();

  constructor(private readonly surroundings: Surroundings) {}

  put({ digest, tree, machines, issues }: Parameters<SnapshotStore['put']>[0]): ReturnType<SnapshotStore['put']> {
    const known = this.stored.get(digest);
    if (known) return Promise.resolve({ record: known.record, isNew: false });
    const record: SnapshotRecord = { digest, createdAt: this.surroundings.now(), size: sizeOf(tree), files: tree.size, machines, issues };
    this.stored.set(digest, { record, tree });
    return Promise.resolve({ record, isNew: true });
  }

  get(digests: readonly string[]): Promise<readonly SnapshotRecord[]> {
    return Promise.resolve(digests.flatMap((digest) => this.stored.get(digest)?.record ?? []));
  }

  tree(digest: string): Promise<FileTree | null> {
    return Promise.resolve(this.stored.get(digest)?.tree ?? null);
  }
}

function sizeOf(tree: FileTree): number {
  let size = 0;
  for (const bytes of tree.values()) size += bytes.length;
  return size;
}
