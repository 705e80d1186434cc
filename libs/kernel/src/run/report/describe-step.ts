/** One step in words; rules are described by `filter-step.ts`. */
import type { Family, Step } from '@worldline/model';
import {
  STEP_BRIDGE,
  STEP_CONNTRACK,
  STEP_ENCAPSULATION,
  STEP_EXIT,
  STEP_FRAGMENT,
  STEP_INBOUND,
  STEP_LOOP,
  STEP_NAT_SKIPPED,
  STEP_NEIGHBOR,
  STEP_REVERSE_PATH,
  STEP_ROUTING,
  STEP_SYSCTL,
  STEP_TRANSFORM,
  STEP_UNMODELLED,
  NAT_SKIPPED_BOUND,
} from '../../record/index.js';
import { makeStep, type StepReader } from './describe-way.js';
import { protocolName, type ReportNames } from './names.js';

const CONNTRACK_ACTIONS = ['created', 'found', 'invalid', 'untracked', 'full', 'related', 'confirmed', 'insertFailed', 'clashResolved'] as const;
const CONNTRACK_INFO = ['ESTABLISHED', 'RELATED', 'NEW', 'ESTABLISHED reply', 'RELATED reply', '', '', 'UNTRACKED'] as const;
const TRANSFORM_CAUSES = ['rule', 'binding', 'reverse', 'clash', 'quoted'] as const;
const CAUSE_TEXTS = ['by the rule', 'as the entry is bound', 'back', 'because the port was taken', 'in the quoted packet'] as const;
const ROUTE_TYPES = ['none', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat'] as const;
const TABLES: Readonly<Record<number, string>> = { 253: 'default', 254: 'main', 255: 'local' };
const REVERSE_PATHS = ['passed', 'failed', 'martian'] as const;
const NEIGHBOURS = ['resolved', 'asking', 'failed'] as const;
const BRIDGE_ACTIONS = [
  'enter',
  'forward',
  'flood',
  'local',
  'noPort',
  'samePort',
  'netfilterOff',
  'ebtablesDrop',
  'isolated',
  'portDown',
  'routed',
  'redirected',
] as const;
const BRIDGE_TEXTS = [
  'enters the bridge',
  'forwarded to',
  'flooded to',
  'up to the bridge itself from',
  'no port for this address; came by',
  'not back to the port it came by:',
  'iptables not called: bridge-nf-call-iptables=0; port',
  'dropped by ebtables; port',
  'ports are isolated from each other:',
  'port is down:',
  'destination was translated: routed, from',
  'destination was translated: bridged on, from',
] as const;
const FIRST_REFUSAL = 4;
const FRAGMENT_ACTIONS = ['made', 'waiting', 'reassembled', 'tooBig'] as const;
const FRAGMENT_TEXTS = ['cut into fragments of', 'waits for its other fragments;', 'put together:', 'larger than the MTU of'] as const;
const INBOUND_ACTIONS = ['accepted', 'noSocket', 'echo', 'icmpError', 'ignored'] as const;

export function describeStep(code: number, reader: StepReader, names: ReportNames): Step {
  switch (code) {
    case STEP_EXIT: {
      const device = names.interfaceName(reader.operand(0));
      return makeStep('ExitOutputInterface', 'exit', { interface: device }, `out by ${device}`);
    }
    case STEP_CONNTRACK:
      return conntrackStep(reader, names);
    case STEP_TRANSFORM:
      return transformStep(reader, names);
    case STEP_NAT_SKIPPED: {
      const manip = manipName(reader.operand(0));
      const isBound = reader.operand(1) === NAT_SKIPPED_BOUND;
      return makeStep('Transformation', 'skipped', { manip }, `${manip} nat rules not asked: ${isBound ? 'the entry is bound already' : 'the packet has no entry'}`);
    }
    case STEP_ROUTING:
      return routingStep(reader, names);
    case STEP_REVERSE_PATH:
      return reversePathStep(reader, names);
    case STEP_SYSCTL: {
      const name = names.word(reader.operand(0));
      return makeStep('SysctlCheck', 'checked', { name, value: reader.operand(1) }, `${name} = ${reader.operand(1)}`, true);
    }
    case STEP_NEIGHBOR:
      return neighbourStep(reader, names);
    case STEP_BRIDGE:
      return bridgeStep(reader, names);
    case STEP_ENCAPSULATION:
      return tunnelStep(reader, names);
    case STEP_FRAGMENT: {
      const action = reader.operand(0);
      const text = `${FRAGMENT_TEXTS[action]} ${reader.operand(1)} bytes`;
      return makeStep('Fragment', FRAGMENT_ACTIONS[action], { size: reader.operand(1) }, text, action !== 1);
    }
    case STEP_INBOUND:
      return inboundStep(reader);
    case STEP_LOOP:
      return makeStep('Loop', 'seen', { times: reader.operand(0) }, `here for the ${reader.operand(0)}. time`, true);
    case STEP_UNMODELLED: {
      const what = names.word(reader.operand(0));
      return makeStep('Unmodelled', 'unmodelled', { what }, `not modelled: ${what}`, true);
    }
    default:
      return makeStep('Unmodelled', 'unknown', { code }, `step ${code}`);
  }
}

function manipName(manip: number): 'source' | 'destination' {
  return manip === 0 ? 'source' : 'destination';
}

function conntrackStep(reader: StepReader, names: ReportNames): Step {
  const action = CONNTRACK_ACTIONS[reader.operand(0)];
  const state = CONNTRACK_INFO[reader.operand(1)];
  const family = reader.detail(0) as Family;
  if (family !== 4 && family !== 6) return makeStep('Conntrack', action, { state }, `conntrack: ${action} ${state}`);
  const tuple = (at: number): string =>
    `${names.place(family, reader.detail(at), reader.detail(at + 2))} > ${names.place(family, reader.detail(at + 1), reader.detail(at + 3))}`;
  const protocol = protocolName(reader.detail(1));
  const detail = { state, protocol, original: tuple(2), reply: tuple(6) };
  return makeStep('Conntrack', action, detail, `conntrack: ${action} ${protocol} ${detail.original} (reply ${detail.reply}) ${state}`);
}

function transformStep(reader: StepReader, names: ReportNames): Step {
  const manip = manipName(reader.operand(0));
  const cause = reader.operand(1);
  const family = reader.detail(0) as Family;
  const before = names.place(family, reader.detail(1), reader.detail(2));
  const after = names.place(family, reader.detail(3), reader.detail(4));
  const isDrawn = reader.operand(4) === 1;
  const text = `${manip} ${before} -> ${after} ${CAUSE_TEXTS[cause]}${isDrawn ? ', port drawn' : ''}`;
  return makeStep('Transformation', manip, { cause: TRANSFORM_CAUSES[cause], before, after, isDrawn }, text, true);
}

function routingStep(reader: StepReader, names: ReportNames): Step {
  const direction = reader.operand(0) === 0 ? 'input' : 'output';
  const type = ROUTE_TYPES[reader.operand(1)] ?? `${reader.operand(1)}`;
  const table = TABLES[reader.operand(2)] ?? `${reader.operand(2)}`;
  const family = reader.detail(0) as Family;
  const device = names.interfaceName(reader.operand(4));
  const destination = names.address(family === 6 ? 6 : 4, reader.detail(1));
  const gateway = reader.operand(3) === 0 ? null : names.address(family === 6 ? 6 : 4, reader.operand(3));
  const via = gateway === null || gateway === destination ? '' : ` via ${gateway}`;
  const dev = device === null ? '' : ` dev ${device}`;
  const detail = { direction, type, table, destination, gateway, interface: device, prefixLength: reader.operand(5) };
  const isRefusal = ['none', 'blackhole', 'unreachable', 'prohibit', 'throw'].includes(type);
  const text = type === 'none' ? `no route to ${destination}` : `route to ${destination}: ${type}${via}${dev} (table ${table})`;
  return makeStep('Routing', type, detail, text, isRefusal);
}

function reversePathStep(reader: StepReader, names: ReportNames): Step {
  const result = REVERSE_PATHS[reader.operand(0)];
  const device = names.interfaceName(reader.operand(2));
  const back = device === null ? 'no way back' : `the way back is ${device}`;
  const filter = reader.operand(1);
  return makeStep('ReversePath', result, { filter, interface: device }, `reverse path ${result}: ${back}, rp_filter ${filter}`, result !== 'passed');
}

function neighbourStep(reader: StepReader, names: ReportNames): Step {
  const action = NEIGHBOURS[reader.operand(0)];
  const device = names.interfaceName(reader.operand(1));
  const mac = names.mac(reader.operand(2));
  const family = reader.detail(0) as Family;
  const address = names.address(family === 6 ? 6 : 4, reader.detail(1));
  const text = action === 'resolved' ? `${address} is at ${mac} on ${device}` : action === 'asking' ? `asking for ${address} on ${device}` : `nobody answers for ${address} on ${device}`;
  return makeStep('Neighbor', action, { address, mac, interface: device }, text, action === 'failed');
}

function bridgeStep(reader: StepReader, names: ReportNames): Step {
  const action = reader.operand(0);
  const bridge = names.interfaceName(reader.operand(1));
  const port = names.interfaceName(reader.operand(2));
  const text = `${bridge}: ${BRIDGE_TEXTS[action]}${port === null ? '' : ` ${port}`}`;
  const isRefusal = action >= FIRST_REFUSAL && BRIDGE_ACTIONS[action] !== 'netfilterOff';
  return makeStep('Bridge', BRIDGE_ACTIONS[action], { bridge, port, destination: names.mac(reader.detail(0)) }, text, isRefusal);
}

function tunnelStep(reader: StepReader, names: ReportNames): Step {
  const isOut = reader.operand(0) === 1;
  const device = names.interfaceName(reader.operand(1));
  const family: Family = reader.detail(0) === 6 ? 6 : 4;
  const source = names.address(family, reader.detail(1));
  const destination = names.address(family, reader.detail(2));
  const text = `${isOut ? 'into' : 'out of'} the tunnel ${device}: ${source} > ${destination}`;
  return makeStep('Encapsulation', isOut ? 'encapsulate' : 'decapsulate', { interface: device, source, destination }, text, true);
}

function inboundStep(reader: StepReader): Step {
  const action = INBOUND_ACTIONS[reader.operand(0)];
  const protocol = protocolName(reader.operand(1));
  const port = reader.operand(2);
  const place = port > 0 ? `${protocol} port ${port}` : protocol;
  const texts = {
    accepted: `taken by the socket of ${place}`,
    noSocket: `nobody listens on ${place}`,
    echo: 'answered as an echo request',
    icmpError: 'an ICMP message for this machine',
    ignored: `${place} ignored`,
  } as const;
  return makeStep('Inbound', action, { protocol, port: port > 0 ? port : null }, texts[action], true);
}
