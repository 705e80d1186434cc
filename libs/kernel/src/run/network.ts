/**
 * What a run needs of the machines, and what they tell it. machine/ implements these shapes.
 *
 * The life of a packet: `environment.pool.take()`, sent by a machine (or by run/ through `send`), moved by `deliverNext` until it ends in
 * exactly one of three ways:
 * - a socket takes it: the machine sets `p.socket`, appends it to `network.inbox` and forgets it. run/ ends its life;
 * - it dies, or the kernel itself consumes it (echo request, ICMP error, ARP, a fragment that was put together or taken apart):
 *   `listener.packetEnded(p)` with `p.machine` and `p.disposition` (Accepted when nothing went wrong), then the machine gives it back;
 * - it waits (neighbour, reassembly): it stays with the machine and comes back through `advance`; `listener.packetHeld(p)` says so.
 * Copies (bridge floods, broadcast to several sockets) keep `serial`, start with an empty wire and end on their own.
 *
 * Whoever makes a packet because of another one hands on `question` and sets
 * `about`: 1 when it goes the way of the request, 2 when it goes the way of the answer. An ICMP error or a fragment takes that of the packet
 *   it is about; a reset or an echo reply has the other one (`3 - about`);
 * `what`: index in EXCHANGE_WHATS (`icmp-error` for redirects too; `rst` when it goes the way of the answer, else `client-rst`).
 */
import type { Family, MachineName } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import type { SocketState } from '../socket/index.js';
import type { NetworkListener } from '../fabric/index.js';

export type { NetworkListener } from '../fabric/index.js';

export interface RunMachine {
  /** Position in `RunNetwork.machines`. */
  readonly id: number;
  readonly name: MachineName;
  readonly environment: Environment;
  readonly sockets: SocketState;

  /**
   * Sends a locally made packet: ip_send_skb / ip6_send_skb with the route lookup of the socket before it.
   * Before the call: addresses (`source` 0: the kernel chooses), ports, protocol fields, `length`, `mark`, `tos`, `isDontFragment`,
   * `ttl` (0: as sysctl and route say), `outputInterface` (-1, or the device the socket is bound to or the zone names), `socket`.
   * IPv4 with `isDontFragment` is IP_PMTUDISC_WANT: what is larger than the known path MTU is fragmented here. IPv6 with it is IPV6_DONTFRAG: -EMSGSIZE.
   * Takes the packet over in any case. Returns 0 or the negative errno that sendto() gives; a refused packet has been reported by `packetEnded`.
   */
  send(p: PacketContext): number;
  /** The same for a packet whose header is ready made (IP_HDRINCL): raw_send_hdrinc. The route is looked up without a source; too large is -EMSGSIZE. */
  sendRaw(p: PacketContext): number;
  /**
   * What connect() asks: ip_route_connect / ip6_dst_lookup_flow. Fills `source` (when 0), `outputInterface`, `routeMtu` (path MTU included) without sending.
   * 0 or a negative errno.
   */
  connectRoute(p: PacketContext): number;
  /** tcp_v4_send_reset / tcp_v6_send_response: answers a segment with RST as for one that no socket wants. Does not take it over. */
  sendReset(p: PacketContext): void;
  /** Position of an interface by name, -1; for zones. */
  interfacePosition(name: string): number;
  /** Whether an address is one of the machine's own: the local table takes it as unicast (a `local` route's too), or as anycast in IPv6. */
  isLocalAddress(family: Family, handle: number): boolean;
}

export interface RunNetwork {
  readonly environment: Environment;
  /** Packets that a machine's own stack has sent so far: requests, answers, errors, segments. */
  packetsSent: number;
  readonly machines: readonly RunMachine[];
  /** What sockets have taken and run/ has not yet looked at, in order. `p.machine` and `p.socket` say where. */
  readonly inbox: PacketContext[];
  /** Set by run/ before anything moves. */
  listener: NetworkListener;

  /** Moves the frame that is in flight longest; false when none is. */
  deliverNext(): boolean;
  /** When something of any machine is due next (neighbour probes, reassembly); Infinity for never. */
  nextTimer(): number;
  /** Does what is due at `environment.now`. Frames go in flight. */
  advance(): void;
  /** Ends all frames in flight with LimitReached. */
  abandon(): void;
  /** The run is over: what waits for a neighbour ends as NeighborUnreachable, what waits for its other fragments as LostOnLink. */
  endHeld(): void;
  /** Position of a machine, -1 when there is none of that name. */
  machinePosition(name: MachineName): number;
  /** Name of a machine, or of the place in the fabric, that stands in `PacketContext.machine`. */
  placeName(machine: number): MachineName;
  /** Says how many connections the run will begin, so that tables need not grow step by step. */
  expect(connections: number): void;
  /** A deep copy of all that changes; `environment` is the copy's. */
  fork(environment: Environment): RunNetwork;
}
