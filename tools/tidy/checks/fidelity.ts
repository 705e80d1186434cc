import type { Problem, Workspace } from '../workspace';

const FIDELITY = 'docs/FIDELITY.md';

/** Names that the code knows, by kind of thing. */
export type KnownNames = Readonly<Record<string, readonly string[]>>;

/** Every sysctl, match and target that the code knows stands as a word in a name of docs/FIDELITY.md, be it as not modelled. */
export function fidelity(workspace: Workspace, known: KnownNames): Problem[] {
  const names = [...workspace.text(FIDELITY).matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
  const listed = new Set(names.flatMap((name) => [name, ...name.split(/[\s,()]+/)]));
  return Object.entries(known).flatMap(([kind, words]) =>
    words.filter((word) => !listed.has(word)).map((word) => ({ path: FIDELITY, message: `${kind}: '${word}' is not listed` })),
  );
}
