/** What simulations, comparisons and batches have in common in memory: idempotency, order of creation, final states. */
import type { Created, Idempotency } from '../ports.js';
import { isFinal } from '../records.js';
import type { Status } from '../records.js';

interface Recorded {
  readonly id: string;
  readonly status: Status;
}

export class RecordsInMemory<T extends Recorded> {
  /** Oldest first. */
  private readonly records = new Map<string, T>();
  private readonly keys = new Map<string, { readonly bodyDigest: string; readonly id: string }>();

  create(record: T, idempotency: Idempotency | null): Created<T> {
    const used = idempotency && this.keys.get(idempotency.key);
    if (used) {
      const existing = this.records.get(used.id);
      if (used.bodyDigest !== idempotency.bodyDigest) return { kind: 'conflict' };
      if (existing) return { kind: 'existing', record: existing };
    }
    this.records.set(record.id, record);
    if (idempotency) this.keys.set(idempotency.key, { bodyDigest: idempotency.bodyDigest, id: record.id });
    return { kind: 'created', record };
  }

  one(id: string): T | undefined {
    return this.records.get(id);
  }

  get(ids: readonly string[]): readonly T[] {
    return ids.flatMap((id) => this.records.get(id) ?? []);
  }

  all(): readonly T[] {
    return [...this.records.values()];
  }

  unfinished(): readonly string[] {
    return this.all().flatMap(({ id, status }) => (isFinal(status) ? [] : [id]));
  }

  /** Changes what is not final; null where it is, or where there is none. */
  change(id: string, change: Partial<T>): T | null {
    const record = this.records.get(id);
    if (!record || isFinal(record.status)) return null;
    const changed = { ...record, ...change };
    this.records.set(id, changed);
    return changed;
  }

  delete(id: string): boolean {
    return this.records.delete(id);
  }
}
