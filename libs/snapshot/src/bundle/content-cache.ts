/** Equal files are read once: a thousand nodes of one kind have a handful of different dumps. */
import type { Issue, Parsed } from '@worldline/model';

interface Entry {
  readonly bytes: Uint8Array;
  readonly value: unknown;
  /** Of all bytes; -1: nobody has asked. */
  hash: number;
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
    const key = `${kind} ${bytes.length}`;
    let entries = this.entries.get(key);
    if (!entries) this.entries.set(key, (entries = []));
    // The first file of its length need not be hashed
    const hash = entries.length === 0 ? -1 : hashOf(bytes);
    const found = entries.find((entry) => (entry.hash < 0 ? (entry.hash = hashOf(entry.bytes)) : entry.hash) === hash && isEqual(entry.bytes, bytes));
    if (found) return found.value as T | null;
    const parsed = parse();
    for (const issue of parsed.issues) issues.push(issue);
    entries.push({ bytes, value: parsed.value, hash });
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
