/**
 * Who listens and who owns a port on one machine.
 *
 * Sockets are small integers. UDP and TCP listeners and bound clients stand in chains by port, newest first, as in the kernel's hash; connected TCP
 * sockets are found by their four-tuple and have the number CONNECTION_BASE plus that of their control block.
 * Looking up allocates nothing.
 */
import { parseAddress, type Family, type Random, type SocketCapture } from '@worldline/model';
import { PROTOCOL_TCP, PROTOCOL_UDP, type AddressTable, type PacketContext } from '../packet/index.js';
import { ConnectionTable } from './connection-table.js';

/** Socket numbers from here on are connected TCP sockets. */
export const CONNECTION_BASE = 0x4000_0000;

const NO_DEVICE = -1;

/** A bound socket. Its number is its position in `SocketState.list`. */
export interface BoundSocket {
  readonly protocol: number;
  readonly family: Family;
  /** IPv6 socket that takes IPv4 as well (IPV6_V6ONLY off, bound to `::`). */
  readonly isDualStack: boolean;
  /** Handle; 0 is any address. */
  readonly address: number;
  readonly port: number;
  /** Interface position, -1: any. */
  readonly device: number;
  /** A server answers; a client belongs to the scenario. */
  readonly isServer: boolean;
}

export class SocketState {
  private readonly list: (BoundSocket | null)[];
  /** Sockets by protocol and port, newest first: `port * 2 + (0 UDP, 1 TCP)`. */
  private readonly byPort: Map<number, number[]>;

  private constructor(
    list: (BoundSocket | null)[],
    byPort: Map<number, number[]>,
    readonly connections: ConnectionTable,
  ) {
    this.list = list;
    this.byPort = byPort;
  }

  /** Sockets as `ss -Hlnptu` printed them. `interfacePosition` gives -1 for a name it does not know. */
  static compile(captures: readonly SocketCapture[], addresses: AddressTable, interfacePosition: (name: string) => number): SocketState {
    const state = new SocketState([], new Map(), new ConnectionTable());
    for (const capture of captures) {
      if (capture.protocol !== 'udp' && capture.protocol !== 'tcp') continue;
      const isAny = capture.address === '*' || capture.address === '0.0.0.0' || capture.address === '::';
      const address = isAny ? null : parseAddress(capture.address);
      if (!isAny && address === null) continue;
      state.bind({
        protocol: capture.protocol === 'udp' ? PROTOCOL_UDP : PROTOCOL_TCP,
        family: address?.family ?? capture.family,
        isDualStack: capture.isDualStack,
        address: address === null ? 0 : addresses.handle(address),
        port: capture.port,
        device: capture.device === null ? NO_DEVICE : interfacePosition(capture.device),
        isServer: true,
      });
    }
    return state;
  }

  /** Adds a socket without asking whether the port is free. Its number. */
  bind(socket: BoundSocket): number {
    const id = this.list.push(socket) - 1;
    const key = portKey(socket.protocol, socket.port);
    const chain = this.byPort.get(key);
    if (chain === undefined) this.byPort.set(key, [id]);
    else chain.unshift(id);
    return id;
  }

  close(id: number): void {
    const socket = this.list[id] ?? null;
    if (socket === null) return;
    this.list[id] = null;
    const key = portKey(socket.protocol, socket.port);
    const rest = (this.byPort.get(key) ?? []).filter((other) => other !== id);
    if (rest.length > 0) this.byPort.set(key, rest);
    else this.byPort.delete(key);
  }

  socket(id: number): BoundSocket | null {
    return this.list[id] ?? null;
  }

  /** The socket that gets a unicast datagram, -1 for none: __udp4_lib_lookup, __udp6_lib_lookup (6.18). */
  lookupUdp(p: PacketContext): number {
    return this.best(PROTOCOL_UDP, p.family, p.destination, p.destinationPort, p.inputInterface);
  }

  /** The socket that gets a segment, -1 for none: __inet_lookup_skb (6.18), connected sockets before listeners. */
  lookupTcp(p: PacketContext): number {
    const block = this.connections.find(p.family, p.destination, p.destinationPort, p.source, p.sourcePort);
    if (block >= 0) return CONNECTION_BASE + block;
    return this.best(PROTOCOL_TCP, p.family, p.destination, p.destinationPort, p.inputInterface);
  }

