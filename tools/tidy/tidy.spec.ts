import { join } from 'node:path';
import { bannedText } from './checks/banned-text';
import { deadExports, deadFiles } from './checks/dead-code';
import { fidelity, type ModelledWords } from './checks/fidelity';
import { fileNames } from './checks/file-names';
import { fileSize } from './checks/file-size';
import { machineTraces, thisMachine } from './checks/machine-traces';
import { projectReferences } from './checks/project-references';
import { roomOrder } from './checks/room-order';
import { vocabulary } from './checks/vocabulary';
import { Workspace, type Problem } from './workspace';

const root = join(__dirname, '../..');
const workspace = Workspace.onDisk(root);
const kernel = jest.requireActual<{ vocabulary?: ModelledWords }>('@worldline/kernel');

const CHECKS: [string, () => Problem[]][] = [
  ['banned calls and comments', () => bannedText(workspace)],
  ['dead files', () => deadFiles(workspace)],
  ['dead exports', () => deadExports(workspace)],
  ['names of files', () => fileNames(workspace)],
  ['sizes of files', () => fileSize(workspace)],
  ['order of rooms', () => roomOrder(workspace)],
  ['project references', () => projectReferences(workspace)],
  ['nouns in the vocabulary', () => vocabulary(workspace)],
  ['modelled words in FIDELITY', () => fidelity(workspace, kernel.vocabulary ?? {})],
  ['traces of a machine', () => machineTraces(workspace, thisMachine(root))],
];

describe('tidy', () => {
  test.each(CHECKS)('%s', (_, check) => {
    expect(check().map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`} ${message}`)).toEqual([]);
  });
});
