import { API_VERSION } from '@worldline/model';
import type { Json } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

/** The bundle that an inline topology is: its `files` as they are, the rest as `cluster.yaml` and Kubernetes objects. */
export function treeOfTopology(topology: { readonly [word: string]: Json | undefined }): FileTree {
  const { files, objects, ...spec } = topology;
  const encoder = new TextEncoder();
  const tree = new Map<string, Uint8Array>();
  if (Object.keys(spec).length > 0) tree.set('cluster.yaml', encoder.encode(JSON.stringify({ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'inline' }, spec })));
  if (typeof objects === 'string') tree.set('kubernetes/objects.yaml', encoder.encode(objects));
  else if (Array.isArray(objects)) tree.set('kubernetes/objects.json', encoder.encode(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })));
  for (const [name, text] of Object.entries((files ?? {}) as Readonly<Record<string, string>>)) tree.set(name, encoder.encode(text));
  return tree;
}
