import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { canReach, serverUser } from '@worldline/platform';

/** Where data are kept: as told, else in the checkout; where the database's user cannot come there (a closed home of root), in /var/lib. */
export function dataFolder(root: string, told: string | undefined): string {
  if (told) return told;
  const own = join(root, '.worldline');
  mkdirSync(own, { recursive: true });
  return canReach(own, serverUser()) ? own : join('/var/lib/worldline', createHash('sha256').update(root).digest('hex').slice(0, 12));
}
