/** One simulation: a scenario on a snapshot, through the engine, into a Report. */
import { checkExpectations } from '@worldline/analysis';
import { digestOf } from '@worldline/model';
import type { Coverage, FlowReport, HashText, Issue, Parsed, Report, Scenario } from '@worldline/model';
import { hasErrors, inFolder, refused } from '../load/index.js';
import type { LoadedBundle } from '../load/index.js';
import type { Engine, EngineOptions, EngineRun, Network } from './engine.js';
import type { PhaseMeter } from './phases.js';
import { assembleReport } from './report.js';

export interface SimulationInput {
  readonly bundle: LoadedBundle;
  readonly scenario: Scenario;
  readonly options: EngineOptions;
  /** Flows of the base run, for expectations of `unchanged`; `itself` for the base. */
  readonly baseline?: readonly FlowReport[] | 'itself';
}

export interface Simulation {
  readonly report: Report;
  readonly run: EngineRun;
  readonly network: Network;
}

export interface SimulationTools {
  readonly engine: Engine;
  readonly hash: HashText;
  readonly phases: PhaseMeter;
}

/** Runs a scenario. The value is null when the network cannot be made, or an event's command line was not understood: the issues say which word of which. */
export function simulate(input: SimulationInput, { engine, hash, phases }: SimulationTools): Parsed<Simulation> {
  const { bundle, scenario, options } = input;
  const { snapshot, places } = bundle;
  const snapshotDigest = phases.measure('load', () => snapshot.digest());
  const network = phases.measure('compile', () => engine.compile(snapshot));
  if (hasErrors(network.issues)) return refused(inFolder(bundle.path, network.issues));
  const run = phases.measure('run', () => network.run(scenario, { ...options, measureEvent: phases.measureEvent }));
  const issues = [...snapshot.issues, ...network.issues, ...run.issues];
  if (hasErrors(run.issues)) return refused(run.issues);
  const report = phases.measure('report', () =>
    assembleReport(
      {
        snapshotDigest,
        scenarioDigest: digestOf(scenario.raw, hash),
        seed: options.seed,
        engineVersion: engine.version,
        flows: run.flows,
        coverage: coverageOf(network, issues),
        expectations: checkExpectations(scenario, run.flows, { places, baseline: input.baseline === 'itself' ? run.flows : (input.baseline ?? null) }),
      },
      hash,
    ),
  );
  return { value: { report, run, network }, issues };
}

function coverageOf(network: Network, issues: readonly Issue[]): Coverage {
  const { modelled, approximated, unknown } = network.rules;
  return { rules: { modelled, approximated, unknown }, issues };
}
