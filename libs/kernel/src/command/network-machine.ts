/** What ip, bridge and sysctl work on. */
import type { Family } from '@worldline/model';
import type { BridgeState } from '../link/index.js';
import type { RoutingMachine } from '../routing/index.js';

export interface NetworkCommandMachine extends RoutingMachine {
  readonly id: number;
  readonly bridges: BridgeState;
  readonly conntrack: { readonly count: number; killMasquerade(interfacePosition: number, family?: Family, address?: number): void };
}
