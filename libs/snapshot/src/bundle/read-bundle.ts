/** A bundle (contract, section 1) into a Snapshot. What cannot be accepted is an Issue that names file, line and word; nothing throws. */
import type { ClusterSpec, HashText, Issue, Json, MachineCapture, Parsed, Snapshot } from '@worldline/model';
import { didYouMean } from '../document/index.js';
import { ContentCache } from './content-cache.js';
import { digestOfBundle } from './digest.js';
import { missingFiles } from './missing.js';
import { DEFAULT_CLUSTER, readCluster } from './read-cluster.js';
import { readMachine } from './read-machine.js';
import type { MachineFolder } from './read-machine.js';
import { readObjects, sortedObjects } from './read-objects.js';
import { placeInBundle, textOf } from './tree.js';
import type { FileTree } from './tree.js';

export interface BundleOptions {
  /** SHA-256, for the digest; called only when that is asked for. */
  readonly hash: HashText;
}

const TOP_NAMES = ['cluster.yaml', 'kubernetes', 'nodes', 'pods', 'externals'];

/** Reads a bundle. With issues of severity `error` its snapshot is what could be read, and must not be run. */
export function readBundle(tree: FileTree, { hash }: BundleOptions): Parsed<Snapshot> {
  const issues: Issue[] = [];
  const { clusters, objectFiles, folders } = sorted(tree, issues);
  if (clusters.length === 0 && objectFiles.length === 0 && folders.length === 0) {
    return { value: null, issues: [...issues, { code: 'NotABundle', severity: 'error', message: 'holds neither cluster.yaml nor a file of a node, a pod or an external, nor Kubernetes objects' }] };
  }
  const cluster = clusterOf(clusters, issues);
  const found: { file: string; object: Json }[] = [];
  for (const [file, bytes] of objectFiles) {
    const parsed = readObjects(textOf(bytes), file);
    issues.push(...parsed.issues);
    for (const object of parsed.value ?? []) found.push({ file, object });
  }
  const objects = sortedObjects(found, issues);
  const cache = new ContentCache();
  const machines: MachineCapture[] = folders.map((folder) => readMachine(folder, cache, issues));
  issues.push(...missingFiles({ machines, objects }), ...withoutFolder(cluster, folders));
  let digest: string | null = null;
  const snapshot: Snapshot = { cluster, objects, machines, issues, digest: () => (digest ??= digestOfBundle({ cluster, objects, machines: folders }, hash)) };
  return { value: snapshot, issues };
}

interface SortedTree {
  readonly clusters: readonly (readonly [string, Uint8Array])[];
  readonly objectFiles: readonly (readonly [string, Uint8Array])[];
  /** Nodes, pods, externals, each by name. */
  readonly folders: readonly MachineFolder[];
}

function sorted(tree: FileTree, issues: Issue[]): SortedTree {
  const clusters: [string, Uint8Array][] = [];
  const objectFiles: [string, Uint8Array][] = [];
  const folders = new Map<string, { machine: string; folder: string; files: Map<string, Uint8Array> }>();
  for (const [path, bytes] of [...tree].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const place = placeInBundle(path);
    if (place.kind === 'cluster') clusters.push([path, bytes]);
    else if (place.kind === 'objects') objectFiles.push([path, bytes]);
    else if (place.kind === 'machine') {
      const known = folders.get(place.machine);
      if (known) known.files.set(place.name, bytes);
      else folders.set(place.machine, { machine: place.machine, folder: place.folder, files: new Map([[place.name, bytes]]) });
    } else {
      const word = path.split('/')[0] as string;
      issues.push({ code: 'UnknownFile', severity: 'warning', message: `is not a file of a bundle, and was not read${didYouMean(word, TOP_NAMES)}`, file: path, word: path });
    }
  }
  return { clusters, objectFiles, folders: [...folders.values()].sort((a, b) => rank(a.machine) - rank(b.machine) || (a.machine < b.machine ? -1 : 1)) };
}

function rank(machine: string): number {
  return machine.startsWith('node/') ? 0 : machine.startsWith('pod/') ? 1 : 2;
}

function clusterOf(files: SortedTree['clusters'], issues: Issue[]): ClusterSpec {
  const [first, ...others] = files;
  for (const [path] of others) issues.push({ code: 'UnknownFile', severity: 'warning', message: `is left aside: ${first?.[0] ?? ''} says what the cluster is`, file: path });
  if (!first) {
    issues.push({ code: 'MissingDump', severity: 'warning', message: 'the bundle has no cluster.yaml; every uplink is taken to be in one segment (l2)', file: 'cluster.yaml' });
    return DEFAULT_CLUSTER;
  }
  const parsed = readCluster(textOf(first[1]), first[0]);
  issues.push(...parsed.issues);
  return parsed.value ?? DEFAULT_CLUSTER;
}

function withoutFolder(cluster: ClusterSpec, folders: readonly MachineFolder[]): Issue[] {
  const names = new Set(folders.map(({ machine }) => machine));
  return cluster.externals
    .filter(({ name }) => !names.has(`external/${name}`))
    .map(({ name }) => ({ code: 'MissingDump', severity: 'warning', message: `external/${name} has no files: all but its addresses is unknown`, file: `externals/${name}`, word: name }));
}
