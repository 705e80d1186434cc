/** One kernel network namespace: the state of all its rooms, by which the stages work. */
import type { Family, MachineName } from '@worldline/model';
import { SENDER_PROCESS, type PacketContext } from '../packet/index.js';
import { DISPOSITION, type Environment } from '../record/index.js';
import type { SysctlState } from '../sysctl/index.js';
import type { InterfaceState } from '../interface/index.js';
import { ROUTE_ANYCAST, ROUTE_LOCAL, type RoutingState } from '../routing/index.js';
import type { SocketState } from '../socket/index.js';
import type { ConntrackState } from '../conntrack/index.js';
import type { NetfilterState } from '../netfilter/index.js';
import type { BridgeState, EbtablesState, LinkMachine, TunnelState } from '../link/index.js';
import { IcmpLimits } from './icmp-limits.js';
import type { MachineNetwork } from './network-view.js';
import { send, sendRaw } from './output.js';
import { rerouteOutput } from './reroute.js';
import { sendReset } from './reset.js';
import { advance, endHeld, nextTimer } from './timers.js';

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

/** Address types that are the machine's own. */
const OWN = (1 << ROUTE_LOCAL) | (1 << ROUTE_ANYCAST);

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
  private ipId = 0;

  constructor(
    /** Position in `network.machines`. */
    readonly id: number,
    readonly name: MachineName,
    readonly network: MachineNetwork,
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
    const { effects } = this.environment;
    this.conntrack.effects = effects;
    this.routing.neighbours.effects = effects;
    this.bridges.effects = effects;
    effects.due(this.nextTimer());
  }

  enqueue(p: PacketContext): void {
    p.machine = this.id;
    this.network.enqueue(p);
  }

  /** A copy or a frame that was for somebody else: it ends, and is nobody's death. */
  discard(p: PacketContext): void {
    p.disposition = DISPOSITION.Accepted;
    this.network.end(p);
  }

  hold(p: PacketContext): void {
    this.network.held(p);
  }

  /** See RunMachine of run/network.ts for these. */
  send(p: PacketContext): number {
    return send(this, p, SENDER_PROCESS);
  }

  sendRaw(p: PacketContext): number {
    return sendRaw(this, p);
  }

  connectRoute(p: PacketContext): number {
    return this.routing.routeOutput(this, p);
  }

  sendReset(p: PacketContext): void {
    sendReset(this, p);
  }

  interfacePosition(name: string): number {
    return this.interfaces.find(name);
  }

  isLocalAddress(family: Family, handle: number): boolean {
    return (this.routing.addressType(this, family, handle, -1) & OWN) !== 0;
  }

  nextTimer(): number {
    return nextTimer(this);
  }

  advance(): void {
    advance(this);
  }

  endHeld(): void {
    endHeld(this);
  }

  /** Identification of the next datagram that is cut here. */
  nextIpId(): number {
    this.ipId = (this.ipId + 1) & 0xffff;
    return this.ipId;
  }

  /** ip_route_me_harder after mangle or nat changed a packet of a local process. */
  rerouteOutput(p: PacketContext): number {
    return rerouteOutput(this, p);
  }

  /** The same machine in another network, with state of its own from here on. */
  fork(network: MachineNetwork): Machine {
    const { environment } = network;
    return new Machine(
      this.id,
      this.name,
      network,
      {
        sysctl: this.sysctl.fork(),
        interfaces: this.interfaces.fork(environment),
        routing: this.routing.fork(environment),
        sockets: this.sockets.fork(),
        conntrack: this.conntrack.fork(environment),
        netfilter: this.netfilter.fork(environment),
        bridges: this.bridges.fork(),
        ebtables: this.ebtables.fork(),
        tunnels: this.tunnels.fork(),
      },
      this.icmpLimits.fork(),
    );
  }
}
