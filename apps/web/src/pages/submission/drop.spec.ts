import { NOTHING_DROPPED, joinDrops, mediaTypeOf, sortDrop } from './drop.js';
import type { Drop } from './drop.js';

const files = (...paths: string[]): { path: string; file: Blob }[] => paths.map((path) => ({ path, file: new Blob([path]) }));
const shape = ({ archive, files: bundle, documents }: Drop): object => ({ archive: archive?.path ?? null, bundle: [...bundle.keys()], documents: documents.map(({ path }) => path) });

test.each([
  { name: 'a bundle’s folder', paths: ['snapshot/cluster.yaml', 'snapshot/nodes/n1/uname.txt'], archive: null, bundle: ['cluster.yaml', 'nodes/n1/uname.txt'], documents: [] },
  { name: 'a folder with bundle and scenario', paths: ['case/scenario.yaml', 'case/what-if.yaml', 'case/snapshot/cluster.yaml', 'case/snapshot/pods/default/a/node.txt', 'case/expected.txt'], archive: null, bundle: ['cluster.yaml', 'pods/default/a/node.txt'], documents: ['case/scenario.yaml', 'case/what-if.yaml'] },
  { name: 'objects only', paths: ['b/kubernetes/all.yaml'], archive: null, bundle: ['kubernetes/all.yaml'], documents: [] },
  { name: 'an archive and a scenario', paths: ['prod.tar.gz', 'paths.json'], archive: 'prod.tar.gz', bundle: [], documents: ['paths.json'] },
  { name: 'a bundle whose files themselves lie under nodes', paths: ['nodes/n1/uname.txt', 'nodes/n1/kubernetes/x.yaml'], archive: null, bundle: ['nodes/n1/uname.txt', 'nodes/n1/kubernetes/x.yaml'], documents: [] },
  { name: 'nothing of use', paths: ['photo.png'], archive: null, bundle: [], documents: [] },
])('$name', ({ paths, archive, bundle, documents }) => {
  expect(shape(sortDrop(files(...paths)))).toEqual({ archive, bundle, documents });
});

test('a later drop replaces what it has, and keeps what it has not', () => {
  const first = joinDrops(NOTHING_DROPPED, sortDrop(files('a.zip', 's.yaml')));
  expect(shape(joinDrops(first, sortDrop(files('t.yaml'))))).toEqual({ archive: 'a.zip', bundle: [], documents: ['t.yaml'] });
  expect(shape(joinDrops(first, sortDrop(files('b/cluster.yaml'))))).toEqual({ archive: null, bundle: ['cluster.yaml'], documents: ['s.yaml'] });
});

test.each([
  ['a.zip', 'application/zip'],
  ['a.tar', 'application/x-tar'],
  ['a.tar.gz', 'application/gzip'],
  ['a.TGZ', 'application/gzip'],
])('%s is %s', (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});
