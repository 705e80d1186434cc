import type { FastifyRequest } from 'fastify';
import { ProblemException } from './problem-exception.js';

/** The first of `offered` among those that the client likes best (RFC 9110, section 12.5.1). */
export function mediaTypeOf(request: FastifyRequest, offered: readonly string[]): string {
  const header = request.headers.accept ?? '*/*';
  const ranges = header.split(',').map(readRange).filter(({ quality }) => quality > 0);
  ranges.sort((a, b) => b.quality - a.quality);
  for (const { range } of ranges) {
    const found = offered.find((type) => range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1))));
    if (found !== undefined) return found;
  }
  const detail = `Accept: none of ${offered.join(', ')}`;
  throw new ProblemException('not-acceptable', { detail, errors: [{ code: 'NotAcceptable', detail, word: 'Accept' }] });
}

function readRange(text: string): { readonly range: string; readonly quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { range, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
}
