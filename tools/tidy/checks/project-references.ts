import { readSources } from '../source-graph';
import type { Problem, Workspace } from '../workspace';

/** A project's TypeScript references and its declared dependencies are the same, and cover what it imports. */
export function projectReferences(workspace: Workspace): Problem[] {
  const imported = importedLibraries(workspace);
  return workspace.paths(/^(libs|apps)\/[^/]+\/package\.json$/).flatMap((path) => {
    const folder = path.replace('/package.json', '');
    const config = `${folder}/tsconfig.lib.json`;
    if (!workspace.has(config)) return [];
    const { dependencies = {} } = JSON.parse(workspace.text(path)) as { dependencies?: Record<string, string> };
    const { references = [] } = JSON.parse(workspace.text(config)) as { references?: { path: string }[] };
    const declared = new Set(Object.keys(dependencies).flatMap((name) => /^@worldline\/(.*)$/.exec(name)?.[1] ?? []));
    const referenced = new Set(references.flatMap((one) => /libs\/([^/]+)\//.exec(one.path)?.[1] ?? []));
    return [
      ...missing(declared, referenced).map((name) => ({ path: config, message: `no reference to '${name}', a dependency` })),
      ...missing(referenced, declared).map((name) => ({ path, message: `no dependency on '${name}', a reference` })),
      ...missing(imported.get(folder) ?? new Set(), declared).map((name) => ({ path, message: `'${name}' is imported but no dependency` })),
    ];
  });
}

function importedLibraries(workspace: Workspace): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, imports } of readSources(workspace).values()) {
    if (path.endsWith('.spec.ts')) continue;
    const folder = path.split('/').slice(0, 2).join('/');
    const names = found.get(folder) ?? new Set();
    found.set(folder, names);
    for (const { specifier } of imports) {
      const name = /^@worldline\/([a-z-]+)$/.exec(specifier)?.[1];
      if (name) names.add(name);
    }
  }
  return found;
}

function missing(wanted: ReadonlySet<string>, present: ReadonlySet<string>): string[] {
  return [...wanted].filter((name) => !present.has(name)).sort();
}
