/** `--reject-with`: enum ipt_reject_with and ip6t_reject_with. */
import { kind, type ValueKind } from './value-kind.js';

/** IPT_ICMP_ECHOREPLY is unused; a reset is the same number in both families here. */
export const REJECT_WITH_RESET = 7;

const NAMES_4: readonly (readonly [number, readonly string[]])[] = [
  [0, ['icmp-net-unreachable', 'net-unreach']],
  [1, ['icmp-host-unreachable', 'host-unreach']],
  [2, ['icmp-proto-unreachable', 'proto-unreach']],
  [3, ['icmp-port-unreachable', 'port-unreach']],
  [5, ['icmp-net-prohibited', 'net-prohib']],
  [6, ['icmp-host-prohibited', 'host-prohib']],
  [7, ['tcp-reset', 'tcp-rst']],
  [8, ['icmp-admin-prohibited', 'admin-prohib']],
];

const NAMES_6: readonly (readonly [number, readonly string[]])[] = [
  [0, ['icmp6-no-route', 'no-route']],
  [1, ['icmp6-adm-prohibited', 'adm-prohibited']],
  [3, ['icmp6-addr-unreachable', 'addr-unreach']],
  [4, ['icmp6-port-unreachable', 'port-unreach']],
  [5, ['icmp6-policy-fail', 'policy-fail']],
  [6, ['icmp6-reject-route', 'reject-route']],
  [7, ['tcp-reset', 'tcp-rst']],
];

function rejectWith(names: typeof NAMES_4): ValueKind {
  return kind({
    parse(text, out) {
      const lower = text.toLowerCase();
      const found = names.find(([, n]) => n.some((name) => name === lower)) ?? names.find(([, n]) => n.some((name) => name.startsWith(lower)));
      if (found) out.push(found[0]);
      return found !== undefined;
    },
    print: ([value]) => (names.find(([n]) => n === value) as (typeof names)[number])[1][0] as string,
  });
}
export const REJECT_4 = rejectWith(NAMES_4);
export const REJECT_6 = rejectWith(NAMES_6);
