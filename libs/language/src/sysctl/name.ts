/**
 * One spelling of a sysctl's name: parts joined by dots, a dot inside a part (an interface `eth0.1`) written as a slash, as `sysctl -a` prints it.
 *
 * The separator that comes first decides, as in procps: `net/ipv4/conf/eth0.1/rp_filter` and `net.ipv4.conf.eth0/1.rp_filter` are one name.
 */
export function canonicalSysctlName(name: string): string {
  const dot = name.indexOf('.');
  const slash = name.indexOf('/');
  if (slash < 0 || (dot >= 0 && dot < slash)) return name;
  return name.replace(/[./]/g, (c) => (c === '.' ? '/' : '.'));
}

/** The path under /proc/sys. */
export function sysctlPath(name: string): string {
  return `/proc/sys/${canonicalSysctlName(name).replace(/[./]/g, (c) => (c === '.' ? '/' : '.'))}`;
}

/** The parts of a canonical name, slashes inside them turned back into dots. */
export function sysctlNameParts(name: string): string[] {
  return name.split('.').map((part) => part.replace(/\//g, '.'));
}
