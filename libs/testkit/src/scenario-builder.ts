import type { Expectation, FlowSpec, Json, Scenario, Snapshot } from '@worldline/model';

export function flowSpec(more: Partial<FlowSpec> = {}): FlowSpec {
  return {
    name: 'f',
    at: 0,
    from: 'pod/default/a',
    protocol: 'udp',
    sourceIp: null,
    sourcePort: null,
    destination: { ip: { first: '10.96.0.10', last: '10.96.0.10' }, zone: null, place: null, port: { first: 53, last: 53 } },
    spread: 'sequential',
    packets: 1,
    interval: 0,
    payload: 64,
    connections: 1,
    connectionEvery: 0,
    isDontFragment: true,
    ttl: null,
    tos: 0,
    mark: 0,
    isSpoofed: false,
    isServerSilent: false,
    extensions: [],
    hold: 8_000,
    connectTimeout: 800_000,
    echoTimeout: 150_000,
    segment: null,
    expect: [],
    ...more,
  };
}

export function expectation(more: Partial<Expectation> = {}): Expectation {
  return { name: 'f', flow: 'f', except: [], ...more };
}

export function scenario(more: Partial<Scenario> = {}): Scenario {
  return { name: 'scenario', description: null, snapshot: './snapshot', seed: 1, duration: null, startTime: null, flows: [], events: [], expect: [], raw: {}, ...more };
}

/** A snapshot of Kubernetes objects alone. */
export function snapshot(objects: readonly Json[] = [], more: Partial<Snapshot> = {}): Snapshot {
  return {
    cluster: { name: 'test', fabric: { kind: 'l2', routers: [], raw: {} }, externals: [], takenAt: null, seed: 0, raw: {} },
    objects,
    machines: [],
    issues: [],
    digest: () => 'sha256:2',
    ...more,
  };
}
