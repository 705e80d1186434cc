// Bundles of sources: found by the digest of what they are made of, else made (docs/adr/0001).
// Plain JavaScript without dependencies but the bundler, because it has to run on a fresh checkout.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const BUNDLES_KEPT = 4;
const UNUSED_BUNDLE_LIFE_MS = 24 * 3_600_000;
const ABANDONED_BUILD_LIFE_MS = 3_600_000;
const BUILD_ATTEMPTS = 5;

// Small pure dependencies go into the bundle: one file loads several times faster than their many.
const bundledDependencies = new Set(['commander', 'fflate', 'picocolors', 'yaml']);

export const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '../../..'));

/** What is wrong is said to the user; no stack. */
export class CannotStart extends Error {}

/**
 * The folder with the bundle of `entries` ({name: path}), each as `name.mjs`; `apps` are the folders of apps/ that they are made of.
 * Sources of the libraries always belong to it.
 */
export async function bundleOf({ entries, apps }) {
  return findBundle(digestOfSources(apps, entries)) ?? (await makeBundle(apps, entries));
}

/** The bundle of the service's processes: `api.mjs`, `worker.mjs` and the `thread.mjs` of both. */
export function serviceBundle() {
  const entries = { api: 'apps/api/src/main.ts', worker: 'apps/worker/src/main.ts', thread: 'libs/platform/src/threads/thread.ts' };
  return bundleOf({ entries: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(root, path)])), apps: ['api', 'worker'] });
}

