import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The text that is expected at a path, to be compared with `actual`. With `UPDATE_GOLDENS=1` in the environment, `actual` becomes it. */
export function golden(path: string, actual: string): string {
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(path, actual);
  if (!existsSync(path)) throw new Error(`${path} is missing; UPDATE_GOLDENS=1 writes it`);
  return readFileSync(path, 'utf8');
}
