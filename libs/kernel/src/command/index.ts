/** Command lines on a machine. Each tool reads its own words; what it does not understand it names. */
import { parseConntrackCommand } from '@worldline/language';
import type { Machine } from '../machine/index.js';
import { notUnderstood, type CommandResult } from './command-result.js';
import { runConntrack } from './conntrack.js';
import { runEbtablesCommand, runEbtablesRestore, runEbtablesSave } from './ebtables.js';
import { runBridge } from './bridge.js';
import { runIp } from './ip.js';
import { runIpset } from './ipset.js';
import { isIptables, runIptables } from './iptables.js';
import { runSysctl } from './sysctl.js';

export type { CommandResult } from './command-result.js';
export { listSysctls } from './sysctl.js';

/** Carries out one command: `words[0]` is the tool, `input` its standard input. */
export function execute(m: Machine, words: readonly string[], input: string): CommandResult {
  const [tool = '', ...rest] = words;
  const name = tool.slice(tool.lastIndexOf('/') + 1);
  switch (name) {
    case 'conntrack':
      return conntrack(m, rest);
    case 'ip':
      return runIp(m.network.machines, m, rest);
    case 'bridge':
      return runBridge(m, rest);
    case 'sysctl':
      return runSysctl(m, rest);
    case 'ipset':
      return runIpset(m.netfilter.ipsets, rest, input);
    case 'ebtables':
    case 'ebtables-nft':
      return runEbtablesCommand(m.environment, m.ebtables, rest);
    case 'ebtables-save':
      return runEbtablesSave(m.ebtables, rest);
    case 'ebtables-restore':
      return runEbtablesRestore(m.environment, m.ebtables, rest, input);
    default:
      if (isIptables(name)) return runIptables(m, name, rest, input);
      return notUnderstood(name, tool, `${tool}: command not found\n`);
  }
}

function conntrack(m: Machine, words: readonly string[]): CommandResult {
  const { value, issues } = parseConntrackCommand(words);
  if (value === null) return notUnderstood('conntrack', issues[0]?.word ?? '', `conntrack v1.4.7: ${issues[0]?.message ?? ''}\n`);
  const { exitCode, output, errorOutput } = runConntrack(m, value);
  return { exitCode, output, error: errorOutput, issues };
}
