/** How bodies are read: JSON with limits of size and depth, archives as bytes. Everything else is a 415. */
import { ARCHIVE_MEDIA_TYPES } from '@worldline/contract';
import type { FastifyInstance } from 'fastify';
import { ProblemException } from './problem-exception.js';

export interface BodyLimits {
  /** Bundles as JSON, bytes. */
  readonly jsonBytes: number;
  /** Bundles as archives, bytes as sent. */
  readonly archiveBytes: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = { jsonBytes: 64 * 1024 ** 2, archiveBytes: 128 * 1024 ** 2 };
/** What asks only. */
const SMALL_BODY_BYTES = 1024 ** 2;
/** Deeper documents are a mistake or an attack on who walks them. */
const DEPTH_LIMIT = 128;

export function addBodyParsers(server: FastifyInstance, limits: BodyLimits): void {
  server.removeAllContentTypeParsers();
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: limits.jsonBytes }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (isTooDeep(body)) return done(malformed(`is nested deeper than ${DEPTH_LIMIT} levels`));
    // A byte order mark is no JSON, and many an editor writes one.
    const text = body.toString('utf8').replace(/^\uFEFF/, '');
    void parseJson(request, text, (error, value) => (error ? done(malformed(`is no JSON: ${messageOf(error)}`)) : done(null, value)));
  });
  server.addContentTypeParser([...ARCHIVE_MEDIA_TYPES], { parseAs: 'buffer', bodyLimit: limits.archiveBytes }, (_request, body, done) => done(null, body));
  // A route's own limit goes before its parser's.
  server.addHook('onRoute', (route) => {
    if (!TAKES_BUNDLES.has(route.url)) route.bodyLimit ??= SMALL_BODY_BYTES;
  });
}

/** Routes with bodies as large as their parser lets them be. */
const TAKES_BUNDLES = new Set(['/snapshots', '/simulations', '/batches']);

/** Looks at brackets outside of strings only, so it costs a fraction of the parse. */
function isTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i];
    if (c === 0x22) {
      i = endOfString(bytes, i);
    } else if (c === 0x7b || c === 0x5b) {
      if (++depth > DEPTH_LIMIT) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}

/** Position of the quote that ends the string which begins at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(0x22, start + 1); at >= 0; at = bytes.indexOf(0x22, at + 1)) {
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return bytes.length;
}

function malformed(what: string): ProblemException {
  return new ProblemException('malformed-request', { detail: `the body ${what}`, errors: [{ code: 'MalformedBody', detail: `the body ${what}`, pointer: '#' }] });
}

/** The parser's message, cut: it may quote the body. */
function messageOf(error: Error): string {
  return error.message.slice(0, 200);
}
