/** What the link room needs of a machine. */
import type { PacketContext } from '../packet/index.js';
import type { InterfaceState } from '../interface/index.js';
import type { RoutingState } from '../routing/index.js';
import type { NetfilterMachine } from '../netfilter/index.js';
import type { BridgeState } from './bridge-state.js';
import type { EbtablesMachine } from './ebtables/index.js';
import type { TunnelState } from './tunnel.js';

export interface LinkMachine extends NetfilterMachine, EbtablesMachine {
  readonly interfaces: InterfaceState;
  readonly routing: RoutingState;
  readonly bridges: BridgeState;
  readonly tunnels: TunnelState;
  /** Frames in flight, processed in order once the present packet is done with. */
  enqueue(p: PacketContext): void;
  /** A packet that waits here for longer than this instant. */
  hold(p: PacketContext): void;
  /** A copy that nobody wanted: ended without being a death. */
  discard(p: PacketContext): void;
}
