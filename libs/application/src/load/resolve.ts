/** A flow may name a place as its destination; the engine gets addresses only. */
import type { PlaceDirectory } from '@worldline/analysis';
import { parseAddress } from '@worldline/model';
import type { FlowSpec, Issue, Parsed, Scenario } from '@worldline/model';

/** Where messages say that the destination was written. */
export interface DestinationSource {
  readonly file?: string;
  /** What stands before the message; the flow's name by default. */
  readonly label?: string;
}

/** Gives every named destination the first address at which its place is reached, of the family that the flow's source or protocol asks for. */
export function resolveDestinations(scenario: Scenario, places: PlaceDirectory, { file, label }: DestinationSource): Parsed<Scenario> {
  const issues: Issue[] = [];
  const flows = scenario.flows.map((flow, i) =>
    resolveFlow(flow, places, (message, word) => {
      const where = file === undefined ? {} : { file, pointer: `/spec/flows/${i}/destination` };
      issues.push({ code: 'UnknownPlace', severity: 'error', message: `${label ?? `flow ${flow.name}`}: ${message}`, word, ...where });
    }),
  );
  return issues.length > 0 ? { value: null, issues } : { value: { ...scenario, flows }, issues };
}

function resolveFlow(flow: FlowSpec, places: PlaceDirectory, complain: (message: string, word: string) => void): FlowSpec {
  const { place, ip } = flow.destination;
  if (place === null || ip !== null) return flow;
  const found = places.find(place);
  if (!found) {
    complain(`${place} is not in the snapshot`, place);
    return flow;
  }
  const family = familyOf(flow);
  const address = found.targetIps.find((one) => family === null || parseAddress(one)?.family === family);
  if (address === undefined) {
    complain(`${place} has no ${family === null ? '' : `IPv${family} `}address`, place);
    return flow;
  }
  return { ...flow, destination: { ...flow.destination, ip: { first: address, last: address } } };
}

function familyOf(flow: FlowSpec): 4 | 6 | null {
  if (flow.protocol === 'icmp') return 4;
  if (flow.protocol === 'icmpv6') return 6;
  return flow.sourceIp === null ? null : (parseAddress(flow.sourceIp.first)?.family ?? null);
}
