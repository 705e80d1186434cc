/** Steps, hops and rules as GraphQL has them. */
import type { Hop, Json, Step } from '@worldline/model';
import type { PathKey, TrailPage, TrailQuestion } from '@worldline/application';
import { InvalidArgument } from '../graphql/index.js';
import type { GraphqlContext } from '../graphql/index.js';
import { answered } from '../replay/index.js';
import { ruleNode } from '../state/index.js';
import type { RuleNode } from '../state/index.js';
import { machineNode } from '../topology/index.js';
import type { MachineNode } from '../topology/index.js';

/** Where a way belongs: whose topology names its machines, and which tool's rules it met. */
export interface WayPlace extends PathKey {
  /** Place of the packet in the path's exchange. */
  readonly entry: number;
  /** An address of the packet's sender: its family says whether iptables or ip6tables asked. */
  readonly senderIp: string;
}

export interface HopNode {
  readonly machine: MachineNode;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  steps(args: { readonly all?: boolean | null }): readonly StepNode[];
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
  readonly matches: readonly RuleNode[];
  lookedAt(args: unknown, context: GraphqlContext): Promise<number>;
  trail(args: { readonly first?: number | null; readonly offset?: number | null }, context: GraphqlContext): Promise<readonly RuleTrailNode[]>;
}

export interface RuleTrailNode {
  readonly rule: RuleNode;
  readonly matched: boolean;
  readonly failedClause: string | null;
}

/** Rules of one trail that are given at once, at most. */
const TRAIL_LIMIT = 1000;
const TRAIL_DEFAULT = 200;

export type StepNode = PlainStepNode | FilterStepNode;

export function hopNodes(hops: readonly Hop[] | undefined, place: WayPlace): HopNode[] {
  let next = 0;
  return (hops ?? []).map(({ machine, inputInterface, outputInterface, steps }) => {
    const first = next;
    next += steps.length;
    return {
      machine: machineNode(place.simulation, machine),
      inputInterface,
      outputInterface,
      steps: ({ all }) => steps.flatMap((step, i) => (all === true || step.isDeciding ? [stepNode(step, place, first + i)] : [])),
    };
  });
}

/** A step by its position on the whole way of its packet; null: there is none. */
export function stepAt(hops: readonly Hop[] | undefined, place: WayPlace, position: number): StepNode | null {
  const step = (hops ?? []).flatMap(({ steps }) => steps)[position];
  return step === undefined ? null : stepNode(step, place, position);
}

/** `position`: on the whole way of its packet, from 0. */
export function stepNode(step: Step, place: WayPlace, position: number): StepNode {
  const { kind, action, detail, text, isDeciding } = step;
  const plain = { kind, action, detail, text, deciding: isDeciding };
  if (kind !== 'Filter') return { __typename: 'PlainStep', ...plain };
  const [hook, table] = [String(detail['hook']), String(detail['table'])];
  const tool = place.senderIp.includes(':') ? 'ip6tables' : 'iptables';
  const rules = rulesOf(step, { tool, table });
  const last = rules.at(-1) ?? null;
  const { simulation, flow, path, entry } = place;
  const asked = { simulation, flow, path, entry, step: position };
  return {
    __typename: 'FilterStep',
    ...plain,
    hook,
    table,
    chain: last?.chain ?? hook,
    rule: last,
    matches: rules,
    lookedAt: async (_, { trails }) => (await trailOf({ ...asked, first: 0, offset: 0 }, trails)).lookedAt,
    trail: async ({ first, offset }, { trails }) => {
      const page = { first: within('first', first ?? TRAIL_DEFAULT, 1, TRAIL_LIMIT), offset: within('offset', offset ?? 0, 0, Number.MAX_SAFE_INTEGER) };
      const found = await trailOf({ ...asked, ...page }, trails);
      return found.rules.map(({ matched, failedClause, ...rule }) => ({ rule: ruleNode({ tool, ...rule }), matched, failedClause: failedClause ?? null }));
    },
  };
}

async function trailOf(question: TrailQuestion, trails: GraphqlContext['trails']): Promise<TrailPage> {
  const found = await trails.load(question);
  if (found === null) throw new Error('every question about a trail is answered');
  return answered(found.answer);
}

function within(name: string, value: number, least: number, most: number): number {
  if (value < least || value > most) throw new InvalidArgument(name, `${name} is ${value}: ${least} to ${most} are given`);
  return value;
}

function rulesOf({ detail }: Step, place: Pick<RuleNode, 'tool' | 'table'>): RuleNode[] {
  const rules = Array.isArray(detail['rules']) ? (detail['rules'] as readonly Json[]) : [];
  return rules.map((rule) => ruleNode({ ...place, ...(rule as unknown as Pick<RuleNode, 'chain' | 'number' | 'text'>) }));
}
