/** What joins the machines: veth pairs, routers' links, and the segments that the rest leads to. */
import type { Issue, LinkCapture, MachineCapture, Snapshot } from '@worldline/model';
import { Segment, SegmentTable, type Attachment } from '../fabric/index.js';
import { pairLinks } from '../interface/index.js';
import type { Machine } from '../machine/index.js';
import { SEGMENT_LINK, type RouterCapture } from './router-capture.js';

/** Where the links of machines lead; machines are positions of captures. */
export interface Wiring {
  readonly segments: SegmentTable;
  readonly issues: readonly Issue[];
  /** `peers[machine][link]`, null for what leads to a segment or nowhere. */
  readonly peers: readonly (readonly (Attachment | null)[])[];
}

/**
 * Wires the machines of a snapshot (`captures`: those of the snapshot, then the routers). With `kind: l2` every uplink that has no other end in the
 * bundle is on one segment.
 */
export function wire(snapshot: Snapshot, captures: readonly MachineCapture[], routers: readonly RouterCapture[]): Wiring {
  const pairs = pairLinks(snapshot.machines);
  const peers = captures.map((c, machine) =>
    c.links.map((_, link) => {
      const end = pairs.peers[machine]?.[link];
      return end ? { machine: end.machine, position: end.link } : null;
    }),
  );
  const taken = joinRouters(captures, routers, peers, snapshot.machines.length);
  const attachments: Attachment[] = [];
  captures.forEach((c, machine) =>
    c.links.forEach((link, position) => {
      if (peers[machine][position] === null && !taken.has(machine) && isUplink(c, link)) attachments.push({ machine, position });
    }),
  );
  return { peers, segments: new SegmentTable([new Segment(attachments)]), issues: pairs.issues };
}

/** Links each routed external with its router; the machines that are off the segment for it. */
function joinRouters(captures: readonly MachineCapture[], routers: readonly RouterCapture[], peers: (Attachment | null)[][], first: number): Set<number> {
  const taken = new Set<number>();
  routers.forEach((router, i) =>
    router.behind.forEach((name, n) => {
      const external = captures.findIndex((c) => c.machine === name);
      const position = external < 0 ? -1 : captures[external].links.findIndex((l) => isUplink(captures[external], l));
      const own = router.capture.links.findIndex((l) => l.name === `ext${n}`);
      if (position < 0) return;
      peers[external][position] = { machine: first + i, position: own };
      peers[first + i][own] = { machine: external, position };
      taken.add(external);
    }),
  );
  return taken;
}

/** A link that can lead out of its machine: a device of its own, be it a bond's or a bridge's, or a veth whose other end is in another namespace. */
function isUplink(capture: MachineCapture, link: LinkCapture): boolean {
  if (capture.machine.startsWith('fabric/')) return link.name === SEGMENT_LINK;
  if (link.linkType === 'loopback') return false;
  const master = link.master === null ? null : (capture.links.find((l) => l.name === link.master)?.kind ?? null);
  if (master !== null && (link.kind !== '' || (master !== 'bond' && master !== 'bridge'))) return false;
  return link.kind === '' || (link.kind === 'veth' && link.linkNetnsId >= 0);
}

/** Writes the wiring into the machines' interfaces. */
export function connect(machines: readonly Machine[], peers: Wiring['peers']): void {
  machines.forEach((machine, m) =>
    machine.interfaces.list.forEach((device, position) => {
      const end = peers[m][position];
      if (!end) return;
      device.peerMachine = end.machine;
      device.peerPosition = end.position;
    }),
  );
}
