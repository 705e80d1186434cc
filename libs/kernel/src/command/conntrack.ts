/** conntrack(8) on a machine: lists, deletes, creates and changes entries as conntrack-tools 1.4.7 does. */
import {
  formatConntrackEntry,
  conntrackProtocolName,
  type ConntrackCommand,
  type ConntrackNatFilter,
  type ConntrackStatusWord,
  type ConntrackTupleFilter,
} from '@worldline/language';
import { formatAddress, isInPrefix, parseAddress, type ConntrackCapture, type IpPrefix, type TupleCapture } from '@worldline/model';
import {
  IPS_ASSURED,
  IPS_EXPECTED,
  IPS_FIXED_TIMEOUT,
  IPS_OFFLOAD,
  IPS_SEEN_REPLY,
  HZ,
  captureEntry,
  insertCaptured,
  type ConntrackMachine,
  type ConntrackState,
} from '../conntrack/index.js';

export interface ConntrackMachineState extends ConntrackMachine {
  readonly conntrack: ConntrackState;
}

export interface ConntrackResult {
  readonly exitCode: number;
  readonly output: string;
  readonly errorOutput: string;
}

/** Carries out a command; listing changes nothing. */
export function runConntrack(m: ConntrackMachineState, command: ConntrackCommand): ConntrackResult {
  m.conntrack.beginInstant(m.environment.now);
  m.conntrack.settings.refresh(m.sysctl);
  if (command.table === 'expect') return runExpect(command);
  switch (command.action) {
    case 'list':
    case 'get':
      return list(m, command);
    case 'delete':
      return remove(m, command);
    case 'update':
      return update(m, command);
    case 'create':
    case 'add':
      return create(m, command);
    case 'flush':
      m.conntrack.flush();
      return { exitCode: 0, output: '', errorOutput: footer('connection tracking table has been emptied.') };
    case 'count':
      return { exitCode: 0, output: `${m.conntrack.count}\n`, errorOutput: '' };
    case 'statistics':
    case 'event':
      return { exitCode: 0, output: '', errorOutput: '' };
  }
}

/** There are no expectations: helpers are not modelled. */
function runExpect(command: ConntrackCommand): ConntrackResult {
  if (command.action === 'flush') return { exitCode: 0, output: '', errorOutput: footer('expectation table has been emptied.') };
  if (command.action === 'count') return { exitCode: 0, output: '0\n', errorOutput: '' };
  return { exitCode: 0, output: '', errorOutput: footer('0 expectations have been shown.') };
}

function list(m: ConntrackMachineState, command: ConntrackCommand): ConntrackResult {
  const isExtended = command.output.includes('extended');
  const { output, count } = printed(m, command, isExtended, (entry) => {
    if (command.isZeroing) m.conntrack.accounting.reset(entry);
  });
  return { exitCode: 0, output, errorOutput: footer(`${count} flow entries have been shown.`) };
}

function remove(m: ConntrackMachineState, command: ConntrackCommand): ConntrackResult {
  const { output, count } = printed(m, command, false, (entry) => {
    m.conntrack.destroy(entry);
  });
  return { exitCode: count > 0 ? 0 : 1, output, errorOutput: footer(`${count} flow entries have been deleted.`) };
}

/** The tool sends each match back to the kernel by its tuple: without an address or -f that has no family, and without -w no zone. It prints the first one only. */
function update(m: ConntrackMachineState, command: ConntrackCommand): ConntrackResult {
  const filter: ConntrackCommand = { ...command, zone: command.zone ?? 0, mark: null, status: [], state: null };
  const { conntrack } = m;
  if (command.family === null) {
    const isAny = printed(m, filter, false, () => undefined).count > 0;
    return isAny ? { exitCode: 1, output: '', errorOutput: footer('Operation failed: Operation not supported') } : { exitCode: 1, output: '', errorOutput: footer('0 flow entries have been updated.') };
  }
  const { output, count } = printed(m, filter, false, (entry) => {
    const { mark, state } = command;
    if (mark !== null) conntrack.setMark(entry, (conntrack.mark(entry) & ~mark.mask) ^ mark.value);
    if (command.timeout !== null) conntrack.refresh(entry, command.timeout * HZ);
    if (state !== null) conntrack.setTcpState(entry, state);
    if (command.status.includes('ASSURED')) conntrack.setAssured(entry);
    if (command.status.includes('SEEN_REPLY')) conntrack.addStatus(entry, IPS_SEEN_REPLY);
    if (command.status.includes('FIXED_TIMEOUT')) conntrack.addStatus(entry, IPS_FIXED_TIMEOUT);
    conntrack.generation++;
  });
  return { exitCode: count > 0 ? 0 : 1, output: output.slice(0, output.indexOf('\n') + 1), errorOutput: footer(`${count} flow entries have been updated.`) };
}

