import type { Expectation, ExpectationResult, FlowReport, Scenario } from '@worldline/model';
import type { PlaceDirectory } from '../place/index.js';
import { judge } from './judge.js';
import type { Judgement } from './judge.js';
import { countingOf, fateText, questionsOf } from './question.js';
import type { Counting, Question } from './question.js';

export interface ExpectationContext {
  readonly places: PlaceDirectory;
  /** Flows of the base run, for `unchanged`; null where there is none. */
  readonly baseline: readonly FlowReport[] | null;
}

/** Checks every expectation of a scenario against its flows: those of flows first, then those over the whole run. */
export function checkExpectations(scenario: Pick<Scenario, 'flows' | 'expect'>, flows: readonly FlowReport[], context: ExpectationContext): ExpectationResult[] {
  const ofFlows = scenario.flows.flatMap((flow) => flow.expect.map((one) => checkExpectation({ ...one, flow: flow.name, except: [] }, flows, context)));
  return [...ofFlows, ...scenario.expect.map((one) => checkExpectation(one, flows, context))];
}

/** Checks one expectation; `detail` names the first packet that does not fulfil it. */
export function checkExpectation(expectation: Expectation, flows: readonly FlowReport[], context: ExpectationContext): ExpectationResult {
  const asked = flows.filter((flow) => (expectation.flow === '*' || flow.name === expectation.flow) && !expectation.except.includes(flow.name));
  if (asked.length === 0) return result(expectation, 'undecided', `no flow is named ${expectation.flow}`);
  const counting = asked.some((flow) => countingOf(flow) === 'probability') ? 'probability' : 'packets';
  const judged = asked.flatMap((flow) => judgedQuestions(flow, counting, expectation, context));
  if (judged.length === 0) return result(expectation, 'undecided', 'nothing was sent');
  // Probabilities are shares of a flow; over several flows each flow weighs the same.
  const total = counting === 'probability' ? asked.length : judged.reduce((sum, { question }) => sum + question.weight, 0);
  return expectation.share ? checkShare(expectation, expectation.share, judged, total, counting) : checkAll(expectation, judged, total, counting);
}

interface Judged {
  readonly question: Question;
  readonly judgement: Judgement;
}

function judgedQuestions(flow: FlowReport, counting: Counting, expectation: Expectation, context: ExpectationContext): Judged[] {
  const base = context.baseline?.find((one) => one.name === flow.name);
  const baseQuestions = base ? questionsOf(base, counting) : null;
  return questionsOf(flow, counting).map((question, i) => ({
    question,
    judgement: judge(question, expectation, { places: context.places, base: baseQuestions === null ? undefined : (baseQuestions[i] ?? null) }),
  }));
}

function checkAll(expectation: Expectation, judged: readonly Judged[], total: number, counting: Counting): ExpectationResult {
  const failed = judged.filter(({ judgement }) => judgement.outcome === 'failed');
  const undecided = judged.filter(({ judgement }) => judgement.outcome === 'undecided');
  const worst = failed[0] ?? undecided[0];
  if (!worst) return result(expectation, 'passed', `${amount(total, total, counting)}: ${(judged[0] as Judged).judgement.reason}`);
  const same = worst.judgement.outcome === 'failed' ? failed : undecided;
  const verb = worst.judgement.outcome === 'failed' ? 'fail' : 'are undecided';
  const share = amount(weightOf(same), total, counting);
  return result(expectation, worst.judgement.outcome, `${counterexample(worst)} [${share} ${verb}]`);
}

function checkShare(expectation: Expectation, share: NonNullable<Expectation['share']>, judged: readonly Judged[], total: number, counting: Counting): ExpectationResult {
  const fulfilling = weightOf(judged.filter(({ judgement }) => judgement.outcome === 'passed')) / total;
  const possible = fulfilling + weightOf(judged.filter(({ judgement }) => judgement.outcome === 'undecided')) / total;
  const isIn = (value: number): boolean => value >= share.min - SHARE_ROUNDING && value <= share.max + SHARE_ROUNDING;
  const wanted = `expected ${percent(share.min)} to ${percent(share.max)}`;
  const found = `${amount(fulfilling * total, total, counting)} (${percent(fulfilling)})`;
  if (isIn(fulfilling) && isIn(possible)) return result(expectation, 'passed', `${found} fulfil it, ${wanted}`);
  if (possible < share.min - SHARE_ROUNDING || fulfilling > share.max + SHARE_ROUNDING) {
    const example = fulfilling > share.max ? undefined : judged.find(({ judgement }) => judgement.outcome === 'failed');
    return result(expectation, 'failed', `${found} fulfil it, ${wanted}${example ? `; ${counterexample(example)}` : ''}`);
  }
  return result(expectation, 'undecided', `${found} fulfil it and up to ${percent(possible)} may, ${wanted}`);
}

/** Sums of probabilities are not exact; no share is asked for as finely as this. */
const SHARE_ROUNDING = 1e-9;

function counterexample({ question, judgement }: Judged): string {
  return `${question.flow} ${question.label}: ${fateText(question)}; ${judgement.reason}`;
}

function weightOf(judged: readonly Judged[]): number {
  return judged.reduce((sum, { question }) => sum + question.weight, 0);
}

function amount(part: number, total: number, counting: Counting): string {
  if (counting === 'probability') return `${percent(part / total)} of the probability`;
  return `${Math.round(part)} of ${total} ${total === 1 ? 'packet' : 'packets'}`;
}

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(4))} %`;
}

function result(expectation: Expectation, outcome: ExpectationResult['outcome'], detail: string): ExpectationResult {
  return { name: expectation.name, passed: outcome === 'passed', outcome, detail };
}
