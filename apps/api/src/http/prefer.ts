/** `Prefer: wait=30` (RFC 7240). */
import type { FastifyReply, FastifyRequest } from 'fastify';

const WAIT_LIMIT_SECONDS = 60;

/** Seconds that the client is ready to wait, 0 without the header; says in the answer that it was heeded. */
export function waitOf(request: FastifyRequest, reply: FastifyReply): number {
  const header = [request.headers['prefer'] ?? []].flat().join(',');
  const found = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(header);
  if (found === null) return 0;
  const seconds = Math.min(Number(found[1]), WAIT_LIMIT_SECONDS);
  void reply.header('preference-applied', `wait=${seconds}`);
  return seconds;
}
