import { z } from 'zod';
import { problemSchema } from '../problem/index.js';
import { documentSchema, idSchema, modeSchema, momentSchema, seedSchema, statusSchema } from './parts.js';
import { checkSource, sourceFields } from './snapshot.js';

const sideSchema = z.strictObject({
  simulation: idSchema.describe('Id of a stored simulation'),
  flow: z.string().min(1).optional().describe('One flow of it; without, all of them'),
});

/** A stored simulation, or what one is made of: then it is run first. */
const orderedSideSchema = z
  .strictObject({
    simulation: idSchema.optional().describe('Id of a stored simulation'),
    ...sourceFields,
    scenario: documentSchema.optional().describe('With snapshot or topology: run this first'),
    seed: seedSchema.optional(),
    mode: modeSchema.optional(),
    flow: z.string().min(1).optional().describe('One flow of it; without, all of them'),
  })
  .superRefine(({ simulation, scenario, ...rest }, context) => {
    if (simulation === undefined) {
      if (scenario === undefined && rest.snapshot === undefined && rest.topology === undefined) return context.addIssue({ code: 'custom', path: ['simulation'], message: 'a side is a simulation, or a snapshot with a scenario' });
      if (scenario === undefined) context.addIssue({ code: 'custom', path: ['scenario'], message: 'a side without a simulation needs a scenario' });
      return checkSource(rest, context, { what: 'a side' });
    }
    const stray = Object.entries({ scenario, ...rest, flow: undefined }).find(([, value]) => value !== undefined);
    if (stray) context.addIssue({ code: 'custom', path: [stray[0]], message: 'a stored simulation has its own' });
  });

export const createComparisonSchema = z.strictObject({ baseline: orderedSideSchema, candidate: orderedSideSchema }).meta({ id: 'CreateComparison' });
export type CreateComparisonBody = z.infer<typeof createComparisonSchema>;

const comparedPathSchema = z.object({ path: z.int(), fate: z.string() });
const comparedStepSchema = z.object({ kind: z.string(), action: z.string(), detail: z.record(z.string(), z.unknown()), text: z.string(), isDeciding: z.boolean() });

export const changeSchema = z
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
