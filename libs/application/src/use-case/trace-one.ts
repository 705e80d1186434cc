/** `worldline trace`: one packet as a scenario of one flow, every branch followed. */
import type { PlaceDirectory } from '@worldline/analysis';
import { API_VERSION, FLOW_DEFAULTS } from '@worldline/model';
import type { FlowProtocol, FlowSpec, Issue, Json, MachineName, Parsed, Report, Scenario } from '@worldline/model';
import { loadBundle, refused, resolveDestinations } from '../load/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import { parseSource, parseTarget } from './trace-target.js';
import type { Tools } from './tools.js';

export interface TraceRequest {
  /** Bundle: a folder, an archive, or `-`. */
  readonly snapshot: string;
  /** REF of the sender; a workload is its first pod by name. */
  readonly from: string;
  readonly to: string;
  readonly protocol: FlowProtocol;
  readonly source?: string;
  readonly seed?: number;
  /** Rules that are told of one filter step, at most. */
  readonly trails: number;
}

const DEFAULT_SEED = 1;
const PAYLOAD_BYTES = 64;

/** Follows one question (tcp: a whole connection) through the snapshot; the Report is that of explore mode with one flow. */
export async function traceOne(request: TraceRequest, tools: Tools): Promise<Parsed<Report>> {
  const phases = new PhaseMeter(tools.meter);
  const bundle = await loadBundle(request.snapshot, tools);
  if (bundle.value === null) return refused(bundle.issues);
  const { places } = bundle.value;
  const asked = traceScenario(request, places);
  if (asked.value === null) return refused(asked.issues);
  const resolved = resolveDestinations(asked.value, places, { label: '--to' });
  if (resolved.value === null) return refused(resolved.issues);
  const scenario = resolved.value;
  const options = { seed: scenario.seed, mode: 'explore', packets: 'all', hasAllHops: true, isCached: false, isRecording: true, trails: { of: 'all', limit: request.trails } } as const;
  const simulated = simulate({ bundle: bundle.value, scenario, options }, { engine: tools.engine, hash: tools.hash, phases });
  return simulated.value === null ? refused(simulated.issues) : { value: simulated.value.report, issues: [] };
}

function traceScenario(request: TraceRequest, places: PlaceDirectory): Parsed<Scenario> {
  const destination = parseTarget(request.to);
  const source = request.source === undefined ? { ip: null, port: null } : parseSource(request.source);
  const from = senderOf(request.from, places);
  if (typeof destination === 'string') return wrong('--to', destination, request.to);
  if (typeof source === 'string') return wrong('--source', source, request.source as string);
  if (from === null) return wrong('--from', `${request.from} is not in the snapshot`, request.from);
  const hasPorts = request.protocol !== 'icmp' && request.protocol !== 'icmpv6';
  if (hasPorts && destination.port === null) return wrong('--to', `a port is missing: ${request.to}:PORT`, request.to);
  const flow: FlowSpec = {
    ...FLOW_DEFAULTS,
    name: 'trace',
    from,
    protocol: request.protocol,
    sourceIp: source.ip,
    sourcePort: source.port,
    destination,
    payload: PAYLOAD_BYTES,
    packets: request.protocol === 'tcp' ? 'connect' : 1,
  };
  return { value: scenarioOf(flow, request), issues: [] };
}

function scenarioOf(flow: FlowSpec, { from, to, protocol, source, seed }: TraceRequest): Scenario {
  const raw: Json = { apiVersion: API_VERSION, kind: 'Scenario', metadata: { name: 'trace' }, spec: { flows: [{ name: 'trace', from, protocol, to, source }] } };
  return { name: 'trace', description: null, snapshot: null, seed: seed ?? DEFAULT_SEED, duration: null, startTime: null, flows: [flow], events: [], expect: [], raw };
}

function senderOf(ref: string, places: PlaceDirectory): MachineName | null {
  return places.find(ref)?.machines[0] ?? null;
}

function wrong(option: string, message: string, word: string): Parsed<Scenario> {
  const issue: Issue = { code: 'InvalidArgument', severity: 'error', message: `${option}: ${message}`, word };
  return refused([issue]);
}
