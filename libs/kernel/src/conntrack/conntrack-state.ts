/**
 * Connection tracking and NAT bindings of one machine: the entries' lives. What packets do to them stands in `track`, `confirm`,
 * `nat-setup` and `nat-apply`.
 *
 * There are no reference counts but two: an unconfirmed entry counts the packets that carry it, and one whose packet waits in a bridge is pinned. A deleted
 * entry keeps its place until the instant is over, because packets of that instant may still carry it, or until it is pinned no more.
 */
import type { Family } from '@worldline/model';
import {
  CT_ESTABLISHED_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_RELATED_REPLY,
  NO_CONNTRACK,
  PROTOCOL_TCP,
  type PacketContext,
} from '../packet/index.js';
import { Effects, type Environment, type Refreshed } from '../record/index.js';
import { Accounting } from './accounting.js';
import { confirmPacket } from './confirm.js';
import {
  DIRECTION_ORIGINAL,
  DIRECTION_REPLY,
  HZ,
  MICROSECONDS_PER_JIFFY,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_DYING,
  IPS_FIXED_TIMEOUT,
  IPS_NAT_CLASH,
  IPS_SRC_NAT_DONE,
  MANIP_SOURCE,
  TCP_STATE_NAMES,
  jiffies,
  zoneOf,
} from './constants.js';
import { EntryTable } from './entry-table.js';
import { ENTRY_SIZE, W_MARK, W_MASQUERADE, W_PROTOCOL_DATA, W_TIMEOUT } from './entry-words.js';
import { applyNat, natWants } from './nat-apply.js';
import type { NatRange } from './nat-range.js';
import { setupNat, setupNullBinding } from './nat-setup.js';
import { FragmentQueues } from './fragment-queues.js';
import { TCP_CLOSE } from './tcp-table.js';
import { SETTING_ACCT, SETTING_TCP, SETTING_TIMESTAMP, ConntrackSettings, type SysctlSource } from './settings.js';
import { TcpBlocks } from './tcp-blocks.js';
import { trackPacket } from './track.js';
import { Tuple } from './tuple.js';

/** What this room needs of a machine. */
export interface ConntrackMachine {
  readonly environment: Environment;
  readonly sysctl: SysctlSource;
}

export class ConntrackState implements Refreshed {
  /** The run's; until a machine has this state, nobody looks. */
  effects = new Effects();
  table = new EntryTable();
  tcp = new TcpBlocks();
  fragments = new FragmentQueues();
  accounting = new Accounting();
  readonly settings = new ConntrackSettings();
  /** Grows whenever a confirmed entry is deleted or changed by anything but a packet of its own. */
  generation = 0;
  /** Confirmed entries that are not ASSURED: those that early_drop may take. */
  unassured = 0;
  /** Jiffies at which the garbage collector runs next. */
  nextCollection = 0;
  /** A full table has refused an entry since the collector ran last (conntrack_gc_work.early_drop). */
  hasRefused = false;
  /** The binding made last, until it is first applied: which entry and manip, and what its rule gave. For the record only. */
  readonly fresh = { entry: NO_CONNTRACK, manip: MANIP_SOURCE, cause: 0, address: 0, port: 0, isDrawn: 0 };

  /** Words of `conntrack -L` that the engine keeps for an entry and does not use: helper=, secctx=, labels=. */
  remarks = new Map<number, readonly string[]>();

  private pins = new Map<number, number>();
  private limbo: number[] = [];
  private instant = -1;
  /** The present instant in jiffies (nfct_time_stamp). */
  private tick = 0;
  private readonly scratch = new Tuple();

  // --- the hooks ---

  /** nf_conntrack_in, at priority -200 of PREROUTING and OUTPUT. */
  track(m: ConntrackMachine, p: PacketContext, hook: number): number {
    return trackPacket(this, m, p, hook);
  }

  /** nf_confirm, last of INPUT and POSTROUTING. */
  confirm(m: ConntrackMachine, p: PacketContext): number {
    return confirmPacket(this, m, p);
  }

  /** What the nat hook of `manip` has to do with a packet: NAT_ASK_RULES (then `setupNat` or `setupNullBinding`, then `applyNat`), NAT_APPLY or NAT_NONE. */
  natWants(p: PacketContext, manip: number): number {
    return natWants(this, p, manip);
  }

  /** nf_nat_setup_info: binds the packet's entry by a rule. */
  setupNat(m: ConntrackMachine, p: PacketContext, range: NatRange, manip: number): number {
    return setupNat(this, m, p, range, manip);
  }

  /** nf_nat_alloc_null_binding: no rule spoke; keep the addresses, and the ports if they are free. */
  setupNullBinding(m: ConntrackMachine, p: PacketContext, manip: number): number {
    return setupNullBinding(this, m, p, manip);
  }

