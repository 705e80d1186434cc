import { join } from 'node:path';
import fc from 'fast-check';
import { readCorpus } from './corpus';
import { FAULTS, judge } from './judge';
import { mutated } from './mutate';
import { LEVELS, anyPlan, planOf } from './plan';

const corpus = readCorpus(join(__dirname, '../../scenarios'));

// The ten thousand: `npm run fuzz:input -- --seed 1 --count 10000`
it.each([11, 12, 13])('spoilt bundles and scenarios are run or refused by name (seed %i)', async (seed) => {
  const property = fc.asyncProperty(anyPlan, async (plan) => {
    const verdict = await judge(mutated(corpus, plan).files);
    expect(FAULTS).not.toContain(verdict.outcome);
  });
  await fc.assert(property, { seed, numRuns: 100 });
}, 300_000);

it.each(corpus.map((one, i) => ({ name: one.name, i })))('$name runs as it is', async ({ i }) => {
  expect(await judge(mutated(corpus, { case: i, steps: [] }).files)).toEqual({ outcome: 'run', text: '' });
});

it('a plan is its seed, and each level spoils something', () => {
  expect(planOf(7)).toEqual(planOf(7));
  const step = { file: 3, place: 5, other: 2, action: 1, piece: 'x', value: '1' };
  for (const level of LEVELS) {
    const { files } = mutated(corpus, { case: 0, steps: [{ ...step, level }] });
    const changed = [...files].filter(([path, bytes]) => Buffer.compare(bytes, corpus[0]?.files.get(path) ?? new Uint8Array(0)) !== 0);
    expect([level, changed.length]).toEqual([level, 1]);
  }
});
