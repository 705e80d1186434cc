/** Datagrams, echo requests and hand-made segments as the scenario sends them. */
import { PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../../packet/index.js';
import type { RunNetwork } from '../network.js';
import { KIND_SEGMENT } from '../question/death.js';
import type { QuestionBook } from '../question/question-book.js';
import { WHEN_SEND, type Question } from '../question/question.js';
import { addressAt, portAt, type Flow } from './flow.js';
import { fillRequest } from './make-packet.js';

export class Requests {
  /** The first question of each conversation of hand-made segments. */
  private readonly conversations = new Map<number, number>();

  constructor(
    private readonly network: RunNetwork,
    private readonly book: QuestionBook,
  ) {}

  /** Sends packet `packet` of a connection to destination number `number`. */
  send(flow: Flow, question: Question, packet: number, number: number): void {
    const { addresses, pool } = this.network.environment;
    const { connection } = question;
    const machine = this.network.machines[flow.machine];
    const p = pool.take();
    fillRequest(p, flow, packet);
    p.source = addressAt(flow.source, connection, addresses);
    p.sourcePort = flow.chosenPorts === null ? portAt(flow.source, connection) : flow.chosenPorts[connection];
    p.destination = addressAt(flow.destination, number, addresses);
    if (flow.protocol === PROTOCOL_UDP || flow.protocol === PROTOCOL_TCP) p.destinationPort = portAt(flow.destination, number);
    if (flow.isRaw && !flow.hasSourceAddress) p.source = this.chosenSource(p, flow);
    question.machine = flow.machine;
    question.family = flow.family;
    question.source = p.source;
    question.sourcePort = p.sourcePort;
    question.destination = p.destination;
    question.destinationPort = p.destinationPort;
    p.question = flow.kind === KIND_SEGMENT ? this.conversationOf(flow, question, packet) : question.slot;
    const socket = flow.sockets === null ? -1 : flow.sockets[connection % flow.sockets.length];
    const isUnbound = socket < -1;
    p.socket = isUnbound ? -1 : socket;
    const error = isUnbound ? socket : flow.isRaw ? machine.sendRaw(p) : machine.send(p);
    if (isUnbound) pool.give(p);
    if (error !== 0) question.setError(WHEN_SEND, error);
  }

  /** Fills in the source that the kernel chose for a datagram, where the scenario names none. */
  complete(question: Question, flow: Flow): void {
    if (question.source !== 0 || flow.hasSourceAddress) return;
    const probe = this.network.environment.pool.take();
    fillRequest(probe, flow, 0);
    probe.destination = question.destination;
    probe.sourcePort = question.sourcePort;
    probe.destinationPort = question.destinationPort;
    question.source = this.chosenSource(probe, flow);
    this.network.environment.pool.give(probe);
  }

  /** The source that connect() of a datagram socket would take; 0 when there is no route. Raw sockets' makers ask for it to write it into their headers. */
  private chosenSource(p: PacketContext, flow: Flow): number {
    const { pool } = this.network.environment;
    const probe = pool.take();
    probe.copyHeaders(p);
    probe.mark = p.mark;
    probe.outputInterface = flow.device;
    const source = this.network.machines[flow.machine].connectRoute(probe) === 0 ? probe.source : 0;
    pool.give(probe);
    return source;
  }

  /** All hand-made segments of one connection are one conversation, told with its first packet. */
  private conversationOf(flow: Flow, question: Question, packet: number): number {
    if (flow.packets === 1) return question.slot;
    const key = flow.position * 0x10_0000 + question.connection;
    if (packet === 0) {
      this.book.hold(question.slot);
      this.conversations.set(key, question.slot);
      return question.slot;
    }
    const slot = this.conversations.get(key) ?? question.slot;
    if (packet === flow.packets - 1) this.conversations.delete(key);
    return slot;
  }
}
