/** The state of a machine as the files of a bundle: what the real tools would print of it now. */
import {
  formatConntrackEntry,
  printBridgeFdb,
  printBridgeLinks,
  printEbtablesSave,
  printIpAddresses,
  printIpNeighbours,
  printIpRoutes,
  printIpRules,
  printIpsetSave,
  printRecent,
  printSysctl,
} from '@worldline/language';
import type { MachineCapture } from '@worldline/model';
import { listSysctls } from '../command/index.js';
import { HZ, jiffies } from '../conntrack/index.js';
import { captureLinks } from '../interface/index.js';
import { captureIpsets, printIptablesSave } from '../netfilter/index.js';
import { captureNeighbours, captureRoutes, captureRules } from '../routing/index.js';
import type { Machine } from '../machine/index.js';
import { captureBridge, captureConntrack, captureFdb } from './captures.js';

/** The kernel's tick counter begins five minutes before it overflows 32 bits (INITIAL_JIFFIES); here it begins with the run. */
const FIRST_TICK = 2 ** 32 - 300 * HZ;

/** Prints every file that the machine's capture had, and those that it has state for by now. */
export function dumpMachine(m: Machine, capture: MachineCapture): Map<string, string> {
  const files = new Map<string, string>();
  const had = (name: string): boolean => capture.files.has(name);
  files.set('ip-addr.json', printIpAddresses(captureLinks(m.interfaces, m.environment)));
  files.set('ip-route.json', printIpRoutes(captureRoutes(m, 4)));
  files.set('ip-rule.json', printIpRules(captureRules(m, 4)));
  files.set('ip-neigh.json', printIpNeighbours(captureNeighbours(m)));
  if (had('ip6-route.json')) files.set('ip6-route.json', printIpRoutes(captureRoutes(m, 6)));
  if (had('ip6-rule.json')) files.set('ip6-rule.json', printIpRules(captureRules(m, 6)));
  if (had('bridge-link.json')) files.set('bridge-link.json', printBridgeLinks(captureBridge(m, capture)));
  if (had('bridge-fdb.json')) files.set('bridge-fdb.json', printBridgeFdb(captureFdb(m, capture)));
  setRules(files, m, capture);
  const sets = captureIpsets(m.netfilter.ipsets);
  if (had('ipset-save.txt') || sets.length > 0) files.set('ipset-save.txt', printIpsetSave(sets));
  if (had('ebtables-save.txt') || m.ebtables.chains.length > 0) files.set('ebtables-save.txt', printEbtablesSave(m.ebtables.capture(), false));
  files.set('conntrack.txt', captureConntrack(m).map((entry) => `${formatConntrackEntry(entry, true)}\n`).join(''));
  files.set('sysctl.txt', printSysctl(listSysctls(m)));
  const now = jiffies(m.environment.now);
  const recent = printRecent(m.netfilter.recent.capture(now, namedLists(files)), FIRST_TICK + now);
  if (had('recent.txt') || recent !== '') files.set('recent.txt', recent);
  return files;
}

/** The lists of `-m recent` in the rules that are printed. */
function namedLists(files: ReadonlyMap<string, string>): string[] {
  const rules = [...files].filter(([name]) => name.endsWith('tables-save.txt') || name.endsWith('legacy-save.txt'));
  return rules.flatMap(([, text]) => [...text.matchAll(/ -m recent .*?--name (\S+)/g)].map((m) => m[1] as string));
}

function setRules(files: Map<string, string>, m: Machine, capture: MachineCapture): void {
  for (const family of [4, 6] as const) {
    const tool = family === 4 ? 'iptables' : 'ip6tables';
    for (const isLegacy of [false, true]) {
      const text = printIptablesSave(m.netfilter, { family, isLegacy, hasCounters: true, table: null });
      const isOnlyLegacy = isLegacy && !m.netfilter.tables.some((t) => t.family === family && !t.isLegacy);
      const name = isLegacy && !isOnlyLegacy ? `${tool}-legacy-save.txt` : `${tool}-save.txt`;
      if (text !== '' || (!isLegacy && capture.files.has(name))) files.set(name, text);
    }
  }
}
