import { ownerOf } from '@worldline/application';
import type { Owner } from '@worldline/application';

/** A rule as GraphQL has it; `packets` where somebody counted. */
export interface RuleNode {
  readonly tool: string;
  readonly table: string;
  readonly chain: string;
  readonly number: number | null;
  readonly text: string;
  readonly packets: number | null;
  readonly owner: () => Owner | null;
}

export function ruleNode({ tool, table, chain, number, text, packets = null }: Omit<RuleNode, 'owner' | 'packets'> & { readonly packets?: number | null }): RuleNode {
  return { tool, table, chain, number, text, packets, owner: () => ownerOf(chain, text) };
}
