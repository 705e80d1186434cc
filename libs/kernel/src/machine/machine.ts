/** One kernel network namespace: the state of all its rooms, by which the stages work. */
import type { MachineName } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import type { SysctlState } from '../sysctl/index.js';
import type { InterfaceState } from '../interface/index.js';
import type { RoutingState } from '../routing/index.js';
import type { SocketState } from '../socket/index.js';
import type { ConntrackState } from '../conntrack/index.js';
import type { NetfilterState } from '../netfilter/index.js';
import type { BridgeState, EbtablesState, LinkMachine, TunnelState } from '../link/index.js';
import { IcmpLimits } from './icmp-limits.js';
import type { Network } from './network.js';
import { rerouteOutput } from './reroute.js';

/** The rooms' state of one machine. */
export interface MachineState {
  readonly sysctl: SysctlState;
  readonly interfaces: InterfaceState;
  readonly routing: RoutingState;
  readonly sockets: SocketState;
  readonly conntrack: ConntrackState;
  readonly netfilter: NetfilterState;
  readonly bridges: BridgeState;
  readonly ebtables: EbtablesState;
  readonly tunnels: TunnelState;
}

export class Machine implements LinkMachine {
  readonly environment: Environment;
  readonly sysctl: SysctlState;
  readonly interfaces: InterfaceState;
  readonly routing: RoutingState;
  readonly sockets: SocketState;
  readonly conntrack: ConntrackState;
  readonly netfilter: NetfilterState;
  readonly bridges: BridgeState;
  readonly ebtables: EbtablesState;
  readonly tunnels: TunnelState;
  readonly icmpLimits: IcmpLimits;

  constructor(
    /** Position in `network.machines`. */
    readonly id: number,
    readonly name: MachineName,
    readonly network: Network,
    state: MachineState,
    limits: IcmpLimits = new IcmpLimits(),
  ) {
    this.environment = network.environment;
    this.sysctl = state.sysctl;
    this.interfaces = state.interfaces;
    this.routing = state.routing;
    this.sockets = state.sockets;
    this.conntrack = state.conntrack;
    this.netfilter = state.netfilter;
    this.bridges = state.bridges;
    this.ebtables = state.ebtables;
    this.tunnels = state.tunnels;
    this.icmpLimits = limits;
  }

  enqueue(p: PacketContext): void {
    p.machine = this.id;
    this.network.enqueue(p);
  }

  discard(p: PacketContext): void {
    this.network.discard(p);
  }

  /** ip_route_me_harder after mangle or nat changed a packet of a local process. */
  rerouteOutput(p: PacketContext): number {
    return rerouteOutput(this, p);
  }

  /** The same machine in another network, with state of its own from here on. */
  fork(network: Network): Machine {
    const { environment } = network;
    return new Machine(
      this.id,
      this.name,
      network,
      {
        sysctl: this.sysctl.fork(),
        interfaces: this.interfaces.fork(),
        routing: this.routing.fork(),
        sockets: this.sockets.fork(),
        conntrack: this.conntrack.fork(environment),
        netfilter: this.netfilter.fork(),
        bridges: this.bridges.fork(),
        ebtables: this.ebtables.fork(),
        tunnels: this.tunnels.fork(),
      },
      this.icmpLimits.fork(),
    );
  }
}
