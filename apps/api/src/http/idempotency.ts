/** `Idempotency-Key`: the store knows the keys of requests that came to an end; this knows those that are still being carried out. */
import { bodyDigest } from '@worldline/application';
import type { Idempotency } from '@worldline/application';
import type { HashText, Json } from '@worldline/model';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from './problem-exception.js';

const KEY_LIMIT = 255;

export class RequestsInFlight {
  private readonly keys = new Set<string>();

  constructor(private readonly hash: HashText) {}

  /** Carries out a request; `kind` keeps keys of different resources apart. */
  async run<T>(kind: string, request: FastifyRequest, carryOut: (idempotency: Idempotency | null) => Promise<T>): Promise<T> {
    const key = keyOf(request);
    if (key === null) return carryOut(null);
    const name = `${kind} ${key}`;
    if (this.keys.has(name)) throw new ProblemException('request-in-flight', { detail: 'a request with this Idempotency-Key is being carried out', retryAfter: 1 });
    this.keys.add(name);
    try {
      return await carryOut({ key, bodyDigest: bodyDigest((request.body ?? null) as Json, this.hash) });
    } finally {
      this.keys.delete(name);
    }
  }
}

/** RFC draft: a quoted string; most clients leave the quotes out. */
function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  const key = [header].flat().join(',').trim().replace(/^"(.*)"$/, '$1');
  if (key === '' || key.length > KEY_LIMIT) {
    const detail = `Idempotency-Key: has 1 to ${KEY_LIMIT} characters`;
    throw new ProblemException('malformed-request', { detail, errors: [{ code: 'InvalidHeader', detail, word: 'Idempotency-Key' }] });
  }
  return key;
}
