/**
 * All machines of a cluster and the frames in flight between them.
 *
 * Frames wait in a backlog until the present packet is done with, as in a CPU's softirq queue. What a socket took waits in `inbox` for run/,
 * which plays the processes.
 */
import type { MachineName } from '@worldline/model';
import { STAGE_FABRIC, STAGE_RECEIVE, type PacketContext } from '../packet/index.js';
import { DISPOSITION, STEP_UNMODELLED, drop, type Environment } from '../record/index.js';
import { runStages, type Machine, type MachineNetwork } from '../machine/index.js';
import { MODELLED_KINDS, isListening } from '../interface/index.js';
import type { Segment, SegmentTable } from './segment.js';

/** Who wants to know what became of packets; run/ is it. */
export interface NetworkListener {
  /** A packet's life ended at `p.machine` (in the fabric: a number that `placeName` knows). Called before its context goes back to the pool. */
  packetEnded(p: PacketContext): void;
  /** A packet waits for longer than this instant (neighbour, reassembly): what it belongs to is not over. */
  packetHeld(p: PacketContext): void;
  /**
   * An ICMP or ICMPv6 message passed INPUT at `p.machine`, before the machine itself acts on it: echo request and reply, errors, redirects; not neighbour discovery.
   * Sockets that care about it (raw ones; for errors those whose packet is quoted in `p.inner`) are run's business.
   */
  icmpReceived(p: PacketContext): void;
}

const SILENT: NetworkListener = { packetEnded: () => undefined, packetHeld: () => undefined, icmpReceived: () => undefined };

/** `PacketContext.machine` of a packet that the fabric lost. */
const FABRIC = -1;

export class Network implements MachineNetwork {
  readonly machines: Machine[] = [];
  readonly inbox: PacketContext[] = [];
  listener: NetworkListener = SILENT;
  sending: PacketContext | null = null;
  sendError = 0;
  isIcmpBusy = false;
  packetsSent = 0;

  private readonly positions = new Map<MachineName, number>();
  /** First in, first out: from `head` to before `tail`. The array keeps its room. */
  private readonly backlog: PacketContext[] = [];
  private head = 0;
  private tail = 0;

  constructor(
    readonly environment: Environment,
    readonly segments: SegmentTable,
  ) {}

  add(machine: Machine): void {
    this.positions.set(machine.name, this.machines.length);
    this.machines.push(machine);
  }

  machinePosition(name: MachineName): number {
    return this.positions.get(name) ?? -1;
  }

  enqueue(p: PacketContext): void {
    this.backlog[this.tail++] = p;
  }

  /** Moves the frame that is in flight longest; false when nothing moves any more at this instant. */
  deliverNext(): boolean {
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
      return false;
    }
    const p = this.backlog[this.head++];
    if (p.stage === STAGE_FABRIC) this.crossSegment(p);
    else runStages(this.machines[p.machine], p);
    return true;
  }

  end(p: PacketContext): void {
    this.listener.packetEnded(p);
    if (p.machine >= 0 && p.conntrack >= 0) this.machines[p.machine].conntrack.release(p);
    this.environment.pool.give(p);
  }

  held(p: PacketContext): void {
    this.listener.packetHeld(p);
  }

  placeName(machine: number): MachineName {
    return machine === FABRIC ? 'fabric' : this.machines[machine].name;
  }

  /** When something may be due next in any machine: neighbour probes, reassembly. */
  nextTimer(): number {
    return this.environment.effects.dueAt;
  }

  advance(): void {
    const { effects, now } = this.environment;
    for (const machine of this.machines) if (machine.nextTimer() <= now) machine.advance();
    effects.dueAt = Infinity;
    for (const machine of this.machines) effects.due(machine.nextTimer());
  }

  abandon(): void {
    for (; this.head < this.tail; this.head++) {
      const p = this.backlog[this.head];
      drop(p, 'LimitReached', 'NOT_SPECIFIED');
      this.end(p);
    }
    this.head = 0;
    this.tail = 0;
  }

  endHeld(): void {
    for (const machine of this.machines) machine.endHeld();
  }

  icmpReceived(p: PacketContext): void {
    this.listener.icmpReceived(p);
  }

  expect(connections: number): void {
    for (const { conntrack } of this.machines) conntrack.table.expected = connections;
  }

  /** A deep copy of all that changes in a run. Nothing may be in flight. */
  fork(environment: Environment): Network {
    const copy = new Network(environment, this.segments);
    for (const machine of this.machines) copy.add(machine.fork(copy));
    copy.packetsSent = this.packetsSent;
    return copy;
  }

  /** A frame on a segment: to the interface whose address it bears, to all for a group, or lost. */
  private crossSegment(p: PacketContext): void {
    const { machine, outputInterface } = p;
    const segment = this.segments.of(machine, outputInterface);
    p.outputInterface = -1;
    if (segment !== null) {
      const isGroup = this.environment.macs.isGroup(p.destinationMac);
      for (const to of segment.attachments) {
        if (to.machine === machine && to.position === outputInterface) continue;
        const { interfaces } = this.machines[to.machine];
        const device = interfaces.list[to.position];
        if (!isListening(interfaces, device)) continue;
        if (isGroup) this.copyTo(p, to.machine, to.position);
        else if (device.macId === p.destinationMac && device.isUp) {
          this.arrive(p, to.machine, to.position);
          return;
        }
      }
      if (isGroup || this.floodToBridges(p, segment, machine, outputInterface)) {
        p.disposition = DISPOSITION.Accepted;
        this.end(p);
        return;
      }
    }
    p.machine = FABRIC;
    if (this.isForUnmodelled(p, segment)) drop(p, 'Unmodelled', 'NOT_SPECIFIED');
    else drop(p, 'LostOnLink', 'LOST_OUTSIDE');
    this.end(p);
  }

  /** Whether a device that is not modelled (a macvlan) waits for the frame behind the segment. */
  private isForUnmodelled(p: PacketContext, segment: Segment | null): boolean {
    const owners = segment === null ? [] : segment.attachments.map((to) => this.machines[to.machine]);
    const device = owners.flatMap((m) => m.interfaces.list).find((d) => d.macId === p.destinationMac && !d.isDeleted && !MODELLED_KINDS.has(d.kind));
    if (device) this.environment.recorder.step1(p, STEP_UNMODELLED, this.environment.words.id(`${device.kind} device ${device.name}`));
    return device !== undefined;
  }

  /** A switch that has not learnt an address floods; only bridges have anything behind them. */
  private floodToBridges(p: PacketContext, segment: Segment, machine: number, port: number): boolean {
    let isAny = false;
    for (const to of segment.attachments) {
      const device = this.machines[to.machine].interfaces.list[to.position];
      if (!device.isBridgePort || !device.isUp || (to.machine === machine && to.position === port)) continue;
      this.copyTo(p, to.machine, to.position);
      isAny = true;
    }
    return isAny;
  }

  private copyTo(p: PacketContext, machine: number, position: number): void {
    const copy = this.environment.pool.take();
    copy.copy(p, this.environment.pool);
    copy.isFlooded = true;
    this.arrive(copy, machine, position);
  }

  private arrive(p: PacketContext, machine: number, position: number): void {
    p.machine = machine;
    p.inputInterface = position;
    p.arrival = p.hopClock.ticks++;
    p.stage = STAGE_RECEIVE;
    this.enqueue(p);
  }
}
