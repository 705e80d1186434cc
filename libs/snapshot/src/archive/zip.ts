/** Zip archives (PKWARE APPNOTE 6.3.10), read by their central directory: stored and deflated files, zip64 included. */
import { inflateSync, strFromU8 } from 'fflate';
import { crc32 } from './checksum.js';
import type { EntryCollector } from './entries.js';
import { ArchiveFault } from './limits.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const MADE_ON_UNIX = 3;
const UNIX_TYPE = 0o170000;
const UNIX_LINK = 0o120000;
const U16 = 0xffff;
const U32 = 0xffff_ffff;

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));
}

interface CentralEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly localAt: number;
  readonly isLink: boolean;
}

/** Reads all files; links, encrypted and otherwise packed ones are refused. */
export function readZip(bytes: Uint8Array, entries: EntryCollector): ArchiveFault | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view);
  if (!directory) return broken('has no central directory');
  let at = directory.at;
  for (let i = 0; i < directory.count; i++) {
    const read = readCentral(view, bytes, at);
    if (!read) return broken('has a damaged central directory');
    at = read.next;
    const fault = readEntry(read.entry, view, bytes, entries);
    if (fault) return fault;
  }
  return null;
}

function readEntry(entry: CentralEntry, view: DataView, bytes: Uint8Array, entries: EntryCollector): ArchiveFault | null {
  const { name } = entry;
  if (name.endsWith('/') || (name.endsWith('\\') && entry.size === 0)) return null;
  if (entry.isLink) return new ArchiveFault('ArchiveLink', `holds the link ${name}; bundles hold files only`, name);
  if (entry.flags & 1) return new ArchiveFault('BrokenArchive', `holds ${name}, which is encrypted`, name);
  const fault = entries.announce(name, entry.size);
  if (fault) return fault;
  const content = unpacked(entry, view, bytes);
  if (content === null || content.length !== entry.size || crc32(content) !== entry.crc) return broken(`is damaged at ${name}`, name);
  return entries.add(name, content);
}

function unpacked({ localAt, method, packedSize, size }: CentralEntry, view: DataView, bytes: Uint8Array): Uint8Array | null {
  if (localAt + 30 > bytes.length || view.getUint32(localAt, true) !== LOCAL) return null;
  const start = localAt + 30 + view.getUint16(localAt + 26, true) + view.getUint16(localAt + 28, true);
  if (start + packedSize > bytes.length) return null;
  const packed = bytes.subarray(start, start + packedSize);
  if (method === 0) return packed;
  if (method !== 8) return null;
  // Deflate gets no better than 1032 to 1: what claims more lies, and would only cost the memory that it asks for.
  if (size > 1032 * packedSize + 1032) return null;
  try {
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch {
    return null;
  }
}

function findDirectory(view: DataView): { at: number; count: number } | null {
  const last = Math.max(0, view.byteLength - 22 - U16);
  for (let at = view.byteLength - 22; at >= last; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    return count === U16 || start === U32 ? findDirectory64(view, at) : { at: start, count };
  }
  return null;
}

function findDirectory64(view: DataView, endAt: number): { at: number; count: number } | null {
  const locator = endAt - 20;
  if (locator < 0 || view.getUint32(locator, true) !== END_64_LOCATOR) return null;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > view.byteLength || view.getUint32(at, true) !== END_64) return null;
  return { at: Number(view.getBigUint64(at + 48, true)), count: Number(view.getBigUint64(at + 32, true)) };
}

function readCentral(view: DataView, bytes: Uint8Array, at: number): { entry: CentralEntry; next: number } | null {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== CENTRAL) return null;
  const u16 = (offset: number): number => view.getUint16(at + offset, true);
  const u32 = (offset: number): number => view.getUint32(at + offset, true);
  const nameLength = u16(28);
  const extraAt = at + 46 + nameLength;
  const extraEnd = extraAt + u16(30);
  const next = extraEnd + u16(32);
  if (next > view.byteLength) return null;
  const flags = u16(8);
  const [size, packedSize, localAt] = longSizes(view, { from: extraAt, to: extraEnd }, [u32(24), u32(20), u32(42)]);
  const isLink = u16(4) >>> 8 === MADE_ON_UNIX && ((u32(38) >>> 16) & UNIX_TYPE) === UNIX_LINK;
  // Bit 11: the name is UTF-8. Without it most tools write UTF-8 all the same.
  const name = strFromU8(bytes.subarray(at + 46, at + 46 + nameLength));
  return { entry: { name, flags, method: u16(10), crc: u32(16), packedSize, size, localAt, isLink }, next };
}

/** Sizes that do not fit 32 bits stand in the extra field 1, in this order, those only. */
function longSizes(view: DataView, extra: { from: number; to: number }, short: readonly [number, number, number]): [number, number, number] {
  const sizes: [number, number, number] = [...short];
  if (!sizes.includes(U32)) return sizes;
  for (let at = extra.from; at + 4 <= extra.to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let valueAt = at + 4;
    for (let i = 0; i < 3; i++) {
      if (sizes[i] !== U32 || valueAt + 8 > extra.to) continue;
      sizes[i] = Number(view.getBigUint64(valueAt, true));
      valueAt += 8;
    }
  }
  return sizes;
}

function broken(message: string, word?: string): ArchiveFault {
  return new ArchiveFault('BrokenArchive', message, word);
}
