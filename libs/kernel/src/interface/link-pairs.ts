/**
 * Which veth ends belong together. `ip -j -d addr` gives each end its peer's index and the number its own namespace has for the peer's; indexes
 * repeat from machine to machine, so what points at each other is weighed with what else the dumps say.
 */
import type { Issue, LinkCapture, MachineCapture } from '@worldline/model';

export interface LinkEnd {
  /** Position in the list of machines. */
  readonly machine: number;
  /** Position in the machine's links. */
  readonly link: number;
}

export interface LinkPairs {
  /** `peers[machine][link]`: the other end; null leads to the fabric, or nowhere. */
  readonly peers: readonly (readonly (LinkEnd | null)[])[];
  readonly issues: readonly Issue[];
}

interface Candidate {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly evidence: number;
}

/** Pairs all veth ends of a snapshot. A node's uplink whose other end is in no dump stays unpaired. */
export function pairLinks(machines: readonly MachineCapture[]): LinkPairs {
  const peers = machines.map((m) => new Array<LinkEnd | null>(m.links.length).fill(null));
  const issues: Issue[] = [];
  const candidates = findCandidates(machines);
  const namespaces = new Map<string, number>();
  const isFree = ({ a, b }: Candidate): boolean => {
    if (peers[a.machine][a.link] || peers[b.machine][b.link]) return false;
    return isNamespaceOpen(namespaces, machines, a, b) && isNamespaceOpen(namespaces, machines, b, a);
  };
  const join = ({ a, b }: Candidate): void => {
    peers[a.machine][a.link] = b;
    peers[b.machine][b.link] = a;
    settleNamespace(namespaces, machines, a, b);
    settleNamespace(namespaces, machines, b, a);
  };
  // Ends that fit nowhere else need no weighing
  const counts = new Map<string, number>();
  const keyOf = (end: LinkEnd): string => `${end.machine}.${end.link}`;
  for (const { a, b } of candidates) for (const end of [a, b]) counts.set(keyOf(end), (counts.get(keyOf(end)) ?? 0) + 1);
  const isOnly = ({ a, b }: Candidate): boolean => counts.get(keyOf(a)) === 1 && counts.get(keyOf(b)) === 1;
  for (const candidate of candidates.filter(isOnly)) if (isFree(candidate)) join(candidate);
  candidates.splice(0, candidates.length, ...candidates.filter((c) => !isOnly(c)));
  // A namespace number that one pair has settled decides others of equal evidence, so the sure ones go first
  while (candidates.length > 0) {
    const open = candidates.filter(isFree);
    const best = open.reduce<Candidate | null>((top, c) => (top === null || c.evidence > top.evidence ? c : top), null);
    if (!best) break;
    const sure = open.filter((c) => c.evidence === best.evidence).find((c) => rivalsOf(open, c).length === 0);
    const chosen = sure ?? best;
    if (!sure) issues.push(ambiguity(machines, chosen, rivalsOf(open, chosen)));
    join(chosen);
    candidates.splice(0, candidates.length, ...open.filter((c) => c !== chosen));
  }
  return { peers, issues };
}

function findCandidates(machines: readonly MachineCapture[]): Candidate[] {
  const byIndexes = new Map<string, LinkEnd[]>();
  machines.forEach((m, machine) =>
    m.links.forEach((link, position) => {
      if (link.kind !== 'veth' || link.linkIndex === 0) return;
      const key = `${link.index}>${link.linkIndex}`;
      const ends = byIndexes.get(key);
      if (ends) ends.push({ machine, link: position });
      else byIndexes.set(key, [{ machine, link: position }]);
    }),
  );
  const candidates: Candidate[] = [];
  machines.forEach((m, machine) =>
    m.links.forEach((link, position) => {
      if (link.kind !== 'veth') return;
      const a = { machine, link: position };
      for (const b of byIndexes.get(`${link.linkIndex}>${link.index}`) ?? []) {
        if (isBefore(a, b) && couldMeet(machines, a, b)) candidates.push({ a, b, evidence: weigh(machines, a, b) });
      }
    }),
  );
  return candidates;
}

function isBefore(a: LinkEnd, b: LinkEnd): boolean {
  return a.machine < b.machine || (a.machine === b.machine && a.link < b.link);
}

