import { fateOf } from './fate.js';
import type { Fated } from './fate.js';

const socket = { ip: '10.0.0.1', port: 1 };
const rows: readonly { name: string; given: Fated; where: string; because: readonly string[] }[] = [
  { name: 'delivered', given: { disposition: 'Accepted', delivered: [{ machine: 'pod/default/a', local: { ip: 'fd00::1', port: 53 }, peer: socket }], died: null }, where: 'pod/default/a [fd00::1]:53', because: [] },
  {
    name: 'dropped by a rule',
    given: { disposition: 'DeniedForward', delivered: [], died: { what: 'request', machine: 'node/n1', disposition: 'DeniedForward', reason: 'NETFILTER_DROP', rule: { table: 'filter', chain: 'FORWARD', number: 3 } } },
    where: 'node/n1',
    because: ['NETFILTER_DROP', 'filter FORWARD rule 3'],
  },
  {
    name: 'dropped by a policy, with a client that waits',
    given: { disposition: 'DeniedIn', delivered: [], died: { what: 'syn', machine: 'node/n1', disposition: 'DeniedIn', reason: null, rule: { table: 'filter', chain: 'INPUT', number: null } }, error: { when: 'connect', errno: 'timeout' } },
    where: 'node/n1',
    because: ['filter INPUT policy', 'client: timeout at connect'],
  },
];

test.each(rows)('$name', ({ given, where, because }) => {
  expect(fateOf(given)).toMatchObject({ where, because });
});