  /** nf_nat_packet and nf_nat_icmp_reply_translation: translates the packet by its entry's binding. */
  applyNat(m: ConntrackMachine, p: PacketContext, manip: number, hook: number): number {
    return applyNat(this, m, p, manip, hook);
  }

  /** nf_defrag, at priority -400 of PREROUTING and OUTPUT: see FragmentQueues. */
  defragment(m: ConntrackMachine, p: PacketContext, hook: number): number {
    this.settings.refresh(m.sysctl);
    return this.fragments.defragment(m.environment, p, hook, this.settings.values);
  }

  /** ip_local_deliver: reassembly for this machine's own sockets. */
  reassemble(m: ConntrackMachine, p: PacketContext): number {
    this.settings.refresh(m.sysctl);
    return this.fragments.reassemble(m.environment, p, this.settings.values);
  }

  // --- packets that carry an entry ---

  /** A packet that carries the entry waits for longer than this instant, and will ask for it then. */
  pin(p: PacketContext): void {
    if (p.conntrack >= 0) this.pins.set(p.conntrack, (this.pins.get(p.conntrack) ?? 0) + 1);
  }

  unpin(p: PacketContext): void {
    const count = this.pins.get(p.conntrack);
    if (count === undefined) return;
    if (count > 1) this.pins.set(p.conntrack, count - 1);
    else this.pins.delete(p.conntrack);
  }

  /** One packet more carries the entry: a flooded copy, or an error that was given its entry (nf_conntrack_attach). */
  hold(p: PacketContext): void {
    if (p.conntrack >= 0 && (this.status(p.conntrack) & IPS_CONFIRMED) === 0) this.table.hold(p.conntrack);
  }

  /** The packet is gone, or leaves this machine's tracking: an entry that nobody confirms goes with its last packet. */
  release(p: PacketContext): void {
    const entry = p.conntrack;
    if (entry < 0) return;
    if (p.isBridgedDnat) this.unpin(p);
    p.conntrack = NO_CONNTRACK;
    p.conntrackInfo = CT_NEW;
    if ((this.status(entry) & (IPS_CONFIRMED | IPS_DYING)) === 0 && this.table.release(entry)) this.destroy(entry);
  }

  /** nf_conntrack_attach: an ICMP error or RST about a packet belongs to that packet's entry. */
  attach(error: PacketContext, about: PacketContext): void {
    error.conntrack = about.conntrack;
    error.conntrackInfo = about.conntrackInfo >= CT_ESTABLISHED_REPLY ? CT_RELATED : CT_RELATED_REPLY;
    this.hold(error);
  }

  /** 1 when the packet goes the way of the entry's answers (CTINFO2DIR). */
  direction(p: PacketContext): number {
    return p.conntrackInfo >= CT_ESTABLISHED_REPLY ? DIRECTION_REPLY : DIRECTION_ORIGINAL;
  }

