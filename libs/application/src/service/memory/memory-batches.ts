import { RecordsInMemory } from './records-in-memory.js';
import type { BatchStore, Created, Idempotency, Surroundings } from '../ports.js';
import { progressOfBatch } from '../summary.js';
import type { BatchRecord, BatchResult, Problem, Progress } from '../records.js';

export class MemoryBatches implements BatchStore {
  private readonly records = new RecordsInMemory<BatchRecord>();

  constructor(private readonly surroundings: Surroundings) {}

  create(batch: Parameters<BatchStore['create']>[0], idempotency: Idempotency | null): Promise<Created<BatchRecord>> {
    return Promise.resolve(this.records.create({ ...batch, status: 'queued', progress: { done: 0, of: 0 }, createdAt: this.surroundings.now(), finishedAt: null, result: null, problem: null }, idempotency));
  }

  get(ids: readonly string[]): Promise<readonly BatchRecord[]> {
    return Promise.resolve(this.records.get(ids));
  }

  unfinished(): Promise<readonly string[]> {
    return Promise.resolve(this.records.unfinished());
  }

  start(id: string): Promise<BatchRecord | null> {
    return Promise.resolve(this.records.change(id, { status: 'running', progress: { done: 0, of: 0 } }));
  }

  progress(id: string, progress: Progress): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { progress }) !== null);
  }

  succeed(id: string, result: BatchResult): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { status: 'succeeded', finishedAt: this.surroundings.now(), result, progress: progressOfBatch(result) }) !== null);
  }

  fail(id: string, problem: Problem): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { status: 'failed', finishedAt: this.surroundings.now(), problem }) !== null);
  }
}
