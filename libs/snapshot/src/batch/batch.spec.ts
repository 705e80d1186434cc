import type { Batch, Issue } from '@worldline/model';
import { readBatch, readBatchValue } from './index.js';

const HEAD = 'apiVersion: worldline.dev/v1alpha1\nkind: Batch\nmetadata: {name: pr-1234}\nspec:\n  base: {snapshot: ./prod.tar.gz, scenario: ./paths.yaml}\n';
const OPTIONS = { file: 'b.yaml', snapshot: null, stdin: null };
const read = (spec: string): { value: Batch | null; issues: readonly Issue[] } => readBatch(HEAD + spec, OPTIONS);

it('reads every word', () => {
  const { value, issues } = read(`  variants:
    - {name: pr, objects: {apply: [./rendered/], delete: [service/shop/old]}}
    - {name: nftables, components: {kube-proxy: {mode: nftables, version: v1.36.3}}}
    - {name: strict, events: [{at: 0ms, machine: "node/*", run: sysctl -w net.ipv4.conf.all.rp_filter=1}]}
  matrices: [{name: all, from: {pods: {}}, to: {services: {}}, expect: {unchanged: true}}]
  expect: [{name: web-db, flow: web-db, delivered: {service: shop/db}}, {name: rest, flow: "*", unchanged: true, except: [web-db], variants: [pr]}]
  gate: {failOn: [failed, undecided, "finding:error"], scope: new}
`);
  expect(issues).toEqual([]);
  expect(value).toMatchObject({
    name: 'pr-1234',
    base: { snapshot: './prod.tar.gz', scenario: './paths.yaml', topology: null, simulation: null },
    variants: [
      { name: 'pr', events: [], objects: { apply: ['./rendered/'], delete: ['service/shop/old'] }, components: null },
      { name: 'nftables', components: { 'kube-proxy': { mode: 'nftables', version: 'v1.36.3' } } },
      { name: 'strict', events: [{ kind: 'run', at: 0, machines: ['node/*'] }] },
    ],
    matrices: [{ name: 'all', from: { kind: 'pods', namespace: null, selector: {} }, to: { kind: 'services' }, protocol: null, port: null, except: [], expect: { name: 'all', flow: '*', isUnchanged: true } }],
    expect: [
      { name: 'web-db', flow: 'web-db', delivered: { place: 'service/shop/db' }, variants: null },
      { name: 'rest', flow: '*', except: ['web-db'], isUnchanged: true, variants: ['pr'] },
    ],
    gate: { failOn: ['failed', 'undecided', 'finding:error'], scope: 'new' },
  });
});

it.each([
  ['one place', '{from: pod/shop/web, to: {service: shop/db}}', { from: { kind: 'place', place: 'pod/shop/web' }, to: { kind: 'place', place: 'service/shop/db' }, name: 'matrix 1', expect: { name: 'matrix 1', isUnchanged: true } }],
  ['some of a kind', '{from: {pods: {namespace: shop, selector: {app: web}}}, to: {nodes: {}}, protocol: icmp, except: [deployment/shop/x], expect: {reply: true}}', { from: { kind: 'pods', namespace: 'shop', selector: { app: 'web' } }, to: { kind: 'nodes' }, protocol: 'icmp', except: ['deployment/shop/x'], expect: { reply: true } }],
])('a matrix of %s', (_, matrix, expected) => {
  const { value, issues } = read(`  matrices: [${matrix}]\n`);
  expect(issues).toEqual([]);
  expect(value?.matrices).toMatchObject([expected]);
});

it('has a gate without being told', () => expect(read('').value).toMatchObject({ gate: { failOn: ['failed', 'undecided'], scope: 'all' }, variants: [], expect: [], matrices: [] }));

it.each<[string, string, Partial<Issue>]>([
  ['a word that does not exist', '  varaints: []\n', { code: 'UnknownWord', word: 'varaints', line: 6 }],
  ['a variant without a name', '  variants: [{}]\n', { code: 'MissingWord', word: 'name' }],
  ['two variants of one name', '  variants: [{name: a}, {name: a}]\n', { word: 'a', pointer: '/spec/variants/1/name' }],
  ['what fails a batch', '  gate: {failOn: [fialed]}\n', { word: 'fialed', pointer: '/spec/gate/failOn/0' }],
  ['a variant that is not there', '  variants: [{name: pr}]\n  expect: [{flow: f, reply: true, variants: [px]}]\n', { word: 'px' }],
  ['a matrix from nowhere', '  matrices: [{to: {services: {}}}]\n', { code: 'MissingWord', word: 'from' }],
  ['a matrix from Services', '  matrices: [{from: {services: {}}, to: {services: {}}}]\n', { code: 'UnknownWord', word: 'services' }],
  ['a matrix from two', '  matrices: [{from: {pods: {}, nodes: {}}, to: {services: {}}}]\n', { pointer: '/spec/matrices/0/from' }],
  ['a word of a matrix', '  matrices: [{from: {pods: {}}, to: {services: {}}, ports: 1}]\n', { code: 'UnknownWord', word: 'ports' }],
  ['a word of its places', '  matrices: [{from: {pods: {labels: {}}}, to: {services: {}}}]\n', { code: 'UnknownWord', word: 'labels' }],
  ['two matrices of one name', '  matrices: [{name: m, from: pod/a, to: service/b}, {name: m, from: pod/a, to: service/b}]\n', { word: 'm', pointer: '/spec/matrices/1/name' }],
])('refuses %s', (_, spec, expected) => expect(read(spec).issues).toMatchObject([{ severity: 'error', file: 'b.yaml', ...expected }]));

it.each([
  ['nothing', { variants: [] }, '#/base'],
  ['a snapshot and a topology', { base: { snapshot: 'sha256:1', topology: {}, scenario: 's' } }, '#/base/topology'],
])('a base of %s', (_, spec, pointer) => {
  expect(readBatchValue(spec, { ...OPTIONS, pointerPrefix: '#' }).issues.map((issue) => issue.pointer)).toContain(pointer === '#/base' ? '#' : pointer);
});
