/** What became of one flow's questions: exact totals, equal paths once, and the questions that the report lists. */
import { DISPOSITIONS, outcomeOf } from '@worldline/model';
import { DISPOSITION, SequenceTable } from '../../record/index.js';
import { NO_DEATH, entriesInOrder } from './death.js';
import { ZERO, add, type Fraction } from './fraction.js';
import { ENTRY_ABOUT, ENTRY_DISPOSITION, ENTRY_FLAGS, ENTRY_MACHINE, ENTRY_SIZE, ENTRY_WAY, ENTRY_WHAT, type Question } from './question.js';
import { QuestionArchive } from './question-archive.js';

/** Which questions a report lists one by one. */
export type Listing = 'all' | 'failed' | 'none';

let signature = new Int32Array(64);

export class FlowTally {
  private readonly paths = new SequenceTable();
  readonly counts: number[] = [];
  /** Exact share of each path; explore only. */
  readonly weights: Fraction[] = [];
  /** Questions that the report tells of, and their numbers: the first one of each path, and those that are listed. */
  readonly archive = new QuestionArchive();
  readonly firsts: number[] = [];
  readonly listed: number[] = [];
  /** By path: what its questions have in common. */
  private readonly dispositions: number[] = [];
  private readonly areReplied: boolean[] = [];
  /** Path of the question that was counted last; -1 where it is listed by itself. */
  last = -1;
  sent = 0;
  replied = 0;
  readonly byDisposition = new Float64Array(DISPOSITIONS.length);
  private isFirst = false;
  private isListed = false;

  constructor(private readonly listing: Listing) {}

  get pathCount(): number {
    return this.counts.length;
  }

  /** Counts a question that is over; its path's number stands in it then. Returns whether the report will tell of it: then it is to be given to `keep`. */
  count(question: Question): boolean {
    this.sent++;
    if (question.replyCount > 0) this.replied++;
    this.byDisposition[question.disposition]++;
    const path = this.pathOf(question);
    this.counts[path]++;
    this.isListed = this.listing === 'all' || (this.listing === 'failed' && isFailed(question));
    this.last = this.isListed ? -1 : path;
    return this.isListed || this.isFirst;
  }

  /** Keeps the question that was counted last. */
  keep(question: Question): void {
    const number = this.archive.add(question);
    if (this.isFirst) this.firsts.push(number);
    if (this.isListed) this.listed.push(number);
  }

  /** Counts `times` further packets that went a path as its first did; none of them is listed. */
  repeat(path: number, times: number): void {
    this.sent += times;
    if (this.areReplied[path]) this.replied += times;
    this.byDisposition[this.dispositions[path]] += times;
    this.counts[path] += times;
  }

  /** Adds a branch of explore: a question with its share of the flow's packets. */
  countBranch(question: Question, weight: Fraction): void {
    const path = this.pathOf(question);
    this.isListed = false;
    if (this.isFirst) this.keep(question);
    this.weights[path] = add(this.weights[path], weight);
  }

  private pathOf(question: Question): number {
    const path = this.paths.intern(signature, sign(question));
    question.path = path;
    this.isFirst = path === this.counts.length;
    if (this.isFirst) {
      this.counts.push(0);
      this.weights.push(ZERO);
      this.dispositions.push(question.disposition);
      this.areReplied.push(question.replyCount > 0);
    }
    return path;
  }
}

/** By disposition. */
const IS_DELIVERED = DISPOSITIONS.map((disposition) => outcomeOf(disposition) === 'delivered');

function isFailed(question: Question): boolean {
  return question.death !== NO_DEATH || question.errorWhen !== 0 || !IS_DELIVERED[question.disposition];
}

/** Writes what makes two exchanges equal into `signature`: what travelled, in order of time, and which way. Its length. */
function sign(question: Question): number {
  const { entries, entryCount } = question;
  if (signature.length < 2 + 4 * entryCount) signature = new Int32Array(4 + 8 * entryCount);
  const inOrder = entryCount > 1 ? entriesInOrder(question, false) : null;
  let length = 0;
  signature[length++] = question.disposition === DISPOSITION.Accepted ? question.errorWhen : question.disposition << 8;
  for (let i = 0; i < entryCount; i++) {
    const at = (inOrder === null ? i : inOrder[i]) * ENTRY_SIZE;
    const way = entries[at + ENTRY_WAY];
    signature[length++] = entries[at + ENTRY_WHAT] | (entries[at + ENTRY_ABOUT] << 8) | (entries[at + ENTRY_FLAGS] << 16);
    signature[length++] = way;
    if (way >= 0) continue;
    signature[length++] = entries[at + ENTRY_MACHINE];
    signature[length++] = entries[at + ENTRY_DISPOSITION];
  }
  return length;
}
