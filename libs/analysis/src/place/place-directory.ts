/** What a REF means in a snapshot: which machines stand behind it, and at which addresses one reaches it. */
import { formatAddress, parseAddress } from '@worldline/model';
import type { Json, MachineCapture, MachineName, PlaceRef, Snapshot } from '@worldline/model';
import { at, isSelected, keyOf, listAt, textAt, wordsAt } from './object.js';
import { servicesFromRules } from './rule-comments.js';
import type { CommentedService } from './rule-comments.js';

export interface Place {
  /** Machines where a packet for this place may arrive, ordered by name. */
  readonly machines: readonly MachineName[];
  /** Addresses of those machines, as text of RFC 5952. */
  readonly machineIps: readonly string[];
  /** Where one sends to in order to reach it: a machine's addresses, a Service's cluster addresses, a load balancer's. */
  readonly targetIps: readonly string[];
}

/** What clients can ask a Service for. */
export interface ServiceDoors {
  /** `ns/name` */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly protocol: 'tcp' | 'udp' | 'sctp'; readonly port: number }[];
}

export interface PlaceDirectory {
  /** Null: nothing of that name is in the snapshot. */
  find(ref: PlaceRef): Place | null;
  pods(namespace: string | null, selector: Readonly<Record<string, string>>): Place;
  /** All nodes, or all externals, by name. */
  machinesOf(kind: 'node' | 'external'): readonly MachineName[];
  /** All Services, by name: those of the objects, or where there are none those that rules tell of. */
  services(): readonly ServiceDoors[];
}

export function placeDirectory(snapshot: Snapshot): PlaceDirectory {
  return new SnapshotDirectory(snapshot);
}

interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly object: Json | null;
  readonly ips: readonly string[];
}

class SnapshotDirectory implements PlaceDirectory {
  private readonly machines: ReadonlyMap<MachineName, MachineCapture>;
  private readonly objects: ReadonlyMap<string, Json>;
  private readonly podFacts: ReadonlyMap<string, PodFacts>;
  private commented: ReadonlyMap<string, CommentedService> | null = null;

  constructor(private readonly snapshot: Snapshot) {
    this.machines = new Map(snapshot.machines.map((machine) => [machine.machine, machine]));
    this.objects = new Map(snapshot.objects.map((object) => [keyOf(object), object]));
    this.podFacts = podsOf(snapshot, this.machines);
  }

  find(ref: PlaceRef): Place | null {
    const [kind = '', ...rest] = ref.split('/');
    switch (kind) {
      case 'pod':
        return this.pod(rest.join('/'));
      case 'node':
      case 'external':
      case 'fabric':
        return this.machine(ref, rest.join('/'));
      case 'service':
        return this.service(rest.join('/'));
      case 'loadBalancer':
        return this.loadBalancer(rest.join('/'));
      default:
        return this.workload(kind, rest.join('/'));
    }
  }

  pods(namespace: string | null, selector: Readonly<Record<string, string>>): Place {
    return placeOf([...this.podFacts.values()].filter((pod) => (namespace === null || pod.namespace === namespace) && isSelected(pod.labels, selector)));
  }

  machinesOf(kind: 'node' | 'external'): readonly MachineName[] {
    const named = [...this.machines.keys()].filter((machine) => machine.startsWith(`${kind}/`));
    const nodes = this.snapshot.objects.filter((object) => textAt(object, 'kind') === 'Node').map((object) => textAt(object, 'metadata', 'name') ?? '');
    const told = kind === 'node' ? nodes : this.snapshot.cluster.externals.map(({ name }) => name);
    return [...new Set([...named, ...told.map((name): MachineName => `${kind}/${name}`)])].sort();
  }

