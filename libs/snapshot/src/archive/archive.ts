/** Archives as file trees and back: `.tar`, `.tar.gz` and `.zip`, told apart by their first bytes, not by their names. */
import type { Parsed } from '@worldline/model';
import { Gunzip, gzipSync, strToU8, zipSync } from 'fflate';
import type { Zippable } from 'fflate';
import type { FileTree } from '../bundle/index.js';
import { crc32 } from './checksum.js';
import { EntryCollector } from './entries.js';
import { ARCHIVE_LIMITS, ArchiveFault } from './limits.js';
import type { ArchiveLimits } from './limits.js';
import { isTar, joined, readTar, writeTar } from './tar.js';
import { isZip, readZip } from './zip.js';

/** Names that stand at the top of a bundle. */
const BUNDLE_TOP = /^(cluster\.(ya?ml|json)|kubernetes|nodes|pods|externals)$/;
/** What one push may unpack to at once is this times 1032. */
const CHUNK = 1 << 16;

/** Unpacks an archive. It is refused whole when it is damaged, too large, or holds what could lead out of it. `file` is its name for messages. */
export function readArchive(bytes: Uint8Array, file: string, limits: ArchiveLimits = ARCHIVE_LIMITS): Parsed<FileTree> {
  const entries = new EntryCollector(limits);
  const fault = readInto(bytes, entries, limits);
  if (!fault) return { value: withoutTopFolder(entries.files), issues: [] };
  return { value: null, issues: [{ code: fault.code, severity: 'error', message: `the archive ${fault.message}`, file, ...(fault.word === undefined ? {} : { word: fault.word }) }] };
}

/** Packs files as `.tar.gz`; the same files give the same bytes. */
export function writeTarGz(files: ReadonlyMap<string, Uint8Array | string>): Uint8Array {
  return gzipSync(writeTar(inOrder(files)), { mtime: 0 });
}

/** Packs files as `.zip`; the same files give the same bytes. */
export function writeZip(files: ReadonlyMap<string, Uint8Array | string>): Uint8Array {
  const content: Zippable = Object.fromEntries(inOrder(files));
  // The first moment that zip knows, in local time as zip has it: the same digits everywhere.
  return zipSync(content, { mtime: '1980-01-01T00:00:00' });
}

function inOrder(files: ReadonlyMap<string, Uint8Array | string>): [string, Uint8Array][] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([name, content]) => [name, typeof content === 'string' ? strToU8(content) : content]);
}

function readInto(bytes: Uint8Array, entries: EntryCollector, limits: ArchiveLimits): ArchiveFault | null {
  if (isZip(bytes)) return readZip(bytes, entries);
  if (isTar(bytes)) return readTar(bytes, entries);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new ArchiveFault('UnknownArchive', 'is neither .tar.gz, .tar nor .zip');
  const plain = unzipped(bytes, limits.unpackedBytes);
  if (plain instanceof ArchiveFault) return plain;
  return isTar(plain) ? readTar(plain, entries) : new ArchiveFault('UnknownArchive', 'is compressed, but holds no tar');
}

/** Gunzips piece by piece, so that a bomb is found before it has gone off. */
function unzipped(bytes: Uint8Array, limit: number): Uint8Array | ArchiveFault {
  const pieces: Uint8Array[] = [];
  let total = 0;
  let checksum = 0;
  let furtherMembers = 0;
  const gunzip = new Gunzip((piece) => {
    total += piece.length;
    checksum = crc32(piece, checksum);
    pieces.push(piece);
  });
  gunzip.onmember = () => void furtherMembers++;
  try {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      gunzip.push(bytes.subarray(at, at + CHUNK), at + CHUNK >= bytes.length);
      if (total > limit) return new ArchiveFault('ArchiveTooLarge', `unpacks to more than ${limit} bytes`);
    }
  } catch {
    return new ArchiveFault('BrokenArchive', 'is damaged: it cannot be unpacked');
  }
  const trailer = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Of several members only the last one's checksum stands at the end.
  if (furtherMembers === 0 && (bytes.length < 18 || trailer.getUint32(bytes.length - 8, true) !== checksum)) return new ArchiveFault('BrokenArchive', 'is damaged: its checksum is wrong');
  return joined(pieces);
}

/** `tar czf b.tar.gz bundle/` puts everything under one folder, `tar czf b.tar.gz -C bundle .` does not: both are the same bundle. */
function withoutTopFolder(files: ReadonlyMap<string, Uint8Array>): FileTree {
  const tops = new Set([...files.keys()].map((name) => name.slice(0, Math.max(0, name.indexOf('/')))));
  const [top] = tops;
  if (tops.size !== 1 || !top || BUNDLE_TOP.test(top)) return files;
  return new Map([...files].map(([name, content]) => [name.slice(top.length + 1), content]));
}
