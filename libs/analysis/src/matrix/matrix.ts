/** A matrix of a batch, spelled out: one flow for each pair of who asks and what is asked for, over each family that both have. */
import { FLOW_DEFAULTS, parseAddress } from '@worldline/model';
import type { BatchMatrix, Family, FlowProtocol, FlowSpec, MachineName, MatrixPlace, PlaceRef } from '@worldline/model';
import { isSelected } from '../place/index.js';
import type { PlaceDirectory } from '../place/index.js';

/** Flows of all matrices of one batch together; each of them is explored alone, so more would be a matter of hours. */
const PAIRS_LIMIT = 10_000;

/** Either the flows, or why there are none: a sentence that begins with a small letter. */
export type MatrixFlows = { readonly flows: readonly FlowSpec[] } | { readonly refusal: string };

/** The flows of a matrix, all of them at one time (microseconds); named `MATRIX: FROM -> TO:PORT/PROTOCOL`. */
export function matrixFlows(matrix: BatchMatrix, places: PlaceDirectory, at: number): MatrixFlows {
  const senders = sendersOf(matrix.from, places);
  const targets = targetsOf(matrix, places);
  if (typeof targets === 'string') return { refusal: targets };
  if (senders.length * targets.length > PAIRS_LIMIT) return { refusal: `${senders.length} senders ask ${targets.length} targets: more than ${PAIRS_LIMIT} pairs. Say more of from, to, protocol or port` };
  const flows = senders.flatMap((from) => targets.flatMap((target) => flowsOf(matrix, from, target, { places, at })));
  if (flows.length > 0) return { flows };
  return { refusal: senders.length === 0 ? 'nobody in the snapshot is what from says' : targets.length === 0 ? 'nothing in the snapshot is what to says' : 'no sender has an address of a target’s family, or all pairs are excepted' };
}

interface Target {
  readonly place: PlaceRef;
  readonly protocol: FlowProtocol;
  readonly port: number | null;
}

function sendersOf(from: MatrixPlace, places: PlaceDirectory): readonly MachineName[] {
  switch (from.kind) {
    case 'place':
      return places.find(from.place)?.machines ?? [];
    case 'pods':
      return places.pods(from.namespace, from.selector).machines;
    case 'nodes':
      return places.machinesOf('node');
    case 'externals':
      return places.machinesOf('external');
    case 'services':
    case 'loadBalancers':
      return [];
  }
}

/** A text: why they cannot be told. */
function targetsOf({ to, protocol, port }: BatchMatrix, places: PlaceDirectory): readonly Target[] | string {
  const doors = serviceDoorsOf(to, places);
  if (doors !== null) return doors.filter((door) => (protocol === null || door.protocol === protocol) && (port === null || door.port === port));
  const refs = to.kind === 'place' ? [to.place] : sendersOf(to, places);
  const asked = protocol ?? 'tcp';
  const isPortless = asked === 'icmp' || asked === 'icmpv6';
  if (port === null && !isPortless) return `'to' names no Services, so it needs 'port' (or protocol: icmp)`;
  return refs.map((place) => ({ place, protocol: asked, port: isPortless ? null : port }));
}

/** Null: these are no Services. */
function serviceDoorsOf(to: MatrixPlace, places: PlaceDirectory): readonly (Target & { readonly port: number })[] | null {
  const [kind = '', ...rest] = to.kind === 'place' ? to.place.split('/') : [];
  const isOne = kind === 'service' || kind === 'loadBalancer';
  if (to.kind === 'place' && !isOne) return null;
  if (to.kind !== 'services' && to.kind !== 'loadBalancers' && to.kind !== 'place') return null;
  const word = to.kind === 'place' ? kind : to.kind === 'services' ? 'service' : 'loadBalancer';
  const isMeant = ({ name, labels }: ReturnType<PlaceDirectory['services']>[number]): boolean =>
    to.kind === 'place' ? name === rest.join('/') : (to.namespace === null || name.startsWith(`${to.namespace}/`)) && isSelected(labels, to.selector);
  return places.services().filter(isMeant).flatMap(({ name, ports }) => ports.map((door) => ({ place: `${word}/${name}`, ...door })));
}

/** Nothing where both have no family in common, or the pair is excepted. */
function flowsOf(matrix: BatchMatrix, from: MachineName, { place, protocol, port }: Target, { places, at }: { readonly places: PlaceDirectory; readonly at: number }): FlowSpec[] {
  const [sender, found] = [places.find(from), places.find(place)];
  if (!found || isExcepted(matrix, [from, place], places)) return [];
  const own = new Set((sender?.machineIps ?? []).map(familyOf));
  const firsts = new Map<Family | null, string>();
  for (const ip of found.targetIps) {
    const family = familyOf(ip);
    const isMeant = (protocol !== 'icmp' || family === 4) && (protocol !== 'icmpv6' || family === 6);
    if (isMeant && own.has(family) && !firsts.has(family)) firsts.set(family, ip);
  }
  return [...firsts].map(([family, ip]): FlowSpec => ({
    ...FLOW_DEFAULTS,
    name: `${matrix.name}: ${from} -> ${place}${port === null ? '' : `:${port}`}/${protocol}${firsts.size > 1 ? ` over IPv${family}` : ''}`,
    at,
    from,
    protocol,
    destination: { ip: { first: ip, last: ip }, zone: null, place, port: port === null ? null : { first: port, last: port } },
    packets: protocol === 'tcp' ? 'connect' : 1,
    isDontFragment: family !== 6,
  }));
}

function isExcepted({ except }: BatchMatrix, pair: readonly PlaceRef[], places: PlaceDirectory): boolean {
  return except.some((one) => {
    // A Service stands for itself; a workload for its pods.
    const machines = /^(service|loadBalancer)\//.test(one) ? [] : (places.find(one)?.machines ?? []);
    return pair.some((place) => place === one || machines.includes(place));
  });
}

function familyOf(ip: string): Family | null {
  return parseAddress(ip)?.family ?? null;
}
