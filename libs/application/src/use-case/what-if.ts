/**
 * `worldline what-if`: the base is run once, then each variant; every expectation of scenario and batch is checked on each.
 *
 * The base is what variants are compared with. It does not fail a batch: that it is broken is often why one asks.
 */
import { compareReports } from '@worldline/analysis';
import type { Comparison } from '@worldline/analysis';
import { assertNever } from '@worldline/model';
import type { Batch, BatchExpectation, BatchGate, ExpectationResult, FlowReport, Issue, Parsed, Report, Scenario } from '@worldline/model';
import { hasErrors, loadScenario, readStdinFiles, refused, stdinFilesOfVariants } from '../load/index.js';
import type { LoadTools, LoadedScenario } from '../load/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import type { Tools } from './tools.js';

export interface WhatIfOutcome {
  readonly name: string;
  readonly base: { readonly report: Report; readonly scenario: Scenario };
  readonly variants: readonly VariantOutcome[];
  readonly gate: BatchGate;
  readonly isPassed: boolean;
}

export interface VariantOutcome {
  readonly name: string;
  readonly report: Report;
  readonly comparison: Comparison;
  /** What fails the batch: expectations and findings that the gate names. */
  readonly failures: readonly string[];
}

/** Runs a batch file. A null value: it was refused, `issues` say why. */
export async function whatIf(path: string, tools: Tools): Promise<Parsed<WhatIfOutcome>> {
  const checked = await checkBatch(path, tools);
  return checked.value === null ? refused(checked.issues) : runBatch(checked.value.batch, checked.value.loaded, tools);
}

/** Reads a batch file with its base, without running anything. */
export async function checkBatch(path: string, tools: LoadTools): Promise<Parsed<{ readonly batch: Batch; readonly loaded: LoadedScenario }>> {
  const text = await tools.files.readText(path);
  if (text.value === null) return refused(text.issues);
  const unchecked = tools.readers.batch(text.value, { file: path, snapshot: null, stdin: null });
  if (unchecked.value === null || hasErrors(unchecked.issues)) return refused(unchecked.issues);
  const { scenario, snapshot } = unchecked.value.base;
  const missing = unsupported(unchecked.value, path);
  if (scenario === null || missing.length > 0) return refused(missing.length > 0 ? missing : [issueOf(path, 'spec.base names no scenario', '/spec/base')]);

  const resolve = (name: string): string => tools.files.resolve(path, name);
  const loaded = await loadScenario(resolve(scenario), snapshot === null ? null : resolve(snapshot), tools);
  if (loaded.value === null) return refused(loaded.issues);
  const stdin = await readStdinFiles(path, stdinFilesOfVariants(unchecked.value.raw), tools);
  if (stdin.value === null) return refused(stdin.issues);
  const batch = tools.readers.batch(text.value, { file: path, snapshot: loaded.value.snapshot, stdin: stdin.value });
  if (batch.value === null || hasErrors(batch.issues)) return refused(batch.issues);
  const wrong = unknownNames(batch.value, loaded.value.scenario, path);
  return wrong.length > 0 ? refused(wrong) : { value: { batch: batch.value, loaded: loaded.value }, issues: [] };
}

function runBatch(batch: Batch, loaded: LoadedScenario, tools: Tools): Parsed<WhatIfOutcome> {
  const { scenario } = loaded;
  const base = runOne({ ...scenario, expect: [...scenario.expect, ...batch.expect] }, loaded, 'itself', tools);
  if (base.value === null) return refused(base.issues);
  const variants: VariantOutcome[] = [];
  for (const variant of batch.variants) {
    const expect = [...scenario.expect, ...batch.expect.filter(({ variants: names }) => names === null || names.includes(variant.name))];
    const report = runOne({ ...scenario, events: [...scenario.events, ...variant.events], expect }, loaded, base.value.flows, tools);
    if (report.value === null) return refused(report.issues.map((issue) => ({ ...issue, message: `variant ${variant.name}: ${issue.message}` })));
    variants.push({ name: variant.name, report: report.value, comparison: compareReports(base.value, report.value), failures: failuresOf(report.value, base.value, batch.gate) });
  }
  return { value: { name: batch.name, base: { report: base.value, scenario }, variants, gate: batch.gate, isPassed: variants.every(({ failures }) => failures.length === 0) }, issues: [] };
}

