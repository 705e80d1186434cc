/** The cache gives the same Report and the same final state as running every rule for every packet: over all scenarios, and over random mixes. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareWithAndWithoutCache, type Question } from './comparison';
import { drawMix } from './mix';

const ROOT = join(__dirname, '../../scenarios');
const MIXES = 200;
const FIRST = Number(process.env['WORLDLINE_SEED'] ?? 1);

function scenarioQuestion(name: string, packets: Question['packets']): Question {
  const snapshot = join(ROOT, name, 'snapshot');
  const paths = readdirSync(snapshot, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = Object.fromEntries(paths.map(({ parentPath, name: file }) => [join(parentPath, file).slice(snapshot.length + 1), new Uint8Array(readFileSync(join(parentPath, file)))]));
  return { files, scenario: readFileSync(join(ROOT, name, 'scenario.yaml'), 'utf8'), packets };
}

const names = readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'scenario.yaml')));

describe.each(['none', 'failed'] as const)('packets: %s', (packets) => {
  test.each(names)('%s is the same without the cache', async (name) => {
    expect(await compareWithAndWithoutCache(scenarioQuestion(name, packets))).toMatchObject({ refusal: null, difference: null });
  });
});

test(`${MIXES} random mixes are the same without the cache, and use it`, async () => {
  let hits = 0;
  for (let seed = FIRST; seed < FIRST + MIXES; seed++) {
    const { refusal, difference, cacheHits } = await compareWithAndWithoutCache(drawMix(seed));
    expect({ WORLDLINE_SEED: seed, refusal, difference }).toEqual({ WORLDLINE_SEED: seed, refusal: null, difference: null });
    hits += cacheHits;
  }
  expect(hits).toBeGreaterThan(20 * MIXES);
}, 120_000);
