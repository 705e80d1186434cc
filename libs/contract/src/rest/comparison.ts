import { z } from 'zod';
import { problemSchema } from '../problem/index.js';
import { idSchema, momentSchema, statusSchema } from './parts.js';

const sideSchema = z.strictObject({
  simulation: idSchema.describe('Id of a stored simulation'),
  flow: z.string().min(1).optional().describe('One flow of it; without, all of them'),
});

export const createComparisonSchema = z.strictObject({ baseline: sideSchema, candidate: sideSchema }).meta({ id: 'CreateComparison' });
export type CreateComparisonBody = z.infer<typeof createComparisonSchema>;

const comparedPathSchema = z.object({ path: z.int(), fate: z.string() });
const comparedStepSchema = z.object({ kind: z.string(), action: z.string(), detail: z.record(z.string(), z.unknown()), text: z.string(), isDeciding: z.boolean() });

const changeSchema = z
  .object({
    flow: z.string(),
    effect: z.enum(['broken', 'fixed', 'moved', 'rerouted', 'appeared', 'disappeared']),
    count: z.number().describe('Packets; in explore mode the probability'),
    baseline: comparedPathSchema.nullable(),
    candidate: comparedPathSchema.nullable(),
    divergence: z
      .object({ what: z.string(), machine: z.string(), index: z.int(), baseline: comparedStepSchema.nullable(), candidate: comparedStepSchema.nullable() })
      .nullable()
      .describe('The first place where the two ways part'),
  })
  .meta({ id: 'Change' });

const count = z.number();
export const comparisonSummarySchema = z.object({ flows: count, unchanged: count, broken: count, fixed: count, moved: count, rerouted: count, appeared: count, disappeared: count });

export const comparisonSchema = z
  .object({
    id: idSchema,
    status: statusSchema,
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    baseline: sideSchema,
    candidate: sideSchema,
    summary: comparisonSummarySchema.nullable(),
    changes: z.array(changeSchema).nullable(),
    problem: problemSchema.nullable(),
    links: z.object({ self: z.string(), baseline: z.string(), candidate: z.string() }),
  })
  .meta({ id: 'Comparison' });
export type ComparisonAnswer = z.infer<typeof comparisonSchema>;
