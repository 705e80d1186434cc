import type { Problem, Workspace } from '../workspace';

const NAMED = /^(libs|apps|tools|scenarios)\//;
const KEBAB_FILE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const KEBAB_FOLDER = /^\.?[a-z0-9]+(-[a-z0-9]+)*$/;
const EMPTY_WORDS = /(^|-)(utils?|helpers?|managers?|common|misc|shared|stuff)(-|\.|$)/;

/** Kebab-case everywhere, and no name that says nothing. */
export function fileNames(workspace: Workspace): Problem[] {
  return workspace.paths(NAMED).flatMap((path) => {
    const parts = path.split('/');
    const file = parts.pop() ?? '';
    const isSource = /\.[cm]?[jt]sx?$/.test(file);
    const problems: Problem[] = [];
    // A scenario's bundle carries the names of its own world (nodes, pods).
    if (parts[0] !== 'scenarios' && parts.some((part) => !KEBAB_FOLDER.test(part))) problems.push({ path, message: 'folder names are kebab-case' });
    if (isSource && !KEBAB_FILE.test(file)) problems.push({ path, message: 'file names are kebab-case' });
    if (isSource && [...parts, file].some((part) => EMPTY_WORDS.test(part))) problems.push({ path, message: 'the name says nothing: name it after what it holds' });
    return problems;
  });
}