function create(m: ConntrackMachineState, command: ConntrackCommand): ConntrackResult {
  if (insertCaptured(m.conntrack, m, captureOf(command), false)) return { exitCode: 0, output: '', errorOutput: footer('1 flow entries have been created.') };
  if (command.action === 'add') return { exitCode: 0, output: '', errorOutput: footer('0 flow entries have been created.') };
  return { exitCode: 1, output: '', errorOutput: footer('Operation failed: such conntrack exists') };
}

/** Does something with each matching entry after it was printed, as the tool does. */
function printed(m: ConntrackMachineState, command: ConntrackCommand, isExtended: boolean, act: (entry: number) => void): { output: string; count: number } {
  const { conntrack, environment } = m;
  let output = '';
  let count = 0;
  for (let entry = conntrack.next(-1, environment.now); entry >= 0; entry = conntrack.next(entry, environment.now)) {
    const capture = captureEntry(conntrack, m, entry);
    if (!isMatch(command, capture, conntrack.status(entry))) continue;
    act(entry);
    // What was changed is printed as it is now, what was deleted as it was.
    output += `${formatConntrackEntry(command.action === 'update' ? captureEntry(conntrack, m, entry) : capture, isExtended)}\n`;
    count++;
  }
  return { output, count };
}

/** Whether the filter options of a command say yes to an entry (nfct_filter). */
function isMatch(command: ConntrackCommand, entry: ConntrackCapture, status: number): boolean {
  if (command.family !== null && entry.family !== command.family) return false;
  if (command.protocol !== null && entry.protocol !== command.protocol) return false;
  if (!isTupleMatch(command.original, entry.original) || !isTupleMatch(command.reply, entry.reply)) return false;
  if (command.icmpType !== null && entry.original.icmpType !== command.icmpType) return false;
  if (command.icmpCode !== null && entry.original.icmpCode !== command.icmpCode) return false;
  if (command.icmpId !== null && entry.original.sourcePort !== command.icmpId) return false;
  if (command.mark !== null && (entry.mark & command.mark.mask) !== command.mark.value) return false;
  if (command.state !== null && entry.state !== command.state) return false;
  if (command.zone !== null && entry.zone !== command.zone) return false;
  if (command.originalZone !== null && (entry.zone || entry.original.zone) !== command.originalZone) return false;
  if (command.replyZone !== null && (entry.zone || entry.reply.zone) !== command.replyZone) return false;
  if (!command.status.every((word) => hasStatus(word, status))) return false;
  return isNatMatch(command, entry);
}

function isTupleMatch(filter: ConntrackTupleFilter, tuple: TupleCapture): boolean {
  return (
    isAddressMatch(filter.source, tuple.source) &&
    isAddressMatch(filter.destination, tuple.destination) &&
    (filter.sourcePort === null || filter.sourcePort === tuple.sourcePort) &&
    (filter.destinationPort === null || filter.destinationPort === tuple.destinationPort)
  );
}

function isAddressMatch(prefix: IpPrefix | null, text: string): boolean {
  if (prefix === null) return true;
  const address = parseAddress(text);
  return address !== null && isInPrefix(address, prefix);
}

function hasStatus(word: ConntrackStatusWord, status: number): boolean {
  switch (word) {
    case 'ASSURED':
      return (status & IPS_ASSURED) !== 0;
    case 'SEEN_REPLY':
      return (status & IPS_SEEN_REPLY) !== 0;
    case 'FIXED_TIMEOUT':
      return (status & IPS_FIXED_TIMEOUT) !== 0;
    case 'EXPECTED':
      return (status & IPS_EXPECTED) !== 0;
    case 'OFFLOAD':
    case 'HW_OFFLOAD':
      return (status & IPS_OFFLOAD) !== 0;
    case 'UNSET':
      return (status & (IPS_SEEN_REPLY | IPS_ASSURED)) === 0;
  }
}

