/** What a bundle does not say: unknown is said to be unknown, once per kind of file. */
import type { Issue, MachineCapture, Snapshot } from '@worldline/model';
import { isObject } from '../document/index.js';

interface Expected {
  readonly file: string;
  readonly isExpected: (machine: MachineCapture) => boolean;
  readonly consequence: string;
  readonly severity: 'warning' | 'info';
}

const isNode = ({ machine }: MachineCapture): boolean => machine.startsWith('node/');
const hasIpv6 = ({ links }: MachineCapture): boolean => links.some((link) => link.addresses.some(({ family, scope }) => family === 6 && scope === 'global'));

const EXPECTED: readonly Expected[] = [
  { file: 'ip-addr.json', isExpected: () => true, severity: 'warning', consequence: 'its interfaces and addresses are unknown: it is taken to have none' },
  { file: 'ip-route.json', isExpected: () => true, severity: 'warning', consequence: 'its routes are unknown: it is taken to have none' },
  { file: 'ip6-route.json', isExpected: (machine) => hasIpv6(machine) && !machine.routes.some(({ family }) => family === 6), severity: 'warning', consequence: 'its IPv6 routes are unknown: it is taken to have none' },
  { file: 'iptables-save.txt', isExpected: (machine) => isNode(machine) && machine.ruleSets.length === 0, severity: 'warning', consequence: 'its rules are unknown: it is taken to have none' },
  { file: 'ip6tables-save.txt', isExpected: (machine) => isNode(machine) && hasIpv6(machine), severity: 'warning', consequence: 'its IPv6 rules are unknown: it is taken to have none' },
  { file: 'sockets.txt', isExpected: () => true, severity: 'warning', consequence: 'who listens there is unknown: it is taken that nobody does' },
  { file: 'node.txt', isExpected: ({ machine }) => machine.startsWith('pod/'), severity: 'info', consequence: 'its node is the one where the other end of its interface is found' },
  { file: 'sysctl.txt', isExpected: () => true, severity: 'info', consequence: 'its sysctls are taken to be those of a fresh kernel' },
  { file: 'conntrack.txt', isExpected: isNode, severity: 'info', consequence: 'it is taken to track no connection yet' },
];

/** Machines that Kubernetes objects describe get what is missing from these, so nothing is said about them here. */
export function missingFiles({ machines, objects }: Pick<Snapshot, 'machines' | 'objects'>): Issue[] {
  const hasNodes = objects.some((object) => isObject(object) && object['kind'] === 'Node');
  const asked = machines.filter(({ machine }) => !hasNodes || machine.startsWith('external/'));
  return EXPECTED.flatMap(({ file, isExpected, consequence, severity }): Issue[] => {
    const without = asked.filter((machine) => !machine.files.has(file) && isExpected(machine));
    const [first] = without;
    if (!first) return [];
    const others = without.length === 1 ? '' : ` (so do ${without.length - 1} more: ${without.slice(1, 4).map(({ machine }) => machine).join(', ')}${without.length > 4 ? ', ...' : ''})`;
    return [{ code: 'MissingDump', severity, message: `${first.machine} has no ${file}; ${consequence}${others}`, file: `${first.folder}/${file}`, word: file }];
  });
}
