/**
 * The only writer of steps. While nobody looks (`isOn` false) every call returns at once and nothing is kept.
 *
 * Finished ways are stored once: `commit` gives the id of a packet's way in the dictionary, comparing all integers, not only their hash.
 */
import type { PacketContext } from '../packet/index.js';
import { STEP_END } from './step-code.js';

const INITIAL_WAYS = 256;

export class Recorder {
  isOn = true;
  /** Whether hops on the wire and details are kept for every packet, or only steps. */
  isWireOn = true;

  private slots = new Int32Array(2 * INITIAL_WAYS).fill(-1);
  private hashes = new Int32Array(INITIAL_WAYS);
  /** All stored ways: way w is `store[starts[w]] ... store[starts[w + 1] - 1]`. */
  private store = new Int32Array(64 * INITIAL_WAYS);
  private starts = new Int32Array(INITIAL_WAYS + 1);
  /** Details of the first packet that went each way. */
  private readonly firstDetails: Int32Array[] = [];
  private count = 0;

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
    const { steps, stepCount } = p;
    let h = stepCount;
    for (let i = 0; i < stepCount; i++) {
      h = Math.imul(h ^ steps[i], 0x9e3779b1);
      h ^= h >>> 15;
    }
    const mask = this.slots.length - 1;
    let at = h & mask;
    for (;;) {
      const way = this.slots[at];
      if (way < 0) break;
      if (this.hashes[way] === h && this.isWay(way, steps, stepCount)) return way;
      at = (at + 1) & mask;
    }
    return this.add(h, at, p);
  }

  /** The integers of a stored way; a view, not to be kept or changed. */
  way(id: number): Int32Array {
    return this.store.subarray(this.starts[id], this.starts[id + 1]);
  }

  /** The details of the first packet that went this way. */
  detailsOf(id: number): Int32Array {
    return this.firstDetails[id];
  }

  private more1(p: PacketContext, a: number): void {
    if (!this.isOn) return;
    p.steps[p.stepCount++] = a;
  }

  private isWay(way: number, steps: Int32Array, stepCount: number): boolean {
    const start = this.starts[way];
    if (this.starts[way + 1] - start !== stepCount) return false;
    for (let i = 0; i < stepCount; i++) if (this.store[start + i] !== steps[i]) return false;
    return true;
  }

  private add(hash: number, at: number, p: PacketContext): number {
    const way = this.count++;
    const start = this.starts[way];
    const end = start + p.stepCount;
    if (end > this.store.length) this.store = grown(this.store, Math.max(end, 2 * this.store.length));
    if (way + 2 > this.starts.length) {
      this.starts = grown(this.starts, 2 * this.starts.length);
      this.hashes = grown(this.hashes, 2 * this.hashes.length);
    }
    this.store.set(p.steps.subarray(0, p.stepCount), start);
    this.starts[way + 1] = end;
    this.hashes[way] = hash;
    this.slots[at] = way;
    this.firstDetails.push(p.details.slice(0, p.detailCount));
    if (2 * this.count > this.slots.length) this.rehash();
    return way;
  }

  private rehash(): void {
    const slots = new Int32Array(2 * this.slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let way = 0; way < this.count; way++) {
      let at = this.hashes[way] & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = way;
    }
    this.slots = slots;
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
