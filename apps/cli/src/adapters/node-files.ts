import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { OperatingError } from '@worldline/application';
import type { Files } from '@worldline/application';
import { readArchive, type FileTree } from '@worldline/snapshot';
import type { Issue, Parsed } from '@worldline/model';

const STANDARD_INPUT = 0;

/** Files of this machine. Messages name paths as the user wrote them. */
export class NodeFiles implements Files {
  /** `folder` is what relative paths are relative to. */
  constructor(private readonly folder: string = process.cwd()) {}

  readText(path: string): Promise<Parsed<string>> {
    const bytes = this.attempt(path, () => this.read(path));
    if (bytes.value === null) return Promise.resolve({ value: null, issues: bytes.issues });
    try {
      return Promise.resolve({ value: new TextDecoder('utf-8', { fatal: true }).decode(bytes.value), issues: [] });
    } catch {
      return Promise.resolve(refused(path, 'NotText', 'is not text in UTF-8'));
    }
  }

  readTree(path: string): Promise<Parsed<FileTree>> {
    return Promise.resolve(this.tree(path));
  }

  resolve(base: string, path: string): string {
    return base === '-' || path.startsWith('/') ? path : join(dirname(base), path);
  }

  writeFile(path: string, content: Uint8Array | string): Promise<void> {
    const target = this.absolute(path);
    try {
      makeFolder(dirname(target));
      writeFileSync(target, content);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(new OperatingError(`${path}: cannot be written: ${messageOf(error)}`, { cause: error }));
    }
  }

  async writeTree(path: string, tree: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
    for (const [name, content] of tree) await this.writeFile(join(path, name), content);
  }

  private tree(path: string): Parsed<FileTree> {
    if (path !== '-') {
      const found = this.attempt(path, () => statSync(this.absolute(path)));
      if (found.value === null) return { value: null, issues: found.issues };
      if (found.value.isDirectory()) return this.attempt(path, () => this.readFolder(path));
    }
    const bytes = this.attempt(path, () => this.read(path));
    return bytes.value === null ? { value: null, issues: bytes.issues } : readArchive(bytes.value, path);
  }

  private read(path: string): Uint8Array {
    return path === '-' ? readFileSync(STANDARD_INPUT) : readFileSync(this.absolute(path));
  }

  private readFolder(path: string): FileTree {
    const files = new Map<string, Uint8Array>();
    const root = this.absolute(path);
    const visit = (folder: string): void => {
      for (const name of readdirSync(join(root, folder)).sort()) {
        const inside = folder === '' ? name : `${folder}/${name}`;
        const entry = statSync(join(root, inside));
        if (entry.isDirectory()) visit(inside);
        else if (entry.isFile()) files.set(inside, readFileSync(join(root, inside)));
      }
    };
    visit('');
    return files;
  }

  private absolute(path: string): string {
    return resolve(this.folder, path);
  }

  private attempt<T>(path: string, work: () => T): Parsed<T> {
    try {
      return { value: work(), issues: [] };
    } catch (error) {
      return isSystemError(error) ? refused(path, codeOf(error), messageOf(error)) : refused(path, 'UnreadableFile', messageOf(error));
    }
  }
}

/** Node's own `recursive` never ends where the system says ENOENT for good, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function refused<T>(file: string, code: string, message: string): Parsed<T> {
  const issue: Issue = { code, severity: 'error', message, file };
  return { value: null, issues: [issue] };
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'MissingFile' : 'UnreadableFile';
}

function messageOf(error: unknown): string {
  if (!isSystemError(error)) return (error as Error).message;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or folder',
    EACCES: 'permission denied',
    EISDIR: 'is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    ENOSPC: 'no space left',
    EROFS: 'the file system is read-only',
  };
  return known[error.code ?? ''] ?? error.message;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | null)?.code === 'string';
}
