/** `npm run fuzz:cache -- --seed N --count M`: that many mixes from that seed on, each with the cache and without; tells how often it was used, and where the two part. */
import { parseArgs } from 'node:util';
import { compareWithAndWithoutCache } from './comparison';
import { drawMix } from './mix';

/** The exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...words], options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '5000' } } });
  const [first, count] = [Number(values.seed), Number(values.count)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
    process.stderr.write('usage: fuzz-cache.mjs [--seed N] [--count M]\n');
    return 2;
  }
  const totals = { packets: 0, hits: 0, used: 0, refused: 0, different: 0 };
  for (let seed = first; seed < first + count; seed++) {
    const { refusal, difference, packets, cacheHits } = await compareWithAndWithoutCache(drawMix(seed));
    totals.packets += packets;
    totals.hits += cacheHits;
    if (cacheHits > 0) totals.used++;
    if (refusal !== null) {
      totals.refused++;
      process.stdout.write(`seed ${seed} was refused: ${refusal.slice(0, 200)}\n`);
    }
    if (difference === null) continue;
    totals.different++;
    process.stdout.write(`seed ${seed} differs in ${difference}\n`);
  }
  const { packets, hits, used, refused, different } = totals;
  process.stdout.write(`seeds ${first} to ${first + count - 1}: ${different} of ${count} differ, ${refused} refused; ${used} used the cache, ${hits} of ${packets} packets\n`);
  return different === 0 && hits > 0 ? 0 : 1;
}
