/** `sysctl -a`, read and printed. */
import type { Issue, Parsed } from '@worldline/model';
import { canonicalSysctlName } from './name.js';

/** Reads `sysctl.txt`: a `name = value` a line. Lines that tell of a key that could not be read are passed over. */
export function parseSysctl(text: string, file: string): Parsed<Map<string, string>> {
  const values = new Map<string, string>();
  const issues: Issue[] = [];
  text.split('\n').forEach((line, i) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith('sysctl:')) return;
    const at = line.indexOf('=');
    const name = at < 0 ? '' : line.slice(0, at).trim();
    if (name === '' || /\s/.test(name)) {
      issues.push({ code: 'BrokenLine', severity: 'error', message: 'not `name = value`', file, line: i + 1, word: trimmed });
      return;
    }
    values.set(canonicalSysctlName(name), line.slice(at + 1).trim());
  });
  return { value: values, issues };
}

export function printSysctl(values: Iterable<readonly [string, string]>): string {
  return [...values].map(([name, value]) => `${name} = ${value}\n`).join('');
}
