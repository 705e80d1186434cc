import { createHash } from 'node:crypto';
import type { HashText } from '@worldline/model';

export const nodeHash: HashText = (content) => {
  const hash = createHash('sha256');
  for (const piece of typeof content === 'string' ? [content] : content) hash.update(piece);
  return hash.digest('hex');
};
