/** The names that a snapshot knows, for checking a scenario against it. */
import type { Json, MachineName, PlaceRef, Snapshot } from '@worldline/model';
import { didYouMean, isObject } from '../document/index.js';
import type { Field, JsonObject } from '../document/index.js';

interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly selector: ReadonlyMap<string, string>;
}

export class KnownPlaces {
  private readonly machines = new Set<MachineName>();
  private readonly services = new Set<string>();
  private readonly workloads = new Map<PlaceRef, Workload>();
  /** `spec.nodes: 3` says how many there are, and leaves their names to who makes them. */
  private readonly hasUnnamedNodes: boolean = false;
  private readonly labels = new Map<MachineName, JsonObject>();

  constructor(snapshot: Snapshot) {
    for (const { machine } of snapshot.machines) this.machines.add(machine);
    for (const { name } of snapshot.cluster.externals) this.machines.add(`external/${name}`);
    const { nodes } = snapshot.cluster;
    if (typeof nodes === 'number') this.hasUnnamedNodes = true;
    else for (const { name } of nodes ?? []) this.machines.add(`node/${name}`);
    for (const object of snapshot.objects) if (isObject(object)) this.object(object);
  }

  /** Says so when a place is not in the snapshot. Services of a bundle without objects are known by their rules only, so they pass. */
  check(field: Field, ref: PlaceRef): void {
    const [kind = '', namespace = '', name = ''] = ref.split('/');
    if (kind === 'pod' || kind === 'node' || kind === 'external') {
      const mayBe = (kind === 'pod' && this.isOfWorkload(namespace, name)) || (kind === 'node' && this.hasUnnamedNodes);
      if (!this.machines.has(ref) && !mayBe) this.refuse(field, kind, ref, [...this.machines]);
    } else if (kind === 'service' || kind === 'loadBalancer') {
      if (this.services.size > 0 && !this.services.has(`${namespace}/${name}`)) this.refuse(field, kind, ref, [...this.services].map((one) => `${kind}/${one}`));
    } else if (kind !== 'fabric' && !this.workloads.has(ref)) this.refuse(field, kind, ref, [...this.workloads.keys()]);
  }

  /** The machines that a pattern names: `node/*`, `pod/ns/*`. */
  matching(pattern: string): MachineName[] {
    const prefix = pattern.slice(0, -1);
    return [...this.machines].filter((machine) => machine.startsWith(prefix)).sort();
  }

  /** The first pod by name of a workload; null where it has none yet. */
  firstPod(ref: PlaceRef): MachineName | null {
    const workload = this.workloads.get(ref);
    if (!workload || workload.selector.size === 0) return null;
    const pods = [...this.labels].filter(([pod, labels]) => pod.startsWith(`pod/${workload.namespace}/`) && [...workload.selector].every(([key, value]) => labels[key] === value));
    return pods.map(([pod]) => pod).sort()[0] ?? null;
  }

  private refuse(field: Field, kind: string, ref: PlaceRef, known: readonly string[]): void {
    const alike = known.filter((one) => one.startsWith(`${kind}/`));
    const near = didYouMean(ref, alike);
    const some = alike.length === 0 ? `; it has no ${kind} at all` : near || `; it has ${alike.slice(0, 5).join(', ')}${alike.length > 5 ? ', ...' : ''}`;
    field.inside(kind).fail(`${ref} is not in the snapshot${some}`, { code: 'UnknownPlace' });
  }

  /** Controllers name a workload's pods after it, so a pod that the snapshot does not list may come to be. */
  private isOfWorkload(namespace: string, name: string): boolean {
    for (const workload of this.workloads.values()) {
      if (workload.namespace === namespace && name.startsWith(`${workload.name}-`)) return true;
    }
    return false;
  }

  private object(object: JsonObject): void {
    const metadata = isObject(object['metadata']) ? object['metadata'] : {};
    const name = text(metadata['name']);
    const namespace = text(metadata['namespace']) || 'default';
    const kind = text(object['kind']);
    const spec = isObject(object['spec']) ? object['spec'] : {};
    if (kind === 'Node') this.machines.add(`node/${name}`);
    else if (kind === 'Service') this.services.add(`${namespace}/${name}`);
    else if (kind === 'Pod') {
      this.machines.add(`pod/${namespace}/${name}`);
      this.labels.set(`pod/${namespace}/${name}`, isObject(metadata['labels']) ? metadata['labels'] : {});
    } else if (kind === 'EndpointSlice') this.endpoints(namespace, object['endpoints']);
    else if (kind === 'Deployment' || kind === 'DaemonSet' || kind === 'StatefulSet' || kind === 'ReplicaSet') {
      const selector = isObject(spec['selector']) && isObject(spec['selector']['matchLabels']) ? spec['selector']['matchLabels'] : {};
      const entries = Object.entries(selector).map(([key, value]) => [key, text(value)] as const);
      this.workloads.set(`${kind.toLowerCase()}/${namespace}/${name}`, { namespace, name, kind, selector: new Map(entries) });
    }
  }

  /** An endpoint without a Pod is delivered at `pod/<ns>/<targetRef or ip>`. */
  private endpoints(namespace: string, endpoints: Json | undefined): void {
    if (!Array.isArray(endpoints)) return;
    for (const endpoint of endpoints as readonly Json[]) {
      if (!isObject(endpoint)) continue;
      const target = isObject(endpoint['targetRef']) ? text(endpoint['targetRef']['name']) : '';
      const addresses = Array.isArray(endpoint['addresses']) ? (endpoint['addresses'] as readonly Json[]).map(text) : [];
      for (const name of target ? [target] : addresses) if (name) this.machines.add(`pod/${namespace}/${name}`);
    }
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
