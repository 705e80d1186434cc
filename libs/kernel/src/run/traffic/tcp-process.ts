/**
 * The processes behind TCP sockets. A client connects, waits a little, writes, reads the echo, shuts down, waits for the server's FIN and closes;
 * a server accepts, sends back what it reads and closes when the client has.
 */
import { EXCHANGE_WHATS } from '@worldline/model';
import { DISPOSITION } from '../../record/index.js';
import type { RunNetwork } from '../network.js';
import { TIMED_OUT, WHEN_CONNECT, WHEN_ECHO, type Question } from '../question/question.js';
import type { QuestionBook } from '../question/question-book.js';
import {
  CLIENT_CLOSING,
  CLIENT_CONNECTING,
  CLIENT_DONE,
  CLIENT_ECHOING,
  CLIENT_HOLDING,
  CLIENT_LINGERING,
  TCP_CLOSED,
  TCP_ESTABLISHED,
  TCP_CLOSE_WAIT,
  type TcpBlock,
} from '../tcp/block.js';
import type { TcpStack } from '../tcp/stack.js';
import type { TimerHeap } from '../timer-heap.js';
import { bindConnection } from './clients.js';
import { addressAt, portAt, type Flow } from './flow.js';

export const TIMER_CLIENT = 16;

/** Between the echo and the client's FIN, and how long it then waits for the server's. */
const BEFORE_FIN = 8_000;
const FIN_TIMEOUT = 150_000;

const WHAT_SYN = EXCHANGE_WHATS.indexOf('syn');

/** What processes need of the run. */
export interface ProcessHost {
  readonly network: RunNetwork;
  readonly timers: TimerHeap;
  readonly stack: TcpStack;
  readonly book: QuestionBook;
  flowAt(position: number): Flow;
  /** A client is through: the run need not wait for it. */
  clientEnded(): void;
}

/** A client's process begins: socket, bind, connect. */
export function startClient(host: ProcessHost, flow: Flow, question: Question, destinationNumber: number): void {
  const { network, stack, book } = host;
  const { environment } = network;
  const address = addressAt(flow.source, question.connection, environment.addresses);
  const template = environment.pool.take();
  template.question = question.slot;
  template.family = flow.family;
  template.protocol = flow.protocol;
  template.what = WHAT_SYN;
  template.about = 1;
  template.source = address;
  template.destination = addressAt(flow.destination, destinationNumber, environment.addresses);
  template.destinationPort = portAt(flow.destination, destinationNumber);
  template.ttl = flow.spec.ttl ?? 0;
  template.tos = flow.spec.tos;
  template.mark = flow.spec.mark;
  template.outputInterface = flow.device;
  const bound = bindConnection(flow, network, address, question.connection);
  template.sourcePort = bound.port;
  question.machine = flow.machine;
  question.family = flow.family;
  question.source = address;
  question.sourcePort = bound.port;
  question.destination = template.destination;
  question.destinationPort = template.destinationPort;
  book.hold(question.slot);
  if (bound.error !== 0) {
    environment.pool.give(template);
    question.setError(WHEN_CONNECT, bound.error);
    endClient(host, question);
    return;
  }
  const { block, error } = stack.connect({ machine: flow.machine, question: question.slot, template });
  question.source = block.local;
  if (error !== 0) {
    template.machine = flow.machine;
    if (template.disposition === DISPOSITION.Accepted) template.disposition = DISPOSITION.NoRoute;
    question.setError(WHEN_CONNECT, error);
    environment.pool.give(template);
    block.isOrphan = true;
    stack.destroy(block);
    endClient(host, question);
    return;
  }
  environment.pool.give(template);
  stack.owned = block.id;
  block.clientState = CLIENT_CONNECTING;
  setTimer(host, block, flow.spec.connectTimeout);
}

/** A client's socket has something to say: established, refused, data, FIN. */
export function wakeClient(host: ProcessHost, block: TcpBlock): void {
  const question = host.book.of(block.question);
  if (question === null) return;
  switch (block.clientState) {
    case CLIENT_CONNECTING:
      connected(host, block, question);
      return;
    case CLIENT_ECHOING:
      readEcho(host, block, question);
      return;
    case CLIENT_CLOSING:
      if (block.error !== 0) leave(host, block, true);
      else if (block.hasPeerFin) leave(host, block, false);
  }
}

