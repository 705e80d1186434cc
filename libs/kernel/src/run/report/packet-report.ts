/** One question as a report lists it: what was sent, what became of it, and every packet that travelled because of it. */
import {
  DISPOSITIONS,
  EXCHANGE_WHATS,
  formatDuration,
  type Death,
  type ExchangeEntry,
  type Family,
  type Hop,
  type IcmpNotice,
  type Layer,
  type PacketReport,
  type RuleRef,
  type SocketError,
  type SocketView,
  type TraceReport,
} from '@worldline/model';
import { errnoName, PROTOCOL_TCP, PROTOCOL_UDP } from '../../packet/index.js';
import { REASONS, WHAT_ACK, WHAT_FRAGMENT, WHAT_ICMP_ERROR, WHAT_SERVER_ACK, WIRE_ORDER, WIRE_SIZE, type Recorder } from '../../record/index.js';
import { DEATH_OF_SEND, KIND_DATAGRAM, NO_DEATH, entriesInOrder } from '../question/death.js';
import {
  ENTRY_ABOUT,
  ENTRY_ACKNOWLEDGED,
  ENTRY_AFTER,
  ENTRY_CHAIN,
  ENTRY_DETAIL_COUNT,
  ENTRY_DISPOSITION,
  ENTRY_FLAGS,
  ENTRY_IS_RETRANSMISSION,
  ENTRY_MACHINE,
  ENTRY_PAYLOAD,
  ENTRY_REASON,
  ENTRY_RULE,
  ENTRY_SEQUENCE,
  ENTRY_SERIAL,
  ENTRY_SIZE,
  ENTRY_WAY,
  ENTRY_WHAT,
  ENTRY_WIRE_COUNT,
  NOTICE_SIZE,
  PLACE_SIZE,
  TIMED_OUT,
  type Question,
} from '../question/question.js';
import type { Flow } from '../traffic/flow.js';
import { describeWay } from './describe-way.js';
import type { ReportNames } from './names.js';
import { wireHop } from './wire-report.js';

const WHENS = ['send', 'send', 'connect', 'echo', 'async'] as const;
const PURE_ACKS: readonly number[] = [WHAT_ACK, WHAT_SERVER_ACK];

/** From here on EXCHANGE_WHATS are TCP's. */
const FIRST_SEGMENT = EXCHANGE_WHATS.indexOf('syn');
/** A segment sent again this soon is told as one with the first, microseconds. */
const RESEND_TIME = 50_000;
const SEGMENT_IDENTITY = [ENTRY_WHAT, ENTRY_ABOUT, ENTRY_SEQUENCE, ENTRY_ACKNOWLEDGED, ENTRY_PAYLOAD];

/** One packet of an exchange: the entries of all its copies. */
interface Traveller {
  readonly entry: number;
  readonly copies: number[];
}

export class PacketReporter {
  constructor(
    private readonly names: ReportNames,
    private readonly recorder: Recorder,
  ) {}

  packet(question: Question, flow: Flow, hasHops: boolean, probability: number): PacketReport {
    const latency = this.latency(question, flow);
    return {
      index: question.index,
      connection: question.connection,
      at: formatDuration(question.sentAt),
      path: question.path,
      layer: this.layer(question),
      sent: this.sent(question, flow),
      disposition: DISPOSITIONS[question.disposition],
      delivered: this.delivered(question),
      reply: this.reply(question),
      error: this.error(question),
      died: this.died(question, flow),
      icmp: this.notices(question),
      ...(latency === null ? {} : { latency }),
      exchange: this.exchange(question, hasHops, probability),
    };
  }

  sent(question: Question, flow: Flow): PacketReport['sent'] {
    const { family } = question;
    const hasPort = flow.protocol === PROTOCOL_UDP || flow.protocol === PROTOCOL_TCP;
    return {
      machine: this.names.machine(question.machine),
      protocol: flow.spec.protocol,
      source: this.names.endpoint(family, question.source, question.sourcePort),
      destination: this.names.endpoint(family, question.destination, hasPort ? question.destinationPort : -1),
    };
  }

  delivered(question: Question): SocketView | readonly SocketView[] | null {
    const { deliveredCount, delivered } = question;
    if (deliveredCount === 0) return null;
    if (deliveredCount === 1) return this.view(delivered, 0);
    return Array.from({ length: deliveredCount }, (_, i) => this.view(delivered, i * PLACE_SIZE));
  }

