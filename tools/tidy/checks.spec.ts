import { bannedText } from './checks/banned-text';
import { deadExports, deadFiles } from './checks/dead-code';
import { fidelity } from './checks/fidelity';
import { fileNames } from './checks/file-names';
import { fileSize, shareWithinAim } from './checks/file-size';
import { machineTraces } from './checks/machine-traces';
import { projectReferences } from './checks/project-references';
import { roomOrder } from './checks/room-order';
import { vocabulary } from './checks/vocabulary';
import { Workspace, type Problem } from './workspace';

interface Row {
  name: string;
  check: (workspace: Workspace) => Problem[];
  files: Record<string, string>;
  problems: string[];
}

const MACHINE = { root: '/builds/worldline', home: '/var/people/ada', host: 'builder-0815' };
const traces = (workspace: Workspace): Problem[] => machineTraces(workspace, MACHINE);
const index = 'libs/kernel/src/index.ts';
const focused = ['test', 'only'].join('.');

const ROWS: Row[] = [
  { name: 'a file of 500 lines', check: fileSize, files: { [index]: 'x\n'.repeat(500) }, problems: [] },
  { name: 'a file of 501 lines', check: fileSize, files: { [index]: 'x\n'.repeat(501) }, problems: [index] },
  { name: 'a long spec', check: fileSize, files: { 'libs/kernel/src/run/run.spec.ts': 'x\n'.repeat(900) }, problems: [] },

  { name: 'a kebab-case name', check: fileNames, files: { 'libs/model/src/ip-set.ts': '' }, problems: [] },
  { name: 'a camelCase name', check: fileNames, files: { 'libs/model/src/ipSet.ts': '' }, problems: ['libs/model/src/ipSet.ts'] },
  { name: 'a camelCase folder', check: fileNames, files: { 'libs/model/src/ipSet/set.ts': '' }, problems: ['libs/model/src/ipSet/set.ts'] },
  { name: 'a name that says nothing', check: fileNames, files: { 'libs/model/src/string-utils.ts': '' }, problems: ['libs/model/src/string-utils.ts'] },
  { name: 'a folder that says nothing', check: fileNames, files: { 'libs/model/src/common/a.ts': '' }, problems: ['libs/model/src/common/a.ts'] },
  { name: 'a node called like a node', check: fileNames, files: { 'scenarios/a/bundle/nodes/Node_1/iptables.txt': '' }, problems: [] },

  {
    name: 'a room that imports one below',
    check: roomOrder,
    files: { 'libs/kernel/src/run/index.ts': "import '../packet/index.js';", 'libs/kernel/src/packet/index.ts': '' },
    problems: [],
  },
  {
    name: 'a room that imports one above',
    check: roomOrder,
    files: { 'libs/kernel/src/packet/a.ts': "import '../run/index.js';", 'libs/kernel/src/run/index.ts': '' },
    problems: ['libs/kernel/src/packet/a.ts:1'],
  },

  { name: 'a file that nobody imports', check: deadFiles, files: { [index]: '', 'libs/kernel/src/run/a.ts': '' }, problems: ['libs/kernel/src/run/a.ts'] },
  {
    name: 'a file that only its spec imports',
    check: deadFiles,
    files: { [index]: '', 'libs/kernel/src/run/a.ts': '', 'libs/kernel/src/run/a.spec.ts': "import './a.js';" },
    problems: ['libs/kernel/src/run/a.ts'],
  },
  {
    name: 'a fixture that a spec imports',
    check: deadFiles,
    files: { [index]: '', 'libs/kernel/src/run/a.fixture.ts': '', 'libs/kernel/src/run/a.spec.ts': "import './a.fixture.js';" },
    problems: [],
  },
  {
    name: 'a fixture that an entry reaches',
    check: deadFiles,
    files: { [index]: "import './run/a.fixture.js';", 'libs/kernel/src/run/a.fixture.ts': '', 'libs/kernel/src/run/a.spec.ts': "import './a.fixture.js';" },
    problems: ['libs/kernel/src/run/a.fixture.ts'],
  },
  { name: 'a fixture that no spec imports', check: deadFiles, files: { [index]: '', 'libs/kernel/src/run/a.fixture.ts': '' }, problems: ['libs/kernel/src/run/a.fixture.ts'] },
  {
    name: 'a file that is loaded late',
    check: deadFiles,
    files: { 'apps/cli/src/main.ts': "const a = () => import('./a.js');", 'apps/cli/src/a.ts': '' },
    problems: [],
  },

  { name: 'an export of an entry', check: deadExports, files: { [index]: 'export const a = 1;' }, problems: [] },
  {
    name: 'an export that an entry passes on',
    check: deadExports,
    files: { [index]: "export * from './run/index.js';", 'libs/kernel/src/run/index.ts': "export { b as c } from './b.js';", 'libs/kernel/src/run/b.ts': 'export const b = 1;' },
    problems: [],
  },
  {
    name: 'an export that nobody imports',
    check: deadExports,
    files: { [index]: "import { a } from './run/a.js';", 'libs/kernel/src/run/a.ts': 'export const a = 1;\nexport function b() {}' },
    problems: ['libs/kernel/src/run/a.ts:2'],
  },
  {
    name: "a room's door that offers what nobody takes",
    check: deadExports,
    files: {
      [index]: "import { a } from './run/index.js';",
      'libs/kernel/src/run/index.ts': "export { a } from './a.js';\nexport { b } from './b.js';",
      'libs/kernel/src/run/a.ts': "import { b } from './b.js';\nexport const a = b;",
      'libs/kernel/src/run/b.ts': 'export const b = 1;',
    },
    problems: ['libs/kernel/src/run/index.ts:2'],
  },
  {
    name: 'an export that only a spec imports',
    check: deadExports,
    files: { 'libs/kernel/src/run/a.ts': 'export const a = 1;', 'libs/kernel/src/run/a.spec.ts': "import { a } from './a.js';" },
    problems: [],
  },
  {
    name: 'a type in the signature of another export',
    check: deadExports,
    files: {
      [index]: "import { a } from './run/a.js';",
      'libs/kernel/src/run/a.ts': 'export interface Options { x: number }\nexport function a(options: Options) {}\nexport type Lonely = number;',
    },
    problems: ['libs/kernel/src/run/a.ts:3'],
  },

  { name: 'a focused test', check: bannedText, files: { 'libs/model/src/a.spec.ts': `\n${focused}('x', () => {});` }, problems: ['libs/model/src/a.spec.ts:2'] },
  { name: 'a module mock', check: bannedText, files: { 'libs/model/src/a.spec.ts': "jest.mock('./a.js');" }, problems: ['libs/model/src/a.spec.ts:1'] },
  { name: 'a fence switched off', check: bannedText, files: { 'libs/model/src/a.ts': '// eslint-disable-next-line no-restricted-globals -- in a hurry' }, problems: ['libs/model/src/a.ts:1'] },
  { name: 'a rule switched off without a reason', check: bannedText, files: { 'libs/model/src/a.ts': '// eslint-disable-next-line eqeqeq' }, problems: ['libs/model/src/a.ts:1'] },
  { name: 'a rule switched off with a reason', check: bannedText, files: { 'libs/model/src/a.ts': '// eslint-disable-next-line eqeqeq -- null and undefined' }, problems: [] },
  { name: 'the type checker switched off', check: bannedText, files: { 'libs/model/src/a.ts': '// @ts-ignore' }, problems: ['libs/model/src/a.ts:1'] },

  { name: 'the folder of the checkout', check: traces, files: { 'README.md': 'see /builds/worldline/docs' }, problems: ['README.md:1'] },
  { name: 'the home of the author', check: traces, files: { 'README.md': '\n/var/people/ada/notes' }, problems: ['README.md:2'] },
  { name: 'the name of the machine', check: traces, files: { 'docs/a.md': 'ran on builder-0815' }, problems: ['docs/a.md:1'] },
  { name: 'a home of somebody', check: traces, files: { 'docs/a.md': '/home/grace/x' }, problems: ['docs/a.md:1'] },
  { name: 'an honest path', check: traces, files: { 'docs/a.md': 'reads /proc/sys/net and tools/builds/x' }, problems: [] },
  {
    name: 'an ordinary folder that the checkout happens to stand in',
    check: (workspace) => machineTraces(workspace, { ...MACHINE, root: '/opt/worldline' }),
    files: { 'docs/a.md': '/opt/cni/bin' },
    problems: [],
  },
  {
    name: 'a private registry',
    check: traces,
    files: { 'package-lock.json': '{\n"resolved": "https://registry.npmjs.org/a.tgz",\n"resolved": "https://npm.example/b.tgz"}' },
    problems: ['package-lock.json:3'],
  },

  {
    name: 'references like the dependencies',
    check: projectReferences,
    files: {
      'libs/kernel/package.json': '{"dependencies": {"@worldline/model": "0.1.0"}}',
      'libs/kernel/tsconfig.lib.json': '{"references": [{"path": "../../libs/model/tsconfig.lib.json"}]}',
      'libs/kernel/src/index.ts': "import '@worldline/model';",
    },
    problems: [],
  },
  {
    name: 'a dependency without a reference, and an import without either',
    check: projectReferences,
    files: {
      'libs/kernel/package.json': '{"dependencies": {"@worldline/model": "0.1.0"}}',
      'libs/kernel/tsconfig.lib.json': '{}',
      'libs/kernel/src/index.ts': "import '@worldline/language';",
    },
    problems: ['libs/kernel/tsconfig.lib.json', 'libs/kernel/package.json'],
  },

  {
    name: 'nouns, listed and put together',
    check: vocabulary,
    files: { 'docs/VOCABULARY.md': '| Flow, ConntrackEntry | x | Node |', 'libs/model/src/a.ts': 'export type Flow = 1;\nexport type ConntrackFlow = 1;' },
    problems: [],
  },
  {
    name: 'nouns that are not listed',
    check: vocabulary,
    files: { 'docs/VOCABULARY.md': '| Flow | x | Node |', 'libs/model/src/a.ts': 'export type Node = 1;\nexport type FlowNode = 1;\nexport const node = 1;' },
    problems: ['libs/model/src/a.ts:1', 'libs/model/src/a.ts:2'],
  },

  {
    name: 'a match that FIDELITY does not list',
    check: (workspace) => fidelity(workspace, { matches: ['conntrack', 'statistic'] }),
    files: { 'docs/FIDELITY.md': '| `conntrack --ctstate` | statistic |' },
    problems: ['docs/FIDELITY.md'],
  },
];

describe('tidy checks', () => {
  test.each(ROWS)('$name', ({ check, files, problems }) => {
    expect(check(Workspace.of(files)).map(({ path, line }) => (line === undefined ? path : `${path}:${line}`))).toEqual(problems);
  });

  test('the share of files within the aim', () => {
    expect(shareWithinAim(Workspace.of({ [index]: 'x\n'.repeat(251), 'libs/model/src/index.ts': 'x' }))).toBe(0.5);
  });
});
