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
      const digest = cache.read(reader.canonical, bytes, [], () => ({ value: hash(canonicalText(bytes, reader.canonical)), issues: [] }));
      files.push([`${machine}/${name}`, digest ?? '']);
    }
  }
  files.sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf({ cluster: { name: cluster.name, spec: cluster.raw }, objects: objects.map((object) => hash(canonicalJson(object))), files }, hash);
}

function canonicalText(bytes: Uint8Array, canonical: FileReader['canonical']): string {
  const text = textOf(bytes);
  if (canonical === 'rules') return text.replace(/^#.*\n?/gm, '');
  if (canonical === 'text') return text;
  const { value, fault } = parseJsonText(text);
  return fault ? text : canonicalJson(value);
}