  services(): readonly ServiceDoors[] {
    const objects = this.snapshot.objects.filter((object) => textAt(object, 'kind') === 'Service');
    const doors = objects.length > 0 ? objects.map(doorsOfObject) : [...this.servicesInRules()].map(([name, { ports }]): ServiceDoors => ({ name, labels: {}, ports: [...ports].flatMap(doorOfWords) }));
    return doors.filter(({ ports }) => ports.length > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private pod(name: string): Place | null {
    const pod = this.podFacts.get(name);
    return pod ? placeOf([pod]) : null;
  }

  private machine(ref: MachineName, name: string): Place | null {
    const machine = this.machines.get(ref);
    const node = this.objects.get(`node/default/${name}`);
    const external = ref.startsWith('external/') ? this.snapshot.cluster.externals.find((one) => one.name === name) : undefined;
    if (!machine && !node && !external) return null;
    const fromObject = listAt(node, 'status', 'addresses').filter((address) => textAt(address, 'type') === 'InternalIP');
    const ips = unique([
      ...fromObject.map((address) => textAt(address, 'address')),
      ...[external?.ip ?? null, external?.ip6 ?? null],
      ...(machine ? addressesOf(machine) : []),
    ]);
    return { machines: [ref], machineIps: ips, targetIps: ips };
  }

  private service(name: string): Place | null {
    const object = this.objects.get(`service/${name}`);
    const fromRules = object ? undefined : this.servicesInRules().get(name);
    if (!object && !fromRules) return null;
    const targetIps = object
      ? unique([textAt(object, 'spec', 'clusterIP'), ...texts(listAt(object, 'spec', 'clusterIPs'))].filter((ip) => ip !== 'None'))
      : [...(fromRules as CommentedService).clusterIps];
    return { ...this.behind(name, object, fromRules), targetIps };
  }

  private loadBalancer(name: string): Place | null {
    const object = this.objects.get(`service/${name}`);
    const fromRules = object ? undefined : this.servicesInRules().get(name);
    if (!object && !fromRules) return null;
    const targetIps = object
      ? unique([...listAt(object, 'status', 'loadBalancer', 'ingress').map((ingress) => textAt(ingress, 'ip')), textAt(object, 'spec', 'loadBalancerIP')])
      : [...(fromRules as CommentedService).loadBalancerIps];
    return { ...this.behind(name, object, fromRules), targetIps };
  }

  /** The endpoints of a Service: those of its slices, the pods that it selects, and where its rules send. */
  private behind(name: string, object: Json | undefined, fromRules: CommentedService | undefined): Place {
    const [namespace = 'default', bare = name] = name.split('/');
    const selector = wordsAt(object, 'spec', 'selector');
    const selected = Object.keys(selector).length > 0 ? this.pods(namespace, selector) : EMPTY;
    const ips = unique([...selected.machineIps, ...this.sliceAddresses(namespace, bare), ...(fromRules?.endpoints ?? [])]);
    const reached = [...this.podFacts.values()].filter((pod) => pod.ips.some((ip) => ips.includes(ip)));
    const names = [...selected.machines, ...placeOf(reached).machines];
    return { machines: [...new Set(names)].sort(), machineIps: ips, targetIps: [] };
  }

  private sliceAddresses(namespace: string, service: string): string[] {
    const found: (string | null)[] = [];
    for (const object of this.snapshot.objects) {
      const kind = textAt(object, 'kind');
      if (textAt(object, 'metadata', 'namespace') !== namespace) continue;
      if (kind === 'EndpointSlice' && wordsAt(object, 'metadata', 'labels')['kubernetes.io/service-name'] === service) {
        for (const endpoint of listAt(object, 'endpoints')) found.push(...texts(listAt(endpoint, 'addresses')));
      } else if (kind === 'Endpoints' && textAt(object, 'metadata', 'name') === service) {
        for (const subset of listAt(object, 'subsets')) found.push(...listAt(subset, 'addresses').map((address) => textAt(address, 'ip')));
      }
    }
    return unique(found);
  }

  private workload(kind: string, name: string): Place | null {
    const object = this.objects.get(`${kind.toLowerCase()}/${name}`);
    if (!object) return null;
    const namespace = name.split('/')[0] as string;
    const selector = wordsAt(object, 'spec', 'selector', 'matchLabels');
    return Object.keys(selector).length > 0 ? this.pods(namespace, selector) : EMPTY;
  }

  private servicesInRules(): ReadonlyMap<string, CommentedService> {
    return (this.commented ??= servicesFromRules(this.snapshot));
  }
}

function doorsOfObject(object: Json): ServiceDoors {
  const ports = listAt(object, 'spec', 'ports').flatMap((port) => doorOfWords(`${(textAt(port, 'protocol') ?? 'TCP').toLowerCase()} ${String(at(port, 'port') ?? '')}`));
  return { name: `${textAt(object, 'metadata', 'namespace') ?? 'default'}/${textAt(object, 'metadata', 'name') ?? ''}`, labels: wordsAt(object, 'metadata', 'labels'), ports };
}

/** `tcp 443` */
function doorOfWords(words: string): ServiceDoors['ports'] {
  const [, protocol, port] = /^(tcp|udp|sctp) (\d+)$/.exec(words) ?? [];
  return protocol === undefined ? [] : [{ protocol: protocol as 'tcp' | 'udp' | 'sctp', port: Number(port) }];
}

const EMPTY: Place = { machines: [], machineIps: [], targetIps: [] };

function podsOf(snapshot: Snapshot, machines: ReadonlyMap<MachineName, MachineCapture>): Map<string, PodFacts> {
  const pods = new Map<string, PodFacts>();
  const add = (namespace: string, name: string, object: Json | null): void => {
    const machine = machines.get(`pod/${namespace}/${name}`);
    const ips = unique([...listAt(object ?? undefined, 'status', 'podIPs').map((ip) => textAt(ip, 'ip')), textAt(object ?? undefined, 'status', 'podIP'), ...(machine ? addressesOf(machine) : [])]);
    pods.set(`${namespace}/${name}`, { namespace, name, labels: wordsAt(object ?? undefined, 'metadata', 'labels'), object, ips });
  };
  for (const machine of snapshot.machines) {
    const [kind, namespace, name] = machine.machine.split('/');
    if (kind === 'pod' && namespace && name) add(namespace, name, null);
  }
  for (const object of snapshot.objects) {
    const name = textAt(object, 'metadata', 'name');
    if (textAt(object, 'kind') === 'Pod' && name) add(textAt(object, 'metadata', 'namespace') ?? 'default', name, object);
  }
  return pods;
}

/** A pod on its node's network is reached at its node. */
function machineOf(pod: PodFacts): MachineName {
  const node = textAt(pod.object ?? undefined, 'spec', 'nodeName');
  const isOnHost = at(pod.object ?? undefined, 'spec', 'hostNetwork') === true;
  return isOnHost && node ? `node/${node}` : `pod/${pod.namespace}/${pod.name}`;
}

function placeOf(pods: readonly PodFacts[]): Place {
  const ips = unique(pods.flatMap((pod) => pod.ips));
  return { machines: [...new Set(pods.map(machineOf))].sort(), machineIps: ips, targetIps: ips };
}

/** Addresses that others can reach, neither loopback nor link-local ones. Those of the device that leads out come first: a node has others on its bridges. */
function addressesOf(machine: MachineCapture): string[] {
  const isDefault = (prefix: string): boolean => prefix === '0.0.0.0/0' || prefix === '::/0';
  const uplinks = new Set(machine.routes.filter(({ destination }) => isDefault(destination)).flatMap(({ nexthops }) => nexthops.map(({ device }) => device)));
  const links = [...machine.links.filter(({ name }) => uplinks.has(name)), ...machine.links.filter(({ name }) => !uplinks.has(name))];
  return links.flatMap((link) => link.addresses.filter(({ scope }) => scope === 'global').map(({ local }) => local));
}

function texts(values: readonly Json[]): string[] {
  return values.filter((value): value is string => typeof value === 'string');
}

/** Without doubles, in one spelling, in the order of their first mention. */
function unique(ips: readonly (string | null)[]): string[] {
  const result = new Set<string>();
  for (const ip of ips) {
    const address = ip === null ? null : parseAddress(ip);
    if (address) result.add(formatAddress(address));
  }
  return [...result];
}