/** A pair inside one namespace has no `link_netnsid`; a pod's ends are on its own node or in pods of the same node. */
function couldMeet(machines: readonly MachineCapture[], a: LinkEnd, b: LinkEnd): boolean {
  const isSame = a.machine === b.machine;
  if (isSame !== linkOf(machines, a).linkNetnsId < 0 || isSame !== linkOf(machines, b).linkNetnsId < 0) return false;
  const home = homeOf(machines[a.machine]);
  const other = homeOf(machines[b.machine]);
  return isSame || home === null || other === null || home === other;
}

/** The node whose kernel a machine lives in; null when the bundle does not say. */
function homeOf(machine: MachineCapture): string | null {
  if (machine.machine.startsWith('node/')) return machine.machine.slice('node/'.length);
  return machine.node;
}

/** Points for every independent sign that two ends are one wire. */
function weigh(machines: readonly MachineCapture[], a: LinkEnd, b: LinkEnd): number {
  const home = homeOf(machines[a.machine]);
  const isHomeKnown = home !== null && home === homeOf(machines[b.machine]);
  return (isHomeKnown ? 4 : 0) + signs(machines, a, b) + signs(machines, b, a);
}

/** Signs on `a`'s side: it knows the MAC address of `b` as a neighbour or port entry, or routes to one of its addresses. */
function signs(machines: readonly MachineCapture[], a: LinkEnd, b: LinkEnd): number {
  const own = machines[a.machine];
  const { name } = linkOf(machines, a);
  const other = linkOf(machines, b);
  const isNeighbour = own.neighbours.some((n) => n.device === name && n.mac === other.mac);
  const isLearnt = own.fdb.some((e) => e.device === name && e.mac === other.mac && e.state !== 'permanent');
  const isRouted = own.routes.some((r) => r.nexthops.some((h) => h.device === name) && other.addresses.some((x) => r.destination === `${x.local}/${x.family === 4 ? 32 : 128}`));
  return (isNeighbour ? 1 : 0) + (isLearnt ? 1 : 0) + (isRouted ? 1 : 0);
}

function linkOf(machines: readonly MachineCapture[], end: LinkEnd): LinkCapture {
  return machines[end.machine].links[end.link];
}

/** Candidates that claim one of the same ends with as much right. */
function rivalsOf(open: readonly Candidate[], c: Candidate): Candidate[] {
  const touches = (x: LinkEnd, y: LinkEnd): boolean => x.machine === y.machine && x.link === y.link;
  return open.filter((r) => r !== c && r.evidence >= c.evidence && (touches(r.a, c.a) || touches(r.a, c.b) || touches(r.b, c.a) || touches(r.b, c.b)));
}

/** A namespace number means one machine only, and each other machine has one number. */
function isNamespaceOpen(settled: ReadonlyMap<string, number>, machines: readonly MachineCapture[], from: LinkEnd, to: LinkEnd): boolean {
  const id = linkOf(machines, from).linkNetnsId;
  if (id < 0) return true;
  const machine = settled.get(`${from.machine}#${id}`);
  const number = settled.get(`${from.machine}>${to.machine}`);
  return (machine === undefined || machine === to.machine) && (number === undefined || number === id);
}

function settleNamespace(settled: Map<string, number>, machines: readonly MachineCapture[], from: LinkEnd, to: LinkEnd): void {
  const id = linkOf(machines, from).linkNetnsId;
  if (id < 0) return;
  settled.set(`${from.machine}#${id}`, to.machine);
  settled.set(`${from.machine}>${to.machine}`, id);
}

function ambiguity(machines: readonly MachineCapture[], chosen: Candidate, rivals: readonly Candidate[]): Issue {
  const nameOf = (end: LinkEnd): string => `${machines[end.machine].machine} ${linkOf(machines, end).name}`;
  const others = rivals.map((r) => `${nameOf(r.a)} - ${nameOf(r.b)}`).join(', ');
  return {
    code: 'AmbiguousLink',
    severity: 'warning',
    message: `${nameOf(chosen.a)} is taken as the other end of ${nameOf(chosen.b)}; as likely: ${others}`,
    file: `${machines[chosen.a.machine].folder}/ip-addr.json`,
  };
}
