/** What a scenario sends, one by one, and what of it cannot be put to a real kernel. */
import { parseDuration } from '@worldline/model';
import type { FlowSpec, PacketReport, Probe, Report, Scenario } from '@worldline/model';
import { CannotBuild } from './build.js';
import type { Play } from '../ports/index.js';

/** The mark by which a packet is known again. */
const MARK_BYTES = 12;
const MAX_MARKED = 9999;
/** Without a duration a recording ends so long after the last packet, event or client's timer. */
const SETTLE_US = 400_000;

/** The prediction's packets say when and between what ends each is sent. */
export function playOf(scenario: Scenario, report: Report): Omit<Play, 'isTraced'> {
  const probes = scenario.flows.flatMap((flow, f) => {
    const predicted = report.flows.find(({ name }) => name === flow.name);
    check(flow, f);
    return (predicted?.packets ?? []).map((packet) => probeOf(flow, f, { packet, prefix: scenario.payloadBytes ?? [] }));
  });
  const events = scenario.events.map((e) => {
    if (e.kind !== 'run') throw new CannotBuild(`an event at ${e.at / 1000} ms is not a command line: what a control plane does can be proved once it is written as the commands that it runs`);
    return { at: e.at, machines: e.machines, run: e.run, stdin: e.stdin };
  });
  return { probes, events, end: scenario.duration, settle: SETTLE_US };
}

function check(flow: FlowSpec, place: number): void {
  const refuse = (why: string): never => {
    throw new CannotBuild(`flow ${flow.name} cannot be proved: ${why}`);
  };
  if (flow.dns) refuse('its resolver is not the kernel');
  if (flow.protocol === 'sctp') refuse('the recorder has no SCTP sockets');
  if (place > MAX_MARKED) refuse(`only ${MAX_MARKED + 1} flows can be told apart`);
  if (flow.payload < MARK_BYTES && flow.segment === null) refuse(`a payload of ${flow.payload} bytes has no room for the ${MARK_BYTES} by which a packet is known again`);
}

function probeOf(flow: FlowSpec, place: number, { packet, prefix }: { packet: PacketReport; prefix: readonly number[] }): Probe {
  const isEcho = flow.protocol === 'icmp' || flow.protocol === 'icmpv6';
  const zone = flow.destination.zone === null ? '' : `%${flow.destination.zone}`;
  const isRaw = flow.segment !== null || flow.isSpoofed || flow.extensions.length > 0;
  return {
    name: flow.name,
    flow: place,
    index: packet.index,
    at: parseDuration(packet.at) ?? 0,
    machine: flow.from,
    protocol: flow.protocol as Probe['protocol'],
    kind: isRaw ? 'raw' : flow.protocol === 'tcp' ? 'connect' : 'datagram',
    from: flow.sourceIp === null ? null : packet.sent.source.ip,
    port: flow.sourcePort === null && !isEcho ? null : (packet.sent.source.port ?? null),
    to: `${packet.sent.destination.ip}${zone}`,
    toPort: isEcho ? null : (packet.sent.destination.port ?? null),
    payload: flow.payload,
    prefix,
    ttl: flow.ttl,
    tos: flow.tos,
    mark: flow.mark,
    df: flow.isDontFragment,
    extensions: flow.extensions,
    isServerSilent: flow.isServerSilent,
    hold: flow.hold,
    connectTimeout: flow.connectTimeout,
    echoTimeout: flow.echoTimeout,
    flags: flow.segment?.flags ?? 0,
    seq: flow.segment?.seq ?? 0,
    ack: flow.segment?.ack ?? 0,
  };
}
