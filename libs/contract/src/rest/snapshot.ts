import { z } from 'zod';
import { digestSchema, filesSchema, issueSchema } from './parts.js';

/** A bundle as JSON: an inline topology is the same. */
export const topologySchema = z.strictObject({ files: filesSchema }).meta({ id: 'Topology', description: 'A bundle: its files' });
export type TopologyBody = z.infer<typeof topologySchema>;

export const snapshotSchema = z
  .object({
    digest: digestSchema,
    machines: z.array(z.string()).describe('Names of the machines: node/n1, pod/default/web'),
    issues: z.array(issueSchema),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Snapshot' });
export type SnapshotAnswer = z.infer<typeof snapshotSchema>;