function runOne(scenario: Scenario, bundle: LoadedScenario, baseline: readonly FlowReport[] | 'itself', tools: Tools): Parsed<Report> {
  const options = { seed: scenario.seed, mode: 'sample', packets: 'all', hasAllHops: false, isCached: true, isRecording: true } as const;
  const simulated = simulate({ bundle, scenario, options, baseline }, { engine: tools.engine, hash: tools.hash, phases: new PhaseMeter(tools.meter) });
  return simulated.value === null ? refused(simulated.issues) : { value: simulated.value.report, issues: [] };
}

function failuresOf(report: Report, base: Report, gate: BatchGate): string[] {
  const known = new Set(gate.scope === 'all' ? [] : [...base.expectations.map(keyOf), ...base.findings.map(({ title }) => title)]);
  const failures: string[] = [];
  for (const failure of gate.failOn) {
    switch (failure) {
      case 'failed':
      case 'undecided':
        failures.push(...report.expectations.filter((one) => one.outcome === failure && !known.has(keyOf(one))).map(({ name }) => name));
        break;
      case 'finding:error':
      case 'finding:warning': {
        const isMeant = (severity: string): boolean => severity === 'error' || (failure === 'finding:warning' && severity === 'warning');
        failures.push(...report.findings.filter(({ severity, title }) => isMeant(severity) && !known.has(title)).map(({ title }) => title));
        break;
      }
      default:
        assertNever(failure);
    }
  }
  return [...new Set(failures)];
}

function keyOf({ name, outcome }: ExpectationResult): string {
  return `${outcome} ${name}`;
}

/** Words of the batch file that this version does not carry out are refused by name, not left aside. */
function unsupported(batch: Batch, file: string): Issue[] {
  const issues: Issue[] = [];
  const refuse = (what: string, pointer: string): void => void issues.push({ code: 'NotSupported', severity: 'error', message: `this version does not carry out ${what}`, file, pointer });
  if (batch.base.topology !== null) refuse('an inline topology', '/spec/base/topology');
  if (batch.base.simulation !== null) refuse('a stored simulation as base', '/spec/base/simulation');
  if (batch.matrices.length > 0) refuse('matrices', '/spec/matrices');
  batch.variants.forEach((variant, i) => {
    if (variant.objects !== null) refuse(`objects of a variant (${variant.name})`, `/spec/variants/${i}/objects`);
    if (variant.components !== null) refuse(`components of a variant (${variant.name})`, `/spec/variants/${i}/components`);
  });
  return issues;
}

function unknownNames({ expect, variants }: Batch, { flows }: Scenario, file: string): Issue[] {
  const isFlow = (name: string): boolean => name === '*' || flows.some((flow) => flow.name === name);
  const isVariant = (name: string): boolean => variants.some((variant) => variant.name === name);
  return expect.flatMap((one: BatchExpectation, i) => [
    ...[one.flow, ...one.except].filter((name) => !isFlow(name)).map((name) => issueOf(file, `expectation ${one.name}: no flow is named ${name}`, `/spec/expect/${i}`, name)),
    ...(one.variants ?? []).filter((name) => !isVariant(name)).map((name) => issueOf(file, `expectation ${one.name}: no variant is named ${name}`, `/spec/expect/${i}/variants`, name)),
  ]);
}

function issueOf(file: string, message: string, pointer: string, word?: string): Issue {
  return { code: 'InvalidBatch', severity: 'error', message, file, pointer, ...(word === undefined ? {} : { word }) };
}
