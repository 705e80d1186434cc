/** A recorder that also keeps the trails of the packets that are asked about. Everybody else's steps are written by the plain one, at no cost. */
import type { RuleTrail } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { Recorder, STEP_FILTER, STEP_POLICY, STEP_RULE, STEP_UNMODELLED, TABLE_NAMES } from '../record/index.js';
import type { NetfilterMachine } from './machine-view.js';
import type { ProgramStore } from './program-store.js';
import { Trail, TrailWalk } from './trail.js';

/** Whose trails are kept, and where packets are. */
export interface TrailQuestion {
  /** By `PacketContext.machine`. */
  readonly machines: readonly NetfilterMachine[];
  isAsked(p: PacketContext): boolean;
}

export class TrailRecorder extends Recorder {
  /** The number of its trail, -1 for none. */
  override readonly filterDetails = 1;
  private readonly trails: Trail[] = [];
  private readonly walks = new Map<PacketContext, TrailWalk>();
  private question: TrailQuestion | null = null;

  constructor(
    private readonly programs: ProgramStore,
    /** Rules that are told of one walk. */
    private readonly limit: number,
  ) {
    super();
  }

  /** From now on packets belong to this question; the one before it. */
  ask(question: TrailQuestion | null): TrailQuestion | null {
    const before = this.question;
    this.question = question;
    return before;
  }

  override trail(id: number): { readonly lookedAt: number; readonly rules: readonly RuleTrail[] } | null {
    const trail = this.trails[id];
    return trail === undefined ? null : { lookedAt: trail.length, rules: trail.describe(this.programs, this.limit) };
  }

  override step1(p: PacketContext, code: number, a: number): void {
    super.step1(p, code, a);
    if (code === STEP_UNMODELLED) this.walks.delete(p);
  }

  override step2(p: PacketContext, code: number, a: number, b: number): void {
    super.step2(p, code, a, b);
    if (code === STEP_FILTER) this.begin(p, a, b);
    else if (code === STEP_POLICY) this.walks.delete(p);
  }

  override step3(p: PacketContext, code: number, a: number, b: number, c: number): void {
    super.step3(p, code, a, b, c);
    if (code === STEP_RULE) this.walks.get(p)?.matched(a, b, c);
  }

  override commit(p: PacketContext): number {
    this.walks.delete(p);
    return super.commit(p);
  }

  private begin(p: PacketContext, hook: number, tableIndex: number): void {
    const { question } = this;
    this.walks.delete(p);
    const m = question?.isAsked(p) === true ? question.machines[p.machine] : undefined;
    const { netfilter } = m ?? {};
    const table = netfilter?.findTable(p.family, TABLE_NAMES[tableIndex], netfilter.isLegacy) ?? null;
    this.detail(p, table === null ? -1 : this.trails.length);
    if (m === undefined || table === null) return;
    const trail = new Trail();
    this.trails.push(trail);
    this.walks.set(p, new TrailWalk(m, p, table, hook, trail));
  }
}