/** A client's own timer is due. */
export function clientTimerDue(host: ProcessHost, block: TcpBlock): void {
  const question = host.book.of(block.question);
  if (question === null) return;
  block.clientAt = Infinity;
  const { spec } = host.flowAt(question.flow);
  switch (block.clientState) {
    case CLIENT_CONNECTING:
      question.setError(WHEN_CONNECT, TIMED_OUT);
      leave(host, block, false);
      return;
    case CLIENT_HOLDING:
      block.clientState = CLIENT_ECHOING;
      block.echoLeft = spec.payload;
      setTimer(host, block, spec.echoTimeout);
      if (block.error !== 0) {
        readEcho(host, block, question);
        return;
      }
      host.stack.write(block, spec.payload);
      if (spec.payload === 0) readEcho(host, block, question);
      return;
    case CLIENT_ECHOING:
      question.setError(WHEN_ECHO, TIMED_OUT);
      leave(host, block, true);
      return;
    case CLIENT_LINGERING:
      block.clientState = CLIENT_CLOSING;
      setTimer(host, block, FIN_TIMEOUT);
      host.stack.finish(block);
      if (block.hasPeerFin || block.error !== 0) wakeClient(host, block);
      return;
    case CLIENT_CLOSING:
      leave(host, block, true);
  }
}

/** accept() returns a connection. One that was reset meanwhile is gone. */
export function acceptServer(host: ProcessHost, block: TcpBlock): void {
  block.isAccepted = true;
  if (block.state === TCP_CLOSED) {
    block.isOrphan = true;
    host.stack.releaseIfOver(block);
    return;
  }
  host.book.of(block.question)?.addConnection(block, false, host.network.environment.now);
  serve(host, block);
}

/** A server's socket is readable: echo what is there, close at its end. */
export function serve(host: ProcessHost, block: TcpBlock): void {
  if (!block.isAccepted) return;
  if (block.error !== 0) {
    host.stack.close(block);
    return;
  }
  const question = host.book.of(block.question);
  const isSilent = question !== null && host.flowAt(question.flow).spec.isServerSilent;
  if (block.unread > 0) {
    const bytes = block.unread;
    block.unread = 0;
    if (!isSilent) host.stack.write(block, bytes);
  }
  if (block.hasPeerFin && !block.hasReadFin) {
    block.hasReadFin = true;
    host.stack.close(block);
  }
}

/** connect() looks at SO_ERROR: an ICMP error about the handshake's own ACK fails it as well, though the connection stands (sk_err_soft). */
function connected(host: ProcessHost, block: TcpBlock, question: Question): void {
  const error = block.error !== 0 ? block.error : block.softError;
  if (error !== 0) {
    question.setError(WHEN_CONNECT, error, block.errorType, block.errorCode, block.errorFrom);
    leave(host, block, false);
    return;
  }
  if (block.state !== TCP_ESTABLISHED && block.state !== TCP_CLOSE_WAIT) return;
  block.clientState = CLIENT_HOLDING;
  setTimer(host, block, host.flowAt(question.flow).spec.hold);
}

function readEcho(host: ProcessHost, block: TcpBlock, question: Question): void {
  block.echoLeft -= block.unread;
  block.unread = 0;
  if (block.echoLeft <= 0) {
    question.isEchoed = true;
    question.addConnection(block, true, host.network.environment.now);
    block.clientState = CLIENT_LINGERING;
    setTimer(host, block, BEFORE_FIN);
  } else if (block.error !== 0 || block.hasPeerFin) {
    question.setError(WHEN_ECHO, block.error !== 0 ? block.error : TIMED_OUT);
    leave(host, block, true);
  }
}

/** The process is done with the socket; `isAbort` with SO_LINGER 0. */
function leave(host: ProcessHost, block: TcpBlock, isAbort: boolean): void {
  const question = host.book.of(block.question);
  block.clientState = CLIENT_DONE;
  block.clientAt = Infinity;
  if (isAbort) host.stack.abort(block);
  else host.stack.close(block);
  if (question !== null) endClient(host, question);
}

function endClient(host: ProcessHost, question: Question): void {
  question.endedAt = host.network.environment.now;
  host.book.release(question.slot);
  host.clientEnded();
}

function setTimer(host: ProcessHost, block: TcpBlock, after: number): void {
  block.clientAt = host.network.environment.now + after;
  host.timers.add(block.clientAt, TIMER_CLIENT, block.id);
}
