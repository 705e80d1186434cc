/** The same input gives the same bytes: in another process, another time zone, another language, from an archive, whatever the order of its files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@worldline/model';
import { writeTarGz, writeZip } from '@worldline/snapshot';
import { shuffled } from '@worldline/testkit';
import { readCorpus } from './fuzz-input/corpus';

const root = join(__dirname, '..');
const corpus = readCorpus(join(root, 'scenarios'));
const NAMES = ['session-affinity', 'conntrack-flush-tcp', 'neighbour-discovery', 'vxlan-overlay'];

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'worldline-determinism-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(name: string, options: readonly string[], env: Readonly<Record<string, string>>): string {
  const scenario = join(root, 'scenarios', name, 'scenario.yaml');
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'apps/cli/bin/worldline.mjs'), 'run', scenario, '--json', '--packets', 'all', ...options], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(stderr).toBe('');
  return stdout;
}

/** The bundle of a scenario, its files in an order drawn from a seed. */
function bundleOf(name: string, seed: number): Map<string, Uint8Array> {
  const files = [...(corpus.find((one) => one.name === name)?.files ?? [])].filter(([path]) => path.startsWith('snapshot/'));
  return new Map(shuffled(files.map(([path, bytes]) => [path.slice('snapshot/'.length), bytes] as const), Random.fromSeed(seed)));
}

describe.each(NAMES)('%s', (name) => {
  let expected = '';
  beforeAll(() => (expected = run(name, [], { TZ: 'UTC', LANG: 'C' })));

  it('says something', () => expect(JSON.parse(expected)).toMatchObject({ kind: 'Report' }));

  it.each([
    { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'C', NODE_ENV: 'production' },
  ])('in $TZ', (env) => expect(run(name, [], env) === expected).toBe(true));

  it.each([
    { file: 'bundle.tar.gz', archive: (seed: number) => writeTarGz(bundleOf(name, seed)) },
    { file: 'bundle.zip', archive: (seed: number) => writeZip(bundleOf(name, seed)) },
  ])('from $file', ({ file, archive }) => {
    const path = join(folder, `${name}-${file}`);
    writeFileSync(path, archive(7));
    expect(run(name, ['--snapshot', path], {}) === expected).toBe(true);
  });

  it('without the cache', () => expect(run(name, ['--no-cache'], {}) === expected).toBe(true));
});
