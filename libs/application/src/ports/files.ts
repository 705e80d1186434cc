import type { Parsed } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';

/** Where input comes from and results go. What cannot be read is an Issue; what cannot be written is an operating error, and thrown. */
export interface Files {
  /** One file as UTF-8 text; `-` is standard input. */
  readText(path: string): Promise<Parsed<string>>;
  /** A folder, `.tar.gz`, `.tgz`, `.tar` or `.zip`; `-` is an archive on standard input. */
  readTree(path: string): Promise<Parsed<FileTree>>;
  /** `path` as it stands in the file `base`: relative to that file's folder. */
  resolve(base: string, path: string): string;
  writeFile(path: string, content: Uint8Array | string): Promise<void>;
  /** Writes a folder; what it held before under other names stays. */
  writeTree(path: string, tree: ReadonlyMap<string, Uint8Array | string>): Promise<void>;
}

/** The world refused: a disk is full, a folder is read-only. The run could not be completed (exit code 3). */
export class OperatingError extends Error {
  override readonly name = 'OperatingError';
}
