/** The digest of a bundle's content: what packs and orders its files does not count, nor does who wrote a dump when. */
import { canonicalJson, digestOf } from '@worldline/model';
import type { ClusterSpec, HashText, Json } from '@worldline/model';
import { parseJsonText } from '../document/json-text.js';
import { ContentCache } from './content-cache.js';
import { fileReader } from './machine-files.js';
import type { FileReader } from './machine-files.js';
import type { MachineFolder } from './read-machine.js';
import { textOf } from './tree.js';

export interface DigestedContent {
  readonly cluster: ClusterSpec;
  readonly objects: readonly Json[];
  readonly machines: readonly MachineFolder[];
}

export function digestOfBundle({ cluster, objects, machines }: DigestedContent, hash: HashText): string {
  const cache = new ContentCache();
  const files: [string, string][] = [];
  for (const { machine, files: own } of machines) {
    for (const [name, bytes] of own) {
      const reader = fileReader(name);
      if (!reader) continue;
      const digest = cache.read(reader.canonical, bytes, [], () => ({ value: hash(canonicalContent(bytes, reader.canonical)), issues: [] }));
      files.push([`${machine}/${name}`, digest ?? '']);
    }
  }
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf({ cluster: { name: cluster.name, spec: cluster.raw }, objects: objects.map((object) => hash(canonicalJson(object))), files }, hash);
}

function canonicalContent(bytes: Uint8Array, canonical: FileReader['canonical']): string | readonly Uint8Array[] {
  if (canonical === 'rules' && isPlain(bytes)) return withoutComments(bytes);
  const text = textOf(bytes);
  if (canonical === 'rules') return text.replace(/^#.*\n?/gm, '');
  if (canonical === 'text') return text;
  const { value, fault } = parseJsonText(text);
  return fault ? text : canonicalJson(value);
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const HASH = 35;
/** First byte of a byte order mark. */
const MARK = 0xef;

/** Whether a dump's bytes are those of its text. */
function isPlain(bytes: Uint8Array): boolean {
  return bytes[0] !== MARK && !bytes.includes(CARRIAGE_RETURN);
}

/** What stands between the lines that begin with `#`. A dump of a large node is never made into a string. */
function withoutComments(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at + 1)) {
    if (at > 0 && bytes[at - 1] !== NEWLINE) continue;
    if (at > from) pieces.push(bytes.subarray(from, at));
    const end = bytes.indexOf(NEWLINE, at);
    from = end < 0 ? bytes.length : end + 1;
    at = from - 1;
  }
  pieces.push(bytes.subarray(from));
  return pieces;
}
