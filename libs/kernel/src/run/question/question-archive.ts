/**
 * Questions that a report will tell of, as integers: a flow to many services has tens of thousands, and an object with its arrays for each would keep the garbage
 * collector busy for longer than the packets take.
 */
import type { Family } from '@worldline/model';
import { ENTRY_DETAIL_COUNT, ENTRY_SIZE, ENTRY_WAY, ENTRY_WIRE_COUNT, NOTICE_SIZE, PLACE_SIZE, Question } from './question.js';

/** Times of a question: sent, given up, delivered, answered. */
const TIMES = 4;
const INITIAL = 1024;

export class QuestionArchive {
  private store = new Int32Array(0);
  private times = new Float64Array(0);
  /** Where each question begins in `store`. */
  private starts = new Int32Array(0);
  private end = 0;
  private count = 0;

  /** Keeps a question that is over; its number. */
  add(question: Question): number {
    const number = this.count++;
    if (number === this.starts.length) {
      this.starts = wider(this.starts, 2 * number + 16);
      const times = new Float64Array(TIMES * this.starts.length);
      times.set(this.times);
      this.times = times;
    }
    this.starts[number] = this.end;
    const { sentAt, endedAt, deliveredAt, repliedAt } = question;
    this.times.set([sentAt, endedAt, deliveredAt, repliedAt], TIMES * number);
    for (const field of SCALARS) this.push(question[field]);
    this.push(question.isEchoed ? 1 : 0);
    this.append(question.entries, question.entryCount * ENTRY_SIZE);
    this.append(question.delivered, question.deliveredCount * PLACE_SIZE);
    this.append(question.replies, question.replyCount * PLACE_SIZE);
    this.append(question.notices, question.noticeCount * NOTICE_SIZE);
    for (let entry = 0; entry < question.entryCount; entry++) {
      const at = entry * ENTRY_SIZE;
      if (question.entries[at + ENTRY_WAY] < 0) continue;
      this.append(question.wires[entry], question.entries[at + ENTRY_WIRE_COUNT]);
      this.append(question.details[entry], question.entries[at + ENTRY_DETAIL_COUNT]);
    }
    return number;
  }

  /** One integer of a question. */
  scalar(number: number, field: (typeof SCALARS)[number]): number {
    return this.store[this.starts[number] + SCALARS.indexOf(field)];
  }

  /** The question with a number, as it was. */
  get(number: number): Question {
    const question = new Question();
    let at = this.starts[number];
    const take = (length: number): Int32Array<ArrayBuffer> => {
      at += length;
      return this.store.slice(at - length, at);
    };
    [question.sentAt, question.endedAt, question.deliveredAt, question.repliedAt] = this.times.subarray(TIMES * number) as unknown as [number, number, number, number];
    for (const field of SCALARS) question[field] = this.store[at++] as Family;
    question.isEchoed = this.store[at++] === 1;
    question.entries = take(question.entryCount * ENTRY_SIZE);
    question.delivered = take(question.deliveredCount * PLACE_SIZE);
    question.replies = take(question.replyCount * PLACE_SIZE);
    question.notices = take(question.noticeCount * NOTICE_SIZE);
    for (let entry = 0; entry < question.entryCount; entry++) {
      const e = entry * ENTRY_SIZE;
      const isRecorded = question.entries[e + ENTRY_WAY] >= 0;
      question.wires.push(take(isRecorded ? question.entries[e + ENTRY_WIRE_COUNT] : 0));
      question.details.push(take(isRecorded ? question.entries[e + ENTRY_DETAIL_COUNT] : 0));
    }
    return question;
  }

  private push(value: number): void {
    if (this.end === this.store.length) this.store = wider(this.store, Math.max(INITIAL, 2 * this.end));
    this.store[this.end++] = value;
  }

  private append(values: Int32Array, length: number): void {
    if (this.end + length > this.store.length) this.store = wider(this.store, Math.max(INITIAL, 2 * (this.end + length)));
    for (let i = 0; i < length; i++) this.store[this.end + i] = values[i];
    this.end += length;
  }
}

/** Everything of a question that is one integer. */
const SCALARS = [
  'slot',
  'flow',
  'connection',
  'index',
  'branch',
  'machine',
  'family',
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'entryCount',
  'deliveredCount',
  'replyCount',
  'noticeCount',
  'errorWhen',
  'errno',
  'errorType',
  'errorCode',
  'errorFrom',
  'path',
  'disposition',
  'death',
  'deathDisposition',
] as const;

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
