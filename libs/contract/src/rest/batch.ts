import { z } from 'zod';
import { problemSchema } from '../problem/index.js';
import { documentSchema, idSchema, momentSchema, progressSchema, statusSchema } from './parts.js';
import { changeSchema, comparisonSummarySchema } from './comparison.js';
import { checkSource, sourceFields } from './snapshot.js';

/** A document, or several. */
const documentsSchema = z.union([z.array(documentSchema), documentSchema]);

/** The spec of a batch file, with a digest for the bundle's path and the scenario itself for the scenario's. What stands inside is checked where it is read. */
export const createBatchSchema = z
  .strictObject({
    base: z.strictObject({
      ...sourceFields,
      scenario: documentSchema.optional(),
      simulation: idSchema.optional().describe('A stored simulation instead: its snapshot, its scenario and its seed'),
    }),
    variants: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          events: z.array(documentSchema).default([]),
          objects: documentSchema.optional().describe('Not carried out by this version'),
          components: documentSchema.optional().describe('Not carried out by this version'),
        }),
      )
      .min(1),
    matrices: documentsSchema.optional().describe('Who asks whom: {name, from: {pods: {}}, to: {services: {}}, expect: {unchanged: true}}'),
    expect: documentsSchema.optional(),
    gate: z
      .strictObject({
        failOn: z.array(z.enum(['failed', 'undecided', 'finding:error', 'finding:warning'])).optional(),
        scope: z.enum(['all', 'new']).optional(),
      })
      .optional(),
  })
  .superRefine(({ base: { simulation, scenario, ...source } }, context) => {
    if (simulation === undefined) {
      if (scenario === undefined) context.addIssue({ code: 'custom', path: ['base', 'scenario'], message: 'the base needs a scenario, or is a simulation' });
      return checkSource(source, context, { what: 'the base', at: ['base'] });
    }
    if (scenario !== undefined || source.snapshot !== undefined || source.topology !== undefined) context.addIssue({ code: 'custom', path: ['base', 'simulation'], message: 'a stored simulation has a snapshot and a scenario already' });
  })
  .meta({ id: 'CreateBatch' });
export type CreateBatchBody = z.infer<typeof createBatchSchema>;

/** The whole batch file, as `worldline what-if` takes it. */
export const batchDocumentSchema = z
  .strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: documentSchema.optional(),
    spec: createBatchSchema,
  })
  .meta({ id: 'BatchDocument' });

export const variantSchema = z
  .object({
    name: z.string(),
    isPassed: z.boolean(),
    failures: z.array(z.string()).describe('What fails the batch: expectations and findings that the gate names'),
    expectations: z.array(z.object({ name: z.string(), passed: z.boolean(), outcome: z.enum(['passed', 'failed', 'undecided']), detail: z.string() })),
    summary: comparisonSummarySchema,
    matrix: z.object({ summary: comparisonSummarySchema, changes: z.array(changeSchema) }).nullable().describe('What became of the pairs of the matrices: counts, and the first that have another fate'),
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
