import { z } from 'zod';
import { problemSchema } from '../problem/index.js';
import { digestSchema, documentSchema, idSchema, momentSchema, progressSchema, statusSchema } from './parts.js';
import { comparisonSummarySchema } from './comparison.js';

/** The spec of a batch file, with a digest for the bundle's path and the scenario itself for the scenario's. What stands inside is checked where it is read. */
export const createBatchSchema = z
  .strictObject({
    base: z.strictObject({
      snapshot: digestSchema.optional(),
      scenario: documentSchema.optional(),
      simulation: idSchema.optional().describe('A stored simulation instead: its snapshot and its scenario'),
    }),
    variants: z.array(z.strictObject({ name: z.string().min(1), events: z.array(documentSchema).default([]) })).min(1),
    expect: z.union([z.array(documentSchema), documentSchema]).optional(),
    gate: z
      .strictObject({
        failOn: z.array(z.enum(['failed', 'undecided', 'finding:error', 'finding:warning'])).optional(),
        scope: z.enum(['all', 'new']).optional(),
      })
      .optional(),
  })
  .superRefine(({ base }, context) => {
    const hasOwn = base.snapshot !== undefined || base.scenario !== undefined;
    if (base.simulation !== undefined && hasOwn) context.addIssue({ code: 'custom', path: ['base', 'simulation'], message: 'a stored simulation has a snapshot and a scenario already' });
    if (base.simulation !== undefined) return;
    for (const name of ['snapshot', 'scenario'] as const) {
      if (base[name] === undefined) context.addIssue({ code: 'custom', path: ['base', name], message: `the base needs snapshot and scenario, or simulation` });
    }
  })
  .meta({ id: 'CreateBatch' });
export type CreateBatchBody = z.infer<typeof createBatchSchema>;

export const variantSchema = z
  .object({
    name: z.string(),
    isPassed: z.boolean(),
    failures: z.array(z.string()).describe('What fails the batch: expectations and findings that the gate names'),
    expectations: z.array(z.object({ name: z.string(), passed: z.boolean(), outcome: z.enum(['passed', 'failed', 'undecided']), detail: z.string() })),
    summary: comparisonSummarySchema,
  })
  .meta({ id: 'Variant' });

export const batchSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    status: statusSchema,
    progress: progressSchema,
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    isPassed: z.boolean().nullable(),
    variants: z.array(variantSchema).nullable(),
    problem: problemSchema.nullable(),
    links: z.object({ self: z.string() }),
  })
  .meta({ id: 'Batch' });
export type BatchAnswer = z.infer<typeof batchSchema>;
