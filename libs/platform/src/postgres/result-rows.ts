/** A Report as rows, and rows as records. */
import { endpointWords, visitsOf, withoutHops } from '@worldline/application';
import type { FlowRecord, PacketRecord, PathRecord, TraceRecord } from '@worldline/application';
import { parseDuration } from '@worldline/model';
import type { FlowReport, FlowTotals, PacketReport, PathReport, Report } from '@worldline/model';
import type { CopyValue, Row, Transaction } from './database.js';

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: (flow: FlowReport, position: number) => Iterable<readonly CopyValue[]>;
}

const TABLES: readonly Table[] = [
  {
    name: 'flow',
    columns: ['position', 'name', 'totals'],
    rows: ({ name, totals }, position) => [[position, name, JSON.stringify(totals)]],
  },
  {
    name: 'path',
    columns: ['flow', 'path', 'count', 'disposition', 'protocol', 'died_at', 'report'],
    rows: (flow, position) => flow.paths.map((path) => [position, path.id, path.count, path.disposition, protocolOf(path, flow), path.died?.machine ?? null, JSON.stringify(path)]),
  },
  {
    name: 'path_entry',
    columns: ['flow', 'path', 'entry', 'what', 'disposition'],
    rows: ({ paths }, position) => paths.flatMap(({ id, exchange }) => exchange.map(({ what, trace }, entry) => [position, id, entry, what, trace.disposition])),
  },
  {
    name: 'path_visit',
    columns: ['flow', 'path', 'entry', 'machine', 'input_interface', 'output_interface', 'hook', '"table"', 'chain', 'rule', 'is_deciding'],
    rows: function* ({ paths }, position) {
      for (const path of paths) {
        for (const v of visitsOf(path)) yield [position, path.id, v.entry, v.machine, v.inputInterface, v.outputInterface, v.hook, v.table, v.chain, v.rule, v.isDeciding];
      }
    },
  },
  {
    name: 'packet',
    columns: ['flow', 'index', 'path', 'at_us', 'layer', 'endpoints', 'report'],
    rows: function* ({ packets }, position) {
      for (const packet of packets) yield [position, packet.index, packet.path, parseDuration(packet.at) ?? 0, packet.layer, endpointWords(packet), JSON.stringify(withoutHops(packet))];
    },
  },
];

/** Replaces all rows of a simulation by those of its Report. */
export async function writeRows(connection: Transaction, simulation: number, { flows }: Report): Promise<void> {
  for (const { name, columns, rows } of TABLES) {
    await connection.query(`delete from ${name} where simulation = $1`, [simulation]);
    await connection.copy(name, ['simulation', ...columns], rowsOf(simulation, flows, rows));
  }
}

function* rowsOf(simulation: number, flows: readonly FlowReport[], rows: Table['rows']): Generator<readonly CopyValue[]> {
  for (let position = 0; position < flows.length; position++) {
    for (const row of rows(flows[position] as FlowReport, position)) yield [simulation, ...row];
  }
}

function protocolOf(path: PathReport, { packets }: FlowReport): string | null {
  return path.sent?.protocol ?? packets.find((packet) => packet.path === path.id)?.sent.protocol ?? null;
}

export const FLOW_COLUMNS = 's.id as simulation, f.position, f.name, f.totals';
export const PATH_COLUMNS = 's.id as simulation, q.flow, q.path, f.name as "flowName", q.report';
export const PACKET_COLUMNS = 's.id as simulation, p.flow, p.index, f.name as "flowName", p.report';
export const TRACE_COLUMNS = `${PACKET_COLUMNS}, e.entry`;

export type FlowRow = Row & { simulation: string; position: number; name: string; totals: FlowTotals };
export type PathRow = Row & { simulation: string; flow: number; path: number; flowName: string; report: PathReport };
export type PacketRow = Row & { simulation: string; flow: number; index: number; flowName: string; report: PacketReport };
export type TraceRow = PacketRow & { entry: number };

export function flowRecord({ simulation, position, name, totals }: FlowRow): FlowRecord {
  return { simulation, position, name, totals };
}

export function pathRecord({ simulation, flow, path, flowName, report }: PathRow): PathRecord {
  return { simulation, flow, path, flowName, report };
}

export function packetRecord({ simulation, flow, index, flowName, report }: PacketRow): PacketRecord {
  return { simulation, flow, index, flowName, report };
}

/** Exchanges of all packets of a path are alike, so an entry of the path is one of the packet. */
export function traceRecord({ simulation, flow, index, flowName, entry, report }: TraceRow): TraceRecord[] {
  const found = report.exchange[entry];
  return found ? [{ simulation, flow, index, flowName, entry, path: report.path, what: found.what, about: found.about ?? null, trace: found.trace, wire: found.wire }] : [];
}
