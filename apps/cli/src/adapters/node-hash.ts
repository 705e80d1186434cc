import { createHash } from 'node:crypto';
import type { HashText } from '@worldline/model';

export const nodeHash: HashText = (text) => createHash('sha256').update(text).digest('hex');
