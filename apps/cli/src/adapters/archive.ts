/** Archives as file trees: `.tar`, `.tar.gz` and `.zip`, told apart by their first bytes, not by their names. */
import { gunzipSync } from 'node:zlib';
import type { FileTree } from '@worldline/snapshot';
import { unzipSync } from 'fflate';
import { unpackTar } from 'modern-tar';

/** A bundle is text; one that unpacks to more than this is a mistake or an attack. */
const UNPACKED_LIMIT_BYTES = 4 * 1024 ** 3;

/** Names that stand at the top of a bundle (contract, section 1). */
const BUNDLE_TOP = new Set(['cluster.yaml', 'kubernetes', 'nodes', 'pods', 'externals']);

/** The files of an archive; null when the bytes are none that we know. Throws what the unpacker throws on damaged ones. */
export async function unpack(bytes: Uint8Array): Promise<FileTree | null> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return withoutTopFolder(unzip(bytes));
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: UNPACKED_LIMIT_BYTES }) : bytes;
  if (!isTar(plain)) return null;
  const files = new Map<string, Uint8Array>();
  for (const { header, data } of await unpackTar(plain)) {
    if (header.type === 'file' && data) files.set(cleaned(header.name), data);
  }
  return withoutTopFolder(files);
}

/** `ustar` stands at byte 257 of every tar that tools of this century write. */
function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar';
}

function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  let total = 0;
  const entries = unzipSync(bytes, {
    filter: ({ originalSize }) => {
      total += originalSize;
      if (total > UNPACKED_LIMIT_BYTES) throw new Error('it unpacks to more than 4 GiB');
      return true;
    },
  });
  return new Map(Object.entries(entries).filter(([name]) => !name.endsWith('/')).map(([name, content]) => [cleaned(name), content]));
}

function cleaned(name: string): string {
  return name.split(/[/\\]/).filter((part) => part !== '.' && part !== '').join('/');
}

/** `tar czf b.tar.gz bundle/` puts everything under one folder, `tar czf b.tar.gz -C bundle .` does not: both are the same bundle. */
function withoutTopFolder(files: ReadonlyMap<string, Uint8Array>): FileTree {
  const tops = new Set([...files.keys()].map((name) => name.slice(0, Math.max(0, name.indexOf('/')))));
  const [top] = tops;
  if (tops.size !== 1 || !top || BUNDLE_TOP.has(top)) return files;
  return new Map([...files].map(([name, content]) => [name.slice(top.length + 1), content]));
}
