import { SCTP_STATE_NAMES } from './constants.js';
import {
  SCTP_ABORT,
  SCTP_COOKIE_ACK,
  SCTP_COOKIE_ECHO,
  SCTP_DATA,
  SCTP_ERROR,
  SCTP_HEARTBEAT,
  SCTP_HEARTBEAT_ACK,
  SCTP_INIT,
  SCTP_INIT_ACK,
  SCTP_SHUTDOWN,
  SCTP_SHUTDOWN_ACK,
  SCTP_SHUTDOWN_COMPLETE,
  sctpOutcome,
  sctpPacket,
} from './sctp-state.js';

type Chunk = readonly [direction: 0 | 1, chunk: number, leads: string];

const ASSOCIATION: readonly Chunk[] = [
  [0, SCTP_INIT, 'CLOSED'],
  [1, SCTP_INIT_ACK, 'COOKIE_WAIT'],
  [0, SCTP_COOKIE_ECHO, 'COOKIE_ECHOED'],
  [1, SCTP_COOKIE_ACK, 'ESTABLISHED assured'],
];

it.each<{ name: string; play: readonly Chunk[] }>([
  {
    name: 'a whole association',
    play: [
      ...ASSOCIATION,
      [0, SCTP_DATA, 'ESTABLISHED'],
      [0, SCTP_SHUTDOWN, 'SHUTDOWN_SENT'],
      [1, SCTP_SHUTDOWN_ACK, 'SHUTDOWN_ACK_SENT'],
      [0, SCTP_SHUTDOWN_COMPLETE, 'CLOSED'],
    ],
  },
  { name: 'the server ends it', play: [...ASSOCIATION, [1, SCTP_SHUTDOWN, 'SHUTDOWN_RECD'], [0, SCTP_SHUTDOWN_ACK, 'SHUTDOWN_ACK_SENT']] },
  { name: 'an INIT sent again keeps the timer', play: [[0, SCTP_INIT, 'CLOSED'], [0, SCTP_INIT, 'CLOSED kept']] },
  { name: 'an aborted association', play: [...ASSOCIATION, [1, SCTP_ABORT, 'CLOSED']] },
  { name: 'a stale cookie', play: [...ASSOCIATION.slice(0, 3), [1, SCTP_ERROR, 'CLOSED']] },
  { name: 'a second path', play: [[0, SCTP_HEARTBEAT, 'HEARTBEAT_SENT'], [1, SCTP_HEARTBEAT_ACK, 'ESTABLISHED']] },
  { name: 'nothing begins with data', play: [[0, SCTP_DATA, 'INVALID']] },
  { name: 'nothing begins with an abort', play: [[0, SCTP_ABORT, 'INVALID']] },
])('SCTP: $name', ({ play }) => {
  let state = 0;
  play.forEach(([direction, chunk, leads], i) => {
    const isValid = sctpPacket(chunk, direction, state, i > 0);
    const { state: next, isAssured, hasTimeout } = sctpOutcome;
    expect(isValid ? `${SCTP_STATE_NAMES[next]}${isAssured ? ' assured' : ''}${hasTimeout ? '' : ' kept'}` : 'INVALID').toBe(leads);
    if (isValid) state = next;
  });
});
