/** Equal files are read once: a thousand nodes of one kind have a handful of different dumps. */
import type { Issue, Parsed } from '@worldline/model';

interface Entry {
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

/** FNV-1a over 32 bits. */
const HASH_START = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

export class ContentCache {
  private readonly entries = new Map<string, Entry[]>();

  /**
   * The value of a file of some `kind`, made by `parse` the first time its content is met.
   * Issues are told where they were met first; null: there is no value.
   */
  read<T>(kind: string, bytes: Uint8Array, issues: Issue[], parse: () => Parsed<T>): T | null {
    const key = `${kind} ${bytes.length} ${hashOf(bytes)}`;
    const found = this.entries.get(key)?.find((entry) => isEqual(entry.bytes, bytes));
    if (found) return found.value as T | null;
    const parsed = parse();
    for (const issue of parsed.issues) issues.push(issue);
    const entries = this.entries.get(key);
    const entry = { bytes, value: parsed.value };
    if (entries) entries.push(entry);
    else this.entries.set(key, [entry]);
    return parsed.value;
  }
}

function hashOf(bytes: Uint8Array): number {
  let hash = HASH_START;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), HASH_FACTOR);
  return hash >>> 0;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
