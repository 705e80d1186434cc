/** What the explorer reads of GraphQL answers. Words are the Report's; `documents.spec.ts` checks the questions against the schema. */
import type { SimulationAnswer } from '@worldline/contract';
import type { Death, Disposition, Endpoint, ExpectationResult, Finding, Issue, Json, Layer, StepKind } from '@worldline/model';

/** 64 bit integers come as text. */
export type Long = string;

export interface Connection<T> {
  readonly nodes: readonly T[];
  readonly totalCount: Long;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface TotalsAnswer {
  readonly sent: Long;
  readonly delivered: Long;
  readonly dropped: Long;
  readonly undecided: Long;
  readonly replied: Long;
}

/** A simulation as a row of the list. */
export interface SimulationRow {
  readonly id: string;
  readonly name: string | null;
  readonly status: SimulationAnswer['status'];
  /** From 0 to 1. */
  readonly progress: number;
  readonly createdAt: string;
  readonly mode: string;
  readonly seed: Long;
  readonly totals: TotalsAnswer;
  readonly expectations: readonly Pick<ExpectationResult, 'outcome'>[];
  readonly findings: readonly Pick<Finding, 'severity' | 'title'>[];
}

export interface FlowAnswer {
  readonly id: string;
  readonly name: string;
  readonly totals: TotalsAnswer;
}

export interface TopologyAnswer {
  readonly machines: readonly {
    readonly name: string;
    readonly kind: string;
    readonly node: string | null;
    readonly interfaces: readonly { readonly name: string; readonly kind: string; readonly isUp: boolean; readonly master: string | null; readonly addresses: readonly string[] }[];
  }[];
  readonly links: readonly { readonly kind: string; readonly ends: readonly { readonly machine: string; readonly interface: string }[] }[];
}

export interface SimulationDetail {
  readonly scenario: Json;
  readonly totals: TotalsAnswer;
  readonly coverage: { readonly rules: { readonly modelled: Long; readonly approximated: Long; readonly unknown: Long }; readonly issues: readonly Issue[] };
  readonly expectations: readonly ExpectationResult[];
  readonly findings: readonly Pick<Finding, 'kind' | 'severity' | 'title' | 'flows'>[];
  readonly topology: TopologyAnswer;
  readonly flows: Connection<FlowAnswer>;
}

export interface SocketAnswer {
  readonly ip: string;
  readonly port: number | null;
}

export interface SentAnswer {
  readonly machine: string;
  readonly protocol: string;
  readonly source: SocketAnswer;
  readonly destination: SocketAnswer;
}

export interface EndpointAnswer {
  readonly machine: string;
  readonly local: SocketAnswer;
  readonly peer: SocketAnswer;
}

/** A packet as a row of the table. */
export interface PacketRow {
  readonly id: string;
  readonly index: number;
  readonly at: string;
  readonly disposition: Disposition;
  readonly layer: Layer;
  readonly flow: { readonly name: string };
  readonly sent: SentAnswer;
  readonly delivered: readonly EndpointAnswer[];
  readonly reply: EndpointAnswer | null;
  readonly error: { readonly when: string; readonly errno: string } | null;
  readonly died: Death | null;
}

/** A path as a row of the table. */
export interface PathRow {
  readonly id: string;
  readonly number: number;
  readonly count: Long;
  readonly weight: string;
  readonly disposition: Disposition;
  readonly flow: { readonly name: string };
  readonly delivered: readonly EndpointAnswer[];
  readonly died: Death | null;
}

export interface RuleAnswer {
  readonly chain: string;
  readonly number: number | null;
  readonly text: string;
}

export interface StepAnswer {
  readonly kind: StepKind;
  readonly action: string;
  readonly detail: Readonly<Record<string, Json | undefined>>;
  readonly text: string;
  readonly deciding: boolean;
  /** Of filter steps only. */
  readonly hook?: string;
  readonly table?: string;
  readonly matches?: readonly RuleAnswer[];
}

export interface TrailAnswer {
  readonly lookedAt: number;
  readonly trail: readonly TrailRuleAnswer[];
}

export interface TrailRuleAnswer {
  readonly matched: boolean;
  readonly failedClause: string | null;
  readonly rule: RuleAnswer & { readonly owner: { readonly component: string; readonly object: string | null } | null };
}

export interface HopAnswer {
  readonly machine: { readonly name: string };
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly steps: readonly StepAnswer[];
}

export interface WireAnswer {
  readonly machine: string;
  readonly interface: string;
  readonly direction: string;
  readonly source: SocketAnswer;
  readonly destination: SocketAnswer;
  readonly ttl: number;
  readonly length: number;
  readonly flags: string | null;
}

/** One packet that travelled, of a listed packet or of a path; only the former has its wire. */
export interface TraceAnswer {
  readonly what: string;
  readonly about: string | null;
  readonly disposition: Disposition;
  readonly reason: string | null;
  readonly hops: readonly HopAnswer[];
  readonly wire?: readonly WireAnswer[];
}

/** A packet or a path with its whole exchange. */
export interface ExchangeAnswer {
  readonly __typename: 'Packet' | 'Path';
  readonly id: string;
  readonly disposition: Disposition;
  readonly delivered: readonly EndpointAnswer[];
  readonly died: Death | null;
  readonly flow: { readonly name: string };
  readonly exchange: readonly TraceAnswer[];
  readonly index?: number;
  readonly at?: string;
  readonly sent?: SentAnswer;
  readonly reply?: EndpointAnswer | null;
  readonly error?: { readonly when: string; readonly errno: string } | null;
  readonly number?: number;
  readonly count?: Long;
}

export interface ChangeAnswer {
  readonly flow: string;
  readonly effect: string;
  readonly count: Long;
  readonly baseline: ComparedPathAnswer | null;
  readonly candidate: ComparedPathAnswer | null;
  readonly divergence: { readonly what: string; readonly index: number; readonly machine: { readonly name: string } } | null;
}

export interface ComparedPathAnswer {
  readonly id: string;
  readonly number: number;
  readonly disposition: Disposition;
  readonly delivered: readonly EndpointAnswer[];
  readonly died: Death | null;
}

export interface ComparisonDetail {
  readonly baseline: { readonly id: string; readonly name: string | null };
  readonly candidate: { readonly id: string; readonly name: string | null };
  readonly changes: Connection<ChangeAnswer>;
}

export interface BucketAnswer {
  readonly key: readonly { readonly dimension: string; readonly value: string | null }[];
  readonly count: Long;
}

/** `10.0.0.1:53`, `[fd00::1]:53`, or the address alone. */
export function socketText({ ip, port }: Endpoint | SocketAnswer): string {
  if (port === undefined || port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