  /** What the client's socket saw first. */
  reply(question: Question): SocketView | null {
    const { replyCount, replies } = question;
    if (replyCount <= 1) return replyCount === 0 ? null : this.view(replies, 0);
    // several answered a broadcast
    return Array.from({ length: replyCount }, (_, i) => this.view(replies, i * PLACE_SIZE)) as unknown as SocketView;
  }

  error(question: Question): SocketError | null {
    const { errorWhen, errno, errorType, errorCode, errorFrom, family } = question;
    if (errorWhen === 0) return null;
    const icmp = errorType < 0 ? null : { type: errorType, code: errorCode, from: this.names.address(family, errorFrom) };
    return { when: WHENS[errorWhen], errno: errno === TIMED_OUT ? 'timeout' : errnoName(errno), icmp };
  }

  died(question: Question, flow: Flow): Death | null {
    const { death, deathDisposition, entries } = question;
    if (death === NO_DEATH) return null;
    const disposition = DISPOSITIONS[deathDisposition];
    if (death === DEATH_OF_SEND) {
      return { what: flow.kind === KIND_DATAGRAM ? 'request' : 'syn', machine: this.names.machine(question.machine), disposition, reason: null, rule: null };
    }
    const at = death * ENTRY_SIZE;
    const reason = entries[at + ENTRY_REASON];
    return {
      what: EXCHANGE_WHATS[entries[at + ENTRY_WHAT]],
      machine: this.names.machine(entries[at + ENTRY_MACHINE]),
      disposition,
      reason: reason < 0 ? null : REASONS[reason],
      rule: this.rule(entries[at + ENTRY_CHAIN], entries[at + ENTRY_RULE]),
    };
  }

  exchange(question: Question, hasHops: boolean, probability: number): ExchangeEntry[] {
    return this.travellers(question)
      .filter((traveller) => this.isListed(question, traveller))
      .map((traveller) => ({
        ...this.headOf(question, traveller, hasHops, probability),
        ...((question.entries[traveller.entry * ENTRY_SIZE + ENTRY_FLAGS] & ENTRY_IS_RETRANSMISSION) !== 0 ? { retransmission: true as const } : {}),
        wire: this.wire(question, traveller),
      }));
  }

  /** The exchange of a path: what travelled and how, without the hops on the wire. */
  ways(question: Question, probability: number): { what: ExchangeEntry['what']; about?: 'request' | 'reply'; trace: TraceReport }[] {
    return this.travellers(question)
      .filter((traveller) => this.isListed(question, traveller))
      .map((traveller) => this.headOf(question, traveller, true, probability));
  }

  private headOf(question: Question, { entry, copies }: Traveller, hasHops: boolean, probability: number): { what: ExchangeEntry['what']; about?: 'request' | 'reply'; trace: TraceReport } {
    const { entries } = question;
    const at = entry * ENTRY_SIZE;
    const what = entries[at + ENTRY_WHAT];
    const about = entries[at + ENTRY_ABOUT];
    const reason = entries[at + ENTRY_REASON];
    const hops = hasHops ? { hops: copies.flatMap((copy) => this.hopsOf(question, copy)) } : {};
    return {
      what: EXCHANGE_WHATS[what],
      ...((what === WHAT_ICMP_ERROR || what === WHAT_FRAGMENT) && about !== 0 ? { about: about === 1 ? ('request' as const) : ('reply' as const) } : {}),
      trace: { disposition: DISPOSITIONS[entries[at + ENTRY_DISPOSITION]], reason: reason < 0 ? null : REASONS[reason], probability, ...hops },
    };
  }

  private hopsOf(question: Question, entry: number): Hop[] {
    const way = question.entries[entry * ENTRY_SIZE + ENTRY_WAY];
    if (way < 0) return [];
    const count = question.entries[entry * ENTRY_SIZE + ENTRY_DETAIL_COUNT];
    return describeWay(this.recorder.way(way), question.details[entry].subarray(0, count), this.names, this.recorder);
  }

  /** Pure ACKs after the handshake's are counted, not listed, unless they were lost. */
  private isListed(question: Question, { entry }: Traveller): boolean {
    const at = entry * ENTRY_SIZE;
    const { entries } = question;
    const isAfterword = (entries[at + ENTRY_FLAGS] & ENTRY_IS_RETRANSMISSION) !== 0;
    return !(isAfterword && PURE_ACKS.includes(entries[at + ENTRY_WHAT]) && entries[at + ENTRY_DISPOSITION] === 0);
  }

