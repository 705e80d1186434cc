import { FLOW_DEFAULTS, type Expectation, type FlowSpec, type Json, type Scenario, type Snapshot } from '@worldline/model';

export function flowSpec(more: Partial<FlowSpec> = {}): FlowSpec {
  return {
    ...FLOW_DEFAULTS,
    name: 'f',
    from: 'pod/default/a',
    protocol: 'udp',
    destination: { ip: { first: '10.96.0.10', last: '10.96.0.10' }, zone: null, place: null, port: { first: 53, last: 53 } },
    payload: 64,
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
