import type { SnapshotSource } from '@worldline/application';
import type { Json } from '@worldline/model';

/** Where the bundle of a checked body comes from: exactly one of both is there. */
export function sourceOf({ snapshot, topology }: { readonly snapshot?: string | undefined; readonly topology?: object | undefined }): SnapshotSource {
  return topology === undefined ? { snapshot: snapshot as string } : { topology: topology as { readonly [word: string]: Json | undefined } };
}
