/** A stored way as hops and steps: the integers of record/step-code.ts turned into words. */
import type { Hop, Json, Step, StepKind } from '@worldline/model';
import {
  STEP_DETAILS,
  STEP_END,
  STEP_ENTER,
  STEP_EXIT,
  STEP_FILTER,
  STEP_LIST,
  STEP_OPERANDS,
  STEP_ORIGINATE,
  STEP_POLICY,
  STEP_RULE,
  type Recorder,
} from '../../record/index.js';
import { FilterStep } from './filter-step.js';
import type { ReportNames } from './names.js';
import { describeStep } from './describe-step.js';

/** Operands and details of the step at hand. */
export interface StepReader {
  /** Operand `i`. */
  operand(i: number): number;
  /** Detail `i`; 0 where none was recorded. */
  detail(i: number): number;
}

interface OpenHop {
  machine: number;
  inputInterface: string | null;
  outputInterface: string | null;
  steps: Step[];
}

/** The hops of a way. `recorder` is the one that wrote it: it knows what it kept beside the steps. */
export function describeWay(way: Int32Array, details: Int32Array, names: ReportNames, recorder: Pick<Recorder, 'filterDetails' | 'trail'>): Hop[] {
  const hops: OpenHop[] = [];
  let filter: FilterStep | null = null;
  let detailAt = 0;
  for (let at = 0; at < way.length; ) {
    const code = way[at];
    const reader: StepReader = { operand: operandReader(way, at + 1), detail: detailReader(details, detailAt) };
    const isOfFilter = code === STEP_RULE || code === STEP_POLICY || code === STEP_LIST;
    if (filter !== null && !isOfFilter) {
      hops[hops.length - 1]?.steps.push(filter.finish());
      filter = null;
    }
    if (code === STEP_ENTER || code === STEP_ORIGINATE) hops.push(beginHop(code, reader, names));
    else if (code === STEP_FILTER) filter = new FilterStep(reader.operand(0), reader.operand(1), names, recorder.filterDetails === 0 ? null : recorder.trail(reader.detail(0)));
    else if (isOfFilter) filter?.add(code, reader);
    else if (code !== STEP_END) addStep(hops, code, reader, names);
    at += 1 + STEP_OPERANDS[code];
    detailAt += code === STEP_FILTER ? recorder.filterDetails : STEP_DETAILS[code];
  }
  if (filter !== null) hops[hops.length - 1]?.steps.push(filter.finish());
  return hops.map(({ machine, inputInterface, outputInterface, steps }) => ({ machine: names.machine(machine), inputInterface, outputInterface, steps }));
}

function beginHop(code: number, reader: StepReader, names: ReportNames): OpenHop {
  const isLocal = code === STEP_ORIGINATE;
  const inputInterface = isLocal ? null : names.interfaceName(reader.operand(1));
  const step = isLocal
    ? makeStep('Originate', 'send', {}, 'sent by a local process')
    : makeStep('EnterInputInterface', 'enter', { interface: inputInterface }, `in by ${inputInterface}`);
  return { machine: reader.operand(0), inputInterface, outputInterface: null, steps: [step] };
}

function addStep(hops: OpenHop[], code: number, reader: StepReader, names: ReportNames): void {
  const hop = hops[hops.length - 1];
  if (hop === undefined) return;
  if (code === STEP_EXIT) hop.outputInterface = names.interfaceName(reader.operand(0));
  hop.steps.push(describeStep(code, reader, names));
}

export function makeStep(kind: StepKind, action: string, detail: { readonly [key: string]: Json | undefined }, text: string, isDeciding = false): Step {
  return { kind, action, detail, text, isDeciding };
}

function operandReader(way: Int32Array, at: number): (i: number) => number {
  return (i) => way[at + i];
}

function detailReader(details: Int32Array, at: number): (i: number) => number {
  return (i) => details[at + i] ?? 0;
}
