/** What a machine needs of the network it is part of; fabric/network.ts is it. */
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import type { Machine } from './machine.js';

export interface MachineNetwork {
  readonly environment: Environment;
  readonly machines: readonly Machine[];
  /** What sockets took, in order; `p.machine` and `p.socket` say whose. */
  readonly inbox: PacketContext[];
  /** The packet that a local process is sending right now, and the error it met: 0 or a negative errno. */
  sending: PacketContext | null;
  sendError: number;
  /** An ICMP message of the kernel's own is on its way out. */
  isIcmpBusy: boolean;
  /** Packets that a machine's own stack has sent so far. */
  packetsSent: number;
  /** Frames wait here until the present packet is done with. */
  enqueue(p: PacketContext): void;
  /** A packet's life is over. */
  end(p: PacketContext): void;
  /** A packet waits for longer than this instant: for a neighbour, or for its other fragments. */
  held(p: PacketContext): void;
  /** An ICMP message passed INPUT. */
  icmpReceived(p: PacketContext): void;
}
