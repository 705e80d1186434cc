import type { SnapshotRecord } from '@worldline/application';
import type { SnapshotAnswer } from '@worldline/contract';

export function snapshotAnswer({ digest, createdAt, size, files, machines, issues }: SnapshotRecord): SnapshotAnswer {
  return { digest, createdAt, size, files, machines: [...machines], issues: [...issues], links: { self: `/snapshots/${digest}` } };
}

export interface SnapshotNode extends Omit<SnapshotRecord, 'tree'> {
  readonly __typename: 'Snapshot';
  readonly id: string;
}

export function snapshotNode(record: SnapshotRecord): SnapshotNode {
  return { __typename: 'Snapshot', id: record.digest, ...record };
}

/** What a snapshot is called as a file. */
export function archiveName(digest: string): string {
  return `snapshot-${digest.replace(/^sha256:/, '').slice(0, 12)}.tar.gz`;
}
