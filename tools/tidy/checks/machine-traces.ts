import { homedir, hostname } from 'node:os';
import { dirname } from 'node:path';
import { findAll, type Problem, type Workspace } from '../workspace';

/** Captured text and its goldens say what a captured machine said. */
const CAPTURED = /^scenarios\/|\/fixtures\//;
/** Folders that every machine has: a checkout in one of them gives nothing away. */
const ORDINARY_FOLDER = /^(\/(app|data|etc|home|media|mnt|opt|src|srv|tmp|usr|usr\/local|usr\/src|var|var\/lib|var\/tmp))?\/?$/;
const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** Words that only mean something on the machine where the repository was written. */
export function machineTraces(workspace: Workspace, machine: Machine): Problem[] {
  const words = wordsOf(machine);
  const problems: Problem[] = [];
  for (const path of workspace.paths(/./)) {
    if (CAPTURED.test(path)) continue;
    const text = workspace.text(path);
    for (const { word, pattern } of words) {
      for (const { line } of findAll(text, pattern)) problems.push({ path, line, message: `names this machine: '${word}'` });
    }
    if (path.startsWith('tools/tidy/')) continue;
    for (const { line } of findAll(text, /\/(?:home|Users)\/[a-z][\w.-]*\//)) problems.push({ path, line, message: 'an absolute path of one machine' });
    for (const { line } of findAll(text, /\.\.\/shared\//)) problems.push({ path, line, message: 'a path outside the repository' });
  }
  for (const { match, line } of findAll(workspace.text('package-lock.json'), /"resolved": "(https?:[^"]*)"/)) {
    if (!match[1]?.startsWith(PUBLIC_REGISTRY)) problems.push({ path: 'package-lock.json', line, message: 'a package comes from a private registry' });
  }
  return problems;
}

export interface Machine {
  readonly root: string;
  readonly home: string;
  readonly host: string;
}

export function thisMachine(root: string): Machine {
  return { root, home: homedir(), host: hostname() };
}

function wordsOf({ root, home, host }: Machine): { word: string; pattern: RegExp }[] {
  const folders = [dirname(root), home].filter((folder) => !ORDINARY_FOLDER.test(folder)).map((folder) => `${folder}/`);
  // A short or ordinary host name is found in honest text.
  const hosts = /^(localhost|[a-z]+)$/i.test(host) || host.length < 8 ? [] : [host];
  return [...folders, ...hosts].map((word) => ({ word, pattern: new RegExp(`(?<![\\w.~-])${escape(word)}`) }));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
