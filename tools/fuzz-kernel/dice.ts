import { Random } from '@worldline/model';

/** Draws from a seed, in the words of a generator. */
export class Dice {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = Random.fromSeed(seed);
  }

  chance(share: number): boolean {
    return this.random.below(1_000_000) < share * 1_000_000;
  }

  /** Both ends included. */
  between(first: number, last: number): number {
    return first + this.random.below(last - first + 1);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)] as T;
  }

  /** Different ones, in the order of the list. */
  some<T>(list: readonly T[], count: number): T[] {
    const left = list.map((_, i) => i);
    const taken = new Set<number>();
    while (taken.size < Math.min(count, list.length)) taken.add(left.splice(this.random.below(left.length), 1)[0] as number);
    return list.filter((_, i) => taken.has(i));
  }

  weighted<T>(list: readonly (readonly [T, number])[]): T {
    let left = this.random.below(list.reduce((sum, [, w]) => sum + w, 0));
    for (const [value, weight] of list) if ((left -= weight) < 0) return value;
    throw new Error('weights that add up to nothing');
  }

  maybe(text: string, share = 0.5): string {
    return this.chance(share) ? text : '';
  }
}