  /** All sockets that get a copy of a broadcast or multicast datagram, in `into`: __udp4_lib_mcast_deliver. How many. */
  lookupUdpMulticast(p: PacketContext, into: number[]): number {
    let count = 0;
    const chain = this.byPort.get(portKey(PROTOCOL_UDP, p.destinationPort));
    if (chain === undefined) return 0;
    for (let i = 0; i < chain.length; i++) {
      const socket = this.list[chain[i]] as BoundSocket;
      const isBoundElsewhere = socket.address !== 0 && socket.address !== p.destination;
      if (!takesFamily(socket, p.family) || isBoundElsewhere || isOtherDevice(socket, p.inputInterface)) continue;
      into[count++] = chain[i];
    }
    return count;
  }

  /** The socket whose own packet an ICMP error quotes, -1 for none: __udp4_lib_err. `inner` is the quoted packet. */
  lookupUdpError(inner: PacketContext, inputInterface: number): number {
    return this.best(PROTOCOL_UDP, inner.family, inner.source, inner.sourcePort, inputInterface);
  }

  /** The socket whose segment an ICMP error quotes, connected ones before listeners. */
  lookupTcpError(inner: PacketContext, inputInterface: number): number {
    const block = this.connections.find(inner.family, inner.source, inner.sourcePort, inner.destination, inner.destinationPort);
    return block >= 0 ? CONNECTION_BASE + block : this.best(PROTOCOL_TCP, inner.family, inner.source, inner.sourcePort, inputInterface);
  }

  /** Whether bind() of a UDP socket would find the port taken: udp_lib_lport_inuse without SO_REUSEADDR. */
  isUdpPortTaken(family: Family, address: number, port: number): boolean {
    return this.isTaken(PROTOCOL_UDP, family, address, port);
  }

  /** Whether bind() of a TCP socket with SO_REUSEADDR fails: only a listener stands against it (inet_csk_get_port). */
  isTcpPortTaken(family: Family, address: number, port: number): boolean {
    return this.isTaken(PROTOCOL_TCP, family, address, port);
  }

  /**
   * A free port as the kernel draws one. UDP (udp_lib_get_port): random in ip_local_port_range. TCP (__inet_hash_connect): random, ports of the parity of the
   * range's first one before the others. 0 when all are taken.
   */
  choosePort(protocol: number, family: Family, address: number, low: number, high: number, random: Random): number {
    const size = high - low + 1;
    const isTcp = protocol === PROTOCOL_TCP;
    const start = random.below(size) & (isTcp ? ~1 : ~0);
    const step = isTcp ? 2 : 1;
    for (let pass = 0; pass < step; pass++) {
      for (let i = 0; i < size; i += step) {
        const port = low + ((start + i + pass) % size);
        if (!this.isTaken(protocol, family, address, port)) return port;
      }
    }
    return 0;
  }

  fork(): SocketState {
    const byPort = new Map<number, number[]>();
    for (const [key, chain] of this.byPort) byPort.set(key, chain.slice());
    return new SocketState(this.list.slice(), byPort, this.connections.fork());
  }

  /** Exact address before any address, then device, then family; of equals the newest: compute_score. */
  private best(protocol: number, family: Family, address: number, port: number, inputInterface: number): number {
    const chain = this.byPort.get(portKey(protocol, port));
    if (chain === undefined) return -1;
    let best = -1;
    let bestScore = 0;
    for (let i = 0; i < chain.length; i++) {
      const socket = this.list[chain[i]] as BoundSocket;
      if (!takesFamily(socket, family) || isOtherDevice(socket, inputInterface)) continue;
      let score = socket.family === family ? 2 : 1;
      if (socket.device >= 0) score += 4;
      if (socket.address !== 0) {
        if (socket.address !== address || socket.family !== family) continue;
        score += 8;
      }
      if (score > bestScore) {
        best = chain[i];
        bestScore = score;
      }
    }
    return best;
  }

  private isTaken(protocol: number, family: Family, address: number, port: number): boolean {
    const chain = this.byPort.get(portKey(protocol, port));
    if (chain === undefined) return false;
    return chain.some((id) => {
      const other = this.list[id] as BoundSocket;
      if (other.family !== family && !other.isDualStack) return false;
      return other.address === 0 || address === 0 || (other.address === address && other.family === family);
    });
  }
}

function portKey(protocol: number, port: number): number {
  return port * 2 + (protocol === PROTOCOL_TCP ? 1 : 0);
}

function takesFamily(socket: BoundSocket, family: Family): boolean {
  return socket.family === family || (socket.isDualStack && family === 4);
}

function isOtherDevice(socket: BoundSocket, inputInterface: number): boolean {
  return socket.device >= 0 && socket.device !== inputInterface;
}
