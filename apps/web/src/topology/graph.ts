/**
 * The topology as boxes with ports, and a packet's way through it: which wires it takes, and from which port to which it crosses each box.
 * What is drawn is bounded: where there are many machines, only those on the way and what they hang on.
 */
import type { HopView } from '../way/way-model.js';
import type { TopologyAnswer } from '../query/index.js';

export interface Graph {
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  /** Machines that are not drawn. */
  readonly hidden: number;
}

export interface Box {
  readonly id: string;
  readonly kind: 'node' | 'pod' | 'external' | 'fabric' | 'segment';
  /** The node that a pod runs on: drawn together. */
  readonly group: string | null;
  readonly title: string;
  readonly subtitle: string;
  readonly width: number;
  readonly height: number;
  readonly ports: readonly Port[];
  /** In the order of the visits: 1 for where the packet begins. */
  readonly visits: readonly number[];
  readonly crossings: readonly Crossing[];
}

export interface Port {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly side: 'west' | 'east';
  readonly isUp: boolean;
  readonly x: number;
  readonly y: number;
}

/** From port to port inside a box; null where the packet begins or ends there. */
export interface Crossing {
  readonly from: string | null;
  readonly to: string | null;
}

export interface Wire {
  readonly id: string;
  readonly from: { readonly box: string; readonly port: string };
  readonly to: { readonly box: string; readonly port: string };
  /** `forward`: the packet goes from `from` to `to`. */
  readonly taken: 'forward' | 'backward' | null;
  /** Not in the capture: the packet went from one to the other all the same. */
  readonly isAssumed: boolean;
}

type Machine = TopologyAnswer['machines'][number];
type Link = TopologyAnswer['links'][number];
type End = Link['ends'][number];

/** Above this, machines that the packet does not pass are left out. */
export const MACHINES_DRAWN = 40;
const HEADER = 28;
const ROW = 25;
/** A port's name stands above its line, so that a way through the box leaves it readable. */
const LINE = 19;
const SIZES = { node: 196, pod: 164, external: 164, fabric: 164, segment: 12 } as const;

export function graphOf(topology: TopologyAnswer, hops: readonly HopView[]): Graph {
  const visited = new Map<string, number[]>();
  hops.forEach(({ machine }, i) => visited.set(machine, [...(visited.get(machine) ?? []), i + 1]));
  const known = new Set(topology.machines.map(({ name }) => name));
  const strangers = [...visited.keys()].filter((name) => !known.has(name)).map(strangerOf);
  const machines = drawn([...topology.machines, ...strangers], visited);
  const names = new Set(machines.map(({ name }) => name));
  const links = topology.links.map((link) => ({ ...link, ends: link.ends.filter(({ machine }) => names.has(machine)) })).filter(({ ends }) => ends.length > 1);
  const sketch = new Sketch(links, hops);
  const boxes = [...machines.map((machine) => machineBox(machine, sketch, visited)), ...sketch.segments.map((segment) => segmentBox(segment, machines, sketch))];
  return { boxes, wires: sketch.wires, hidden: topology.machines.length + strangers.length - machines.length };
}

/** Wires between ports, made of links and of the way, with what the packet does on them. */
class Sketch {
  readonly wires: Wire[] = [];
  readonly segments: { readonly id: string; readonly ends: readonly End[] }[] = [];
  readonly crossings = new Map<string, Crossing[]>();

  constructor(links: readonly Link[], hops: readonly HopView[]) {
    for (const link of links) this.addLink(link);
    hops.forEach((hop, i) => this.addHop(hop, hops[i + 1]));
  }

  isWired(machine: string, name: string): boolean {
    return this.wires.some(({ from, to }) => (from.box === machine && from.port === name) || (to.box === machine && to.port === name));
  }

  isOnSegment(machine: string, name: string): boolean {
    return this.segments.some(({ ends }) => hasPort(ends, { box: machine, port: name }));
  }

  private addLink({ kind, ends }: Link): void {
    const [a, b] = ends;
    if (!a || !b) return;
    if (kind === 'veth') {
      this.addWire(portOf(a), portOf(b));
      return;
    }
    const id = `segment ${this.segments.length}`;
    this.segments.push({ id, ends });
    for (const end of ends) this.addWire({ box: id, port: nameOf(end) }, portOf(end));
  }

  private addWire(from: Wire['from'], to: Wire['to'], isAssumed = false): void {
    this.wires.push({ id: `${from.box} ${from.port} ${to.box} ${to.port}`, from, to, taken: null, isAssumed });
  }

  private addHop(hop: HopView, next: HopView | undefined): void {
    this.cross(hop.machine, { from: hop.inputInterface, to: hop.outputInterface });
    if (!next || hop.outputInterface === null || next.inputInterface === null) return;
    const [out, into] = [
      { box: hop.machine, port: hop.outputInterface },
      { box: next.machine, port: next.inputInterface },
    ];
    if (this.take(out, into)) return;
    const segment = this.segments.find(({ ends }) => hasPort(ends, out) && hasPort(ends, into));
    if (segment) {
      const [enter, leave] = [`${out.box} ${out.port}`, `${into.box} ${into.port}`];
      this.take(out, { box: segment.id, port: enter });
      this.take({ box: segment.id, port: leave }, into);
      this.cross(segment.id, { from: enter, to: leave });
      return;
    }
    this.addWire(out, into, true);
    this.take(out, into);
  }

