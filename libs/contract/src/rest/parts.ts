/** What several resources are made of. */
import { z } from 'zod';

export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'is not a digest: sha256: and 64 hexadecimal digits')
  .describe('sha256: and 64 hexadecimal digits');

/** Ids are the store's; what one looks like is nobody's business. */
export const idSchema = z.string().min(1).max(100);
export const momentSchema = z.iso.datetime();
export const modeSchema = z.enum(['sample', 'explore']);
export const statusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'canceled']).meta({ id: 'Status' });
export const seedSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A document whose words are checked by who reads it; here it is only known to be an object. */
export const documentSchema = z.record(z.string(), z.unknown());

export const progressSchema = z.object({ done: z.int(), of: z.int() }).meta({ id: 'Progress', description: 'Of a simulation: packets simulated, and packets to simulate; of a batch: runs' });

export const verdictSchema = z
  .object({
    passed: z.int(),
    failed: z.int(),
    undecided: z.int(),
    findings: z.object({ error: z.int(), warning: z.int(), info: z.int() }),
  })
  .meta({ id: 'Verdict', description: 'How many expectations hold, and what was found' });

export const issueSchema = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    file: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    word: z.string().optional(),
    pointer: z.string().optional(),
  })
  .meta({ id: 'Issue', description: 'Something in the input that could not be accepted or modelled' });

/** Paths stay inside the bundle: no root, no `..`, no empty parts. */
const SAFE_PATH = /^(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/;

/** Files of a bundle by their path inside it. */
export const filesSchema = z
  .record(z.string(), z.string())
  .superRefine((files, context) => {
    for (const path of Object.keys(files)) {
      if (path.length > 1024 || !SAFE_PATH.test(path)) context.addIssue({ code: 'custom', path: [path], message: 'is not a path inside a bundle, such as nodes/n1/conntrack.txt' });
    }
  })
  .describe('Files of a bundle by their path inside it: {"nodes/n1/conntrack.txt": text}');

export const LIST_LIMIT_DEFAULT = 50;
export const LIST_LIMIT_MAX = 500;
export const listQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_DEFAULT).describe('Items a page'),
  cursor: z.string().min(1).max(1000).optional().describe('nextCursor of the page before'),
});

export function pageSchema<T extends z.ZodType>(item: T, id: string): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id });
}
