/** Paths to values: a bundle into a Snapshot, a scenario file into a Scenario whose destinations have addresses. */
import { placeDirectory } from '@worldline/analysis';
import type { PlaceDirectory } from '@worldline/analysis';
import type { Issue, Parsed, Scenario, Snapshot } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import { resolveDestinations } from './resolve.js';
import { hasErrors, refused } from './tools.js';
import type { LoadTools, Readers } from './tools.js';

export interface LoadedBundle {
  /** As given. */
  readonly path: string;
  readonly snapshot: Snapshot;
  readonly places: PlaceDirectory;
  /** The files as they came, for those that a run leaves as they are. */
  readonly tree: FileTree;
}

export interface LoadedScenario extends LoadedBundle {
  readonly scenario: Scenario;
}

/** Reads a bundle: a folder, an archive, or `-`. */
export async function loadBundle(path: string, { files, readers }: LoadTools): Promise<Parsed<LoadedBundle>> {
  const tree = await files.readTree(path);
  return tree.value === null ? refused(tree.issues) : readBundleTree(path, tree.value, readers);
}

/** The same for files that are there already; `path` is what messages call them. */
export function readBundleTree(path: string, tree: FileTree, readers: Readers): Parsed<LoadedBundle> {
  const snapshot = readers.bundle(tree);
  if (snapshot.value === null || hasErrors(snapshot.issues)) return refused(inFolder(path, snapshot.issues));
  return { value: { path, snapshot: snapshot.value, places: placeDirectory(snapshot.value), tree }, issues: [] };
}

/** Reads a scenario file and the bundle it names; `bundlePath` takes the place of the named one. */
export async function loadScenario(path: string, bundlePath: string | null, tools: LoadTools): Promise<Parsed<LoadedScenario>> {
  const text = await tools.files.readText(path);
  if (text.value === null) return refused(text.issues);
  const first = tools.readers.scenario(text.value, { file: path, snapshot: null, stdin: null });
  if (first.value === null || hasErrors(first.issues)) return refused(first.issues);
  const named = first.value.snapshot;
  if (bundlePath === null && named === null) {
    return refused([{ code: 'MissingSnapshot', severity: 'error', message: 'spec.snapshot names no bundle, and none is given with --snapshot', file: path, pointer: '/spec/snapshot' }]);
  }
  const bundle = await loadBundle(bundlePath ?? tools.files.resolve(path, named as string), tools);
  if (bundle.value === null) return refused(bundle.issues);
  return loadScenarioOn({ path, text: text.value, bundle: bundle.value }, tools);
}

/** Reads a scenario on a bundle that is known, so that names are checked and `node/*` spelled out. */
export async function loadScenarioOn(input: { path: string; text: string; bundle: LoadedBundle }, tools: LoadTools): Promise<Parsed<LoadedScenario>> {
  const { path, text, bundle } = input;
  const stdin = await readStdinFiles(path, tools.readers.stdinFiles(text), tools);
  if (stdin.value === null) return refused(stdin.issues);
  const scenario = tools.readers.scenario(text, { file: path, snapshot: bundle.snapshot, stdin: stdin.value });
  if (scenario.value === null || hasErrors(scenario.issues)) return refused(scenario.issues);
  const resolved = resolveDestinations(scenario.value, bundle.places, { file: path });
  if (resolved.value === null) return refused(resolved.issues);
  return { value: { ...bundle, scenario: resolved.value }, issues: scenario.issues };
}

/** Files that events feed to their commands; `base` is the file that names them. */
export async function readStdinFiles(base: string, names: readonly string[], tools: LoadTools): Promise<Parsed<ReadonlyMap<string, string>>> {
  const contents = new Map<string, string>();
  for (const name of names) {
    const content = await tools.files.readText(tools.files.resolve(base, name));
    if (content.value === null) return refused(content.issues);
    contents.set(name, content.value);
  }
  return { value: contents, issues: [] };
}

/** Issues of a bundle name files inside it; where they are refused, one wants the whole path. */
export function inFolder(path: string, issues: readonly Issue[]): Issue[] {
  return issues.map((issue) => (issue.file === undefined ? { ...issue, file: path } : { ...issue, file: `${path.replace(/\/$/, '')}/${issue.file}` }));
}
