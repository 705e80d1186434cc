/** The final fate of a packet: exactly one per trace. */
export const DELIVERED = ['Accepted', 'DeliveredToSubnet', 'ExitsNetwork'] as const;
export const DROPPED = [
  'DeniedIn',
  'DeniedForward',
  'DeniedOut',
  'DeniedPrerouting',
  'DeniedPostrouting',
  'Rejected',
  'NoRoute',
  'NullRouted',
  'ForwardingDisabled',
  'NeighborUnreachable',
  'Loop',
  'TtlExpired',
  'TooBig',
  'MartianSource',
  'ReversePathFailed',
  'SpoofedSource',
  'ConntrackFull',
  'ConntrackInsertFailed',
  'NatFailed',
  'NoListener',
  'LinkDown',
  'LostOnLink',
  'FabricDenied',
] as const;
export const UNDECIDED = ['InsufficientInfo', 'Unmodelled', 'LimitReached'] as const;

/** All dispositions in a fixed order; the engine's integers are indexes into it. */
export const DISPOSITIONS = [...DELIVERED, ...DROPPED, ...UNDECIDED] as const;

export type Disposition = (typeof DISPOSITIONS)[number];
export type Outcome = 'delivered' | 'dropped' | 'undecided';

const OUTCOMES = new Map<Disposition, Outcome>([
  ...DELIVERED.map((d) => [d, 'delivered'] as const),
  ...DROPPED.map((d) => [d, 'dropped'] as const),
  ...UNDECIDED.map((d) => [d, 'undecided'] as const),
]);

export function outcomeOf(disposition: Disposition): Outcome {
  return OUTCOMES.get(disposition) as Outcome;
}

/** Where a packet's fate was decided. */
export type Layer = 'userSpace' | 'kernel' | 'fabric';
