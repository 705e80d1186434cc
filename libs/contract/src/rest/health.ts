import { z } from 'zod';

export const healthSchema = z
  .object({ status: z.enum(['up', 'down']), checks: z.record(z.string(), z.object({ status: z.enum(['up', 'down']), detail: z.string().optional() })) })
  .meta({ id: 'Health' });
export type HealthAnswer = z.infer<typeof healthSchema>;
