/** In which order a machine's sysctls are written: some set others. */
import { FIDELITY } from '@worldline/kernel';
import type { StageSettings } from '../ports/index.js';

type Setting = StageSettings['values'][number];

/** devinet_sysctl_forward and addrconf_fixup_forwarding write redirects and the interfaces' own forwarding. */
const FIRST = ['net.ipv4.ip_forward', 'net.ipv4.conf.all.forwarding', 'net.ipv6.conf.all.forwarding', 'net.ipv6.conf.all.disable_ipv6'];
/** Read-only, or actions. */
const NEVER = /^net\.(ipv4\.route\.flush|ipv6\.route\.flush|netfilter\.nf_conntrack_count|netfilter\.nf_log)/;

/** A key's dots are separators; dots within an interface's name are written `@`. */
export function settingsOf(sysctl: ReadonlyMap<string, string>): Setting[] {
  const rank = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : key.includes('.conf.all.') ? 10 : key.includes('.conf.default.') ? 11 : 12);
  const plain = [...sysctl].filter(([key]) => key.startsWith('net.') && !NEVER.test(key)).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return plain.map(([key, value]) => [pathKey(key), value]);
}

/** While the stage is built IPv6 keeps still: no duplicate address detection, no solicitation, reports at once. */
export function quietSettings(devices: readonly string[]): Setting[] {
  const keys = { accept_dad: '0', dad_transmits: '0', router_solicitations: '0', mldv1_unsolicited_report_interval: '1', mldv2_unsolicited_report_interval: '1' };
  return [...new Set(['all', 'default', ...devices])].flatMap((device) => Object.entries(keys).map(([key, value]): Setting => [`net.ipv6.conf.${device.replaceAll('.', '@')}.${key}`, value]));
}

/** `net.ipv4.conf.flannel.1.forwarding`, or `flannel/1` as sysctl prints it, with the device's dot marked. */
function pathKey(key: string): string {
  const device = /^(net\.ipv[46]\.(?:conf|neigh)\.)(.+)\.([^.]+)$/.exec(key);
  return device ? `${device[1]}${(device[2] as string).replaceAll('.', '@').replaceAll('/', '@')}.${device[3]}` : key;
}

/** Names of the registry; `*` stands for an interface. */
const MODELLED = (FIDELITY.find(({ title }) => title === 'Sysctls')?.rows ?? []).filter(({ status }) => status === 'modelled').flatMap(({ name }) => name.split(', ')).map((name) => new RegExp(`^${name.replaceAll('.', '\\.').replace('*', '[^.]+')}$`));

/** Whether the engine heeds a setting: one that cannot be set here then matters. */
export function isModelledSetting(key: string): boolean {
  return MODELLED.some((name) => name.test(key));
}
