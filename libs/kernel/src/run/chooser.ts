/** Who answers the questions that the kernel leaves to chance: a draw from the seed, or every answer in turn. */
import type { Random } from '@worldline/model';
import type { Chooser } from '../record/index.js';
import { MAX_CHOICES } from './limits.js';
import { ONE, fraction, multiply, type Fraction } from './question/fraction.js';

/** Draws from the run's own randomness. */
export class SampleChooser implements Chooser {
  constructor(private readonly random: Random) {}

  chance(numerator: number, denominator: number): boolean {
    return this.random.below(denominator) < numerator;
  }

  pick(weights: Int32Array, from: number, to: number): number {
    let total = 0;
    for (let i = from; i < to; i++) total += weights[i];
    let drawn = this.random.below(total);
    for (let i = from; i < to; i++) {
      drawn -= weights[i];
      if (drawn < 0) return i - from;
    }
    return to - from - 1;
  }

  fork(random: Random): SampleChooser {
    return new SampleChooser(random);
  }
}

interface Choice {
  /** Weights of the answers; their sum is the whole. */
  readonly weights: readonly number[];
  taken: number;
}

/** Follows one branch: the answers so far, then always the first possible one. `advance` goes to the next branch, depth first. */
export class BranchChooser implements Chooser {
  private readonly choices: Choice[] = [];
  private position = 0;
  /** More choices than a branch may have: the rest of them take the first answer, and the branch is not exact. */
  isOverLimit = false;

  chance(numerator: number, denominator: number): boolean {
    if (numerator <= 0) return false;
    if (numerator >= denominator) return true;
    return this.choose([numerator, denominator - numerator]) === 0;
  }

  pick(weights: Int32Array, from: number, to: number): number {
    return this.choose(Array.from(weights.subarray(from, to)));
  }

  fork(): BranchChooser {
    const copy = new BranchChooser();
    for (const { weights, taken } of this.choices) copy.choices.push({ weights, taken });
    copy.position = this.position;
    return copy;
  }

  /** Back to the start of the branch. */
  rewind(): void {
    this.position = 0;
    this.isOverLimit = false;
  }

  /** The exact probability of the branch that was followed last. */
  weight(): Fraction {
    return this.choices.reduce((product, { weights, taken }) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return multiply(product, fraction(BigInt(weights[taken]), BigInt(total)));
    }, ONE);
  }

  /** Moves to the next branch; false when all have been followed. */
  advance(): boolean {
    for (;;) {
      const last = this.choices[this.choices.length - 1];
      if (last === undefined) return false;
      const next = last.weights.findIndex((weight, i) => i > last.taken && weight > 0);
      if (next >= 0) {
        last.taken = next;
        this.rewind();
        return true;
      }
      this.choices.pop();
    }
  }

  private choose(weights: readonly number[]): number {
    const first = weights.findIndex((weight) => weight > 0);
    if (weights.every((weight, i) => i === first || weight === 0)) return Math.max(first, 0);
    if (this.position < this.choices.length) return this.choices[this.position++].taken;
    if (this.choices.length >= MAX_CHOICES) {
      this.isOverLimit = true;
      return first;
    }
    this.choices.push({ weights, taken: first });
    this.position++;
    return first;
  }
}
