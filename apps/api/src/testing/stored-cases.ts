/** The cases of scenarios/ as bodies of requests. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(__dirname, '../../../../scenarios');

export function caseFiles(name: string): Record<string, string> {
  const folder = join(ROOT, name, 'snapshot');
  const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

export function caseScenario(name: string): Record<string, unknown> {
  return parse(readFileSync(join(ROOT, name, 'scenario.yaml'), 'utf8')) as Record<string, unknown>;
}

/** The spec of its batch file. */
export function caseBatch(name: string): Record<string, unknown> {
  return (parse(readFileSync(join(ROOT, name, 'what-if.yaml'), 'utf8')) as { spec: Record<string, unknown> }).spec;
}
