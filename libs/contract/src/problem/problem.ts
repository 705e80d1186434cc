/** Errors on the wire: `application/problem+json` (RFC 9457), one entry per offending field. */
import { z } from 'zod';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Every kind of problem: its status and title. The type's URI is `/problems/<kind>`. */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'invalid-query': { status: 400, title: 'The request’s parameters are wrong' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'method-not-allowed': { status: 405, title: 'That cannot be done here' },
  'not-acceptable': { status: 406, title: 'The answer is not to be had in that form' },
  'not-finished': { status: 409, title: 'It has not come to its end yet' },
  'no-report': { status: 409, title: 'It ended without a report' },
  'other-engine': { status: 409, title: 'It was made by another version of the engine' },
  'request-in-flight': { status: 409, title: 'A request with this Idempotency-Key is being carried out' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'A body of that form is not taken here' },
  'invalid-body': { status: 422, title: 'The body is wrong' },
  'invalid-snapshot': { status: 422, title: 'The snapshot cannot be used' },
  'invalid-scenario': { status: 422, title: 'The scenario cannot be run' },
  'invalid-batch': { status: 422, title: 'The batch cannot be run' },
  'idempotency-mismatch': { status: 422, title: 'This Idempotency-Key came with another body before' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong in here' },
  unavailable: { status: 503, title: 'The service cannot do that at the moment' },
} as const;
export type ProblemKind = keyof typeof PROBLEMS;

export const problemErrorSchema = z
  .object({
    code: z.string().describe('A stable word, upper camel case'),
    detail: z.string(),
    pointer: z.string().optional().describe('Fragment with the JSON pointer of the field: #/scenario/flows/0/from'),
    file: z.string().optional().describe('File of the bundle at fault'),
    line: z.int().optional(),
    column: z.int().optional(),
    word: z.string().optional().describe('The word that was not understood, as written'),
  })
  .meta({ id: 'ProblemError' });
export type ProblemError = z.infer<typeof problemErrorSchema>;

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(problemErrorSchema),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });
export type Problem = z.infer<typeof problemSchema>;

export interface ProblemInput {
  readonly detail?: string;
  readonly instance?: string;
  readonly errors?: readonly ProblemError[];
}

export function problemOf(kind: ProblemKind, { detail, instance, errors = [] }: ProblemInput): Problem {
  const { status, title } = PROBLEMS[kind];
  return { type: `/problems/${kind}`, title, status, ...(detail === undefined ? {} : { detail }), ...(instance === undefined ? {} : { instance }), errors: [...errors] };
}
