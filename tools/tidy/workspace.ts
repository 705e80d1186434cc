import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of the repository: path from the root, with `/`, to text. */
export class Workspace {
  private readonly texts: ReadonlyMap<string, string>;

  constructor(texts: ReadonlyMap<string, string>) {
    this.texts = texts;
  }

  /** What git tracks, or would track, as it lies on the disk. */
  static onDisk(root: string): Workspace {
    const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, maxBuffer: 1e8 });
    const texts = new Map<string, string>();
    for (const path of listed.toString('utf8').split('\0').filter(Boolean).sort()) {
      const text = readIfPresent(join(root, path));
      if (text !== undefined) texts.set(path, text);
    }
    return new Workspace(texts);
  }

  static of(texts: Record<string, string>): Workspace {
    return new Workspace(new Map(Object.entries(texts)));
  }

  paths(pattern: RegExp): string[] {
    return [...this.texts.keys()].filter((path) => pattern.test(path));
  }

  has(path: string): boolean {
    return this.texts.has(path);
  }

  /** Empty for a file that is not there. */
  text(path: string): string {
    return this.texts.get(path) ?? '';
  }
}

/** Something that a check objects to. */
export interface Problem {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

/** Matches of a pattern, each with the line that it starts in. */
export function findAll(text: string, pattern: RegExp): { match: RegExpExecArray; line: number }[] {
  return [...text.matchAll(new RegExp(pattern, `${pattern.flags.replace('g', '')}g`))].map((match) => ({
    match,
    line: text.slice(0, match.index).split('\n').length,
  }));
}

/** A file may go while its folder is listed. Binary files, and files too large for a source, have no text. */
function readIfPresent(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.length > 4_000_000 || bytes.includes(0) ? '' : bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
