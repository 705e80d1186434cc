/** `ip neighbour` carried out. */
import { parseAddress, type Family, type IpPrefix } from '@worldline/model';
import type { NeighbourSpec } from '@worldline/language';
import { samePrefix } from '../interface/index.js';
import { NUD_NOARP, NUD_PERMANENT, NUD_WORDS, proxyKey } from '../routing/index.js';
import { done, refused, type CommandResult } from './command-result.js';
import { noDevice } from './ip-link.js';
import type { NetworkCommandMachine } from './network-machine.js';

export function changeNeighbour(m: NetworkCommandMachine, action: 'add' | 'replace' | 'change' | 'delete', spec: NeighbourSpec): CommandResult {
  const device = m.interfaces.find(spec.device);
  if (device < 0) return noDevice(spec.device);
  const address = parseAddress(spec.address);
  const handle = address ? m.environment.addresses.handle(address) : 0;
  const { neighbours, proxied } = m.routing;
  if (spec.isProxy) {
    const key = proxyKey(spec.family, device, handle);
    if (action === 'delete' ? !proxied.delete(key) : false) return refused('RTNETLINK answers: No such file or directory', 2);
    if (action !== 'delete') proxied.add(key);
    return done();
  }
  const entry = neighbours.find(spec.family, device, handle);
  if (action === 'delete') {
    if (entry < 0) return refused('RTNETLINK answers: No such file or directory', 2);
    neighbours.delete(entry);
    return done();
  }
  if (action === 'add' && entry >= 0) return refused('RTNETLINK answers: File exists', 2);
  if (action === 'change' && entry < 0) return refused('RTNETLINK answers: No such file or directory', 2);
  const state = spec.state === null ? NUD_PERMANENT : Math.max(0, (NUD_WORDS as readonly string[]).indexOf(spec.state));
  const known = entry < 0 ? -1 : neighbours.macOf(entry);
  const mac = spec.mac === null ? known : m.environment.macs.id(spec.mac);
  const isNoArp = m.interfaces.list[device].isNoArp;
  if (mac < 0 && !isNoArp && state >= 2 && state !== NUD_NOARP && spec.state !== 'FAILED') return refused('RTNETLINK answers: Invalid argument', 2);
  neighbours.set(spec.family, device, handle, mac < 0 && isNoArp ? m.interfaces.list[device].macId : mac, state, m.environment.now);
  return done();
}

export interface NeighbourFlush {
  readonly family: Family | null;
  readonly device: string | null;
  readonly to: IpPrefix | null;
  readonly states: readonly string[];
}

/** Everything that fits goes, but for permanent entries and those without ARP, unless their state is named. */
export function flushNeighbours(m: NetworkCommandMachine, filter: NeighbourFlush): CommandResult {
  const device = filter.device === null ? -1 : m.interfaces.find(filter.device);
  if (filter.device !== null && device < 0) return refused(`Cannot find device "${filter.device}"`, 1);
  const { neighbours } = m.routing;
  const { addresses } = m.environment;
  const isNamed = (state: number): boolean => filter.states.includes('ALL') || filter.states.includes(NUD_WORDS[state]);
  const gone: number[] = [];
  neighbours.forEach((e) => {
    const family = neighbours.familyOf(e);
    const state = neighbours.stateOf(e);
    if (filter.family !== null && family !== filter.family) return;
    if (device >= 0 && neighbours.deviceOf(e) !== device) return;
    if (filter.to !== null && (family !== filter.to.address.family || !samePrefix(addresses, family, neighbours.addressOf(e), addresses.handle(filter.to.address), filter.to.length))) return;
    if (filter.states.length > 0 ? isNamed(state) : state !== NUD_PERMANENT && state !== NUD_NOARP) gone.push(e);
  });
  for (const e of gone) neighbours.delete(e);
  return done();
}