  /** Entries in order of time, copies of one packet together, and a segment with its like that followed at once; the copy that got furthest speaks for them. */
  private travellers(question: Question): Traveller[] {
    const { entries, entryCount } = question;
    const groups: number[][] = [];
    for (const entry of Array.from(entriesInOrder(question, false).subarray(0, entryCount))) {
      const group = groups.find(([first]) => isSamePacket(entries, first, entry));
      if (group === undefined) groups.push([entry]);
      else group.push(entry);
    }
    return groups.map((copies) => ({ entry: copies.find((copy) => isInformative(entries, copy)) ?? copies[0], copies }));
  }

  private wire(question: Question, { copies }: Traveller): ExchangeEntry['wire'] {
    const { entries, wires } = question;
    const hops = copies.flatMap((copy) => {
      const count = entries[copy * ENTRY_SIZE + ENTRY_WIRE_COUNT] / WIRE_SIZE;
      return Array.from({ length: count }, (_, i) => ({ wire: wires[copy], at: i * WIRE_SIZE }));
    });
    hops.sort((a, b) => a.wire[a.at + WIRE_ORDER] - b.wire[b.at + WIRE_ORDER]);
    return hops.map(({ wire, at }) => wireHop(wire, at, this.names));
  }

  private notices(question: Question): IcmpNotice[] {
    const { noticeCount, notices } = question;
    return Array.from({ length: noticeCount }, (_, i) => {
      const [machine, family, type, code, from, to, about, mtu] = notices.subarray(i * NOTICE_SIZE, (i + 1) * NOTICE_SIZE) as unknown as number[];
      return {
        machine: this.names.machine(machine),
        type,
        code,
        from: this.names.address(family as Family, from),
        to: this.names.address(family as Family, to),
        about: about === 2 ? 'reply' : 'request',
        ...(mtu >= 0 ? { mtu } : {}),
      };
    });
  }

  private view(places: Int32Array, at: number): SocketView {
    const family = places[at + 1] as Family;
    return {
      machine: this.names.machine(places[at]),
      local: this.names.endpoint(family, places[at + 2], places[at + 3]),
      peer: this.names.endpoint(family, places[at + 4], places[at + 5]),
    };
  }

  private rule(chain: number, rule: number): RuleRef | null {
    if (chain === 0) return null;
    if (chain < 0) {
      // a chain of ebtables
      const [table, name] = this.names.word(-1 - chain).split(' ');
      return { table, chain: name, number: rule < 0 ? null : rule + 1 };
    }
    const { table, chain: name, number } = this.names.describeRule(chain, rule);
    return { table, chain: name, number };
  }

  /** A socket that took it, the fabric that lost it, or a kernel in between. */
  private layer(question: Question): Layer {
    if (question.death >= 0 && /^fabric(\/|$)/.test(this.names.machine(question.entries[question.death * ENTRY_SIZE + ENTRY_MACHINE]))) return 'fabric';
    return question.death === NO_DEATH && question.deliveredCount > 0 ? 'userSpace' : 'kernel';
  }

  private latency(question: Question, flow: Flow): string | null {
    const isOneWay = flow.spec.isServerSilent;
    const at = question.repliedAt >= 0 ? question.repliedAt : isOneWay ? question.deliveredAt : -1;
    return at < 0 ? null : formatDuration(at - question.sentAt);
  }
}

/** Whether an entry is a copy of the packet that `first` is, or the same segment sent again within RESEND_TIME. */
function isSamePacket(entries: Int32Array, first: number, entry: number): boolean {
  const a = first * ENTRY_SIZE;
  const b = entry * ENTRY_SIZE;
  if (entries[a + ENTRY_SERIAL] === entries[b + ENTRY_SERIAL]) return true;
  const isSegment = entries[a + ENTRY_WHAT] >= FIRST_SEGMENT && entries[b + ENTRY_AFTER] - entries[a + ENTRY_AFTER] <= RESEND_TIME;
  return isSegment && SEGMENT_IDENTITY.every((field) => entries[a + field] === entries[b + field]);
}

/** Whether a copy ended in a socket or by somebody's decision, not merely unread. */
function isInformative(entries: Int32Array, entry: number): boolean {
  return entries[entry * ENTRY_SIZE + ENTRY_DISPOSITION] === 0;
}
