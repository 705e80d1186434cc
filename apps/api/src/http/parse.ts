import { fieldErrors } from '@worldline/contract';
import type { ProblemKind } from '@worldline/contract';
import type { z } from 'zod';
import { ProblemException } from './problem-exception.js';

/** A body as its schema has it; refused field by field. */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  if (body instanceof Uint8Array) throw new ProblemException('unsupported-media-type', { detail: 'this takes application/json', errors: [{ code: 'UnsupportedMediaType', detail: 'this takes application/json' }] });
  return parse(schema, body, 'invalid-body');
}

export function parseQuery<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  return parse(schema, query, 'invalid-query');
}

function parse<T extends z.ZodType>(schema: T, value: unknown, kind: ProblemKind): z.output<T> {
  const parsed = schema.safeParse(value ?? undefined);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error.issues);
  throw new ProblemException(kind, { detail: errors.length === 1 ? (errors[0]?.detail as string) : `${errors.length} fields are wrong`, errors });
}
