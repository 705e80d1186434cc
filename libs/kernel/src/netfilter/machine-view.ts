/** What this room needs of a machine. */
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import type { InterfaceState } from '../interface/index.js';
import type { RoutingState } from '../routing/index.js';
import type { SocketState } from '../socket/index.js';
import type { SysctlState } from '../sysctl/index.js';
import type { ConntrackState } from '../conntrack/index.js';
import type { NetfilterState } from './netfilter-state.js';

export interface NetfilterMachine {
  readonly id: number;
  readonly environment: Environment;
  readonly sysctl: SysctlState;
  readonly interfaces: InterfaceState;
  readonly sockets: SocketState;
  readonly conntrack: ConntrackState;
  readonly routing: RoutingState;
  readonly netfilter: NetfilterState;
  /** ip_route_me_harder: ACCEPT, or DROP when the lookup failed. */
  rerouteOutput(p: PacketContext): number;
}