/** filter_nat: with both options both translations must be there, with --any-nat one of them. */
function isNatMatch(command: ConntrackCommand, entry: ConntrackCapture): boolean {
  const { sourceNat, destinationNat, anyNat } = command;
  const { original, reply } = entry;
  const isIcmp = entry.protocol === 1 || entry.protocol === 58;
  const hasSource = (filter: ConntrackNatFilter): boolean =>
    isTranslated(filter, reply.destination, original.source, isIcmp ? reply.sourcePort : reply.destinationPort, original.sourcePort);
  const hasDestination = (filter: ConntrackNatFilter): boolean =>
    isTranslated(filter, reply.source, original.destination, isIcmp ? 0 : reply.sourcePort, isIcmp ? 0 : original.destinationPort);
  if (anyNat !== null && !hasSource(anyNat) && !hasDestination(anyNat)) return false;
  return (sourceNat === null || hasSource(sourceNat)) && (destinationNat === null || hasDestination(destinationNat));
}

function isTranslated(filter: ConntrackNatFilter, to: string, from: string, toPort: number, fromPort: number): boolean {
  if (filter.address === null && filter.port === null) return to !== from || toPort !== fromPort;
  if (filter.address !== null && (to === from || !isAddressMatch(filter.address, to))) return false;
  return filter.port === null || (toPort !== fromPort && toPort === filter.port);
}

/** The entry that `-I` describes; the reply is the original turned round, with --src-nat and --dst-nat in it. */
function captureOf(command: ConntrackCommand): ConntrackCapture {
  const text = (prefix: IpPrefix | null): string => (prefix === null ? '' : formatAddress(prefix.address));
  const { original, reply } = command;
  const source = text(original.source ?? reply.destination);
  const destination = text(original.destination ?? reply.source);
  const protocol = command.protocol ?? 0;
  const isIcmp = protocol === 1 || protocol === 58;
  const id = command.icmpId ?? 0;
  const type = command.icmpType ?? 0;
  const sourcePort = isIcmp ? id : (original.sourcePort ?? reply.destinationPort ?? 0);
  const destinationPort = isIcmp ? id : (original.destinationPort ?? reply.sourcePort ?? 0);
  const nat = { source: command.sourceNat ?? command.anyNat, destination: command.destinationNat ?? command.anyNat };
  const has = (word: ConntrackStatusWord): boolean => command.status.includes(word);
  return {
    family: command.family ?? 4,
    protocol,
    timeout: command.timeout ?? 0,
    state: conntrackProtocolName(protocol) === 'tcp' || conntrackProtocolName(protocol) === 'sctp' ? command.state : null,
    original: { source, destination, sourcePort, destinationPort, icmpType: type, icmpCode: command.icmpCode ?? 0, zone: command.originalZone ?? 0 },
    reply: {
      source: text(nat.destination?.address ?? null) || text(reply.source) || destination,
      destination: text(nat.source?.address ?? null) || text(reply.destination) || source,
      sourcePort: isIcmp ? id : (nat.destination?.port ?? reply.sourcePort ?? destinationPort),
      destinationPort: isIcmp ? id : (nat.source?.port ?? reply.destinationPort ?? sourcePort),
      icmpType: answerType(type),
      icmpCode: command.icmpCode ?? 0,
      zone: command.replyZone ?? 0,
    },
    isReplied: has('SEEN_REPLY'),
    isAssured: has('ASSURED'),
    mark: (command.mark?.value ?? 0) >>> 0,
    zone: command.zone ?? 0,
    extras: [],
    line: 0,
  };
}

function answerType(type: number): number {
  const answers: Readonly<Record<number, number>> = { 8: 0, 0: 8, 13: 14, 15: 16, 17: 18, 128: 129, 129: 128 };
  return answers[type] ?? type;
}

function footer(text: string): string {
  return `conntrack v1.4.7 (conntrack-tools): ${text}\n`;
}
