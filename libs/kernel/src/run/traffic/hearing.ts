/** What the scenario's sockets hear of ICMP messages that reach their machine. */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../../packet/index.js';
import { errnoOfIcmp, isEchoReply, isEchoRequest, isTooBig } from '../icmp-meaning.js';
import type { RunNetwork } from '../network.js';
import type { QuestionBook } from '../question/question-book.js';
import { WHEN_ASYNC } from '../question/question.js';
import { receiveIcmpError } from '../tcp/receive.js';
import type { TcpStack } from '../tcp/stack.js';
import type { Clients } from './clients.js';
import type { Flow } from './flow.js';

export interface HearingHost {
  readonly network: RunNetwork;
  readonly book: QuestionBook;
  readonly stack: TcpStack;
  readonly plan: { readonly clients: Clients; readonly flows: readonly Flow[] };
}

/** A message passed INPUT: raw sockets see echoes, errors go to the sockets whose packets they quote. */
export function hearIcmp(host: HearingHost, p: PacketContext): void {
  const { network, book, stack } = host;
  const { now } = network.environment;
  const question = book.of(p.question);
  if (isEchoRequest(p)) question?.addDelivery(p.machine, p, now);
  else if (isEchoReply(p)) question?.addReply(p.machine, p, now);
  const { inner } = p;
  if (inner === null) return;
  const isNarrow = isTooBig(p.family, p.icmpType, p.icmpCode);
  question?.addNotice(p, isNarrow ? p.icmpMtu : -1);
  if (inner.protocol === PROTOCOL_TCP) {
    const { connections } = network.machines[p.machine].sockets;
    const block = connections.find(inner.family, inner.source, inner.sourcePort, inner.destination, inner.destinationPort);
    if (block >= 0) receiveIcmpError(stack, stack.blocks[block], p);
    return;
  }
  const errno = errnoOfIcmp(p);
  if (errno === 0 || question === null || !isForClient(host, p, inner)) return;
  // IP_PMTUDISC_DONT does not want to know
  const isUnwanted = isNarrow && p.family === 4 && inner.protocol === PROTOCOL_UDP && !host.plan.flows[question.flow].spec.isDontFragment;
  if (!isUnwanted) question.setError(WHEN_ASYNC, errno, p.icmpType, p.icmpCode, p.source);
}

/** Whether a client's socket, which has IP_RECVERR, gets the error: __udp4_lib_err, raw_icmp_error and their IPv6 twins. */
function isForClient(host: HearingHost, p: PacketContext, inner: PacketContext): boolean {
  if (inner.protocol === PROTOCOL_ICMP || inner.protocol === PROTOCOL_ICMPV6) return host.plan.clients.hasEchoClient(p.machine, inner);
  if (inner.protocol !== PROTOCOL_UDP) return false;
  const { sockets } = host.network.machines[p.machine];
  const socket = sockets.socket(sockets.lookupUdpError(inner, p.inputInterface));
  return socket !== null && !socket.isServer;
}
