/** Explore's exact probabilities against what many seeds draw, and the limit that stands for what is not followed. */
import { join, resolve } from 'node:path';
import { runScenario } from '@worldline/application';
import type { Parsed, PathReport } from '@worldline/model';
import { NodeFiles } from './adapters/index.js';
import { createTools } from './tools.js';

const FOLDER = join(resolve(__dirname, '../../../scenarios'), 'balanced-paths');
const SEEDS = [1, 2, 3];
const CONNECTIONS = 600;
/** Standard deviations that a count may be off. The seeds are fixed, so this never varies. */
const TOLERANCE = 4;

/** The scenario with many connections, each of which draws for itself. */
class ManyConnections extends NodeFiles {
  override async readText(path: string): Promise<Parsed<string>> {
    const { value, issues } = await super.readText(path);
    return { value: value && value.replace('port: 40001', `port: 20000-${20_000 + CONNECTIONS - 1}`).replace('packets: 1', `packets: 1\n      connections: ${CONNECTIONS}`), issues };
  }
}

async function pathsOf(mode: 'sample' | 'explore', seed: number): Promise<readonly PathReport[]> {
  const files = mode === 'explore' ? new NodeFiles(FOLDER) : new ManyConnections(FOLDER);
  const { value, issues } = await runScenario({ scenario: 'scenario.yaml', mode, seed, packets: 'none' }, createTools(files));
  if (value === null) throw new Error(issues[0]?.message);
  return value.report.flows[0]?.paths ?? [];
}

/** Where it was delivered; the client's own port aside. */
const endOf = ({ delivered }: PathReport): string => JSON.stringify(delivered && !('length' in delivered) ? [delivered.machine, delivered.local] : delivered);

test('a statistic rule and two ways of weights 1 and 3: exact shares, each way once, as often as seeds draw them', async () => {
  const explored = await pathsOf('explore', 1);
  // xt_statistic compares 31 bits: 0.33333333349 is 715827883 / 2^31
  const first = 715_827_883 / 2 ** 31;
  const shares = explored.map((p) => p.probability).sort((a, b) => a - b);
  expect(shares).toEqual([(1 - first) / 4, first, ((1 - first) * 3) / 4].map((p) => expect.closeTo(p, 15) as number));
  expect(new Set(explored.map(endOf)).size).toBe(explored.length);

  const drawn = new Map<string, number>();
  for (const seed of SEEDS) {
    for (const path of await pathsOf('sample', seed)) drawn.set(endOf(path), (drawn.get(endOf(path)) ?? 0) + path.count);
  }
  const draws = SEEDS.length * CONNECTIONS;
  expect([...drawn.values()].reduce((sum, n) => sum + n, 0)).toBe(draws);
  for (const path of explored) {
    const { probability: p } = path;
    const deviation = Math.abs((drawn.get(endOf(path)) ?? 0) - draws * p) / Math.sqrt(draws * p * (1 - p));
    expect(deviation).toBeLessThan(TOLERANCE);
  }
});
