import type { Problem, Workspace } from '../workspace';

const FIDELITY = 'docs/FIDELITY.md';

/** What an engine says it models, by kind of thing (`sysctls`, `matches`, `targets`). */
export type ModelledWords = Readonly<Record<string, readonly string[]>>;

/** Every modelled sysctl, match and target stands in docs/FIDELITY.md, set as code. */
export function fidelity(workspace: Workspace, modelled: ModelledWords): Problem[] {
  const listed = new Set([...workspace.text(FIDELITY).matchAll(/`([^`]+)`/g)].map(([, word]) => word));
  return Object.entries(modelled).flatMap(([kind, words]) =>
    words.filter((word) => !listed.has(word)).map((word) => ({ path: FIDELITY, message: `${kind}: '${word}' is modelled but not listed` })),
  );
}
