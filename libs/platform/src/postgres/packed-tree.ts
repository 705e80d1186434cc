/** The files of a bundle as one gzipped value: a line of JSON with names and lengths, then the bytes of each. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

type FileTree = ReadonlyMap<string, Uint8Array>;

const LINE_END = 0x0a;
const packing = promisify<Uint8Array, object, Buffer>(gzip);
const unpacking = promisify<Uint8Array, Buffer>(gunzip);

export async function packTree(tree: FileTree): Promise<Uint8Array> {
  const files = [...tree];
  const head = Buffer.from(`${JSON.stringify(files.map(([name, { length }]) => [name, length]))}\n`);
  return packing(Buffer.concat([head, ...files.map(([, bytes]) => bytes)]), { level: 3 });
}

export async function unpackTree(packed: Uint8Array): Promise<FileTree> {
  const bytes = await unpacking(packed);
  const end = bytes.indexOf(LINE_END);
  const tree = new Map<string, Uint8Array>();
  let offset = end + 1;
  for (const [name, length] of JSON.parse(bytes.toString('utf8', 0, end)) as readonly [string, number][]) {
    tree.set(name, bytes.subarray(offset, offset + length));
    offset += length;
  }
  return tree;
}
