export { archiveName, snapshotNode } from './snapshot.mapper.js';
export type { SnapshotNode } from './snapshot.mapper.js';
export { SnapshotModule } from './snapshot.module.js';
