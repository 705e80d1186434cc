import { execFile, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '..');

const EXPLORER_SOURCES = ['index.html', 'vite.config.mjs', 'public/worldline.svg', 'src/main.tsx'];

/** A checkout of one library and one command, with its own caches. */
class Checkout {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'worldline-launcher-')));
  readonly temporary = join(this.root, 'tmp');

  constructor() {
    for (const folder of ['apps/cli/bin', 'apps/cli/src', 'libs/model/src', 'node_modules/@worldline', 'tmp']) mkdirSync(join(this.root, folder), { recursive: true });
    for (const name of ['worldline.mjs', 'bundle.mjs']) cpSync(join(root, 'apps/cli/bin', name), join(this.root, 'apps/cli/bin', name));
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.base.json']) cpSync(join(root, name), join(this.root, name));
    for (const project of ['apps/cli', 'libs/model']) cpSync(join(root, project, 'package.json'), join(this.root, project, 'package.json'));
    symlinkSync(join(this.root, 'libs/model'), join(this.root, 'node_modules/@worldline/model'), 'dir');
    symlinkSync(join(root, 'node_modules/rolldown'), join(this.root, 'node_modules/rolldown'), 'dir');
    this.write('libs/model/src/index.ts', 'export const word: string = "one";');
    this.write(
      'apps/cli/src/main.ts',
      `import { word } from '@worldline/model';
       export async function main(args: readonly string[], host: { version: string }): Promise<number> {
         process.stdout.write([word, host.version, ...args].join(' '));
         return args.length;
       }`,
    );
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  run(...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, [join(this.root, 'apps/cli/bin/worldline.mjs'), ...args], this.options());
  }

  async runMany(times: number): Promise<string[]> {
    const launcher = join(this.root, 'apps/cli/bin/worldline.mjs');
    const runs = Array.from({ length: times }, () => promisify(execFile)(process.execPath, [launcher], this.options()));
    return (await Promise.all(runs)).map(({ stdout }) => stdout);
  }

  /** With a bundler that only says that it was there: what counts is when it is asked. */
  addExplorer(): void {
    for (const folder of ['apps/web/src', 'apps/web/public', 'node_modules/vite']) mkdirSync(join(this.root, folder), { recursive: true });
    cpSync(join(root, 'apps/web/package.json'), join(this.root, 'apps/web/package.json'));
    for (const path of EXPLORER_SOURCES) this.write(`apps/web/${path}`, 'one');
    this.write('node_modules/vite/package.json', '{"name": "vite", "main": "index.mjs"}');
    this.write('node_modules/vite/index.mjs', `import { mkdirSync } from 'node:fs'; export const build = async ({ build: { outDir } }) => mkdirSync(outDir);`);
  }

  explorer(): string {
    const script = `import { explorerFolder } from ${JSON.stringify(join(this.root, 'apps/cli/bin/bundle.mjs'))}; process.stdout.write(await explorerFolder());`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], this.options()).stdout;
  }

  bundles(): string[] {
    return readdirSync(join(this.root, 'node_modules/.cache/worldline'));
  }

  private options(): { encoding: 'utf8'; env: NodeJS.ProcessEnv } {
    return { encoding: 'utf8', env: { ...process.env, TMPDIR: this.temporary } };
  }
}

describe('launcher', () => {
  let checkout: Checkout;
  beforeEach(() => (checkout = new Checkout()));
  afterEach(() => rmSync(checkout.root, { recursive: true, force: true }));

  test('gives arguments and version to the command and its answer to the shell', () => {
    expect(checkout.run('a', 'b')).toMatchObject({ stdout: 'one 0.1.0 a b', status: 2, stderr: '' });
  });

  test('never runs a changed source stale, and finds an old bundle again', () => {
    checkout.run();
    checkout.write('libs/model/src/index.ts', 'export const word: string = "two";');
    expect(checkout.run().stdout).toBe('two 0.1.0');
    checkout.write('libs/model/src/index.ts', 'export const word: string = "one";');
    expect(checkout.run().stdout).toBe('one 0.1.0');
    expect(checkout.bundles()).toHaveLength(2);
  });

  test('does not bundle again for a spec', () => {
    checkout.run();
    checkout.write('libs/model/src/index.spec.ts', 'test');
    checkout.run();
    expect(checkout.bundles()).toHaveLength(1);
  });

  test.each(EXPLORER_SOURCES)('builds the explorer again when %s has changed, and only then', (path) => {
    checkout.addExplorer();
    const first = checkout.explorer();
    expect(first).toMatch(/\/web$/);
    expect(checkout.explorer()).toBe(first);
    checkout.write(`apps/web/${path}`, 'two');
    expect(checkout.explorer()).not.toBe(first);
  });

  test('starts many at once', async () => {
    expect(await checkout.runMany(6)).toEqual(Array.from({ length: 6 }, () => 'one 0.1.0'));
    expect(checkout.bundles()).toHaveLength(1);
  });

  test('keeps what was used of late, and the last few', () => {
    const cache = join(checkout.root, 'node_modules/.cache/worldline');
    const aged = (name: string, hours: number): void => {
      mkdirSync(join(cache, name), { recursive: true });
      const then = new Date(new Date().getTime() - hours * 3_600_000);
      utimesSync(join(cache, name), then, then);
    };
    for (const [name, hours] of [['a', 1], ['b', 30], ['c', 40], ['d', 50], ['e', 60], ['.building-old', 2]] as const) aged(name, hours);
    checkout.run();
    expect(checkout.bundles().filter((name) => name.length < 32).sort()).toEqual(['a', 'b', 'c']);
  });

  test('runs where the checkout cannot be written to', () => {
    checkout.write('node_modules/.cache', 'not a folder');
    expect(checkout.run().stdout).toBe('one 0.1.0');
    const [folder = ''] = readdirSync(checkout.temporary);
    expect(readdirSync(join(checkout.temporary, folder))).toHaveLength(1);
    expect(checkout.run().stdout).toBe('one 0.1.0');
  });

  test('trusts no folder in the temporary directory that others can write to', () => {
    checkout.write('node_modules/.cache', 'not a folder');
    const planted = join(checkout.temporary, `worldline-${String(process.getuid?.())}`);
    mkdirSync(planted);
    spawnSync('chmod', ['777', planted]);
    expect(checkout.run().stdout).toBe('one 0.1.0');
    expect(readdirSync(planted)).toEqual([]);
  });

  test('says which source is broken, and leaves nothing behind', () => {
    checkout.write('libs/model/src/index.ts', 'export const word = ;');
    const { status, stderr } = checkout.run();
    expect(status).toBe(3);
    expect(stderr).toMatch(/^worldline: the sources could not be bundled\n[^]*libs\/model\/src\/index\.ts/);
    expect(stderr).not.toContain('\u001b');
    expect(checkout.bundles()).toEqual([]);
  });

  test('says that the dependencies are not installed', () => {
    rmSync(join(checkout.root, 'node_modules/rolldown'));
    expect(checkout.run()).toMatchObject({ status: 3, stderr: 'worldline: the dependencies are not installed: run `npm ci` first\n' });
    expect(existsSync(join(checkout.root, 'apps/cli/bin/worldline.mjs'))).toBe(true);
  });
});
