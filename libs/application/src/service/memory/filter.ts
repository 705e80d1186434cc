/** Filters over results in memory: what the SQL of other adapters must agree with. */
import { parseDuration } from '@worldline/model';
import type { Disposition, PacketReport, PathReport } from '@worldline/model';
import { endpointWord, endpointWords, visitsOf } from '../visits.js';
import type { Visit } from '../visits.js';
import type { TraceFilter } from '../records.js';

/** One thing that a filter is asked about: a path, with the packet that took it where packets are meant, and the entry where traces are. */
export interface Candidate {
  readonly flowName: string;
  readonly path: PathReport;
  /** The packets that took it: one, or for a path all that are listed. */
  readonly packets: readonly PacketReport[];
  /** Null: the exchange as a whole. */
  readonly entry: number | null;
}

/** Whether a filter keeps a candidate. */
export function isKept(filter: TraceFilter, candidate: Candidate): boolean {
  const { flow, what, disposition, layer, protocol, address, port, at } = filter;
  const { path, packets, entry } = candidate;
  const exchange = entry === null ? path.exchange : path.exchange.slice(entry, entry + 1);
  if (flow !== undefined && flow !== candidate.flowName) return false;
  if (what && !exchange.some((one) => what.includes(one.what))) return false;
  if (disposition && !disposition.includes(dispositionOf(candidate))) return false;
  if (protocol !== undefined && path.sent?.protocol !== protocol && !packets.some(({ sent }) => sent.protocol === protocol)) return false;
  const isPacket = (packet: PacketReport): boolean =>
    (!layer || layer.includes(packet.layer)) &&
    (at?.from === undefined || (parseDuration(packet.at) ?? 0) >= at.from) &&
    (at?.to === undefined || (parseDuration(packet.at) ?? 0) <= at.to) &&
    ((address === undefined && port === undefined) || endpointWords(packet).includes(endpointWord(address, port)));
  if ((layer || at || address !== undefined || port !== undefined) && !packets.some(isPacket)) return false;
  if (!isVisited(filter, candidate)) return false;
  if (filter.and?.some((one) => !isKept(one, candidate))) return false;
  if (filter.or && !filter.or.some((one) => isKept(one, candidate))) return false;
  return !filter.not || !isKept(filter.not, candidate);
}

function dispositionOf({ path, entry }: Candidate): Disposition {
  return entry === null ? path.disposition : (path.exchange[entry]?.trace.disposition ?? path.disposition);
}

function isVisited(filter: TraceFilter, { path, entry }: Candidate): boolean {
  const { machine, hook, table, chain, rule, interface: name, deciding } = filter;
  if ([machine, hook, table, chain, rule, name, deciding].every((word) => word === undefined)) return true;
  const isMeant = (visit: Visit): boolean =>
    (entry === null || visit.entry === entry) &&
    (machine === undefined || visit.machine === machine) &&
    (hook === undefined || visit.hook === hook) &&
    (table === undefined || visit.table === table) &&
    (chain === undefined || visit.chain === chain) &&
    (rule === undefined || visit.rule === rule) &&
    (name === undefined || visit.inputInterface === name || visit.outputInterface === name) &&
    (deciding === undefined || visit.isDeciding === deciding);
  return visitsOf(path).some(isMeant);
}