/** The folder with the built explorer. */
export async function explorerFolder() {
  const web = join(root, 'apps/web');
  const digest = digestOfSources(['web'], {}, ['index.html', 'vite.config.mjs', 'public'].map((name) => join(web, name)));
  const known = findBundle(digest);
  if (known !== undefined) return join(known, 'web');
  const folder = writableCache();
  const building = mkdtempSync(join(folder, '.building-'));
  try {
    const { build } = await import(pathToFileURL(module.createRequire(join(web, 'package.json')).resolve('vite')).href);
    await build({ root: web, logLevel: 'error', build: { outDir: join(building, 'web'), emptyOutDir: true } });
    return join(putInPlace(building, join(folder, digest)), 'web');
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** A digest over path and content of every file that a bundle is made of. Content, not times: a changed source is never run stale. */
function digestOfSources(apps, entries, more = []) {
  const hash = createHash('sha256').update(`${root}\0${process.versions.modules}\0${JSON.stringify(entries)}\0`);
  const add = (path) => {
    const content = readFileSync(path);
    hash.update(`${relative(root, path)}\0${content.length}\0`).update(content);
  };
  for (const name of ['package-lock.json', 'package.json', 'tsconfig.base.json']) add(join(root, name));
  add(fileURLToPath(import.meta.url));
  for (const project of [...projectsIn('libs'), ...apps.map((app) => join(root, 'apps', app))]) {
    add(join(project, 'package.json'));
    addTree(join(project, 'src'), add);
  }
  for (const path of more) statSync(path).isDirectory() ? addTree(path, add) : add(path);
  return hash.digest('hex').slice(0, 32);
}

function projectsIn(folder) {
  const names = readdirSync(join(root, folder)).sort();
  return names.map((name) => join(root, folder, name)).filter((path) => existsSync(join(path, 'src')) && existsSync(join(path, 'package.json')));
}

function addTree(folder, add) {
  const children = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of children) {
    if (child.isDirectory()) addTree(join(folder, child.name), add);
    else if (!child.name.endsWith('.spec.ts') && !child.name.startsWith('.')) add(join(folder, child.name));
  }
}

function findBundle(digest) {
  for (const folder of [checkoutCache(), temporaryCache()]) {
    const bundle = join(folder, digest);
    if (!isOurs(folder) || !isComplete(bundle)) continue;
    markUsed(bundle);
    return bundle;
  }
  return undefined;
}

function checkoutCache() {
  return join(root, 'node_modules/.cache/worldline');
}

/** Where bundles go when the checkout is read-only: a folder that nobody else can write to. */
function temporaryCache() {
  return join(tmpdir(), `worldline-${process.getuid?.() ?? 'user'}`);
}

/** Code is run from there, so a folder in a shared place must belong to us alone. */
function isOurs(folder) {
  if (folder !== temporaryCache() || process.getuid === undefined) return true;
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.getuid() && (found.mode & 0o022) === 0;
}

/** A bundle comes into its place by a rename, so it is there as a whole or not at all. */
function isComplete(bundle) {
  return existsSync(bundle) && readdirSync(bundle).length > 0;
}

function markUsed(bundle) {
  try {
    const now = new Date();
    utimesSync(bundle, now, now);
  } catch {
    // A read-only checkout: nothing is pruned there either.
  }
}

/** Bundles again when a source changed meanwhile, so that what stands under a digest was made of just these sources. */
async function makeBundle(apps, entries) {
  const folder = writableCache();
  for (let attempt = 1; ; attempt++) {
    const digest = digestOfSources(apps, entries);
    const building = mkdtempSync(join(folder, '.building-'));
    try {
      await bundleInto(building, entries);
      if (digest !== digestOfSources(apps, entries)) {
        if (attempt < BUILD_ATTEMPTS) continue;
        throw new CannotStart('the sources kept changing while they were bundled; try again');
      }
      const bundle = putInPlace(building, join(folder, digest));
      prune(folder);
      return bundle;
    } finally {
      rmSync(building, { recursive: true, force: true });
    }
  }
}

function writableCache() {
  for (const folder of [checkoutCache(), temporaryCache()]) {
    try {
      mkdirSync(folder, { recursive: true, mode: folder === temporaryCache() ? 0o700 : 0o777 });
      if (!isOurs(folder)) continue;
      rmSync(mkdtempSync(join(folder, '.building-')), { recursive: true });
      return folder;
    } catch {
      // Not writable: the next one.
    }
  }
  return mkdtempSync(join(tmpdir(), 'worldline-once-'));
}

async function bundleInto(folder, entries) {
  const { build } = await import('rolldown').catch((cause) => {
    throw new CannotStart('the dependencies are not installed: run `npm ci` first', { cause });
  });
  await build({
    input: entries,
    cwd: root,
    platform: 'node',
    plugins: [dependenciesByPath],
    resolve: { conditionNames: ['@worldline/source', 'node', 'import', 'default'], extensionAlias: { '.js': ['.ts', '.js'] } },
    tsconfig: false,
    // Nest reads the types of constructors.
    transform: { decorator: { legacy: true, emitDecoratorMetadata: true } },
    onLog(level, log, report) {
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') report(level, log);
    },
    output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' },
  }).catch((cause) => {
    throw new CannotStart(`the sources could not be bundled\n${process.stderr.isTTY ? cause.message : stripVTControlCharacters(cause.message)}`, { cause });
  });
}

/** Other dependencies stay where they are, named by path: a bundle may lie outside the checkout, and versions differ between projects. */
const dependenciesByPath = {
  name: 'dependencies-by-path',
  async resolveId(id, importer) {
    const isBare = !/^(\.|\/|[A-Za-z]:|node:)/.test(id);
    if (!isBare || importer === undefined || module.isBuiltin(id) || importer.includes('/node_modules/')) return null;
    const name = id.split('/', id.startsWith('@') ? 2 : 1).join('/');
    if (name.startsWith('@worldline/') || bundledDependencies.has(name)) return null;
    const found = await this.resolve(id, importer, { skipSelf: true });
    return found && { id: pathToFileURL(found.id).href, external: true };
  },
};

/** Two processes may finish at once: both made the same, and the first one in place is used by both. */
function putInPlace(building, bundle) {
  if (!bundle.startsWith(temporaryCache())) chmodSync(building, 0o755); // another user of this checkout runs it too
  try {
    renameSync(building, bundle);
  } catch (error) {
    if (!isComplete(bundle)) throw error;
  }
  return bundle;
}

/** A running process may still load a chunk of an old bundle, so only those unused for a day go. */
function prune(folder) {
  try {
    const found = readdirSync(folder)
      .map((name) => ({ name, path: join(folder, name), ageMs: Date.now() - statSync(join(folder, name)).mtimeMs }))
      .sort((a, b) => a.ageMs - b.ageMs);
    const abandoned = found.filter(({ name, ageMs }) => name.startsWith('.building-') && ageMs > ABANDONED_BUILD_LIFE_MS);
    const unused = found.filter(({ name }) => !name.startsWith('.')).filter(({ ageMs }, rank) => rank >= BUNDLES_KEPT && ageMs > UNUSED_BUNDLE_LIFE_MS);
    for (const { path } of [...abandoned, ...unused]) rmSync(path, { recursive: true, force: true });
  } catch {
    // Another process prunes at the same time.
  }
}
