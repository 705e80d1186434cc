/**
 * The only writer of steps. While nobody looks (`isOn` false) every call returns at once and nothing is kept.
 *
 * Finished ways are stored once: `commit` gives the id of a packet's way in the dictionary, comparing all integers, not only their hash.
 */
import type { RuleTrail } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { SequenceTable } from './sequence-table.js';
import { STEP_END } from './step-code.js';

export class Recorder {
  isOn = true;
  /** Whether hops on the wire and details are kept for every packet, or only steps. */
  isWireOn = true;
  /** Values that a filter step has in `details`: 1, the number of its trail, where a recorder keeps trails. */
  readonly filterDetails: number = 0;

  private readonly ways = new SequenceTable();
  /** Details of the first packet that went each way. */
  private readonly firstDetails: Int32Array[] = [];

  step1(p: PacketContext, code: number, a: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + 8 > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    p.stepCount = n + 2;
  }

  step2(p: PacketContext, code: number, a: number, b: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + 8 > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    steps[n + 2] = b;
    p.stepCount = n + 3;
  }

  step3(p: PacketContext, code: number, a: number, b: number, c: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + 8 > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    steps[n + 2] = b;
    steps[n + 3] = c;
    p.stepCount = n + 4;
  }

  step5(p: PacketContext, code: number, a: number, b: number, c: number, d: number, e: number): void {
    this.step3(p, code, a, b, c);
    this.more1(p, d);
    this.more1(p, e);
  }

  step6(p: PacketContext, code: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    this.step3(p, code, a, b, c);
    this.more1(p, d);
    this.more1(p, e);
    this.more1(p, f);
  }

  /** One value of this packet alone; as many per step as STEP_DETAILS says. */
  detail(p: PacketContext, value: number): void {
    if (!this.isOn) return;
    const n = p.detailCount;
    if (n + 1 > p.details.length) {
      const wider = new Int32Array(p.details.length * 2);
      wider.set(p.details);
      p.details = wider;
    }
    p.details[n] = value;
    p.detailCount = n + 1;
  }

  /** Ends a packet's way with its fate and stores it; the id of the way, or -1 while off. */
  commit(p: PacketContext): number {
    if (!this.isOn) return -1;
    this.step2(p, STEP_END, p.disposition, p.reason);
    const way = this.ways.intern(p.steps, p.stepCount);
    if (way === this.firstDetails.length) this.firstDetails.push(p.details.slice(0, p.detailCount));
    return way;
  }

  /** The integers of a stored way; a view, not to be kept or changed. */
  way(id: number): Int32Array {
    return this.ways.sequence(id);
  }

  /** The details of the first packet that went this way. */
  detailsOf(id: number): Int32Array {
    return this.firstDetails[id];
  }

  /** The rules that a filter step looked at, by the number in its details; null where none are kept. */
  trail(_id: number): { readonly lookedAt: number; readonly rules: readonly RuleTrail[] } | null {
    return null;
  }

  private more1(p: PacketContext, a: number): void {
    if (!this.isOn) return;
    p.steps[p.stepCount++] = a;
  }
}

function growSteps(p: PacketContext): Int32Array {
  p.steps = grown(p.steps, 2 * p.steps.length);
  return p.steps;
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(array);
  return wider;
}
