/** GraphQL errors carry the same as a problem of REST, in `extensions`. */
import { InvalidCursor } from '@worldline/application';
import { problemOf } from '@worldline/contract';
import type { ProblemError, ProblemKind } from '@worldline/contract';
import { GraphQLError } from 'graphql';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';
import { exceptionOf } from '../http/index.js';
import { InvalidArgument } from './invalid-argument.js';

export interface FormattedResult {
  readonly statusCode: number;
  readonly response: ExecutionResult;
}

/** `log` gets what is not told: faults of ours. */
export function formatErrors(execution: ExecutionResult & Required<Pick<ExecutionResult, 'errors'>>, log: (error: unknown) => void): FormattedResult {
  const errors = execution.errors.flatMap(unwrapped).map((error) => format(error, log));
  // A query that could not be carried out at all: GraphQL over HTTP asks for the status to say so.
  const statusCode = execution.data ? 200 : Math.max(400, ...errors.map((error) => Number(error.extensions?.['status'] ?? 400)));
  return { statusCode, response: { data: execution.data ?? null, errors: errors as unknown as readonly GraphQLError[] } };
}

/** Mercurius puts the faults of a query that is not valid into one error. */
function unwrapped(error: GraphQLError): readonly Error[] {
  const cause = (error.originalError ?? error) as { readonly errors?: unknown };
  return Array.isArray(cause.errors) ? (cause.errors as readonly Error[]) : [error];
}

function format(error: Error, log: (error: unknown) => void): GraphQLFormattedError {
  const { path, locations } = error as GraphQLError;
  const { kind, detail, code, argument } = told(error, log);
  const [place] = locations ?? [];
  const entry: ProblemError = {
    code,
    detail,
    ...(path ? { pointer: `#/${path.join('/')}${argument === undefined ? '' : `(${argument}:)`}` } : {}),
    ...(place ? { line: place.line, column: place.column } : {}),
    ...(argument === undefined ? {} : { word: argument }),
  };
  const extensions = { code, ...problemOf(kind, { detail, errors: [entry] }) };
  return { message: detail, ...(locations ? { locations } : {}), ...(path ? { path } : {}), extensions };
}

interface Told {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly code: string;
  readonly argument?: string;
}

function told(error: Error, log: (error: unknown) => void): Told {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (cause instanceof InvalidArgument) return { kind: 'invalid-query', detail: cause.message, code: 'InvalidArgument', argument: cause.argument };
  if (cause instanceof InvalidCursor) return { kind: 'invalid-query', detail: 'no page gave this cursor', code: 'InvalidCursor', argument: 'after' };
  const { statusCode, code = '' } = (cause ?? {}) as { readonly statusCode?: number; readonly code?: string };
  const isOurs = cause !== undefined && cause !== null && !(cause instanceof GraphQLError) && !code.startsWith('MER_ERR') && !(statusCode !== undefined && statusCode < 500);
  if (isOurs) {
    const { problem, kind } = exceptionOf(cause);
    if (problem.status >= 500) log(cause);
    return { kind, detail: problem.detail ?? problem.title, code: problem.errors[0]?.code ?? kind.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()) };
  }
  const named = error instanceof GraphQLError ? error.extensions['code'] : undefined;
  return { kind: 'invalid-query', detail: error.message, code: typeof named === 'string' ? named : 'InvalidQuery' };
}
