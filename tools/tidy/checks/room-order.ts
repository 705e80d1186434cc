import { ROOMS } from '../../lint/rooms.mjs';
import { isSpec, readSources } from '../source-graph';
import type { Problem, Workspace } from '../workspace';

/** Imports from a room to one above it, found by resolving files, not by reading paths as the lint rule does. Specs may look up. */
export function roomOrder(workspace: Workspace): Problem[] {
  const problems: Problem[] = [];
  for (const { path, imports } of readSources(workspace).values()) {
    const from = isSpec(path) ? undefined : placeOf(path);
    if (!from) continue;
    for (const { target, line } of imports) {
      const to = target === undefined ? undefined : placeOf(target);
      if (to?.library === from.library && to.rank > from.rank)
        problems.push({ path, line, message: `room '${from.room}' imports room '${to.room}', which stands above it` });
    }
  }
  return problems;
}

function placeOf(path: string): { library: string; room: string; rank: number } | undefined {
  const [parent, name, , room = ''] = path.split('/');
  const library = `${parent ?? ''}/${name ?? ''}`;
  const rank = ROOMS[library]?.indexOf(room) ?? -1;
  return rank < 0 ? undefined : { library, room, rank };
}
