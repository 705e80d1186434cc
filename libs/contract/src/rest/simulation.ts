import { z } from 'zod';
import { digestSchema, documentSchema, idSchema, listQuerySchema, modeSchema, momentSchema, pageSchema, progressSchema, seedSchema, statusSchema, verdictSchema } from './parts.js';
import { problemSchema } from '../problem/index.js';
import { checkSource, sourceFields } from './snapshot.js';

export const createSimulationSchema = z
  .strictObject({
    ...sourceFields,
    scenario: documentSchema.describe('The scenario: the whole document, or its spec alone'),
    seed: seedSchema.optional().describe('Instead of the scenario’s own'),
    mode: modeSchema.default('sample'),
  })
  .superRefine((body, context) => checkSource(body, context, { what: 'a simulation' }))
  .meta({ id: 'CreateSimulation' });
export type CreateSimulationBody = z.infer<typeof createSimulationSchema>;

export const simulationSchema = z
  .object({
    id: idSchema,
    name: z.string().describe('As the scenario is named; may be empty'),
    status: statusSchema,
    progress: progressSchema,
    createdAt: momentSchema,
    finishedAt: momentSchema.nullable(),
    seed: seedSchema,
    mode: modeSchema,
    engineVersion: z.string(),
    snapshotDigest: digestSchema,
    scenarioDigest: digestSchema,
    reportDigest: digestSchema.nullable(),
    verdict: verdictSchema.nullable(),
    problem: problemSchema.nullable().describe('Why it failed'),
    links: z.object({ self: z.string(), events: z.string(), report: z.string(), after: z.string().nullable(), pcap: z.string().nullable(), explorer: z.string() }).describe('after and pcap are there once it has succeeded'),
  })
  .meta({ id: 'Simulation' });
export type SimulationAnswer = z.infer<typeof simulationSchema>;

export const simulationListQuerySchema = listQuerySchema.extend({ status: statusSchema.optional() });
export type SimulationListQuery = z.infer<typeof simulationListQuerySchema>;
export const simulationPageSchema = pageSchema(simulationSchema, 'SimulationPage');

export const cancelQuerySchema = z.strictObject({
  purge: z
    .enum(['true', 'false'])
    .default('false')
    .transform((word) => word === 'true')
    .describe('Erase it too'),
});

/** What stands in the `data` of a server-sent event. */
export const simulationEventSchema = z.object({ id: idSchema, status: statusSchema, progress: progressSchema }).meta({ id: 'SimulationEvent' });
export type SimulationEvent = z.infer<typeof simulationEventSchema>;
