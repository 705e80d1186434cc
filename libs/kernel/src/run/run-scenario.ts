/** Scenario in, what became of every flow out. */
import type { FlowReport, Issue, Scenario } from '@worldline/model';
import type { ExecuteCommand } from './event/script-run.js';
import { Explorer } from './explore.js';
import type { RunNetwork } from './network.js';
import type { FlowTally, Listing } from './question/flow-tally.js';
import { exploreReport, sampleReport } from './report/flow-report.js';
import { ReportNames, type DescribeRule } from './report/names.js';
import { PacketReporter } from './report/packet-report.js';
import { RunState } from './run-state.js';
import { Timeline } from './timeline.js';
import { TrailWatch, type AskTrails, type PathOrigin, type PathPlace } from './trail-watch.js';
import { Clients } from './traffic/clients.js';
import { compileFlow, type Flow } from './traffic/flow.js';

export interface RunOptions {
  readonly seed: number;
  readonly mode: 'sample' | 'explore';
  /** Questions that the report lists one by one; explore lists none. */
  readonly packets: Listing;
  readonly hasAllHops: boolean;
  /** False: every packet is run. The result is the same. */
  readonly isCached: boolean;
  /** False: no ways and no hops are kept; paths are then told apart by their ends alone. */
  readonly isRecording: boolean;
  /** Paths whose first questions keep trails of the rules that they looked at. */
  readonly trails?: readonly PathOrigin[] | 'all';
  /** The run may end as soon as it has come to these paths. */
  readonly until?: readonly PathPlace[];
  readonly onProgress?: (done: number, of: number) => void;
}

/** What a run needs of the rooms below it. */
export interface RunTools {
  readonly execute: ExecuteCommand;
  readonly describeRule: DescribeRule;
  /** Needed where trails are wanted. */
  readonly askTrails?: AskTrails;
}

export interface RunResult {
  readonly flows: readonly FlowReport[];
  /** Of all paths, by flow. */
  readonly origins: readonly PathOrigin[];
  /** With an error among them the run ended early and its flows mean nothing. */
  readonly issues: readonly Issue[];
  /** Every packet that a machine's own stack sent. */
  readonly packets: number;
  /** Connections that began. */
  readonly newFlows: number;
  /** Those of `packets` that were answered from the cache. */
  readonly cacheHits: number;
}

/** Runs a scenario on a network, which is in its final state afterwards. `network.environment.random` is seeded with `options.seed`. */
export function runScenario(network: RunNetwork, scenario: Scenario, options: RunOptions, tools: RunTools): RunResult {
  const issues: Issue[] = [];
  const flows: Flow[] = [];
  for (const spec of scenario.flows) {
    const flow = compileFlow(spec, flows.length, network, issues);
    if (flow !== null) flows.push(flow);
  }
  if (issues.length > 0) return { flows: [], origins: [], issues, packets: 0, newFlows: 0, cacheHits: 0 };
  const { recorder } = network.environment;
  recorder.isOn = options.isRecording;
  recorder.isWireOn = options.isRecording && (options.packets !== 'none' || options.mode === 'explore');
  const newFlows = flows.reduce((sum, { spec }) => sum + spec.connections, 0);
  network.expect(newFlows);
  const clients = new Clients();
  clients.bind(flows, network);
  const events = scenario.events.map((event, i) => ({ event, i })).sort((a, b) => a.event.at - b.event.at || a.i - b.i);
  const timeline = new Timeline(
    flows,
    events.map(({ event }) => event),
  );
  const isExploring = options.mode === 'explore';
  const plan = {
    flows,
    clients,
    questions: scenario.flows.reduce((sum, { connections, packets }) => sum + connections * (packets === 'connect' ? 1 : packets), 0),
    seed: options.seed,
    duration: scenario.duration,
    listing: isExploring ? ('none' as const) : options.packets,
    isWireKept: recorder.isWireOn && !isExploring,
    isCached: options.isCached && !isExploring,
    execute: tools.execute,
    onProgress: options.onProgress ?? null,
  };
  const state = new RunState(plan, network, timeline);
  let explorer: Explorer | null = null;
  const watch = options.trails === undefined || tools.askTrails === undefined ? null : new TrailWatch(options.trails, tools.askTrails);
  if (isExploring) {
    explorer = new Explorer(state, watch);
    state.onConnection = explorer.explore.bind(explorer);
  } else watch?.follow(state, 0);
  const tallies = explorer?.tallies ?? state.book.tallies;
  const { until } = options;
  state.run(until === undefined ? null : () => until.every(({ flow, path }) => tallies[flow] === undefined || tallies[flow].pathCount > path));
  const reporter = new PacketReporter(new ReportNames(network, tools.describeRule), recorder);
  const report = (flow: Flow, tally: FlowTally): FlowReport =>
    explorer === null ? sampleReport(flow, tally, reporter, options.hasAllHops) : exploreReport(flow, tally, explorer.tallies[flow.position], reporter);
  return {
    flows: state.book.tallies.map((tally, i) => report(flows[i], tally)),
    origins: tallies.flatMap(({ archive, firsts }, flow) =>
      firsts.map((number, path) => ({ flow, path, index: archive.scalar(number, 'index'), branch: archive.scalar(number, 'branch') })),
    ),
    issues: state.events.issues,
    packets: network.packetsSent,
    newFlows,
    cacheHits: state.cacheHits,
  };
}
