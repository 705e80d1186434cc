import { compareReports } from '@worldline/analysis';
import type { Comparison } from '@worldline/analysis';
import type { Issue, Parsed, Report } from '@worldline/model';
import { loadScenario, refused } from '../load/index.js';
import type { LoadedScenario } from '../load/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import type { StoredSimulations } from '../ports/index.js';
import type { Tools as PlainTools } from './tools.js';

/** `stored`: where a side is looked for that is no file. */
type Tools = PlainTools & { readonly stored?: StoredSimulations };

export interface CompareRequest {
  /** A Report's file, a scenario, a bundle, or the id of a stored simulation. */
  readonly baseline: string;
  readonly candidate: string;
  /** The traffic under which two bundles are compared. */
  readonly scenario?: string;
}

/** Compares what became of the packets on two sides; sides that are no reports yet are run first. */
export async function compareSides(request: CompareRequest, tools: Tools): Promise<Parsed<Comparison>> {
  const baseline = await reportOf(request.baseline, request.scenario ?? null, tools);
  const candidate = await reportOf(request.candidate, request.scenario ?? null, tools);
  if (baseline.value === null || candidate.value === null) return refused([...baseline.issues, ...candidate.issues]);
  return { value: compareReports(baseline.value, candidate.value), issues: [] };
}

async function reportOf(path: string, scenarioPath: string | null, tools: Tools): Promise<Parsed<Report>> {
  if (await isBundle(path, tools)) {
    if (scenarioPath === null) return refused([issue(path, 'is a bundle: say with --scenario which traffic it is compared under')]);
    return run(await loadScenario(scenarioPath, path, tools), tools);
  }
  const text = await tools.files.readText(path);
  if (text.value === null) return tools.stored ? tools.stored.report(path) : refused(text.issues);
  const report = readReport(path, text.value);
  return report ?? run(await loadScenario(path, null, tools), tools);
}

async function isBundle(path: string, tools: Tools): Promise<boolean> {
  return (await tools.files.readTree(path)).value !== null;
}

/** A Report as `--json` prints it; null when the text is no JSON object at all, and so may be a scenario. */
function readReport(path: string, text: string): Parsed<Report> | null {
  if (!text.trimStart().startsWith('{')) return null;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  const { kind, flows } = document as { kind?: unknown; flows?: unknown };
  if (kind === 'Scenario') return null;
  if (kind !== 'Report' || !Array.isArray(flows)) return refused([issue(path, `is neither a Report nor a Scenario: its kind is ${JSON.stringify(kind)}`)]);
  return { value: document as Report, issues: [] };
}

function run(loaded: Parsed<LoadedScenario>, tools: Tools): Parsed<Report> {
  if (loaded.value === null) return refused(loaded.issues);
  const { scenario } = loaded.value;
  const options = { seed: scenario.seed, mode: 'sample', packets: 'all', hasAllHops: false, isCached: true, isRecording: true } as const;
  const simulated = simulate({ bundle: loaded.value, scenario, options }, { engine: tools.engine, hash: tools.hash, phases: new PhaseMeter(tools.meter) });
  return simulated.value === null ? refused(simulated.issues) : { value: simulated.value.report, issues: [] };
}

function issue(file: string, message: string): Issue {
  return { code: 'InvalidArgument', severity: 'error', message, file };
}
