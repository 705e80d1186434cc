import type { Problem, Workspace } from '../workspace';

export const AIM_LINES = 250;
const MAXIMUM_LINES = 500;
const SOURCES = /^(libs|apps)\/[^/]+\/src\/.*\.tsx?$/;
const SPEC = /\.spec\.tsx?$/;

/** Sources above the size at which a file is split. */
export function fileSize(workspace: Workspace): Problem[] {
  return sizes(workspace)
    .filter(({ lines }) => lines > MAXIMUM_LINES)
    .map(({ path, lines }) => ({ path, message: `${lines} lines: split it (at most ${MAXIMUM_LINES}, aim for ${AIM_LINES})` }));
}

/** Share of sources that keep to the aim: a number to watch, not a check. */
export function shareWithinAim(workspace: Workspace): number {
  const all = sizes(workspace);
  return all.length === 0 ? 1 : all.filter(({ lines }) => lines <= AIM_LINES).length / all.length;
}

function sizes(workspace: Workspace): { path: string; lines: number }[] {
  return workspace
    .paths(SOURCES)
    .filter((path) => !SPEC.test(path))
    .map((path) => ({ path, lines: workspace.text(path).trimEnd().split('\n').length }));
}
