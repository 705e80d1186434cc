/** What this room needs of a machine. */
import type { Family } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import type { InterfaceState } from '../interface/index.js';
import type { RpfilterFlags } from '../routing/index.js';
import type { SocketState } from '../socket/index.js';
import type { SysctlState } from '../sysctl/index.js';
import type { ConntrackState } from '../conntrack/index.js';
import type { NetfilterState } from './netfilter-state.js';

/** The questions that matches and targets have for the routing room. */
export interface RouteQuestions {
  /** Bits of RTN_*: inet_addr_type, or what xt_addrtype makes of an IPv6 address; by one interface only unless that is -1. */
  addressType(m: NetfilterMachine, family: Family, handle: number, restrictInterface: number): number;
  /** Whether the reverse path of a packet fits, as xt_rpfilter asks. */
  reversePath(m: NetfilterMachine, p: PacketContext, flags: RpfilterFlags): boolean;
  /** The source that MASQUERADE takes on a device: inet_select_addr or ipv6_dev_get_saddr; 0 for none. */
  selectSource(m: NetfilterMachine, family: Family, outInterface: number, destination: number, scope: number): number;
}

export interface NetfilterMachine {
  readonly id: number;
  readonly environment: Environment;
  readonly sysctl: SysctlState;
  readonly interfaces: InterfaceState;
  readonly sockets: SocketState;
  readonly conntrack: ConntrackState;
  readonly routing: RouteQuestions;
  readonly netfilter: NetfilterState;
  /** ip_route_me_harder: ACCEPT, or DROP when the lookup failed. */
  rerouteOutput(p: PacketContext): number;
}
