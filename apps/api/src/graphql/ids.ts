/** Ids of nodes: what it is, whose it is, and where it stands, joined with `:`. A simulation's is that of REST. */
import type { PacketKey, PathKey } from '@worldline/application';

export type NodeKey =
  | { readonly kind: 'simulation' | 'comparison' | 'batch' | 'snapshot'; readonly id: string }
  | { readonly kind: 'flow'; readonly key: Pick<PathKey, 'simulation' | 'flow'> }
  | { readonly kind: 'path'; readonly key: PathKey }
  | { readonly kind: 'packet'; readonly key: PacketKey }
  | { readonly kind: 'trace'; readonly key: PacketKey; readonly entry: number };

export const flowId = ({ simulation, flow }: Pick<PathKey, 'simulation' | 'flow'>): string => `flow:${simulation}:${flow}`;
export const pathId = ({ simulation, flow, path }: PathKey): string => `path:${simulation}:${flow}:${path}`;
export const packetId = ({ simulation, flow, index }: PacketKey): string => `packet:${simulation}:${flow}:${index}`;
export const traceId = ({ simulation, flow, index }: PacketKey, entry: number): string => `trace:${simulation}:${flow}:${index}:${entry}`;

/** What an id may stand for, the likeliest first. Ids of simulations, comparisons and batches look alike. */
export function readNodeId(id: string): readonly NodeKey[] {
  const [kind = '', simulation = '', ...places] = id.split(':');
  const numbers = places.map(Number);
  const [flow = 0, at = 0, entry = 0] = numbers;
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    if (kind === 'flow' && numbers.length === 1) return [{ kind, key: { simulation, flow } }];
    if (kind === 'path' && numbers.length === 2) return [{ kind, key: { simulation, flow, path: at } }];
    if (kind === 'packet' && numbers.length === 2) return [{ kind, key: { simulation, flow, index: at } }];
    if (kind === 'trace' && numbers.length === 3) return [{ kind, key: { simulation, flow, index: at }, entry }];
  }
  if (kind === 'sha256') return [{ kind: 'snapshot', id }];
  return (['simulation', 'comparison', 'batch'] as const).map((one) => ({ kind: one, id }));
}
