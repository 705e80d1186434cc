/**
 * The only writer of steps. While nobody looks (`isOn` false) every call returns at once and nothing is kept.
 *
 * Finished ways are stored once: `commit` gives the id of a packet's way. The hash by which it is found grows with every step.
 */
import type { RuleTrail } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { STEP_END } from './step-code.js';
import { WayTable } from './way-table.js';

/** Odd multipliers that spread the operands of a step over 32 bits, for each half of the hash its own. */
const CODE_LOW = 0x9e3779b1;
const CODE_HIGH = 0x7feb352d;
const A_LOW = 0x85ebca6b;
const A_HIGH = 0x2545f491;
const B_LOW = 0xc2b2ae35;
const B_HIGH = 0x846ca68b;
const C_LOW = 0x27d4eb2f;
const C_HIGH = 0x5bd1e995;

/** Integers that a call may write at most. */
const MOST = 8;

export class Recorder {
  isOn = true;
  /** Whether hops on the wire and details are kept for every packet, or only steps. */
  isWireOn = true;
  /** Values that a filter step has in `details`: 1, the number of its trail, where a recorder keeps trails. */
  readonly filterDetails: number = 0;

  private readonly ways = new WayTable();

  step1(p: PacketContext, code: number, a: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + MOST > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    p.stepCount = n + 2;
    mix(p, Math.imul(code, CODE_LOW) ^ Math.imul(a, A_LOW), Math.imul(code, CODE_HIGH) ^ Math.imul(a, A_HIGH));
  }

  step2(p: PacketContext, code: number, a: number, b: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + MOST > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    steps[n + 2] = b;
    p.stepCount = n + 3;
    mix(
      p,
      Math.imul(code, CODE_LOW) ^ Math.imul(a, A_LOW) ^ Math.imul(b, B_LOW),
      Math.imul(code, CODE_HIGH) ^ Math.imul(a, A_HIGH) ^ Math.imul(b, B_HIGH),
    );
  }

  step3(p: PacketContext, code: number, a: number, b: number, c: number): void {
    if (!this.isOn) return;
    const n = p.stepCount;
    const steps = n + MOST > p.steps.length ? growSteps(p) : p.steps;
    steps[n] = code;
    steps[n + 1] = a;
    steps[n + 2] = b;
    steps[n + 3] = c;
    p.stepCount = n + 4;
    mix(
      p,
      Math.imul(code, CODE_LOW) ^ Math.imul(a, A_LOW) ^ Math.imul(b, B_LOW) ^ Math.imul(c, C_LOW),
      Math.imul(code, CODE_HIGH) ^ Math.imul(a, A_HIGH) ^ Math.imul(b, B_HIGH) ^ Math.imul(c, C_HIGH),
    );
  }

  step5(p: PacketContext, code: number, a: number, b: number, c: number, d: number, e: number): void {
    if (!this.isOn) return;
    this.step3(p, code, a, b, c);
    this.more(p, d, e, 0, 2);
  }

  step6(p: PacketContext, code: number, a: number, b: number, c: number, d: number, e: number, f: number): void {
    if (!this.isOn) return;
    this.step3(p, code, a, b, c);
    this.more(p, d, e, f, 3);
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
    return this.ways.intern(p.steps, p.stepCount, p.stepHashLow, p.stepHashHigh);
  }

  /** The integers of a stored way; a view, not to be kept or changed. */
  way(id: number): Int32Array {
    return this.ways.way(id);
  }

  /** The rules that a filter step looked at, by the number in its details; null where none are kept. */
  trail(_id: number): { readonly lookedAt: number; readonly rules: readonly RuleTrail[] } | null {
    return null;
  }

  /** Further operands of the step that `step3` began. */
  private more(p: PacketContext, a: number, b: number, c: number, count: number): void {
    const n = p.stepCount;
    const { steps } = p;
    steps[n] = a;
    steps[n + 1] = b;
    steps[n + 2] = c;
    p.stepCount = n + count;
    mix(p, Math.imul(a, A_LOW) ^ Math.imul(b, B_LOW) ^ Math.imul(c, C_LOW), Math.imul(a, A_HIGH) ^ Math.imul(b, B_HIGH) ^ Math.imul(c, C_HIGH));
  }
}

/** Takes a step into the hash of all before it. */
function mix(p: PacketContext, low: number, high: number): void {
  let h = Math.imul(p.stepHashLow ^ low, 0x9e3779b1);
  p.stepHashLow = h ^ (h >>> 15);
  h = Math.imul(p.stepHashHigh + high, 0x85ebca6b);
  p.stepHashHigh = h ^ (h >>> 13);
}

function growSteps(p: PacketContext): Int32Array {
  const wider = new Int32Array(2 * p.steps.length);
  wider.set(p.steps);
  p.steps = wider;
  return wider;
}