  private cross(box: string, crossing: Crossing): void {
    this.crossings.set(box, [...(this.crossings.get(box) ?? []), crossing]);
  }

  private take(out: Wire['from'], into: Wire['to']): boolean {
    const at = this.wires.findIndex(({ from, to }) => (isSame(from, out) && isSame(to, into)) || (isSame(from, into) && isSame(to, out)));
    const wire = this.wires[at];
    if (!wire) return false;
    this.wires[at] = { ...wire, taken: isSame(wire.from, out) ? 'forward' : 'backward' };
    return true;
  }
}

function machineBox(machine: Machine, sketch: Sketch, visited: ReadonlyMap<string, readonly number[]>): Box {
  const { name, kind, node, interfaces } = machine;
  const crossings = sketch.crossings.get(name) ?? [];
  const isUsed = (port: string): boolean => sketch.isWired(name, port) || crossings.some(({ from, to }) => from === port || to === port);
  const isBusy = interfaces.length > 12;
  const passed = new Set(crossings.flatMap(({ from, to }) => [from, to]).filter((port) => port !== null));
  for (const one of interfaces) passed.delete(one.name);
  const unknown = [...passed].map((port) => ({ name: port, kind: '', isUp: true, master: null, addresses: [] }));
  const shown = [...interfaces, ...unknown].filter((one) => isUsed(one.name) || (!isBusy && kind !== 'node' && one.addresses.length > 0));
  const sideOf = (port: string): Port['side'] => (kind === 'external' || (kind === 'node' && !sketch.isOnSegment(name, port)) ? 'east' : 'west');
  const rows = { west: 0, east: 0 };
  const boxKind = kind === 'node' || kind === 'pod' || kind === 'external' ? kind : 'fabric';
  const width = SIZES[boxKind];
  const ports = shown.map((one): Port => {
    const side = sideOf(one.name);
    const y = HEADER + ROW * rows[side]++ + LINE;
    return { id: one.name, name: one.name, address: one.addresses[0]?.replace(/\/\d+$/, '') ?? '', side, isUp: one.isUp, x: side === 'west' ? 0 : width, y };
  });
  const words = name.split('/');
  return {
    id: name,
    kind: boxKind,
    group: kind === 'pod' ? node : kind === 'node' ? name : null,
    title: words.at(-1) ?? name,
    subtitle: words.length > 2 ? words.slice(0, -1).join('/') : (words[0] ?? ''),
    width,
    height: HEADER + ROW * Math.max(1, rows.west, rows.east) + 4,
    ports,
    visits: visited.get(name) ?? [],
    crossings,
  };
}

function segmentBox({ id, ends }: Sketch['segments'][number], machines: readonly Machine[], sketch: Sketch): Box {
  const kinds = new Map(machines.map(({ name, kind }) => [name, kind]));
  const rows = { west: 0, east: 0 };
  const gap = 26;
  const ports = ends.map((end): Port => {
    const side = kinds.get(end.machine) === 'external' ? 'west' : 'east';
    return { id: nameOf(end), name: '', address: '', side, isUp: true, x: side === 'west' ? 0 : SIZES.segment, y: gap * (rows[side]++ + 0.5) };
  });
  const height = gap * Math.max(2, rows.west, rows.east);
  const spread = ports.map((port) => ({ ...port, y: (port.y * height) / (gap * rows[port.side]) }));
  return { id, kind: 'segment', group: null, title: '', subtitle: `segment, ${ends.length} interfaces`, width: SIZES.segment, height, ports: spread, visits: [], crossings: sketch.crossings.get(id) ?? [] };
}

/** All machines while they are few; else the visited ones, the nodes of visited pods, and as many more as there is room for. */
function drawn(machines: readonly Machine[], visited: ReadonlyMap<string, unknown>): readonly Machine[] {
  if (machines.length <= MACHINES_DRAWN) return machines;
  const needed = new Set([...visited.keys(), ...machines.filter(({ name }) => visited.has(name)).map(({ node }) => node)]);
  const room = Math.max(0, MACHINES_DRAWN - needed.size);
  const others = machines.filter(({ name, kind }) => !needed.has(name) && kind !== 'pod').slice(0, room);
  return machines.filter((machine) => needed.has(machine.name) || others.includes(machine));
}

/** A machine that only the way names: the fabric's own. */
function strangerOf(name: string): Machine {
  return { name, kind: name.split('/')[0] ?? '', node: null, interfaces: [] };
}

function portOf({ machine, interface: name }: End): Wire['from'] {
  return { box: machine, port: name };
}

function nameOf({ machine, interface: name }: End): string {
  return `${machine} ${name}`;
}

function hasPort(ends: readonly End[], { box, port }: Wire['from']): boolean {
  return ends.some((end) => end.machine === box && end.interface === port);
}

function isSame(a: Wire['from'], b: Wire['from']): boolean {
  return a.box === b.box && a.port === b.port;
}
