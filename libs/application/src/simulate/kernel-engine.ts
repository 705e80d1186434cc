/** The engine of kernel/, joined: compile, run, and read out what is left. */
import { ChangeLog, SampleChooser, TrailRecorder, compileNetwork, describeRule, dumpMachine, execute, runScenario } from '@worldline/kernel';
import type { CommandResult, CompiledNetwork, Machine, Network as KernelNetwork, RunTools } from '@worldline/kernel';
import { Random } from '@worldline/model';
import type { Issue, MachineCapture, MachineName, Scenario, Snapshot } from '@worldline/model';
import type { Engine, EngineOptions, EngineRun, Network, NetworkLink, RuleCoverage } from './engine.js';

/** Changes whenever a Report of the same input may change. */
const ENGINE_VERSION = '0.1.0';

export const kernelEngine: Engine = {
  version: ENGINE_VERSION,
  compile: (snapshot) => networkOf(compileNetwork(snapshot), snapshot),
};

function networkOf(compiled: CompiledNetwork, snapshot: Snapshot): Network {
  return {
    issues: compiled.issues,
    rules: coverageOf(snapshot, compiled.issues),
    links: () => linksOf(compiled),
    run: (scenario, options) => run(compiled, snapshot, scenario, options),
  };
}

function linksOf({ network: { machines, segments } }: CompiledNetwork): NetworkLink[] {
  const end = (machine: number, position: number): NetworkLink['ends'] => {
    const found = machines[machine];
    const device = found?.interfaces.list[position];
    return found && device ? [{ machine: found.name, interface: device.name }] : [];
  };
  const pairs = machines.flatMap((machine, m) =>
    machine.interfaces.list.flatMap(({ peerMachine, peerPosition }, position): NetworkLink[] => {
      const isFirst = peerMachine > m || (peerMachine === m && peerPosition > position);
      return isFirst ? [{ kind: 'veth', ends: [...end(m, position), ...end(peerMachine, peerPosition)] }] : [];
    }),
  );
  const shared = segments.segments.map(({ attachments }): NetworkLink => ({ kind: 'segment', ends: attachments.flatMap(({ machine, position }) => end(machine, position)) }));
  return [...pairs, ...shared.filter(({ ends }) => ends.length > 0)];
}

function run(compiled: CompiledNetwork, snapshot: Snapshot, scenario: Scenario, options: EngineOptions): EngineRun {
  const { network, store } = compiled;
  const { environment } = network;
  const commanded = new Set<MachineName>();
  const { measureEvent = (_, work) => work() } = options;
  environment.random = Random.fromSeed(options.seed);
  environment.chooser = new SampleChooser(environment.random);
  environment.startTime = (scenario.startTime ?? 0) / 1000;
  environment.payloadBytes = Uint8Array.from(scenario.payloadBytes ?? []);
  const captures = new Map(snapshot.machines.map((capture) => [capture.machine, capture]));
  const log = options.hasHistory === true ? new ChangeLog(captures) : null;
  const { trails, ...rest } = options;
  const result = runScenario(network, scenario, { ...rest, ...(trails ? { trails: trails.of } : {}) }, {
    execute: (machine, words, input) => {
      commanded.add(machine.name);
      // A branch of explore has machines of its own; what happens there is nobody's history
      const isOwn = log !== null && network.machines[machine.id] === machine;
      const carryOut = (): CommandResult => (isOwn ? log.execute(machine as Machine, words, input) : execute(machine as Machine, words, input));
      return measureEvent({ at: environment.now / 1000, kind: 'run' }, carryOut);
    },
    describeRule: (uid, rule) => describeRule(store, uid, rule),
    ...(trails ? keepTrails(compiled, trails.limit) : {}),
  });
  const machines = network.machines.filter(({ name }) => captures.has(name));
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  return {
    flows: result.flows,
    origins: result.origins,
    issues: result.issues,
    figures: {
      packets: result.packets,
      newFlows: result.newFlows,
      evaluated: result.packets - result.cacheHits,
      cacheHits: result.cacheHits,
      conntrackEntries: machines.reduce((sum, { conntrack }) => sum + conntrack.count, 0),
      conntrackBytes: machines.reduce((sum, { conntrack }) => sum + conntrack.byteLength, 0),
      programBytes: store.byteLength,
    },
    machines: machines.map(({ name }) => name),
    endedAt: environment.now,
    history: log?.changes ?? [],
    isChanged: (name) => commanded.has(name) || wasCrossed(byName.get(name) as Machine, captures.get(name) as MachineCapture),
    dump: (name) => dumpMachine(byName.get(name) as Machine, captures.get(name) as MachineCapture),
  };
}

/** Has the run recorded by who keeps trails too. */
function keepTrails({ network, store }: CompiledNetwork, limit: number): Pick<RunTools, 'askTrails'> {
  const recorder = new TrailRecorder(store, limit);
  network.environment.recorder = recorder;
  return {
    askTrails: (asked, isAsked) => {
      const before = recorder.ask({ machines: (asked as KernelNetwork).machines, isAsked });
      return () => void recorder.ask(before);
    },
  };
}

/** Whether packets came through: they leave counters, or entries where there are no rules. */
function wasCrossed({ netfilter, conntrack }: Machine, capture: MachineCapture): boolean {
  const hasCounted = netfilter.tables.some((table) => table.base.some((slot) => slot >= 0 && table.isTouched(slot)));
  return hasCounted || conntrack.count !== capture.conntrack.length;
}

/** Rules by how much of them is modelled; a rule that shares its text with others counts on each machine that has it. */
function coverageOf(snapshot: Snapshot, issues: readonly Issue[]): RuleCoverage {
  const total = snapshot.machines.reduce((sum, { ruleSets }) => sum + ruleSets.reduce((rules, one) => rules + one.rulePackets.length, 0), 0);
  const places = (codes: readonly string[]): number => new Set(issues.filter(({ code }) => codes.includes(code)).map(({ file, line }) => `${file}:${line}`)).size;
  const unknown = places(['UnknownMatch', 'UnknownTarget', 'UnknownOption', 'UnknownValue']);
  const approximated = places(['Approximated']);
  return { modelled: total - unknown - approximated, approximated, unknown };
}
