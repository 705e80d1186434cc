/** The files of an archive as they are met: their paths are made safe, and counted. */
import { ArchiveFault } from './limits.js';
import type { ArchiveLimits } from './limits.js';

/** What Finder and Explorer leave in folders. */
const DROPPINGS = /(^|\/)(__MACOSX\/.*|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$/;

export class EntryCollector {
  readonly files = new Map<string, Uint8Array>();
  private total = 0;

  constructor(private readonly limits: ArchiveLimits) {}

  /** Before a file is unpacked: its size counts even if it turns out to be smaller. */
  announce(name: string, size: number): ArchiveFault | null {
    this.total += size;
    const { unpackedBytes } = this.limits;
    return this.total > unpackedBytes ? new ArchiveFault('ArchiveTooLarge', `unpacks to more than ${unpackedBytes} bytes`, name) : null;
  }

  add(name: string, content: Uint8Array): ArchiveFault | null {
    const path = safePath(name, this.limits.pathBytes);
    if (path instanceof ArchiveFault) return path;
    if (path === '' || DROPPINGS.test(path)) return null;
    // Which of two counts is a matter of the tool that unpacks: nobody has seen both.
    if (this.files.has(path)) return new ArchiveFault('DuplicateFile', `holds ${path} twice`, path);
    if (this.files.size >= this.limits.files) return new ArchiveFault('ArchiveTooLarge', `holds more than ${this.limits.files} files`, path);
    this.files.set(path, content);
    return null;
  }
}

/** A path inside of the bundle; refused where it leads out of it. */
function safePath(name: string, limit: number): string | ArchiveFault {
  if (name.length > limit) return new ArchiveFault('UnsafePath', `holds a file whose path is longer than ${limit}`, `${name.slice(0, 60)}...`);
  if (name.includes('\0')) return new ArchiveFault('UnsafePath', 'holds a file whose path has a zero byte', name.replace(/\0/g, '?'));
  const parts = name.split(/[/\\]/);
  if (parts[0] === '' || /^[A-Za-z]:$/.test(parts[0] ?? '')) return new ArchiveFault('UnsafePath', `holds the absolute path ${name}`, name);
  if (parts.includes('..')) return new ArchiveFault('UnsafePath', `holds ${name}, which leads out of the bundle`, name);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
