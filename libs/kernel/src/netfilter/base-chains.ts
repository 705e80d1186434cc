/** Base chains by hook, and which tables have them. */
export const BASE_CHAINS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** Hooks of each table (iptables 1.8.9 xtables_ipv4; kernel: *_VALID_HOOKS). */
export const TABLE_HOOKS: Readonly<Record<string, readonly number[]>> = {
  raw: [0, 3],
  mangle: [0, 1, 2, 3, 4],
  nat: [0, 1, 3, 4],
  filter: [1, 2, 3],
  security: [1, 2, 3],
};
