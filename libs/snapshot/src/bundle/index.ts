export { readBundle, readTopology, type BundleOptions } from './read-bundle.js';
export { DEFAULT_CLUSTER, readCluster, readClusterValue } from './read-cluster.js';
export { readObjects, readObjectValues } from './read-objects.js';
export { folderOfMachine, placeInBundle, type BundlePlace, type FileTree } from './tree.js';
