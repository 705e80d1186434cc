/** Every error of a request leaves as problem+json. What is our fault, or the world's, is logged, and told without its insides. */
import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { InvalidCursor, ReplayLimitReached } from '@worldline/application';
import type { Problem as StoredProblem } from '@worldline/application';
import { PROBLEM_MEDIA_TYPE, problemOf } from '@worldline/contract';
import type { Problem, ProblemKind } from '@worldline/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { methodsOf } from './methods.js';
import { ProblemException } from './problem-exception.js';
import { notFound } from './submission.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    // GraphQL has its own way of saying what is wrong.
    if (host.getType() !== 'http') throw error;
    answerError(error, host.switchToHttp().getRequest<FastifyRequest>(), host.switchToHttp().getResponse<FastifyReply>());
  }
}

/** The same for what goes wrong before a controller is reached: while a body is read, say. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { problem, retryAfter } = exceptionOf(isOfNoRoute(error) ? wrongMethod(request, reply) ?? error : error);
  if (problem.status >= 500) request.log.error({ err: error }, 'request failed');
  sendProblem(reply, { ...problem, instance: pathOf(request.url) }, retryAfter);
}

/** Nothing takes this method and path. */
export function answerUnrouted(request: FastifyRequest, reply: FastifyReply): void {
  const path = pathOf(request.url);
  const { problem } = wrongMethod(request, reply) ?? notFound('resource', path);
  sendProblem(reply, { ...problem, instance: path });
}

function sendProblem(reply: FastifyReply, problem: Problem, retryAfter: number | null = null): void {
  if (retryAfter !== null) void reply.header('retry-after', String(retryAfter));
  void reply.status(problem.status).type(`${PROBLEM_MEDIA_TYPE}; charset=utf-8`).send(problem);
}

/** What an error is to the one who asked. */
export function exceptionOf(error: unknown): ProblemException {
  if (error instanceof ProblemException) return error;
  if (error instanceof InvalidCursor) {
    return new ProblemException('invalid-query', { detail: 'cursor: no page gave this one', errors: [{ code: 'InvalidCursor', detail: 'cursor: no page gave this one', pointer: '#/cursor' }] });
  }
  if (error instanceof ReplayLimitReached) return new ProblemException('unavailable', { detail: error.message, retryAfter: 60 });
  const { code, status, message } = factsOf(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge();
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ProblemException('unsupported-media-type', { detail: 'the Content-Type is none that is taken here', errors: [{ code: 'UnsupportedMediaType', detail: message }] });
  const kind = KINDS[status];
  if (kind === undefined) return isOutOfReach(error) ? outOfReach() : new ProblemException('internal', { detail: 'the fault is logged' });
  return new ProblemException(kind, { detail: message });
}

/** What Nest throws where no controller takes method and path; controllers themselves throw ProblemException. */
function isOfNoRoute(error: unknown): boolean {
  return error instanceof HttpException && !(error instanceof ProblemException) && error.getStatus() === 404;
}

/** The path is there, but not for this method. */
function wrongMethod(request: FastifyRequest, reply: FastifyReply): ProblemException | null {
  const methods = methodsOf(pathOf(request.url));
  if (methods.length === 0 || methods.includes(request.method)) return null;
  void reply.header('allow', methods.join(', '));
  const detail = `${pathOf(request.url)} takes ${methods.join(', ')}`;
  return new ProblemException('method-not-allowed', { detail, errors: [{ code: 'MethodNotAllowed', detail, word: request.method }] });
}

const KINDS: Readonly<Record<number, ProblemKind>> = { 400: 'malformed-request', 404: 'not-found', 405: 'method-not-allowed', 406: 'not-acceptable', 413: 'too-large', 415: 'unsupported-media-type', 429: 'too-many-requests', 503: 'unavailable' };

function tooLarge(): ProblemException {
  const detail = 'the body is larger than is taken here';
  return new ProblemException('too-large', { detail, errors: [{ code: 'BodyTooLarge', detail, pointer: '#' }] });
}

function outOfReach(): ProblemException {
  return new ProblemException('unavailable', { detail: 'the store or the queue cannot be reached', retryAfter: 5 });
}

/** Fastify's own errors come wrapped by Nest. */
function factsOf(error: unknown): { readonly code: string; readonly status: number; readonly message: string } {
  const cause = error instanceof HttpException ? error.cause : error;
  const { code = '', statusCode = 0, message = '' } = (cause ?? {}) as { code?: string; statusCode?: number; message?: string };
  if (error instanceof HttpException) return { code, status: error.getStatus(), message: error.message };
  return { code, status: statusCode, message };
}

/** Connections that are refused or lost (node's words), and a server that shuts down or takes no more (Postgres classes 08, 53, 57P). */
function isOutOfReach(error: unknown): boolean {
  const { code = '', name = '' } = (error ?? {}) as { code?: unknown; name?: string };
  if (name === 'OperatingError') return true;
  return typeof code === 'string' && /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|08...|53...|57P..)$/.test(code);
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] as string;
}

/** The problem of a simulation, comparison or batch that failed. */
export function storedProblem(problem: StoredProblem | null, instance: string): Problem | null {
  return problem === null ? null : problemOf(problem.code as ProblemKind, { detail: problem.detail, errors: problem.errors, instance });
}
