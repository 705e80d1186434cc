/** Recorded integers of this room as steps for people (see STEP_CONNTRACK, STEP_TRANSFORM, STEP_NAT_SKIPPED). */
import { formatAddress, type Family, type Step } from '@worldline/model';
import { conntrackProtocolName } from '@worldline/language';
import {
  CT_ESTABLISHED,
  CT_ESTABLISHED_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_RELATED_REPLY,
  CT_UNTRACKED,
} from '../packet/index.js';
import {
  CONNTRACK_CREATED,
  CONNTRACK_FULL,
  CONNTRACK_INSERT_FAILED,
  CONNTRACK_INVALID,
  NAT_SKIPPED_BOUND,
  TRANSFORM_QUOTED,
  type Environment,
} from '../record/index.js';
import { MANIP_SOURCE } from './constants.js';
import { hasPorts, isIcmp } from './tuple.js';

/** By CONNTRACK_*. */
const CONNTRACK_ACTIONS = [
  'created',
  'found',
  'invalid',
  'untracked',
  'full',
  'related',
  'confirmed',
  'insertFailed',
  'evicted',
  'clashResolved',
] as const;

const CONNTRACK_SENTENCES: Readonly<Record<(typeof CONNTRACK_ACTIONS)[number], string>> = {
  created: 'new connection',
  found: 'known connection',
  invalid: 'no connection that this can belong to',
  untracked: 'not tracked',
  full: 'the connection table is full: dropped',
  related: 'error about a known connection',
  confirmed: 'connection entered in the table',
  insertFailed: 'another connection has this tuple already: dropped',
  evicted: 'another connection gave up its place',
  clashResolved: 'joined the connection that was first',
};

/** By TRANSFORM_*. */
const TRANSFORM_CAUSES = ['rule', 'binding', 'reverse', 'clash', 'quoted', 'stateless'] as const;

/** `operands` as after STEP_CONNTRACK, `details` as STEP_DETAILS says. */
export function describeConntrackStep(operands: ArrayLike<number>, details: ArrayLike<number>, environment: Environment): Step {
  const action = operands[0];
  const word = CONNTRACK_ACTIONS[action];
  const state = action === CONNTRACK_INVALID ? 'INVALID' : stateName(operands[1]);
  const family = details[0] as Family;
  const protocol = details[1];
  const hasEntry = details[6] !== 0 || details[7] !== 0;
  const original = tupleText(environment, family, protocol, details, 2);
  const reply = hasEntry ? tupleText(environment, family, protocol, details, 6) : null;
  const name = conntrackProtocolName(protocol);
  return {
    kind: 'Conntrack',
    action: word,
    detail: { state, protocol: name, original, reply, isReply: operands[1] >= CT_ESTABLISHED_REPLY && operands[1] !== CT_UNTRACKED },
    text: `${state}: ${CONNTRACK_SENTENCES[word]} (${name} ${original}${reply === null ? '' : `, answers ${reply}`})`,
    isDeciding: action === CONNTRACK_FULL || action === CONNTRACK_INSERT_FAILED || action === CONNTRACK_CREATED,
  };
}

/** `operands` as after STEP_TRANSFORM. */
export function describeTransformStep(operands: ArrayLike<number>, details: ArrayLike<number>, environment: Environment): Step {
  const side = operands[0] === MANIP_SOURCE ? 'source' : 'destination';
  const cause = TRANSFORM_CAUSES[operands[1]];
  const family = details[0] as Family;
  const before = endText(environment, family, details[1], details[2]);
  const after = endText(environment, family, details[3], details[4]);
  const isDrawn = operands[4] === 1;
  const quoted = operands[1] === TRANSFORM_QUOTED ? ' and the quoted packet with it' : '';
  return {
    kind: 'Transformation',
    action: side,
    detail: { cause, before, after, isPortDrawn: isDrawn },
    text: `${side} ${before} -> ${after}${quoted} (${causeText(cause)}${isDrawn ? ', port drawn' : ''})`,
    isDeciding: true,
  };
}

/** `operands` as after STEP_NAT_SKIPPED. */
export function describeNatSkippedStep(operands: ArrayLike<number>): Step {
  const side = operands[0] === MANIP_SOURCE ? 'source' : 'destination';
  const isBound = operands[1] === NAT_SKIPPED_BOUND;
  const why = isBound ? 'the connection is bound already' : 'the packet has no connection';
  return {
    kind: 'Transformation',
    action: 'skipped',
    detail: { manip: side, reason: isBound ? 'bound' : 'noEntry' },
    text: `nat rules not asked for the ${side}: ${why}`,
    isDeciding: false,
  };
}

function stateName(info: number): string {
  switch (info) {
    case CT_NEW:
      return 'NEW';
    case CT_ESTABLISHED:
    case CT_ESTABLISHED_REPLY:
      return 'ESTABLISHED';
    case CT_RELATED:
    case CT_RELATED_REPLY:
      return 'RELATED';
    case CT_UNTRACKED:
      return 'UNTRACKED';
    default:
      return 'INVALID';
  }
}

function causeText(cause: (typeof TRANSFORM_CAUSES)[number]): string {
  switch (cause) {
    case 'rule':
      return 'by rule';
    case 'binding':
      return 'by the connection, as its first packet';
    case 'reverse':
      return 'the way back';
    case 'clash':
      return 'no rule, but the tuple was taken';
    case 'quoted':
      return 'an error about a translated packet';
    case 'stateless':
      return 'without connection';
  }
}

function tupleText(environment: Environment, family: Family, protocol: number, details: ArrayLike<number>, at: number): string {
  const source = details[at];
  const destination = details[at + 1];
  if (hasPorts(protocol)) {
    return `${endText(environment, family, source, details[at + 2])} > ${endText(environment, family, destination, details[at + 3])}`;
  }
  const ends = `${environment.addresses.format(family, source)} > ${environment.addresses.format(family, destination)}`;
  return isIcmp(protocol) ? `${ends} type ${details[at + 3] >> 8} id ${details[at + 2]}` : ends;
}

function endText(environment: Environment, family: Family, address: number, port: number): string {
  const ip = formatAddress(environment.addresses.value(family, address));
  if (port === 0) return ip;
  return family === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}
