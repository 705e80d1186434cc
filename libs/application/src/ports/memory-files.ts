import type { Issue, Parsed } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import type { Files } from './files.js';

// Every JavaScript runtime has these two; the core's own types name none.
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

/** Files in memory: paths with `/`, folders implied by their files. Archives are the adapter's concern, so there are none here. */
export class MemoryFiles implements Files {
  readonly content = new Map<string, string | Uint8Array>();

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, text] of Object.entries(files)) this.content.set(normalise(path), text);
  }

  readText(path: string): Promise<Parsed<string>> {
    const found = this.content.get(normalise(path));
    return Promise.resolve(found === undefined ? { value: null, issues: [missing(path)] } : { value: toText(found), issues: [] });
  }

  readTree(path: string): Promise<Parsed<FileTree>> {
    const prefix = `${normalise(path)}/`;
    const tree = new Map<string, Uint8Array>();
    for (const [name, bytes] of this.content) if (name.startsWith(prefix)) tree.set(name.slice(prefix.length), toBytes(bytes));
    return Promise.resolve(tree.size > 0 ? { value: tree, issues: [] } : { value: null, issues: [missing(path)] });
  }

  resolve(base: string, path: string): string {
    return path.startsWith('/') ? normalise(path) : normalise(`${base}/../${path}`);
  }

  writeFile(path: string, content: Uint8Array | string): Promise<void> {
    this.content.set(normalise(path), content);
    return Promise.resolve();
  }

  async writeTree(path: string, tree: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
    for (const [name, content] of tree) await this.writeFile(`${path}/${name}`, content);
  }
}

function missing(path: string): Issue {
  return { code: 'MissingFile', severity: 'error', message: 'no such file or folder', file: path };
}

function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

function toText(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}
