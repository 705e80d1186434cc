/** Steps, hops and rules as GraphQL has them. */
import type { Hop, Json, Step } from '@worldline/model';
import { machineNode } from '../topology/index.js';
import type { MachineNode } from '../topology/index.js';

/** Where a way belongs: whose topology names its machines, and which tool's rules it met. */
export interface WayPlace {
  readonly simulation: string;
  /** An address of the packet's sender: its family says whether iptables or ip6tables asked. */
  readonly senderIp: string;
}

export interface HopNode {
  readonly machine: MachineNode;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  steps(args: { readonly all?: boolean | null }): readonly StepNode[];
}

export interface RuleNode {
  readonly tool: string;
  readonly table: string;
  readonly chain: string;
  readonly number: number | null;
  readonly text: string;
}

export interface PlainStepNode {
  readonly __typename: 'PlainStep' | 'FilterStep';
  readonly kind: Step['kind'];
  readonly action: string;
  readonly detail: Step['detail'];
  readonly text: string;
  readonly deciding: boolean;
}

export interface FilterStepNode extends PlainStepNode {
  readonly __typename: 'FilterStep';
  readonly hook: string;
  readonly table: string;
  /** Where it was decided: of the last rule. */
  readonly chain: string;
  readonly rule: RuleNode | null;
  readonly trail: readonly { readonly rule: RuleNode; readonly matched: true }[];
}

export type StepNode = PlainStepNode | FilterStepNode;

export function hopNodes(hops: readonly Hop[] | undefined, place: WayPlace): HopNode[] {
  return (hops ?? []).map(({ machine, inputInterface, outputInterface, steps }) => ({
    machine: machineNode(place.simulation, machine),
    inputInterface,
    outputInterface,
    steps: ({ all }) => steps.filter(({ isDeciding }) => all === true || isDeciding).map((step) => stepNode(step, place)),
  }));
}

export function stepNode(step: Step, place: WayPlace): StepNode {
  const { kind, action, detail, text, isDeciding } = step;
  const plain = { kind, action, detail, text, deciding: isDeciding };
  if (kind !== 'Filter') return { __typename: 'PlainStep', ...plain };
  const [hook, table] = [String(detail['hook']), String(detail['table'])];
  const rules = rulesOf(step, { tool: place.senderIp.includes(':') ? 'ip6tables' : 'iptables', table });
  const last = rules.at(-1) ?? null;
  return { __typename: 'FilterStep', ...plain, hook, table, chain: last?.chain ?? hook, rule: last, trail: rules.map((rule) => ({ rule, matched: true })) };
}

function rulesOf({ detail }: Step, place: Pick<RuleNode, 'tool' | 'table'>): RuleNode[] {
  const rules = Array.isArray(detail['rules']) ? (detail['rules'] as readonly Json[]) : [];
  return rules.map((rule) => {
    const { chain, number, text } = rule as Pick<RuleNode, 'chain' | 'number' | 'text'>;
    return { ...place, chain, number, text };
  });
}
