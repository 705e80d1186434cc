/**
 * Which packet of an exchange died, and what became of the question: the first packet that got nowhere, in order of time, ICMP errors last.
 *
 * A request that (also) arrived did get somewhere; so did an answer that the client's socket took. A lost pure ACK counts only if something dropped it, what a stack
 * says after the connection is over (a reset by the client) never does.
 */
import { EACCES, EHOSTUNREACH, EINVAL, EMSGSIZE } from '../../packet/index.js';
import { DISPOSITION, WHAT_ACK, WHAT_CLIENT_RST, WHAT_FRAGMENT, WHAT_ICMP_ERROR, WHAT_REPLY, WHAT_SERVER_ACK } from '../../record/index.js';
import {
  ENTRY_ABOUT,
  ENTRY_DISPOSITION,
  ENTRY_ORDER,
  ENTRY_REASON,
  ENTRY_SIZE,
  ENTRY_WHAT,
  ENTRY_WIRE_COUNT,
  WHEN_CONNECT,
  WHEN_SEND,
  type Question,
} from './question.js';

/** What kind of question it is. */
export const KIND_DATAGRAM = 0;
export const KIND_CONNECTION = 1;
export const KIND_SEGMENT = 2;

/** `Question.death`: nothing died. */
export const NO_DEATH = -1;
/** The send itself failed before there was a packet. */
export const DEATH_OF_SEND = -2;

const WHAT_REQUEST = 0;

let order = new Int32Array(64);

/** Positions of the entries in order of time, `isErrorsLast` with ICMP errors behind all others. A reused array: read it before the next call. */
export function entriesInOrder(question: Question, isErrorsLast: boolean): Int32Array {
  const { entries, entryCount } = question;
  if (order.length < entryCount) order = new Int32Array(2 * entryCount);
  for (let i = 0; i < entryCount; i++) {
    const key = entries[i * ENTRY_SIZE + ENTRY_ORDER];
    const isError = isErrorsLast && entries[i * ENTRY_SIZE + ENTRY_WHAT] === WHAT_ICMP_ERROR;
    let at = i;
    while (at > 0 && isAfter(question, order[at - 1], key, isError, isErrorsLast)) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  return order;
}

function isAfter(question: Question, other: number, key: number, isError: boolean, isErrorsLast: boolean): boolean {
  const at = other * ENTRY_SIZE;
  const isOtherError = isErrorsLast && question.entries[at + ENTRY_WHAT] === WHAT_ICMP_ERROR;
  return isOtherError === isError ? question.entries[at + ENTRY_ORDER] > key : isOtherError;
}

/** Fills `death`, `deathDisposition` and `disposition` of a question that is over. */
export function judge(question: Question, kind: number): void {
  question.death = NO_DEATH;
  question.disposition = DISPOSITION.Accepted;
  const isAnswered = kind === KIND_CONNECTION ? question.isEchoed : question.deliveredCount > 0 && question.replyCount > 0;
  if (isAnswered && kind !== KIND_SEGMENT) return;
  const death = firstDeath(question);
  if (death !== NO_DEATH) {
    question.death = death;
    question.deathDisposition = question.entries[death * ENTRY_SIZE + ENTRY_DISPOSITION];
    if (isFirst(question, death, kind)) question.disposition = question.deathDisposition;
  } else if ((question.errorWhen === WHEN_SEND || question.errorWhen === WHEN_CONNECT) && question.entryCount === 0) {
    question.death = DEATH_OF_SEND;
    question.deathDisposition = dispositionOfErrno(question.errno);
    question.disposition = question.deathDisposition;
  } else if (kind !== KIND_SEGMENT && question.deliveredCount === 0) vanished(question, kind);
}

function firstDeath(question: Question): number {
  const { entries, entryCount } = question;
  let hasDrop = false;
  for (let i = 0; i < entryCount && !hasDrop; i++) hasDrop = entries[i * ENTRY_SIZE + ENTRY_DISPOSITION] !== DISPOSITION.Accepted;
  if (!hasDrop) return NO_DEATH;
  const inOrder = entriesInOrder(question, true);
  for (let i = 0; i < entryCount; i++) {
    const at = inOrder[i] * ENTRY_SIZE;
    const what = entries[at + ENTRY_WHAT];
    if (entries[at + ENTRY_DISPOSITION] === DISPOSITION.Accepted || what === WHAT_CLIENT_RST) continue;
    // a pure ACK that still waits has not been dropped, and a reply that routing refused to its sender never was a packet
    const isUndropped = entries[at + ENTRY_REASON] < 0;
    if (isUndropped && (what === WHAT_ACK || what === WHAT_SERVER_ACK || (what === WHAT_REPLY && entries[at + ENTRY_WIRE_COUNT] === 0))) continue;
    const isRequest = what === WHAT_REQUEST || (what === WHAT_FRAGMENT && entries[at + ENTRY_ABOUT] === 1);
    if (!isRequest || question.deliveredCount === 0) return inOrder[i];
  }
  return NO_DEATH;
}

/** Whether an entry is the first packet of its question: the request, or a piece of it; the SYN; the hand-made segment. */
function isFirst(question: Question, entry: number, kind: number): boolean {
  const { entries } = question;
  const at = entry * ENTRY_SIZE;
  if (kind === KIND_DATAGRAM) {
    const what = entries[at + ENTRY_WHAT];
    return what === WHAT_REQUEST || (what === WHAT_FRAGMENT && entries[at + ENTRY_ABOUT] === 1);
  }
  const first = entriesInOrder(question, false)[0];
  return entries[first * ENTRY_SIZE + ENTRY_WHAT] === entries[at + ENTRY_WHAT];
}

/** Nothing dropped the request, yet nobody has it: it was flooded to machines that it was not for. */
function vanished(question: Question, kind: number): void {
  const { entries, entryCount } = question;
  if (kind === KIND_CONNECTION) {
    for (let i = 0; i < entryCount; i++) if (entries[i * ENTRY_SIZE + ENTRY_ABOUT] !== 1) return;
    // the copy that ended first
    if (entryCount > 0) lose(question, 0);
    return;
  }
  const inOrder = entriesInOrder(question, true);
  for (let i = entryCount - 1; i >= 0; i--) {
    const at = inOrder[i] * ENTRY_SIZE;
    if (entries[at + ENTRY_WHAT] === WHAT_ICMP_ERROR || entries[at + ENTRY_WIRE_COUNT] === 0) continue;
    if (entries[at + ENTRY_ABOUT] !== 1) return;
    lose(question, inOrder[i]);
    return;
  }
}

function lose(question: Question, entry: number): void {
  question.death = entry;
  question.deathDisposition = DISPOSITION.LostOnLink;
  question.disposition = DISPOSITION.LostOnLink;
}

/** What a sender's failed system call says about its packet. */
function dispositionOfErrno(errno: number): number {
  if (errno === EHOSTUNREACH || errno === EACCES || errno === EINVAL) return DISPOSITION.NullRouted;
  if (errno === EMSGSIZE) return DISPOSITION.TooBig;
  return DISPOSITION.NoRoute;
}
