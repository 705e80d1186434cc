import { join } from 'node:path';
import { bannedText } from './checks/banned-text';
import { deadExports, deadFiles } from './checks/dead-code';
import { fidelity } from './checks/fidelity';
import { fileNames } from './checks/file-names';
import { fileSize } from './checks/file-size';
import { machineTraces, thisMachine } from './checks/machine-traces';
import { projectReferences } from './checks/project-references';
import { roomOrder } from './checks/room-order';
import { vocabulary } from './checks/vocabulary';
import { Workspace, type Problem } from './workspace';

const root = join(__dirname, '../..');
const workspace = Workspace.onDisk(root);

// The registries that reading and running go by, not the ones that the document is made of.
const { HEADER_MATCHES } = jest.requireActual<{ HEADER_MATCHES: readonly { name: string }[] }>('../../libs/language/src/iptables/matches-of-headers');
const { STATE_MATCHES } = jest.requireActual<{ STATE_MATCHES: readonly { name: string }[] }>('../../libs/language/src/iptables/matches-of-state');
const { TARGETS } = jest.requireActual<{ TARGETS: readonly { name: string }[] }>('../../libs/language/src/iptables/targets');
const { SYSCTLS } = jest.requireActual<{ SYSCTLS: readonly { name4: string | null; name6: string | null }[] }>('../../libs/kernel/src/sysctl/registry');
const KNOWN = {
  matches: [...HEADER_MATCHES, ...STATE_MATCHES].map(({ name }) => name),
  targets: TARGETS.map(({ name }) => name),
  sysctls: SYSCTLS.flatMap(({ name4, name6 }) => name4 ?? name6 ?? []),
};

const CHECKS: [string, () => Problem[]][] = [
  ['banned calls and comments', () => bannedText(workspace)],
  ['dead files', () => deadFiles(workspace)],
  ['dead exports', () => deadExports(workspace)],
  ['names of files', () => fileNames(workspace)],
  ['sizes of files', () => fileSize(workspace)],
  ['order of rooms', () => roomOrder(workspace)],
  ['project references', () => projectReferences(workspace)],
  ['nouns in the vocabulary', () => vocabulary(workspace)],
  ['known names in FIDELITY', () => fidelity(workspace, KNOWN)],
  ['traces of a machine', () => machineTraces(workspace, thisMachine(root))],
];

describe('tidy', () => {
  test.each(CHECKS)('%s', (_, check) => {
    expect(check().map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`} ${message}`)).toEqual([]);
  });
});
