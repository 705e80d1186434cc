/** Captured sysctls into state. */
import type { MachineCapture } from '@worldline/model';
import { SysctlState } from './sysctl-state.js';

/**
 * The sysctls of a captured machine; what `sysctl.txt` leaves out has the kernel's default. Interface positions are those of the capture's links.
 * Only pods are not the first namespace of their kernel.
 */
export function compileSysctl(capture: MachineCapture): SysctlState {
  const state = SysctlState.create(!capture.machine.startsWith('pod/'));
  // `default` first: interfaces that the dump does not mention start from it
  for (const [name, value] of capture.sysctl) if (!isPerInterface(name)) state.restore(name, value);
  capture.links.forEach((link, position) => {
    state.addInterface(position, link.name);
    state.restore(`net.ipv6.conf.${link.name.replace(/\./g, '/')}.mtu`, String(link.mtu));
  });
  for (const [name, value] of capture.sysctl) if (isPerInterface(name)) state.restore(name, value);
  capture.links.forEach((link, position) => {
    if (link.addresses.some((a) => a.family === 4)) state.fixInterface(position);
  });
  state.printOnly(capture.sysctl.keys());
  return state;
}

function isPerInterface(name: string): boolean {
  return /^net\.ipv[46]\.(conf|neigh)\./.test(name) && !/^net\.ipv[46]\.(conf|neigh)\.(all|default)\./.test(name);
}
