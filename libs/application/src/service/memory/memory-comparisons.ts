import type { Comparison } from '@worldline/analysis';
import { RecordsInMemory } from './records-in-memory.js';
import { changeRecordsOf } from '../changes.js';
import { pageOfList } from '../pages.js';
import type { ComparisonStore, Created, Idempotency, Page, PageRequest, SimulationStore, Surroundings } from '../ports.js';
import type { ChangeFilter, ChangeRecord, ComparisonRecord, Problem } from '../records.js';

export class MemoryComparisons implements ComparisonStore {
  private readonly records = new RecordsInMemory<ComparisonRecord>();
  private readonly changeLists = new Map<string, readonly ChangeRecord[]>();

  constructor(
    private readonly surroundings: Surroundings,
    private readonly simulations: SimulationStore,
  ) {}

  create(comparison: Parameters<ComparisonStore['create']>[0], idempotency: Idempotency | null): Promise<Created<ComparisonRecord>> {
    return Promise.resolve(this.records.create({ ...comparison, status: 'queued', createdAt: this.surroundings.now(), finishedAt: null, summary: null, problem: null }, idempotency));
  }

  get(ids: readonly string[]): Promise<readonly ComparisonRecord[]> {
    return Promise.resolve(this.records.get(ids));
  }

  unfinished(): Promise<readonly string[]> {
    return Promise.resolve(this.records.unfinished());
  }

  waitingFor(simulation: string): Promise<readonly string[]> {
    const waiting = this.records.get(this.records.unfinished()).filter(({ baseline, candidate }) => baseline.simulation === simulation || candidate.simulation === simulation);
    return Promise.resolve(waiting.map(({ id }) => id));
  }

  async succeed(id: string, result: Comparison): Promise<boolean> {
    const record = this.records.one(id);
    if (!record) return false;
    const sides = [record.baseline.simulation, record.candidate.simulation];
    const [baseline = [], candidate = []] = await Promise.all(sides.map(async (side) => (await this.simulations.flows(side, {}, { limit: Number.MAX_SAFE_INTEGER, cursor: null })).items.map(({ item }) => item.name)));
    if (!this.records.change(id, { status: 'succeeded', finishedAt: this.surroundings.now(), summary: result.summary })) return false;
    this.changeLists.set(id, changeRecordsOf(record, result, { baseline, candidate }));
    return true;
  }

  fail(id: string, problem: Problem): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { status: 'failed', finishedAt: this.surroundings.now(), problem }) !== null);
  }

  async changes(comparison: string, filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRecord>> {
    return pageOfList(this.kept(comparison, filter), page, ['n'], ({ position }) => [position]);
  }

  countChanges(comparison: string, filter: ChangeFilter): Promise<number> {
    return Promise.resolve(this.kept(comparison, filter).length);
  }

  private kept(comparison: string, { flow, effect }: ChangeFilter): readonly ChangeRecord[] {
    const all = this.changeLists.get(comparison) ?? [];
    return all.filter(({ change }) => (flow === undefined || change.flow === flow) && (!effect || effect.includes(change.effect)));
  }
}
