/** Steps of routing as values for people: the integers of step-code.ts with what they stood for. */
import type { Family, Step } from '@worldline/model';
import { NEIGHBOR_ASKING, NEIGHBOR_RESOLVED, REVERSE_PATH_FAILED, REVERSE_PATH_MARTIAN, type Environment } from '../record/index.js';
import { ROUTE_UNICAST, TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN, RTN_UNSPEC, routeTypeWord } from './route.js';

/** `local`, `main`, `default`, or the number. */
export function tableName(table: number): string {
  return table === TABLE_MAIN ? 'main' : table === TABLE_LOCAL ? 'local' : table === TABLE_DEFAULT ? 'default' : String(table);
}

/** Operands and details of STEP_ROUTING, `at` pointing behind the code. */
export function describeRoutingStep(environment: Environment, steps: Int32Array, at: number, details: Int32Array, detailAt: number): Step {
  const [direction, type, table, gateway, device, prefixLength] = steps.subarray(at, at + 6);
  const family = details[detailAt] as Family;
  const destination = environment.addresses.format(family, details[detailAt + 1]);
  const word = type === RTN_UNSPEC ? 'none' : routeTypeWord(type);
  const outputInterface = device < 0 ? null : environment.interfaceNames.name(device);
  const via = gateway === 0 ? null : environment.addresses.format(family, gateway);
  const from = table === 0 ? '' : ` (table ${tableName(table)}, /${prefixLength})`;
  const way = `${via === null ? '' : ` via ${via}`}${outputInterface === null ? '' : ` dev ${outputInterface}`}`;
  return {
    kind: 'Routing',
    action: direction === 0 ? 'input' : 'output',
    detail: { destination, type: word, table: table === 0 ? null : tableName(table), prefixLength, via, outputInterface },
    text: word === 'none' ? `no route to ${destination}` : `${destination} is ${word}${way}${from}`,
    isDeciding: type !== ROUTE_UNICAST && way === '',
  };
}

/** Operands and details of STEP_REVERSE_PATH. */
export function describeReversePathStep(environment: Environment, steps: Int32Array, at: number, details: Int32Array, detailAt: number): Step {
  const [result, filter, device] = steps.subarray(at, at + 3);
  const source = environment.addresses.format(4, details[detailAt]);
  const back = device < 0 ? null : environment.interfaceNames.name(device);
  const action = result === REVERSE_PATH_FAILED ? 'failed' : result === REVERSE_PATH_MARTIAN ? 'martian' : 'passed';
  const way = back === null ? 'no route back' : `the way back is ${back}`;
  const text =
    result === REVERSE_PATH_MARTIAN ? `source ${source} is no neighbour's: martian` : `source ${source} ${result === REVERSE_PATH_FAILED ? 'refused' : 'accepted'} with rp_filter ${filter}: ${way}`;
  return { kind: 'ReversePath', action, detail: { source, rpFilter: filter, interfaceBack: back }, text, isDeciding: result !== 0 };
}

/** Operands of STEP_SYSCTL. */
export function describeSysctlStep(environment: Environment, steps: Int32Array, at: number): Step {
  const name = environment.words.name(steps[at]);
  const value = steps[at + 1];
  return { kind: 'SysctlCheck', action: 'decided', detail: { name, value }, text: `${name} = ${value}`, isDeciding: true };
}

/** Operands and details of STEP_NEIGHBOR. */
export function describeNeighborStep(environment: Environment, steps: Int32Array, at: number, details: Int32Array, detailAt: number): Step {
  const [result, device, mac] = steps.subarray(at, at + 3);
  const address = environment.addresses.format(details[detailAt] as Family, details[detailAt + 1]);
  const name = environment.interfaceNames.name(device);
  const lladdr = mac < 0 ? null : environment.macs.name(mac);
  const action = result === NEIGHBOR_RESOLVED ? 'resolved' : result === NEIGHBOR_ASKING ? 'asking' : 'failed';
  const text = lladdr !== null ? `${address} on ${name} is ${lladdr}` : result === NEIGHBOR_ASKING ? `asking who has ${address} on ${name}` : `nobody has ${address} on ${name}`;
  return { kind: 'Neighbor', action, detail: { address, interface: name, lladdr }, text, isDeciding: result !== NEIGHBOR_RESOLVED && result !== NEIGHBOR_ASKING };
}
