/** One question against one expectation: every clause has its say, the worst one wins. */
import { formatAddress, formatDuration, parseAddress } from '@worldline/model';
import type { DeliveredExpectation, Expectation, ExpectationResult, SocketView } from '@worldline/model';
import type { Place, PlaceDirectory } from '../place/index.js';
import { fateText, isUndecided } from './question.js';
import type { Question } from './question.js';

export interface Judgement {
  readonly outcome: ExpectationResult['outcome'];
  /** What was expected and, where it failed, what is wrong with it. */
  readonly reason: string;
}

export interface JudgeContext {
  readonly places: PlaceDirectory;
  /** The same question on the base; null: the base has none, undefined: there is no base. */
  readonly base: Question | null | undefined;
}

/** Whether a question fulfils all clauses of an expectation. */
export function judge(question: Question, expectation: Expectation, context: JudgeContext): Judgement {
  const judgements = clausesOf(question, expectation, context);
  const failed = judgements.find(({ outcome }) => outcome === 'failed');
  // An undecided packet may have met anything: it neither fulfils nor fails.
  if (isUndecided(question) && expectation.disposition === undefined) return { outcome: 'undecided', reason: 'the simulation cannot tell' };
  if (failed) return failed;
  return judgements.find(({ outcome }) => outcome === 'undecided') ?? { outcome: 'passed', reason: judgements.map(({ reason }) => reason).join(', ') || 'nothing was asked' };
}

function clausesOf(question: Question, expectation: Expectation, context: JudgeContext): Judgement[] {
  const judgements: Judgement[] = [];
  const say = (isFulfilled: boolean | undefined, reason: string, otherwise: string): void => {
    if (isFulfilled === undefined) judgements.push({ outcome: 'undecided', reason: otherwise });
    else judgements.push(isFulfilled ? { outcome: 'passed', reason } : { outcome: 'failed', reason: otherwise });
  };
  const { delivered, reply, error } = question;

  if (expectation.delivered) judgements.push(judgeDelivery(delivered, expectation.delivered, context.places));
  if (expectation.notDelivered !== undefined) {
    if (expectation.notDelivered) say(delivered.length === 0, 'not delivered', 'expected no delivery');
    else say(delivered.length > 0, 'delivered', 'expected a delivery');
  }
  if (expectation.reply !== undefined) {
    const isAnswered = reply === undefined ? undefined : reply !== null;
    if (expectation.reply) say(isAnswered, 'answered', isAnswered === undefined ? 'the report does not say who was answered' : 'expected a reply');
    else say(isAnswered === undefined ? undefined : !isAnswered, 'not answered', 'expected no reply');
  }
  if (expectation.disposition !== undefined) say(question.disposition === expectation.disposition, expectation.disposition, `expected ${expectation.disposition}`);
  if (expectation.errno !== undefined) {
    const isSame = error === undefined ? undefined : error !== null && sameErrno(error.errno, expectation.errno);
    say(isSame, `the client gets ${expectation.errno}`, `expected the client to get ${expectation.errno}`);
  }
  if (expectation.isSourcePreserved !== undefined) judgements.push(judgeSource(question, expectation.isSourcePreserved));
  if (expectation.latencyMax !== undefined) judgements.push(judgeLatency(question, expectation.latencyMax));
  if (expectation.isUnchanged !== undefined) judgements.push(judgeChange(question, expectation.isUnchanged, context.base));
  return judgements;
}

function judgeDelivery(delivered: readonly SocketView[], wanted: DeliveredExpectation, places: PlaceDirectory): Judgement {
  const names: string[] = [];
  let candidates = delivered;
  if (wanted.place !== undefined) {
    const place = places.find(wanted.place);
    names.push(wanted.place);
    candidates = candidates.filter((view) => view.machine === wanted.place || (place !== null && isAt(view, place)));
  }
  if (wanted.pods) {
    const place = places.pods(wanted.pods.namespace, wanted.pods.selector);
    const labels = Object.entries(wanted.pods.selector).map(([key, value]) => `${key}=${value}`);
    names.push(`a pod of ${wanted.pods.namespace ?? 'any namespace'}${labels.length > 0 ? ` with ${labels.join(',')}` : ''}`);
    candidates = candidates.filter((view) => isAt(view, place));
  }
  if (wanted.ip !== undefined) {
    names.push(wanted.ip);
    candidates = candidates.filter((view) => sameIp(view.local.ip, wanted.ip as string));
  }
  const expected = names.join(' at ');
  return candidates.length > 0 ? { outcome: 'passed', reason: `delivered to ${expected}` } : { outcome: 'failed', reason: `expected delivery to ${expected}` };
}

function isAt(view: SocketView, place: Place): boolean {
  return place.machines.includes(view.machine) || place.machineIps.some((ip) => sameIp(ip, view.local.ip));
}

function judgeSource(question: Question, isPreserved: boolean): Judgement {
  const view = question.delivered[0];
  if (!view) return { outcome: 'failed', reason: 'expected a delivery that shows its source' };
  if (!question.sent) return { outcome: 'undecided', reason: 'the report does not say who sent it' };
  const isSame = sameIp(view.peer.ip, question.sent.source.ip);
  const seen = isSame ? 'the server sees the client itself' : `the server sees ${view.peer.ip} instead of ${question.sent.source.ip}`;
  return { outcome: isSame === isPreserved ? 'passed' : 'failed', reason: seen };
}

function judgeLatency(question: Question, max: number): Judgement {
  if (question.latency === undefined) {
    const isOver = question.delivered.length === 0 || question.reply === null;
    return isOver ? { outcome: 'failed', reason: `expected an answer within ${formatDuration(max)}` } : { outcome: 'undecided', reason: 'the report does not say how long it took' };
  }
  const took = `took ${formatDuration(question.latency)}`;
  return question.latency <= max ? { outcome: 'passed', reason: took } : { outcome: 'failed', reason: `${took}, expected at most ${formatDuration(max)}` };
}

function judgeChange(question: Question, isUnchanged: boolean, base: Question | null | undefined): Judgement {
  if (base === undefined) return { outcome: 'undecided', reason: 'there is no base to compare with' };
  const isSame = base !== null && hasSameFate(question, base);
  if (isUnchanged) return isSame ? { outcome: 'passed', reason: 'as on the base' } : { outcome: 'failed', reason: `on the base: ${base ? fateText(base) : 'nothing was sent'}` };
  return isSame ? { outcome: 'failed', reason: 'expected a change, it is as on the base' } : { outcome: 'passed', reason: 'not as on the base' };
}

/** Same fate: same disposition, same places of delivery, same death, same answer; by which rules does not matter. */
export function hasSameFate(a: Question, b: Question): boolean {
  return fateKey(a) === fateKey(b);
}

function fateKey(question: Question): string {
  const { disposition, delivered, died, error, reply } = question;
  const places = delivered.map((view) => `${view.machine} ${view.local.ip} ${view.local.port ?? ''}`).sort();
  return JSON.stringify([disposition, places, died && [died.what, died.machine, died.disposition], error?.errno ?? null, reply !== null]);
}

function sameIp(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [parseAddress(a), parseAddress(b)];
  return x !== null && y !== null && formatAddress(x) === formatAddress(y);
}

/** The client's own timer ends a wait as `timeout`; the system call would say ETIMEDOUT. */
function sameErrno(a: string, b: string): boolean {
  const plain = (errno: string): string => (errno === 'timeout' ? 'ETIMEDOUT' : errno);
  return plain(a) === plain(b);
}
