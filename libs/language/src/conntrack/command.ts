/** A command line of conntrack(8) (conntrack-tools 1.4.7) as a value. */
import type { Family, IpPrefix } from '@worldline/model';

export type ConntrackAction = 'list' | 'get' | 'delete' | 'create' | 'add' | 'update' | 'flush' | 'count' | 'statistics' | 'event';
export type ConntrackTable = 'conntrack' | 'expect' | 'dying' | 'unconfirmed';
export type ConntrackStatusWord = 'ASSURED' | 'SEEN_REPLY' | 'FIXED_TIMEOUT' | 'EXPECTED' | 'OFFLOAD' | 'HW_OFFLOAD' | 'UNSET';

/** One direction's part; null: not given. */
export interface ConntrackTupleFilter {
  readonly source: IpPrefix | null;
  readonly destination: IpPrefix | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

/** `--src-nat` and its like: null fields match any translation. */
export interface ConntrackNatFilter {
  readonly address: IpPrefix | null;
  readonly port: number | null;
}

export interface ConntrackCommand {
  readonly action: ConntrackAction;
  readonly table: ConntrackTable;
  readonly family: Family | null;
  readonly protocol: number | null;
  readonly original: ConntrackTupleFilter;
  readonly reply: ConntrackTupleFilter;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly icmpId: number | null;
  readonly sourceNat: ConntrackNatFilter | null;
  readonly destinationNat: ConntrackNatFilter | null;
  readonly anyNat: ConntrackNatFilter | null;
  /** Filter, or what `-I` and `-U` set. */
  readonly mark: { readonly value: number; readonly mask: number } | null;
  readonly status: readonly ConntrackStatusWord[];
  readonly timeout: number | null;
  readonly state: string | null;
  readonly zone: number | null;
  readonly originalZone: number | null;
  readonly replyZone: number | null;
  /** Words of `-o`. */
  readonly output: readonly string[];
  readonly isZeroing: boolean;
}

export type MutableCommand = { -readonly [K in keyof ConntrackCommand]: ConntrackCommand[K] };
export type MutableTupleFilter = { -readonly [K in keyof ConntrackTupleFilter]: ConntrackTupleFilter[K] };
