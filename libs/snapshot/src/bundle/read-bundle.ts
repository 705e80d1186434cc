/** A bundle into a Snapshot. What cannot be accepted is an Issue that names file, line and word; nothing throws. */
import type { ClusterSpec, HashText, Issue, Json, MachineCapture, Parsed, Snapshot } from '@worldline/model';
import { strToU8 } from 'fflate';
import { didYouMean, isObject, pointerOf } from '../document/index.js';
import { ContentCache } from './content-cache.js';
import { digestOfBundle } from './digest.js';
import { missingFiles } from './missing.js';
import { DEFAULT_CLUSTER, readCluster, readClusterValue } from './read-cluster.js';
import { MachineNotices, readMachine } from './read-machine.js';
import type { MachineFolder } from './read-machine.js';
import { readObjects, readObjectValues, sortedObjects } from './read-objects.js';
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
  return assemble({ cluster, objects: objectsOf(objectFiles, issues), folders, hash }, issues);
}

/**
 * Reads an inline topology (api.md): the spec of a cluster with `objects` (a list, or YAML text) and `files` (any file of a bundle by its path).
 * Issues point into the value, `pointerPrefix` before them.
 */
export function readTopology(value: Json, { hash, file, pointerPrefix = '' }: BundleOptions & { readonly file: string; readonly pointerPrefix?: string }): Parsed<Snapshot> {
  if (!isObject(value)) return { value: null, issues: [{ code: 'InvalidCluster', severity: 'error', message: 'a topology is a map', file, pointer: pointerPrefix }] };
  const { objects: given = null, files: texts = null, ...spec } = value;
  const issues: Issue[] = [];
  const cluster = readClusterValue(spec as Json, { file, pointerPrefix });
  issues.push(...cluster.issues);

  const at = { file, pointerPrefix: `${pointerPrefix}/objects` };
  const inline = given === null ? null : typeof given === 'string' ? readObjects(given, file) : readObjectValues(given, at);
  // Text has lines of its own, but in the body of a request it is one value.
  for (const issue of inline?.issues ?? []) issues.push(typeof given === 'string' ? { ...issue, pointer: at.pointerPrefix } : issue);

  const tree = new Map<string, Uint8Array>();
  for (const [path, text] of Object.entries(isObject(texts) ? texts : {})) {
    if (typeof text === 'string') tree.set(path, strToU8(text));
    else issues.push({ code: 'InvalidCluster', severity: 'error', message: `the content of ${path} is not text`, file, word: path, pointer: `${pointerPrefix}/files${pointerOf([path])}` });
  }
  if (texts !== null && !isObject(texts)) issues.push({ code: 'InvalidCluster', severity: 'error', message: 'files is a map of paths to texts', file, pointer: `${pointerPrefix}/files` });
  const { clusters, objectFiles, folders } = sorted(tree, issues);
  for (const [path] of clusters) issues.push({ code: 'UnknownFile', severity: 'warning', message: 'is left aside: the topology itself says what the cluster is', file: path });
  const objects = [...(inline?.value ?? []).map((object) => ({ file, object })), ...objectsOf(objectFiles, issues)];
  return assemble({ cluster: cluster.value ?? DEFAULT_CLUSTER, objects, folders, hash }, issues);
}

interface Parts {
  readonly cluster: ClusterSpec;
  readonly objects: readonly { readonly file: string; readonly object: Json }[];
  readonly folders: readonly MachineFolder[];
  readonly hash: HashText;
}

function assemble({ cluster, objects: found, folders, hash }: Parts, issues: Issue[]): Parsed<Snapshot> {
  const objects = sortedObjects(found, issues);
  const reading = { cache: new ContentCache(), issues, notices: new MachineNotices() };
  const machines: MachineCapture[] = folders.map((folder) => readMachine(folder, reading));
  issues.push(...reading.notices.issues, ...missingFiles({ machines, objects }), ...withoutFolder(cluster, folders));
  let digest: string | null = null;
  const snapshot: Snapshot = { cluster, objects, machines, issues, digest: () => (digest ??= digestOfBundle({ cluster, objects, machines: folders }, hash)) };
  return { value: snapshot, issues };
}

function objectsOf(files: SortedTree['objectFiles'], issues: Issue[]): { file: string; object: Json }[] {
  return files.flatMap(([file, bytes]) => {
    const parsed = readObjects(textOf(bytes), file);
    issues.push(...parsed.issues);
    return (parsed.value ?? []).map((object) => ({ file, object }));
  });
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