  /** Time has gone on: places of entries that were deleted before may be used again. */
  beginInstant(now: number): void {
    if (now === this.instant) return;
    this.instant = now;
    this.tick = jiffies(now);
    if (this.limbo.length === 0) return;
    let kept = 0;
    for (const entry of this.limbo) {
      if (this.pins.has(entry)) {
        this.limbo[kept++] = entry;
        continue;
      }
      this.remarks.delete(entry);
      if (this.table.protocol(entry) === PROTOCOL_TCP) this.tcp.deallocate(this.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA]);
      this.table.deallocate(entry);
    }
    this.limbo.length = kept;
  }

  // --- entries ---

  /** IPS_* bits. */
  status(entry: number): number {
    return this.table.status(entry);
  }

  mark(entry: number): number {
    return this.table.words[entry * ENTRY_SIZE + W_MARK];
  }

  setMark(entry: number, mark: number): void {
    if (this.mark(entry) === mark) return;
    this.table.words[entry * ENTRY_SIZE + W_MARK] = mark;
    this.changed(entry);
  }

  /** Sets IPS_* bits. */
  addStatus(entry: number, bits: number): void {
    if ((this.table.status(entry) & bits) === bits) return;
    this.table.setStatus(entry, bits);
    this.changed(entry);
  }

  versionOf(entry: number): number {
    return this.table.versions[entry];
  }

  /** `detail` is a timeout in jiffies. */
  repeat(entry: number, detail: number, times: number, now: number): void {
    void times;
    const at = entry * ENTRY_SIZE + W_TIMEOUT;
    const end = (detail + jiffies(now)) | 0;
    // several connections may share an entry, and only the last packet counts
    if (((end - this.table.words[at]) | 0) > 0) this.table.words[at] = end;
  }

  /** What a packet depends on has changed in an entry. */
  private changed(entry: number): void {
    this.table.versions[entry]++;
    this.effects.refuse();
  }

  /** Zone number of a direction. */
  zone(entry: number, direction: number): number {
    return this.table.zone(entry, direction);
  }

  /** Fills `tuple` with one direction's. */
  tuple(entry: number, direction: number, tuple: Tuple): void {
    this.table.tuple(entry, direction, tuple);
  }

  /** TCP or SCTP state number (TCP_STATE_NAMES, SCTP_STATE_NAMES); 0 for others. */
  protocolState(entry: number): number {
    const data = this.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA];
    switch (this.table.protocol(entry)) {
      case PROTOCOL_TCP:
        return this.tcp.state(data);
      case 132:
        return data;
      default:
        return 0;
    }
  }

  /** Seconds until the entry ends; not positive when it has ended (nf_ct_expires). */
  remaining(entry: number, now: number): number {
    const timeout = this.table.words[entry * ENTRY_SIZE + W_TIMEOUT];
    return ((this.status(entry) & IPS_CONFIRMED) === 0 ? timeout : (timeout - jiffies(now)) | 0) / HZ;
  }

  /** As `remaining`, in jiffies and at the present instant. */
  left(entry: number): number {
    const timeout = this.table.words[entry * ENTRY_SIZE + W_TIMEOUT];
    return (this.status(entry) & IPS_CONFIRMED) === 0 ? timeout : (timeout - this.tick) | 0;
  }

  /** nf_ct_set_closing: REJECT with a reset ends a confirmed connection of TCP, whatever its segments will say. */
  close(p: PacketContext): void {
    const entry = p.conntrack;
    if (entry < 0 || this.table.protocol(entry) !== PROTOCOL_TCP || (this.status(entry) & IPS_CONFIRMED) === 0) return;
    const block = this.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA];
    if (this.tcp.state(block) === TCP_CLOSE) return;
    this.tcp.setState(block, TCP_CLOSE);
    this.refresh(entry, this.settings.values[SETTING_TCP + TCP_CLOSE]);
  }

  /** nlattr_to_tcp: the state that user space gives a connection. */
  setTcpState(entry: number, state: string): void {
    const number = TCP_STATE_NAMES.indexOf(state as (typeof TCP_STATE_NAMES)[number]);
    if (number < 0 || this.table.protocol(entry) !== PROTOCOL_TCP) return;
    this.tcp.setState(this.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA], number);
    this.changed(entry);
  }

  /** Sets the timer to `timeout` jiffies from now (nf_ct_refresh). */
  refresh(entry: number, timeout: number): void {
    const status = this.status(entry);
    if ((status & IPS_FIXED_TIMEOUT) !== 0) return;
    this.table.words[entry * ENTRY_SIZE + W_TIMEOUT] = (status & IPS_CONFIRMED) === 0 ? timeout : (timeout + this.tick) | 0;
    if (this.effects.isWatched) this.effects.refresh(this, entry, timeout, (timeout - 1) * MICROSECONDS_PER_JIFFY);
  }

  /** The present instant in jiffies. */
  get timestamp(): number {
    return this.tick;
  }

  setAssured(entry: number): void {
    const status = this.status(entry);
    if ((status & IPS_ASSURED) !== 0) return;
    if ((status & IPS_CONFIRMED) !== 0) this.unassured--;
    this.addStatus(entry, IPS_ASSURED);
  }

  setMasquerade(entry: number, interfacePosition: number): void {
    this.table.words[entry * ENTRY_SIZE + W_MASQUERADE] = interfacePosition + 1;
  }

  /** `entry << 1 | direction` of a tuple, or -1. Entries whose time is over are deleted on the way (____nf_conntrack_find). */
  findLive(tuple: Tuple, zone: number, zones: number): number {
    for (;;) {
      const reference = this.table.find(tuple, zone, zones);
      if (reference < 0 || this.left(reference >> 1) > 0) return reference;
      this.destroy(reference >> 1);
    }
  }

  /** As `findLive`, with the packet's zone in both its meanings (nf_conntrack_find_get). */
  findInZone(tuple: Tuple, conntrackZone: number): number {
    return this.findInZones(tuple, zoneOf(conntrackZone, DIRECTION_ORIGINAL) | (zoneOf(conntrackZone, DIRECTION_REPLY) << 16));
  }

  /** As `findInZone`, with the zone of each direction: the original's in the low half. */
  findInZones(tuple: Tuple, zones: number): number {
    const original = zones & 0xffff;
    const reply = zones >>> 16;
    const reference = this.findLive(tuple, original, zones);
    return reference >= 0 || reply === original ? reference : this.findLive(tuple, reply, zones);
  }

  /** Takes a place for an entry of a new flow; the caller has made sure that the table is not full. */
  create(tuple: Tuple, reply: Tuple, conntrackZone: number): number {
    const zones = zoneOf(conntrackZone, DIRECTION_ORIGINAL) | (zoneOf(conntrackZone, DIRECTION_REPLY) << 16);
    const entry = this.table.allocate(tuple, reply, zones);
    if (tuple.protocol === PROTOCOL_TCP) this.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA] = this.tcp.allocate();
    this.accounting.begin(entry, this.settings.values[SETTING_ACCT] !== 0, this.settings.values[SETTING_TIMESTAMP] !== 0);
    return entry;
  }

  /** Makes an entry findable. `isReplyOnly`: a clash leaves the original direction to the winner. */
  insert(entry: number, isReplyOnly: boolean): void {
    const at = entry * ENTRY_SIZE;
    this.table.words[at + W_TIMEOUT] = (this.table.words[at + W_TIMEOUT] + this.tick) | 0;
    // The reply first: when both tuples are equal the kernel finds the reply.
    this.table.insert(entry, DIRECTION_REPLY);
    if (!isReplyOnly) this.table.insert(entry, DIRECTION_ORIGINAL);
    this.table.unhold(entry);
    this.accounting.start(entry, this.instant);
    this.addStatus(entry, IPS_CONFIRMED);
    if ((this.status(entry) & IPS_ASSURED) === 0) this.unassured++;
  }

  /** nf_ct_delete. */
  destroy(entry: number): void {
    const { table } = this;
    const status = table.status(entry);
    if ((status & IPS_DYING) !== 0) return;
    if ((status & IPS_CONFIRMED) !== 0) {
      table.remove(entry, DIRECTION_REPLY);
      if ((status & IPS_NAT_CLASH) === 0) table.remove(entry, DIRECTION_ORIGINAL);
      if ((status & IPS_ASSURED) === 0) this.unassured--;
      this.generation++;
    }
    if ((status & IPS_SRC_NAT_DONE) !== 0) table.unlinkBySource(entry);
    this.addStatus(entry, IPS_DYING);
    table.count--;
    this.limbo.push(entry);
  }

  /** All confirmed entries that are alive, in a fixed order: the next one after `entry` (begin with -1), or -1. */
  next(entry: number, now: number): number {
    for (let e = entry + 1; e < this.table.end; e++) {
      if (!this.table.isUsed(e)) continue;
      const status = this.status(e);
      const isListed = (status & (IPS_CONFIRMED | IPS_DYING | IPS_NAT_CLASH)) === IPS_CONFIRMED;
      if (isListed && this.remaining(e, now) > 0) return e;
    }
    return -1;
  }

  /** Deletes every confirmed entry (ctnetlink_flush_conntrack without a filter). */
  flush(): void {
    for (let e = 0; e < this.table.end; e++) {
      if (this.table.isUsed(e) && (this.status(e) & IPS_CONFIRMED) !== 0) this.destroy(e);
    }
  }

  /**
   * Entries that MASQUERADE bound by a device go when it goes down, and those with an address of it when that address goes
   * (nf_nat_masquerade.c: device_cmp, inet_cmp). `address` is a handle; without it all of the device's.
   */
  killMasquerade(interfacePosition: number, family?: Family, address?: number): void {
    for (let e = 0; e < this.table.end; e++) {
      if (!this.table.isUsed(e) || (this.status(e) & IPS_CONFIRMED) === 0) continue;
      if (this.table.words[e * ENTRY_SIZE + W_MASQUERADE] !== interfacePosition + 1) continue;
      if (address !== undefined) {
        this.table.tuple(e, DIRECTION_REPLY, this.scratch);
        if (this.scratch.family !== family || this.scratch.destination !== address) continue;
      }
      this.destroy(e);
    }
  }

  /** nf_conntrack_count. */
  get count(): number {
    return this.table.count;
  }

  /** Bytes of memory that entries and indexes take. */
  get byteLength(): number {
    return this.table.byteLength + this.tcp.byteLength + this.accounting.byteLength;
  }

  fork(environment: Environment): ConntrackState {
    const copy = new ConntrackState();
    copy.table = this.table.fork();
    copy.tcp = this.tcp.fork();
    copy.fragments = this.fragments.fork(environment.pool);
    copy.accounting = this.accounting.fork();
    copy.generation = this.generation;
    copy.unassured = this.unassured;
    copy.nextCollection = this.nextCollection;
    copy.hasRefused = this.hasRefused;
    copy.limbo = this.limbo.slice();
    copy.remarks = new Map(this.remarks);
    copy.pins = new Map(this.pins);
    copy.instant = this.instant;
    copy.tick = this.tick;
    return copy;
  }
}
