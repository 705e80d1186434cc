/** A bundle as files: what a folder, a .tar.gz and a .zip are alike in. */
import type { MachineName } from '@worldline/model';
import { strFromU8 } from 'fflate';

/** Files by their path inside the bundle, with `/`. */
export type FileTree = ReadonlyMap<string, Uint8Array>;

export type BundlePlace =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'objects' }
  /** `name` is the path below the machine's folder. */
  | { readonly kind: 'machine'; readonly machine: MachineName; readonly folder: string; readonly name: string }
  | { readonly kind: 'unknown' };

/** What a path of a bundle is. */
export function placeInBundle(path: string): BundlePlace {
  if (path === 'cluster.yaml' || path === 'cluster.yml' || path === 'cluster.json') return { kind: 'cluster' };
  if (/^kubernetes\/.+\.(ya?ml|json)$/.test(path)) return { kind: 'objects' };
  const parts = path.split('/');
  const top = parts[0];
  const depth = top === 'pods' ? 3 : top === 'nodes' || top === 'externals' ? 2 : 0;
  if (depth === 0 || parts.length <= depth) return { kind: 'unknown' };
  const names = parts.slice(1, depth).join('/');
  return { kind: 'machine', machine: `${(top as string).slice(0, -1)}/${names}`, folder: parts.slice(0, depth).join('/'), name: parts.slice(depth).join('/') };
}

/** Folder of a machine inside a bundle: `pods/ns/name` for `pod/ns/name`. */
export function folderOfMachine(machine: MachineName): string {
  const slash = machine.indexOf('/');
  return `${machine.slice(0, slash)}s${machine.slice(slash)}`;
}

/** UTF-8 bytes as text, line ends as `\n`; broken sequences become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  const text = strFromU8(bytes);
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
