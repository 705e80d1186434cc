/** What zod found wrong with a body, as problem entries: each field by name, with its pointer. */
import type { z } from 'zod';
import type { ProblemError } from './problem.js';

/** More than these are not listed: a body of nothing but mistakes must not make a longer answer. */
const ERRORS_LIMIT = 100;

type ZodIssue = z.core.$ZodIssue;

/** `prefix` comes before every pointer's path: `['scenario']` when the value is a part of the body. */
export function fieldErrors(issues: readonly ZodIssue[], prefix: readonly string[] = []): ProblemError[] {
  const errors = issues.flatMap((issue) => entriesOf(issue, prefix));
  if (errors.length <= ERRORS_LIMIT) return errors;
  return [...errors.slice(0, ERRORS_LIMIT), { code: 'MoreErrors', detail: `and ${errors.length - ERRORS_LIMIT} more, which are left unsaid` }];
}

/** A JSON pointer as URI fragment (RFC 6901, section 6, without percent-encoding what JSON documents in UTF-8 may hold). */
export function pointerOf(path: readonly PropertyKey[]): string {
  return `#${path.map((word) => `/${String(word).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('')}`;
}

function entriesOf(issue: ZodIssue, prefix: readonly string[]): ProblemError[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ code: 'UnknownField', detail: `'${key}' is not a field of ${nameOf(path)}`, pointer: pointerOf([...path, key]), word: key }));
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined')
        ? [{ code: 'MissingField', detail: `'${String(path.at(-1) ?? 'body')}' is missing`, pointer: pointerOf(path) }]
        : [{ code: 'InvalidType', detail: `${nameOf(path)}: ${lowerFirst(issue.message)}`, pointer: pointerOf(path) }];
    case 'invalid_union':
      return closest(issue.errors, path) ?? [{ code: 'InvalidValue', detail: `${nameOf(path)}: ${lowerFirst(issue.message)}`, pointer: pointerOf(path) }];
    default:
      return [{ code: 'InvalidValue', detail: `${nameOf(path)}: ${lowerFirst(issue.message)}`, pointer: pointerOf(path) }];
  }
}

/** Of the forms that a value may have, the one that it comes closest to: that has the deepest or the fewest faults. */
function closest(alternatives: readonly (readonly ZodIssue[])[], path: readonly PropertyKey[]): ProblemError[] | null {
  const ranked = alternatives.filter((issues) => issues.length > 0).map((issues) => ({ issues, depth: Math.max(...issues.map((issue) => issue.path.length)) }));
  ranked.sort((a, b) => a.issues.length - b.issues.length || b.depth - a.depth);
  const [best] = ranked;
  return best === undefined ? null : best.issues.flatMap((issue) => entriesOf(issue, path.map(String)));
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the body' : path.map(String).join('.');
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
