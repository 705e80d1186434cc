/** Snapshot to Network: every machine's state from what was captured of it, wired to the others. */
import { Random, parseAddress, type FabricKind, type Issue, type MachineCapture, type Snapshot } from '@worldline/model';
import { Environment, type Chooser } from '../record/index.js';
import { compileSysctl } from '../sysctl/index.js';
import { MODELLED_KINDS, compileInterfaces, type InterfaceState } from '../interface/index.js';
import { compileRouting } from '../routing/index.js';
import { SocketState } from '../socket/index.js';
import { ConntrackState, insertCaptured } from '../conntrack/index.js';
import { NetfilterState, ProgramStore, loadIpsets, type RuleProgram } from '../netfilter/index.js';
import { BridgeState, EbtablesState, FDB_LOCAL, compileTunnels } from '../link/index.js';
import { Machine } from '../machine/index.js';
import { Network } from '../fabric/index.js';
import { routerCaptures } from './router-capture.js';
import { connect, wire } from './segments.js';

/** Answers of dice before a run has brought its own. */
const NO_CHOICE: Chooser = { chance: () => false, pick: () => 0 };

export interface CompiledNetwork {
  readonly network: Network;
  readonly store: ProgramStore;
  readonly issues: readonly Issue[];
}

/** Fabric kinds that the engine knows; others are refused by name. */
const FABRICS: readonly FabricKind[] = ['l2'];

/** Makes a network that is ready to run. Errors among the issues mean that it must not be run. */
export function compileNetwork(snapshot: Snapshot): CompiledNetwork {
  const issues: Issue[] = [];
  const { kind } = snapshot.cluster.fabric;
  if (!FABRICS.includes(kind)) {
    issues.push({ code: 'UnmodelledFabric', severity: 'error', message: `fabric kind '${kind}' is not modelled; this version knows l2`, file: 'cluster.yaml', word: kind, pointer: '/spec/fabric/kind' });
  }
  const environment = Environment.create(Random.fromSeed(0), NO_CHOICE);
  const store = new ProgramStore(environment);
  const routers = routerCaptures(snapshot);
  const captures = [...snapshot.machines, ...routers.map((r) => r.capture)];
  const wiring = wire(snapshot, captures, routers);
  issues.push(...wiring.issues);
  const network = new Network(environment, wiring.segments);
  for (const capture of captures) network.add(compileMachine(network, capture, store, issues));
  connect(network.machines, wiring.peers);
  for (const [i, capture] of captures.entries()) settle(network.machines[i], capture, issues);
  return { network, store, issues };
}

function compileMachine(network: Network, capture: MachineCapture, store: ProgramStore, issues: Issue[]): Machine {
  const { environment } = network;
  const sysctl = compileSysctl(capture);
  const interfaces = compileInterfaces(capture, environment);
  issues.push(...deviceIssues(capture, interfaces));
  const { routing, issues: routeIssues } = compileRouting(capture, interfaces, environment);
  issues.push(...routeIssues);
  const sockets = SocketState.compile(capture.sockets, environment.addresses, (name) => interfaces.find(name));
  const ebtables = new EbtablesState();
  if (capture.ebtables) issues.push(...ebtables.load(environment, capture.ebtables, `${capture.folder}/ebtables-save.txt`));
  return new Machine(network.machines.length, capture.machine, network, {
    sysctl,
    interfaces,
    routing,
    sockets,
    conntrack: new ConntrackState(),
    netfilter: new NetfilterState(store, compileRules(capture, store, issues)),
    bridges: compileBridges(capture, interfaces, environment),
    ebtables,
    tunnels: compileTunnels(interfaces.list, environment),
  });
}

/** Devices that are kept and printed, but whose work is not modelled. */
function deviceIssues(capture: MachineCapture, interfaces: InterfaceState): Issue[] {
  const file = `${capture.folder}/ip-addr.json`;
  const unknown = interfaces.list.filter((d) => !MODELLED_KINDS.has(d.kind));
  const filtering = interfaces.list.filter((d) => d.isVlanFiltering);
  return [
    ...unknown.map((d): Issue => ({ code: 'UnmodelledDevice', severity: 'warning', message: `${d.name} is a ${d.kind} device, which is not modelled: a packet that needs it ends as Unmodelled`, file, word: d.kind })),
    ...filtering.map((d): Issue => ({ code: 'UnmodelledDevice', severity: 'warning', message: `${d.name} filters VLANs; its ports are taken to be members of the same one`, file, word: 'vlan_filtering' })),
  ];
}

function compileRules(capture: MachineCapture, store: ProgramStore, issues: Issue[]): RuleProgram[] {
  return capture.ruleSets.map((ruleSet) => {
    const compiled = store.compile(ruleSet);
    issues.push(...compiled.issues.map((issue) => ({ ...issue, file: `${capture.folder}/${ruleSet.file}` })));
    return compiled.program;
  });
}

function compileBridges(capture: MachineCapture, interfaces: InterfaceState, environment: Environment): BridgeState {
  const bridges = new BridgeState();
  for (const entry of capture.fdb) {
    const device = interfaces.find(entry.device);
    if (device < 0) continue;
    const mac = environment.macs.id(entry.mac);
    const remote = entry.destination === null ? null : parseAddress(entry.destination);
    if (remote) {
      bridges.addRemote(device, mac, environment.addresses.handle(remote));
      continue;
    }
    const master = entry.master === null ? -1 : interfaces.find(entry.master);
    if (master < 0) continue;
    const isLocal = device === master || entry.state === 'permanent';
    if (isLocal || entry.state === 'static') bridges.setFixed(master, mac, isLocal ? FDB_LOCAL : device);
    else bridges.learn(master, mac, device);
  }
  for (const device of interfaces.list) {
    // br_fdb_change_mac_address, br_fdb_add_local: the bridge's and its ports' own addresses are its own, listed or not
    if (device.kind === 'bridge') bridges.setFixed(device.position, device.macId, FDB_LOCAL);
    else if (device.isBridgePort) bridges.setFixed(device.masterPosition, device.macId, FDB_LOCAL);
  }
  return bridges;
}

/** What needs the whole machine: sets before rules name them, then the entries of the connection table. */
function settle(m: Machine, capture: MachineCapture, issues: Issue[]): void {
  issues.push(...loadIpsets(m.netfilter.ipsets, capture.ipsets, `${capture.folder}/ipset-save.txt`));
  m.netfilter.recent.load(capture.recent);
  for (const entry of capture.conntrack) {
    if (insertCaptured(m.conntrack, m, entry)) continue;
    issues.push({
      code: 'DuplicateEntry',
      severity: 'warning',
      message: 'this entry has a tuple that an earlier one has; it is left out',
      file: `${capture.folder}/conntrack.txt`,
      line: entry.line,
    });
  }
}
