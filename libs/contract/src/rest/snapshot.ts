import { z } from 'zod';
import { digestSchema, documentSchema, filesSchema, issueSchema, momentSchema, seedSchema } from './parts.js';

/** A bundle as JSON: the spec of cluster.yaml, objects, and any file of a bundle. Words whose meaning is checked where they are read. */
export const topologySchema = z
  .strictObject({
    files: filesSchema.optional(),
    objects: z.union([z.array(documentSchema), z.string()]).optional().describe('Kubernetes objects: a list, or YAML text'),
    fabric: z.union([documentSchema, z.string()]).optional(),
    externals: z.array(documentSchema).optional(),
    seed: seedSchema.optional(),
    takenAt: z.string().optional(),
  })
  .refine((topology) => Object.keys(topology).length > 0, { message: 'there is nothing in it', path: ['files'] })
  .meta({ id: 'Topology', description: 'A bundle: its files, or what cluster.yaml and kubernetes/ hold' });

/** Where a bundle comes from: one of both, said at the field. */
export const sourceFields = {
  snapshot: digestSchema.optional().describe('Digest of a stored snapshot'),
  topology: topologySchema.optional().describe('The bundle itself, instead of a digest'),
};

interface Source {
  readonly snapshot?: unknown;
  readonly topology?: unknown;
}

/** For `superRefine`: `what` is a noun for what needs the bundle; `at` where its fields stand. */
export function checkSource({ snapshot, topology }: Source, context: z.core.$RefinementCtx, { what, at = [] }: { readonly what: string; readonly at?: readonly string[] }): void {
  if (snapshot === undefined && topology === undefined) context.addIssue({ code: 'custom', path: [...at, 'snapshot'], message: `one of snapshot and topology is needed` });
  if (snapshot !== undefined && topology !== undefined) context.addIssue({ code: 'custom', path: [...at, 'topology'], message: `${what} has a snapshot or a topology, not both` });
}

export type TopologyBody = z.infer<typeof topologySchema>;

export const snapshotSchema = z
  .object({
    digest: digestSchema,
    createdAt: momentSchema,
    size: z.int().describe('Bytes of all files'),
    files: z.int(),
    machines: z.array(z.string()).describe('Names of the machines: node/n1, pod/default/web'),
    issues: z.array(issueSchema),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Snapshot' });
export type SnapshotAnswer = z.infer<typeof snapshotSchema>;
