/**
 * What one question came to, however the report lists it: packet by packet where all packets are listed, else path by path.
 * Expectations, comparisons and text are about questions, so that `--packets none` and explore mode give the same answers.
 */
import { assertNever, outcomeOf, parseDuration } from '@worldline/model';
import type { Death, Disposition, Endpoint, FlowReport, PacketReport, PathReport, SocketError, SocketView } from '@worldline/model';

export interface Question {
  readonly flow: string;
  /** `packet 3 at 700ms` or `path 2`; for messages. */
  readonly label: string;
  /** How many packets it stands for; in explore mode the probability. */
  readonly weight: number;
  readonly path: number;
  readonly sent: PacketReport['sent'] | null;
  readonly disposition: Disposition;
  readonly delivered: readonly SocketView[];
  /** Undefined: the report does not say. */
  readonly reply: SocketView | null | undefined;
  readonly error: SocketError | null | undefined;
  readonly died: Death | null;
  /** Microseconds; undefined: the report does not say. */
  readonly latency: number | undefined;
}

export type Counting = 'packets' | 'probability';

/** The questions of a flow. `counting` is `probability` for a report of explore mode. */
export function questionsOf(flow: FlowReport, counting: Counting): Question[] {
  switch (counting) {
    case 'probability':
      return flow.paths.map((path) => ofPath(flow, path, path.probability));
    case 'packets':
      if (flow.packets.length === flow.totals.sent) return flow.packets.map((packet) => ofPacket(flow, packet));
      return flow.paths.map((path) => ofPath(flow, path, path.count));
    default:
      return assertNever(counting);
  }
}

/** A report of explore mode lists no packets and gives every path a probability only. */
export function countingOf(flow: FlowReport): Counting {
  const counted = flow.paths.reduce((sum, path) => sum + path.count, 0);
  const isExact = flow.paths.some((path) => path.weight !== undefined);
  return isExact || (flow.packets.length === 0 && counted !== flow.totals.sent) ? 'probability' : 'packets';
}

/** One line on what became of a question: `Accepted at pod/default/a 10.1.0.2:80`, `DeniedForward at node/n1 by filter FORWARD 3`. */
export function fateText(question: Question): string {
  const { disposition, delivered, died, error, reply, sent } = question;
  const parts: string[] = [];
  if (delivered.length > 0) parts.push(`${disposition} at ${delivered.map((view) => `${view.machine} ${endpointText(view.local, sent?.protocol)}`).join(' and ')}`);
  else if (died && died.disposition === disposition) parts.push(deathText(died));
  else parts.push(disposition);
  if (died && (delivered.length > 0 || died.disposition !== disposition)) parts.push(`${died.what} died: ${deathText(died)}`);
  else if (delivered.length > 0 && reply === null) parts.push('no reply');
  if (error) parts.push(`the client gets ${error.errno}`);
  return parts.join('; ');
}

function deathText(died: Death): string {
  const rule = died.rule === null ? '' : ` by ${died.rule.table} ${died.rule.chain} ${died.rule.number === null ? 'policy' : `rule ${died.rule.number}`}`;
  const reason = died.reason === null || died.rule !== null ? '' : ` (${died.reason})`;
  return `${died.disposition} at ${died.machine}${rule}${reason}`;
}

/** `10.0.0.1:80`, `[fd00::1]:80`, or the bare address; an echo's id is no port. */
export function endpointText(endpoint: Endpoint, protocol?: string): string {
  if (endpoint.port === undefined) return endpoint.ip;
  if (protocol?.startsWith('icmp')) return `${endpoint.ip} id ${endpoint.port}`;
  return endpoint.ip.includes(':') ? `[${endpoint.ip}]:${endpoint.port}` : `${endpoint.ip}:${endpoint.port}`;
}

export function isUndecided(question: Question): boolean {
  return outcomeOf(question.disposition) === 'undecided' || (question.died !== null && outcomeOf(question.died.disposition) === 'undecided');
}

function ofPacket(flow: FlowReport, packet: PacketReport): Question {
  return {
    flow: flow.name,
    label: `packet ${packet.index} at ${packet.at}`,
    weight: 1,
    path: packet.path,
    sent: packet.sent,
    disposition: packet.disposition,
    delivered: viewsOf(packet.delivered),
    reply: packet.reply,
    error: packet.error,
    died: packet.died,
    latency: packet.latency === undefined ? undefined : (parseDuration(packet.latency) ?? undefined),
  };
}

function ofPath(flow: FlowReport, path: PathReport, weight: number): Question {
  return {
    flow: flow.name,
    label: `path ${path.id}`,
    weight,
    path: path.id,
    sent: path.sent ?? null,
    disposition: path.disposition,
    delivered: viewsOf(path.delivered),
    reply: path.reply === undefined && !wasAnswered(path) ? null : path.reply,
    error: path.error,
    died: path.died,
    latency: undefined,
  };
}

function wasAnswered({ exchange }: PathReport): boolean {
  return exchange.some(({ what, trace }) => (what === 'reply' || what === 'echo') && outcomeOf(trace.disposition) === 'delivered');
}

/** Deliveries as a list, whether the report has none, one or several. */
function viewsOf(delivered: SocketView | readonly SocketView[] | null): readonly SocketView[] {
  if (delivered === null) return [];
  return Array.isArray(delivered) ? (delivered as readonly SocketView[]) : [delivered as SocketView];
}
