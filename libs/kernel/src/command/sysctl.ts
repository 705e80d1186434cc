/** sysctl(8) on a machine, with what the kernel makes of a write (procps-ng 4.0, Linux 6.18). */
import { parseSysctlCommand, sysctlNameParts, sysctlPath, type SysctlAssignment } from '@worldline/language';
import type { Issue } from '@worldline/model';
import { disableIpv6, enableIpv6, forwardingChanged6, reportedGroups } from '../routing/index.js';
import { CONF_DISABLE_IPV6 } from '../sysctl/index.js';
import { notUnderstood, type CommandResult } from './command-result.js';
import type { NetworkCommandMachine } from './network-machine.js';

/** Carries out the words after `sysctl`. */
export function runSysctl(m: NetworkCommandMachine, words: readonly string[]): CommandResult {
  const { value, issues: faults } = parseSysctlCommand(words);
  if (!value) return notUnderstood('sysctl', faults[0]?.word ?? '', faults[0]?.message ?? '');
  const output: string[] = [];
  const errors: string[] = [];
  const issues: Issue[] = [];
  let exitCode = 0;
  for (const [i] of value.broken.entries()) {
    errors.push(`sysctl: command line(${i}): invalid syntax, continuing...`);
    exitCode = 1;
  }
  if (value.isAll) {
    const pattern = value.pattern === null ? null : new RegExp(value.pattern);
    for (const [name, text] of listSysctls(m)) if (pattern === null || pattern.test(name)) output.push(value.isValuesOnly ? text : `${name} = ${text}`);
  }
  for (const assignment of value.assignments) {
    const error = assign(m, assignment, issues);
    if (error === 'cannotStat') {
      if (value.isIgnoringUnknown) continue;
      errors.push(`sysctl: cannot stat ${sysctlPath(assignment.name)}: No such file or directory`);
      exitCode = 1;
    } else if (error !== null) {
      errors.push(`sysctl: setting key "${assignment.name}": Invalid argument`);
      if (error === 'invalid') exitCode = 1;
    } else if (!value.isQuiet || assignment.value === null) {
      const text = assignment.value ?? readSysctl(m, assignment.name) ?? '';
      output.push(value.isValuesOnly ? text : `${assignment.name} = ${text}`);
    }
  }
  return { exitCode, output: output.map((line) => `${line}\n`).join(''), error: errors.join('\n'), issues };
}

/** What `sysctl -a` prints, in its order. */
export function listSysctls(m: NetworkCommandMachine): (readonly [string, string])[] {
  return m.sysctl.list().map(([name, value]) => [name, liveValue(m, name) ?? value]);
}

function readSysctl(m: NetworkCommandMachine, name: string): string | undefined {
  return liveValue(m, name) ?? m.sysctl.get(name);
}

/** A key that the kernel counts by itself. */
function liveValue(m: NetworkCommandMachine, name: string): string | undefined {
  return name === 'net.netfilter.nf_conntrack_count' ? String(m.conntrack.count) : undefined;
}

/** null: done. A key that may only be read is refused with the same words and exit code 0, as the tool does. */
function assign(m: NetworkCommandMachine, { name, value }: SysctlAssignment, issues: Issue[]): 'cannotStat' | 'invalid' | 'readOnly' | null {
  if (value === null) return readSysctl(m, name) === undefined ? 'cannotStat' : null;
  const groups = m.interfaces.list.map((device) => (name.endsWith('.forwarding') && !device.isDeleted ? reportedGroups(m, device.position) : []));
  const { status, isModelled } = m.sysctl.set(name, value);
  if (status === 'notFound') return 'cannotStat';
  if (status !== 'ok') return status;
  if (!isModelled) issues.push({ code: 'NoModelledEffect', severity: 'info', message: `${name} is kept, and has no modelled effect`, word: name });
  followUp(m, name, groups);
  return null;
}

/** addrconf_disable_change, dev_forward_change: what a write makes of addresses and routes. */
function followUp(m: NetworkCommandMachine, name: string, groups: readonly (readonly number[])[]): void {
  const parts = sysctlNameParts(name);
  if (parts[1] !== 'ipv6' || parts[2] !== 'conf' || parts[3] === 'default') return;
  for (const device of m.interfaces.list) {
    if (device.isDeleted || (parts[3] !== 'all' && parts[3] !== device.name)) continue;
    if (parts[4] === 'forwarding') forwardingChanged6(m, device.position, groups[device.position]);
    if (parts[4] !== 'disable_ipv6') continue;
    const isOff = m.sysctl.conf(6, device.position, CONF_DISABLE_IPV6) !== 0;
    if (isOff) disableIpv6(m, device.position, false);
    else enableIpv6(m, device.position);
  }
}
