import { Random } from '@worldline/model';

/** A copy in an order drawn from `random`. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const other = result[j] as T;
    result[j] = result[i] as T;
    result[i] = other;
  }
  return result;
}

export function oneOf<T>(list: readonly T[], random: Random): T {
  return list[random.below(list.length)] as T;
}

/** Runs a property once per seed, from `WORLDLINE_SEED` on where it is set; a failure names the seed that it came with. */
export function forSeeds(count: number, property: (random: Random, seed: number) => void): void {
  const first = Number(process.env['WORLDLINE_SEED'] ?? 1);
  for (let seed = first; seed < first + count; seed++) {
    try {
      property(Random.fromSeed(seed), seed);
    } catch (error) {
      throw new Error(`WORLDLINE_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
