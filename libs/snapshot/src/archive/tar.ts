/** Tar archives: ustar (POSIX.1-1988), pax (POSIX.1-2001) and the long names of GNU tar. */
import { strFromU8, strToU8 } from 'fflate';
import type { EntryCollector } from './entries.js';
import { ArchiveFault } from './limits.js';

const BLOCK = 512;

/** `ustar` stands at byte 257 of every tar that tools of this century write. */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && text(bytes, 257, 5) === 'ustar';
}

/** Reads all files; anything but a file or a folder is refused. */
export function readTar(bytes: Uint8Array, entries: EntryCollector): ArchiveFault | null {
  let longName: string | null = null;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return null;
    const size = numberAt(header, 124, 12);
    const wanted = numberAt(header, 148, 8);
    if (size === null || wanted !== checksumOf(header)) return new ArchiveFault('BrokenArchive', `is damaged: no header at byte ${at}`);
    const start = at + BLOCK;
    if (start + size > bytes.length) return new ArchiveFault('BrokenArchive', 'ends in the middle of a file', nameOf(header));
    const content = bytes.subarray(start, start + size);
    at = start + Math.ceil(size / BLOCK) * BLOCK;

    const type = String.fromCharCode(header[156] as number);
    const name = longName ?? nameOf(header);
    if (type === 'L') longName = trimmed(strFromU8(content));
    else if (type === 'x') longName = paxPath(content) ?? longName;
    else if (type !== 'g') {
      longName = null;
      const fault = readEntry(type, name, content, entries);
      if (fault) return fault;
    }
  }
  return new ArchiveFault('BrokenArchive', 'is cut: its end mark is missing');
}

function readEntry(type: string, name: string, content: Uint8Array, entries: EntryCollector): ArchiveFault | null {
  // Old tars mark folders by a slash only.
  if (type === '5' || (name.endsWith('/') && content.length === 0)) return null;
  if (type === '1' || type === '2') return new ArchiveFault('ArchiveLink', `holds the link ${name}; bundles hold files only`, name);
  if (type !== '0' && type !== '\0' && type !== '7') return new ArchiveFault('BrokenArchive', `holds ${name}, which is neither a file nor a folder`, name);
  return entries.announce(name, content.length) ?? entries.add(name, content);
}

/** Writes files; the same files give the same bytes. */
export function writeTar(files: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  const add = (name: string, type: string, content: Uint8Array): void => {
    blocks.push(headerOf(name, type, content.length), content, new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK));
  };
  for (const [name, content] of files) {
    if (strToU8(name).length > 100) add('pax', 'x', paxRecord('path', name));
    add(name, '0', content);
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return joined(blocks);
}

export function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}

function headerOf(name: string, type: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, value: string): void => header.set(strToU8(value), at);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.set(strToU8(name).subarray(0, 100), 0);
  put(100, '0000644\0' + '0000000\0' + '0000000\0');
  put(124, `${octal(size, 11)}\0${octal(0, 11)}\0`);
  put(156, type);
  put(257, 'ustar\0' + '00');
  put(148, `${octal(checksumOf(header), 6)}\0 `);
  return header;
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = strToU8(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return strToU8(`${length} ${key}=${value}\n`);
}

function paxPath(content: Uint8Array): string | null {
  let path: string | null = null;
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const length = space < 0 ? NaN : Number(text(content, at, space - at));
    if (!(length > space - at) || at + length > content.length) return path;
    const record = strFromU8(content.subarray(space + 1, at + length - 1));
    if (record.startsWith('path=')) path = record.slice('path='.length);
    at += length;
  }
  return path;
}

function nameOf(header: Uint8Array): string {
  const prefix = text(header, 257, 6) === 'ustar\0' ? trimmed(strFromU8(header.subarray(345, 500))) : '';
  const name = trimmed(strFromU8(header.subarray(0, 100)));
  return prefix === '' ? name : `${prefix}/${name}`;
}

function trimmed(value: string): string {
  const end = value.indexOf('\0');
  return end < 0 ? value : value.slice(0, end);
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return strFromU8(bytes.subarray(at, at + length), true);
}

/** Octal digits, or base 256 where the first bit is set (GNU). */
function numberAt(header: Uint8Array, at: number, length: number): number | null {
  if ((header[at] as number) & 0x80) {
    let value = (header[at] as number) & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + (header[at + i] as number);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = text(header, at, length).replace(/[\0 ]+$/, '').trim();
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : null;
}

/** Sum of the header's bytes, its own field read as blanks. */
function checksumOf(header: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 32 : (header[i] as number);
  return sum;
}
