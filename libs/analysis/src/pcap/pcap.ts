/**
 * What `tcpdump` on each interface would have written: a pcap file per machine and interface, raw IP, nanosecond time stamps.
 *
 * Links take no time, so packets of one instant are told apart by a nanosecond each, in order.
 */
import { parseDuration } from '@worldline/model';
import type { ExchangeEntry, MachineName, PacketReport, Report, WireHop } from '@worldline/model';
import { ByteWriter } from './byte-writer.js';
import { packetBytes, tcpDataLength } from './packet-bytes.js';
import type { Sequence } from './packet-bytes.js';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_RAW = 101;
const SNAP_LENGTH = 262144;

interface Capture {
  /** Microseconds. */
  readonly at: number;
  readonly hop: WireHop;
  readonly sequence: Sequence;
}

/** The files by path, `nodes/n1/eth0.pcap`. Only packets that the report lists one by one are in them. */
export function pcapFiles(report: Pick<Report, 'flows'>): ReadonlyMap<string, Uint8Array> {
  const captures = report.flows.flatMap((flow) => flow.packets.flatMap((packet) => capturesOf(packet)));
  captures.sort((a, b) => a.at - b.at);
  const files = new Map<string, ByteWriter>();
  let order = 0;
  let instant = -1;
  for (const { at, hop, sequence } of captures) {
    order = at === instant ? order + 1 : 0;
    instant = at;
    const path = `${folderOf(hop.machine)}/${hop.interface}.pcap`;
    let file = files.get(path);
    if (!file) files.set(path, (file = newFile()));
    const bytes = packetBytes(hop, sequence);
    file.littleU32(Math.floor(at / 1_000_000));
    file.littleU32((at % 1_000_000) * 1000 + Math.min(order, 999));
    file.littleU32(bytes.length);
    file.littleU32(bytes.length);
    file.append(bytes);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, file]) => [path, file.toBytes()]));
}

function newFile(): ByteWriter {
  const file = new ByteWriter();
  for (const word of [MAGIC_NANOSECONDS, 0x00040002, 0, 0, SNAP_LENGTH, LINKTYPE_RAW]) file.littleU32(word);
  return file;
}

function folderOf(machine: MachineName): string {
  const slash = machine.indexOf('/');
  return slash < 0 ? machine : `${machine.slice(0, slash)}s${machine.slice(slash)}`;
}

const FROM_SERVER: readonly ExchangeEntry['what'][] = ['synack', 'server-ack', 'echo', 'server-fin', 'rst'];

/** All hops of a question's exchange; each side's sequence numbers count what it has sent. */
function capturesOf(packet: PacketReport): Capture[] {
  const start = parseDuration(packet.at) ?? 0;
  const next = { client: 0, server: 0 };
  return packet.exchange.flatMap((entry) => {
    const at = entry.at === undefined ? start : (parseDuration(entry.at) ?? start);
    const [me, other] = FROM_SERVER.includes(entry.what) ? (['server', 'client'] as const) : (['client', 'server'] as const);
    const sequence = { seq: next[me], ack: next[other] };
    const [first] = entry.wire;
    if (first?.protocol === 'tcp' && !entry.retransmission) next[me] += tcpDataLength(first) + (/SYN|FIN/.test(first.flags ?? '') ? 1 : 0);
    return entry.wire.map((hop) => ({ at, hop, sequence }));
  });
}
