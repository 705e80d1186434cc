/**
 * All questions of a run: those that are open, and what became of the others.
 *
 * A question is over when nothing of it moves any more and nothing of it has a timer left. Its record is then judged, counted and, unless a report lists it or it is the
 * first of its path, used again: a run of millions of datagrams needs a handful of records.
 */
import type { PacketContext } from '../../packet/index.js';
import { WHAT_ACK, WHAT_ICMP_ERROR, WHAT_SERVER_ACK, WIRE_ICMP_CODE, WIRE_ICMP_TYPE } from '../../record/index.js';
import { KIND_CONNECTION, judge } from './death.js';
import { FlowTally, type Listing } from './flow-tally.js';
import {
  ENTRY_ABOUT,
  ENTRY_AFTER,
  ENTRY_FLAGS,
  ENTRY_IS_RETRANSMISSION,
  ENTRY_SERIAL,
  ENTRY_SIZE,
  ENTRY_WHAT,
  ENTRY_WIRE_COUNT,
  Question,
} from './question.js';

/** What a stack still says this long after its client gave up belongs to nobody's question any more. */
const AFTERWORD = 100_000;

/** What the book asks of whoever keeps the flows. */
export interface QuestionOwner {
  /** KIND_*. */
  kindOf(flow: number): number;
  /** Fills in what is only needed of questions that are kept: the source that the kernel chose. */
  complete(question: Question): void;
}

export class QuestionBook {
  readonly tallies: FlowTally[];
  private readonly records: Question[] = [];
  private readonly free: number[] = [];
  /** Slots that were opened, or lost their last timer, since the last `settle`. */
  private readonly ripe: number[] = [];
  private ripeCount = 0;
  /** Explore keeps the question itself. */
  onClosed: ((question: Question) => void) | null = null;

  constructor(
    flowCount: number,
    listing: Listing,
    private readonly owner: QuestionOwner,
    private readonly isWireKept: boolean,
  ) {
    this.tallies = Array.from({ length: flowCount }, () => new FlowTally(listing));
  }

  open(flow: number, connection: number, index: number, now: number): Question {
    let slot = this.free.pop();
    if (slot === undefined) {
      slot = this.records.length;
      this.records.push(new Question());
    }
    const question = this.records[slot];
    question.slot = slot;
    question.flow = flow;
    question.connection = connection;
    question.index = index;
    question.sentAt = now;
    question.isOpen = true;
    this.ripe[this.ripeCount++] = slot;
    return question;
  }

  /** The open question of a packet or socket; null for none. */
  of(slot: number): Question | null {
    if (slot < 0) return null;
    const question = this.records[slot];
    return question.isOpen ? question : null;
  }

  /** Something of the question will go on later. */
  hold(slot: number): void {
    const question = this.of(slot);
    if (question !== null) question.live++;
  }

  release(slot: number): void {
    const question = this.of(slot);
    if (question !== null && --question.live === 0) this.ripe[this.ripeCount++] = slot;
  }

  /** A packet's life is over. */
  ended(p: PacketContext, way: number): void {
    const question = this.of(p.question);
    if (question !== null) question.addEntry(p, way, this.isWireKept);
  }

  /** Nothing moves any more at this instant: closes what is over. */
  settle(): void {
    for (let i = 0; i < this.ripeCount; i++) {
      const question = this.records[this.ripe[i]];
      if (question.isOpen && question.live === 0) this.close(question);
    }
    this.ripeCount = 0;
  }

  /** The run is over: closes everything. */
  closeAll(): void {
    for (const question of this.records) if (question.isOpen) this.close(question);
    this.ripeCount = 0;
  }

  /** Leaves the numbers of another book's questions to it: what still travels of them finds nothing here. */
  skipSlots(other: QuestionBook): void {
    while (this.records.length < other.records.length) this.records.push(new Question());
  }

  private close(question: Question): void {
    question.isOpen = false;
    const kind = this.owner.kindOf(question.flow);
    if (kind === KIND_CONNECTION) markAfterword(question);
    judge(question, kind);
    const { slot } = question;
    if (this.onClosed !== null) {
      this.owner.complete(question);
      this.onClosed(question);
      this.records[slot] = new Question();
    } else {
      const tally = this.tallies[question.flow];
      if (tally.count(question)) {
        this.owner.complete(question);
        tally.keep(question);
      }
      question.reset();
    }
    this.free.push(slot);
  }
}

/**
 * Repeats, pure ACKs after the handshake's, and what is said long after the client gave up: they are not part of the conversation as reports list it.
 * ICMP errors of one kind are one thing that was said, at the time of the first.
 */
function markAfterword(question: Question): void {
  const { entries, entryCount, endedAt, sentAt } = question;
  const handshake = firstSerial(question, WHAT_ACK);
  for (let entry = 0; entry < entryCount; entry++) {
    const at = entry * ENTRY_SIZE;
    const what = entries[at + ENTRY_WHAT];
    const isLate = sentAt + entries[at + ENTRY_AFTER] > endedAt + AFTERWORD && !(what === WHAT_ICMP_ERROR && isRepeatedError(question, entry));
    const isPure = what === WHAT_SERVER_ACK || (what === WHAT_ACK && entries[at + ENTRY_SERIAL] !== handshake);
    if (isLate || isPure) entries[at + ENTRY_FLAGS] |= ENTRY_IS_RETRANSMISSION;
  }
}

function firstSerial({ entries, entryCount }: Question, what: number): number {
  let first = Infinity;
  for (let at = 0; at < entryCount * ENTRY_SIZE; at += ENTRY_SIZE) if (entries[at + ENTRY_WHAT] === what) first = Math.min(first, entries[at + ENTRY_SERIAL]);
  return first;
}

/** Whether an ICMP error of the same type and code about the same way came before, and belongs to the conversation. */
function isRepeatedError({ entries, wires }: Question, entry: number): boolean {
  for (let other = 0; other < entry; other++) {
    const at = other * ENTRY_SIZE;
    if (entries[at + ENTRY_WHAT] !== WHAT_ICMP_ERROR || (entries[at + ENTRY_FLAGS] & ENTRY_IS_RETRANSMISSION) !== 0) continue;
    if (entries[at + ENTRY_ABOUT] !== entries[entry * ENTRY_SIZE + ENTRY_ABOUT] || entries[at + ENTRY_WIRE_COUNT] === 0) continue;
    if (wires[other][WIRE_ICMP_TYPE] === wires[entry][WIRE_ICMP_TYPE] && wires[other][WIRE_ICMP_CODE] === wires[entry][WIRE_ICMP_CODE]) return true;
  }
  return false;
}
