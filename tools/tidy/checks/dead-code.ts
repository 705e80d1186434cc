import { isFixture, isSpec, readSources, type SourceFile } from '../source-graph';
import type { Problem, Workspace } from '../workspace';

/** Where a project is entered from outside. */
const ENTRY = /^(libs\/[^/]+\/src\/(index|conformance\/index)\.ts|apps\/[^/]+\/src\/main\.tsx?|libs\/platform\/src\/(threads\/thread|services\/services|real-kernel\/index)\.ts)$/;
const CHECKED = /^(libs|apps)\/[^/]+\/src\//;

/**
 * Files that no entry of a project reaches. A spec keeps nothing alive, except in the test kit, and but for fixtures, which live by specs alone:
 * one that an entry reaches is a problem too.
 */
export function deadFiles(workspace: Workspace): Problem[] {
  const sources = readSources(workspace);
  const wanted = new Set([...sources.values()].filter(({ path }) => isSpec(path) || isFixture(path)).flatMap(({ imports }) => imports.map(({ target }) => target)));
  const alive = new Set<string>();
  const reach = (path: string | undefined): void => {
    if (path === undefined || alive.has(path)) return;
    alive.add(path);
    for (const { target } of sources.get(path)?.imports ?? []) reach(target);
  };
  for (const path of sources.keys()) if (ENTRY.test(path)) reach(path);
  const checked = [...sources.keys()].filter((path) => CHECKED.test(path) && !isSpec(path));
  return [
    ...checked.filter((path) => !isFixture(path) && !alive.has(path)).map((path) => ({ path, message: 'no entry of its project reaches this file' })),
    ...checked.filter((path) => isFixture(path) && alive.has(path)).map((path) => ({ path, message: 'a fixture is for specs only' })),
    ...checked.filter((path) => isFixture(path) && !wanted.has(path)).map((path) => ({ path, message: 'no spec imports this fixture' })),
  ];
}

/** Exports that nobody imports. What a project's entry exports is public; a spec counts as a user. */
export function deadExports(workspace: Workspace): Problem[] {
  const sources = readSources(workspace);
  const used = new Uses(sources);
  for (const { path, imports } of sources.values()) {
    if (ENTRY.test(path)) used.add(path, '*');
    for (const { target, names } of imports) {
      for (const { imported, reexportedAs } of names) if (reexportedAs === undefined) used.add(target, imported);
    }
  }
  const problems: Problem[] = [];
  for (const { path, exports } of sources.values()) {
    if (!CHECKED.test(path) || isSpec(path)) continue;
    for (const { name, line, isMentionedType } of exports) {
      if (!used.has(path, name) && !isMentionedType) problems.push({ path, line, message: `nobody imports '${name}'` });
    }
  }
  return problems;
}

/** Which exports are used, followed through re-exports to where they are declared. */
class Uses {
  private readonly found = new Set<string>();
  private readonly sources: ReadonlyMap<string, SourceFile>;

  constructor(sources: ReadonlyMap<string, SourceFile>) {
    this.sources = sources;
  }

  has(path: string, name: string): boolean {
    return this.found.has(`${path}#${name}`) || this.found.has(`${path}#*`);
  }

  add(path: string | undefined, name: string): void {
    const source = path === undefined ? undefined : this.sources.get(path);
    if (!source || this.found.has(`${source.path}#${name}`)) return;
    this.found.add(`${source.path}#${name}`);
    for (const { target, names } of source.imports) {
      for (const { imported, reexportedAs } of names) {
        if (reexportedAs === undefined) continue;
        if (reexportedAs === '*') this.add(target, name);
        else if (name === '*' || reexportedAs === name) this.add(target, imported);
      }
    }
  }
}
