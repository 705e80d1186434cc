/**
 * `worldline what-if`: the base is run once, then each variant; every expectation of scenario and batch is checked on each.
 *
 * The base is what variants are compared with. It does not fail a batch: that it is broken is often why one asks.
 * Matrices are a second run of each world: every pair alone, every choice followed, without the scenario's own traffic. So a pair that
 * chance sends to one endpoint here and to another there is no change.
 */
import { compareReports } from '@worldline/analysis';
import type { Comparison } from '@worldline/analysis';
import { assertNever } from '@worldline/model';
import type { Batch, BatchGate, ExpectationResult, FlowReport, Parsed, Report, Scenario, ScenarioEvent } from '@worldline/model';
import { refused } from '../load/index.js';
import type { LoadedScenario } from '../load/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import type { Mode } from '../simulate/index.js';
import { checkBatch } from './check-batch.js';
import type { BatchTools, CheckedBatch } from './check-batch.js';
import type { Tools } from './tools.js';

export interface WhatIfOutcome {
  readonly name: string;
  readonly base: BaseOutcome;
  readonly variants: readonly VariantOutcome[];
  readonly gate: BatchGate;
  readonly isPassed: boolean;
}

export interface BaseOutcome {
  readonly report: Report;
  /** What the matrices found; null: there are none. */
  readonly matrix: Report | null;
  /** Of both. */
  readonly expectations: readonly ExpectationResult[];
  readonly scenario: Scenario;
}

export interface VariantOutcome {
  readonly name: string;
  readonly report: Report;
  readonly comparison: Comparison;
  readonly matrix: { readonly report: Report; readonly comparison: Comparison } | null;
  /** Of both. */
  readonly expectations: readonly ExpectationResult[];
  /** What fails the batch: expectations and findings that the gate names. */
  readonly failures: readonly string[];
}

/** Runs a batch file. A null value: it was refused, `issues` say why. */
export async function whatIf(path: string, tools: Tools & BatchTools): Promise<Parsed<WhatIfOutcome>> {
  const checked = await checkBatch(path, tools);
  return checked.value === null ? refused(checked.issues) : runBatch(checked.value, tools);
}

function runBatch({ batch, base: loaded, asked }: CheckedBatch, tools: Tools): Parsed<WhatIfOutcome> {
  const { scenario } = loaded;
  const worlds = 1 + batch.variants.length;
  tools.onProgress?.(0, worlds);
  const world = (events: readonly ScenarioEvent[], expect: Scenario['expect'], baseline: World | null): Parsed<World> => {
    const changed = { ...scenario, events: [...scenario.events, ...events] };
    const report = runOne({ ...changed, expect: [...scenario.expect, ...expect] }, 'sample', loaded, { flows: baseline?.report.flows ?? 'itself', tools });
    if (report.value === null) return refused(report.issues);
    if (asked === null) return { value: { report: report.value, matrix: null }, issues: [] };
    const matrix = runOne({ ...changed, flows: asked.flows, expect: asked.expect, duration: null }, 'explore', loaded, { flows: baseline?.matrix?.flows ?? 'itself', tools });
    return matrix.value === null ? refused(matrix.issues) : { value: { report: report.value, matrix: matrix.value }, issues: [] };
  };
  const first = world([], batch.expect, null);
  if (first.value === null) return refused(first.issues);
  const base: BaseOutcome = { ...first.value, expectations: expectationsOf(first.value), scenario };
  tools.onProgress?.(1, worlds);
  const variants: VariantOutcome[] = [];
  for (const variant of batch.variants) {
    const expect = batch.expect.filter(({ variants: names }) => names === null || names.includes(variant.name));
    const changed = world(variant.events, expect, first.value);
    if (changed.value === null) return refused(changed.issues.map((issue) => ({ ...issue, message: `variant ${variant.name}: ${issue.message}` })));
    variants.push(variantOutcome(variant.name, changed.value, base, batch));
    tools.onProgress?.(1 + variants.length, worlds);
  }
  return { value: { name: batch.name, base, variants, gate: batch.gate, isPassed: variants.every(({ failures }) => failures.length === 0) }, issues: [] };
}

interface World {
  readonly report: Report;
  readonly matrix: Report | null;
}

function runOne(scenario: Scenario, mode: Mode, bundle: LoadedScenario, { flows, tools }: { readonly flows: readonly FlowReport[] | 'itself'; readonly tools: Tools }): Parsed<Report> {
  const options = { seed: scenario.seed, mode, packets: 'all', hasAllHops: false, isCached: true, isRecording: true } as const;
  const simulated = simulate({ bundle, scenario, options, baseline: flows }, { engine: tools.engine, hash: tools.hash, phases: new PhaseMeter(tools.meter) });
  return simulated.value === null ? refused(simulated.issues) : { value: simulated.value.report, issues: [] };
}

function variantOutcome(name: string, { report, matrix }: World, base: BaseOutcome, { gate }: Batch): VariantOutcome {
  const expectations = expectationsOf({ report, matrix });
  return {
    name,
    report,
    comparison: compareReports(base.report, report),
    matrix: matrix && base.matrix && { report: matrix, comparison: compareReports(base.matrix, matrix) },
    expectations,
    failures: failuresOf({ expectations, findings: report.findings }, { expectations: base.expectations, findings: base.report.findings }, gate),
  };
}

function expectationsOf({ report, matrix }: World): readonly ExpectationResult[] {
  return [...report.expectations, ...(matrix?.expectations ?? [])];
}

type Judged = Pick<Report, 'expectations' | 'findings'>;

function failuresOf(variant: Judged, base: Judged, gate: BatchGate): string[] {
  const known = new Set(gate.scope === 'all' ? [] : [...base.expectations.map(keyOf), ...base.findings.map(({ title }) => title)]);
  const failures: string[] = [];
  for (const failure of gate.failOn) {
    switch (failure) {
      case 'failed':
      case 'undecided':
        failures.push(...variant.expectations.filter((one) => one.outcome === failure && !known.has(keyOf(one))).map(({ name }) => name));
        break;
      case 'finding:error':
      case 'finding:warning': {
        const isMeant = (severity: string): boolean => severity === 'error' || (failure === 'finding:warning' && severity === 'warning');
        failures.push(...variant.findings.filter(({ severity, title }) => isMeant(severity) && !known.has(title)).map(({ title }) => title));
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
