/**
 * Reads a command line of conntrack(8). As with the tool, options of a protocol are known only after `-p`, long options may be cut as
 * far as they stay unique, and a word that is not understood is an error.
 */
import { parseAddress, parsePrefix, type Family, type IpPrefix, type Issue, type Parsed } from '@worldline/model';
import type { ConntrackAction, ConntrackCommand, ConntrackNatFilter, ConntrackStatusWord, ConntrackTable, MutableCommand, MutableTupleFilter } from './command.js';
import { conntrackProtocolNumber, tupleKind, TUPLE_ICMP, TUPLE_KEYS, TUPLE_PORTS } from './protocol.js';

/** `arg`: takes one; `maybe`: takes one unless the next word is an option. */
type Arity = 'none' | 'arg' | 'maybe';

interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  readonly long: readonly string[];
  readonly arity: Arity;
}

const COMMANDS: readonly OptionSpec[] = [
  { name: 'list', short: 'L', long: ['dump'], arity: 'maybe' },
  { name: 'get', short: 'G', long: ['get'], arity: 'maybe' },
  { name: 'delete', short: 'D', long: ['delete'], arity: 'maybe' },
  { name: 'create', short: 'I', long: ['create'], arity: 'maybe' },
  { name: 'add', short: 'A', long: ['add'], arity: 'maybe' },
  { name: 'update', short: 'U', long: ['update'], arity: 'maybe' },
  { name: 'event', short: 'E', long: ['event'], arity: 'maybe' },
  { name: 'flush', short: 'F', long: ['flush'], arity: 'maybe' },
  { name: 'count', short: 'C', long: ['count'], arity: 'maybe' },
  { name: 'statistics', short: 'S', long: ['stats'], arity: 'none' },
];

const OPTIONS: readonly OptionSpec[] = [
  { name: 'source', short: 's', long: ['src', 'orig-src'], arity: 'arg' },
  { name: 'destination', short: 'd', long: ['dst', 'orig-dst'], arity: 'arg' },
  { name: 'replySource', short: 'r', long: ['reply-src'], arity: 'arg' },
  { name: 'replyDestination', short: 'q', long: ['reply-dst'], arity: 'arg' },
  { name: 'protocol', short: 'p', long: ['protonum', 'proto'], arity: 'arg' },
  { name: 'timeout', short: 't', long: ['timeout'], arity: 'arg' },
  { name: 'status', short: 'u', long: ['status'], arity: 'arg' },
  { name: 'zero', short: 'z', long: ['zero'], arity: 'none' },
  { name: 'output', short: 'o', long: ['output'], arity: 'arg' },
  { name: 'eventMask', short: 'e', long: ['event-mask'], arity: 'arg' },
  { name: 'maskSource', long: ['mask-src'], arity: 'arg' },
  { name: 'maskDestination', long: ['mask-dst'], arity: 'arg' },
  { name: 'family', short: 'f', long: ['family'], arity: 'arg' },
  { name: 'sourceNat', short: 'n', long: ['src-nat'], arity: 'maybe' },
  { name: 'destinationNat', short: 'g', long: ['dst-nat'], arity: 'maybe' },
  { name: 'anyNat', short: 'j', long: ['any-nat'], arity: 'maybe' },
  { name: 'mark', short: 'm', long: ['mark'], arity: 'arg' },
  { name: 'zone', short: 'w', long: ['zone'], arity: 'arg' },
  { name: 'originalZone', long: ['orig-zone'], arity: 'arg' },
  { name: 'replyZone', long: ['reply-zone'], arity: 'arg' },
  { name: 'bufferSize', short: 'b', long: ['buffer-size'], arity: 'arg' },
];

const PORT_OPTIONS: readonly OptionSpec[] = [
  { name: 'sourcePort', long: ['sport', 'orig-port-src'], arity: 'arg' },
  { name: 'destinationPort', long: ['dport', 'orig-port-dst'], arity: 'arg' },
  { name: 'replySourcePort', long: ['reply-port-src'], arity: 'arg' },
  { name: 'replyDestinationPort', long: ['reply-port-dst'], arity: 'arg' },
];
const STATE_OPTION: OptionSpec = { name: 'state', long: ['state'], arity: 'arg' };
const VTAG_OPTIONS: readonly OptionSpec[] = [
  { name: 'ignored', long: ['orig-vtag'], arity: 'arg' },
  { name: 'ignored', long: ['reply-vtag'], arity: 'arg' },
];
const ICMP_OPTIONS: readonly OptionSpec[] = [
  { name: 'icmpType', long: ['icmp-type', 'icmpv6-type'], arity: 'arg' },
  { name: 'icmpCode', long: ['icmp-code', 'icmpv6-code'], arity: 'arg' },
  { name: 'icmpId', long: ['icmp-id', 'icmpv6-id'], arity: 'arg' },
];
const KEY_OPTIONS: readonly OptionSpec[] = [
  { name: 'sourcePort', long: ['srckey', 'orig-key-src'], arity: 'arg' },
  { name: 'destinationPort', long: ['dstkey', 'orig-key-dst'], arity: 'arg' },
  { name: 'replySourcePort', long: ['reply-key-src'], arity: 'arg' },
  { name: 'replyDestinationPort', long: ['reply-key-dst'], arity: 'arg' },
];

const TABLES: readonly ConntrackTable[] = ['conntrack', 'expect', 'dying', 'unconfirmed'];
const STATUS_WORDS: readonly ConntrackStatusWord[] = ['ASSURED', 'SEEN_REPLY', 'FIXED_TIMEOUT', 'EXPECTED', 'OFFLOAD', 'HW_OFFLOAD', 'UNSET'];
const OUTPUT_WORDS = ['xml', 'extended', 'timestamp', 'id', 'ktimestamp', 'labels', 'userspace', 'save'];

/** Reads the words after `conntrack`. On an error `value` is null and the issue names the word. */
export function parseConntrackCommand(words: readonly string[]): Parsed<ConntrackCommand> {
  try {
    return { value: new CommandReader(words).read(), issues: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const issue: Issue = { code: 'BadCommand', severity: 'error', word: error.word, message: `conntrack: ${error.message}` };
    return { value: null, issues: [issue] };
  }
}

/** Only ever caught in this file: a word that ends the reading. */
class Refusal extends Error {
  constructor(
    readonly word: string,
    message: string,
  ) {
    super(message);
  }
}

class CommandReader {
  private at = 0;
  private action: ConntrackAction | null = null;
  private readonly original: MutableTupleFilter = { source: null, destination: null, sourcePort: null, destinationPort: null };
  private readonly reply: MutableTupleFilter = { source: null, destination: null, sourcePort: null, destinationPort: null };
  private readonly command: MutableCommand = {
    action: 'list',
    table: 'conntrack',
    family: null,
    protocol: null,
    original: this.original,
    reply: this.reply,
    icmpType: null,
    icmpCode: null,
    icmpId: null,
    sourceNat: null,
    destinationNat: null,
    anyNat: null,
    mark: null,
    status: [],
    timeout: null,
    state: null,
    zone: null,
    originalZone: null,
    replyZone: null,
    output: [],
    isZeroing: false,
  };

  constructor(private readonly words: readonly string[]) {}

  read(): ConntrackCommand {
    while (this.at < this.words.length) this.readWord(this.words[this.at++] as string);
    if (this.action === null) throw new Refusal(this.words[0] ?? 'conntrack', 'no command given');
    this.command.action = this.action;
    this.checkNeeds();
    return this.command;
  }

  private readWord(word: string): void {
    if (word.startsWith('--') && word.length > 2) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      const spec = this.findLong(name, word);
      this.apply(spec, word, this.argument(spec, word, equals < 0 ? null : word.slice(equals + 1)));
    } else if (word.startsWith('-') && word.length > 1) {
      for (let i = 1; i < word.length; i++) {
        const letter = word[i] as string;
        const spec = [...COMMANDS, ...OPTIONS].find((o) => o.short === letter);
        if (spec === undefined) throw new Refusal(word, `unknown option \`${word}'`);
        const rest = word.slice(i + 1);
        const isGlued = spec.arity !== 'none' && rest !== '';
        this.apply(spec, word, this.argument(spec, word, isGlued ? rest : null));
        if (isGlued) break;
      }
    } else throw new Refusal(word, `unexpected word \`${word}'`);
  }

  private findLong(name: string, word: string): OptionSpec {
    const known = [...COMMANDS, ...OPTIONS, ...this.protocolOptions()];
    const exact = known.find((o) => o.long.includes(name));
    if (exact !== undefined) return exact;
    const begun = known.filter((o) => o.long.some((long) => long.startsWith(name)));
    if (begun.length !== 1) throw new Refusal(word, `unknown option \`${word}'`);
    return begun[0] as OptionSpec;
  }

  private protocolOptions(): readonly OptionSpec[] {
    const { protocol } = this.command;
    if (protocol === null) return [];
    switch (tupleKind(protocol)) {
      case TUPLE_PORTS:
        if (protocol === 6) return [...PORT_OPTIONS, STATE_OPTION];
        if (protocol === 132) return [...PORT_OPTIONS, STATE_OPTION, ...VTAG_OPTIONS];
        return PORT_OPTIONS;
      case TUPLE_ICMP:
        return ICMP_OPTIONS;
      case TUPLE_KEYS:
        return KEY_OPTIONS;
      default:
        return [];
    }
  }

  private argument(spec: OptionSpec, word: string, glued: string | null): string | null {
    if (spec.arity === 'none') {
      if (glued !== null) throw new Refusal(word, `option \`${word}' takes no argument`);
      return null;
    }
    if (glued !== null) return glued;
    const next = this.words[this.at];
    if (next !== undefined && (spec.arity === 'arg' || !next.startsWith('-'))) {
      this.at++;
      return next;
    }
    if (spec.arity === 'arg') throw new Refusal(word, `option \`${word}' requires an argument`);
    return null;
  }

  private apply(spec: OptionSpec, word: string, argument: string | null): void {
    if (COMMANDS.includes(spec)) {
      if (this.action !== null) throw new Refusal(word, 'only one command is allowed');
      this.action = spec.name as ConntrackAction;
      if (argument !== null) this.command.table = tableOf(argument);
      return;
    }
    const value = argument ?? '';
    const { command, original, reply } = this;
    switch (spec.name) {
      case 'source':
        original.source = this.prefix(value);
        break;
      case 'destination':
        original.destination = this.prefix(value);
        break;
      case 'replySource':
        reply.source = this.prefix(value);
        break;
      case 'replyDestination':
        reply.destination = this.prefix(value);
        break;
      case 'maskSource':
        original.source = withMask(original.source, value);
        break;
      case 'maskDestination':
        original.destination = withMask(original.destination, value);
        break;
      case 'sourcePort':
        original.sourcePort = numberIn(value, 0xffff);
        break;
      case 'destinationPort':
        original.destinationPort = numberIn(value, 0xffff);
        break;
      case 'replySourcePort':
        reply.sourcePort = numberIn(value, 0xffff);
        break;
      case 'replyDestinationPort':
        reply.destinationPort = numberIn(value, 0xffff);
        break;
      case 'sourceNat':
        command.sourceNat = this.nat(argument);
        break;
      case 'destinationNat':
        command.destinationNat = this.nat(argument);
        break;
      case 'anyNat':
        command.anyNat = this.nat(argument);
        break;
      default:
        this.applyRest(spec.name, value);
    }
  }

  private applyRest(name: string, value: string): void {
    const { command } = this;
    switch (name) {
      case 'protocol': {
        command.protocol = conntrackProtocolNumber(value);
        if (command.protocol === null) throw new Refusal(value, `\`${value}' unsupported protocol`);
        break;
      }
      case 'family':
        this.setFamily(familyOf(value), value);
        break;
      case 'icmpType':
        command.icmpType = numberIn(value, 0xff);
        break;
      case 'icmpCode':
        command.icmpCode = numberIn(value, 0xff);
        break;
      case 'icmpId':
        command.icmpId = numberIn(value, 0xffff);
        break;
      case 'mark':
        command.mark = markOf(value);
        break;
      case 'status':
        command.status = value.split(',').map(statusOf);
        break;
      case 'timeout':
        command.timeout = numberIn(value, 0xffffffff);
        break;
      case 'state':
        command.state = value.toUpperCase();
        break;
      case 'zone':
        command.zone = numberIn(value, 0xffff);
        break;
      case 'originalZone':
        command.originalZone = numberIn(value, 0xffff);
        break;
      case 'replyZone':
        command.replyZone = numberIn(value, 0xffff);
        break;
      case 'zero':
        command.isZeroing = true;
        break;
      case 'output':
        command.output = value.split(',').map(outputOf);
        break;
      default: // event mask, buffer size, verification tags: nothing that the simulated table knows
        break;
    }
  }

  private prefix(text: string): IpPrefix {
    const prefix = parsePrefix(text);
    if (prefix === null) throw new Refusal(text, `invalid IP address \`${text}'`);
    this.setFamily(prefix.address.family, text);
    return prefix;
  }

  /** `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS6]:PORT`, `:PORT` or nothing. */
  private nat(text: string | null): ConntrackNatFilter {
    if (text === null) return { address: null, port: null };
    const match = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text);
    const whole = parseAddress(text);
    const address = whole !== null ? text : (match?.[1] ?? match?.[2] ?? text);
    const port = whole === null && match?.[3] !== undefined ? numberIn(match[3], 0xffff) : null;
    return { address: address === '' ? null : this.prefix(address), port };
  }

  private setFamily(family: Family, word: string): void {
    if (this.command.family !== null && this.command.family !== family) throw new Refusal(word, `mixed IPv4/IPv6 address \`${word}'`);
    this.command.family = family;
  }

  /** What the tool asks for before it creates an entry. */
  private checkNeeds(): void {
    const { command, original, reply } = this;
    if (command.table !== 'conntrack' && (this.action === 'create' || this.action === 'add' || this.action === 'update')) {
      throw new Refusal(command.table, `expectations cannot be made here: table \`${command.table}'`);
    }
    if (this.action !== 'create' && this.action !== 'add') return;
    const need = (isGiven: boolean, option: string): void => {
      if (!isGiven) throw new Refusal(option, `You need to supply the \`${option}' option for this command`);
    };
    need(command.timeout !== null, '--timeout');
    need(command.protocol !== null, '--proto');
    need(original.source !== null || reply.destination !== null, '--orig-src');
    need(original.destination !== null || reply.source !== null, '--orig-dst');
    if (command.protocol === 6 || command.protocol === 132) need(command.state !== null, '--state');
    if (tupleKind(command.protocol as number) === TUPLE_ICMP) need(command.icmpType !== null, '--icmp-type');
    if (tupleKind(command.protocol as number) === TUPLE_PORTS) {
      need(original.sourcePort !== null || reply.destinationPort !== null, '--sport');
      need(original.destinationPort !== null || reply.sourcePort !== null, '--dport');
    }
  }
}

function tableOf(word: string): ConntrackTable {
  const table = TABLES.find((t) => t === word);
  if (table === undefined) throw new Refusal(word, `unknown table \`${word}'`);
  return table;
}

function familyOf(word: string): Family {
  if (word === 'ipv4') return 4;
  if (word === 'ipv6') return 6;
  throw new Refusal(word, `\`${word}' unsupported layer 3 protocol`);
}

function statusOf(word: string): ConntrackStatusWord {
  const status = STATUS_WORDS.find((s) => s === word.toUpperCase());
  if (status === undefined) throw new Refusal(word, `bad parameter \`${word}'`);
  return status;
}

function outputOf(word: string): string {
  if (!OUTPUT_WORDS.includes(word)) throw new Refusal(word, `bad parameter \`${word}'`);
  return word;
}

function markOf(word: string): { value: number; mask: number } {
  const [value, mask] = word.split('/');
  return { value: numberIn(value ?? '', 0xffffffff) | 0, mask: mask === undefined ? -1 : numberIn(mask, 0xffffffff) | 0 };
}

function numberIn(word: string, max: number): number {
  const number = /^(\d+|0x[0-9a-fA-F]+)$/.test(word) ? Number(word) : NaN;
  if (!(number <= max)) throw new Refusal(word, `bad number \`${word}'`);
  return number;
}

/** A mask as an address (`255.255.0.0`) or as a length. */
function withMask(prefix: IpPrefix | null, word: string): IpPrefix | null {
  const mask = parseAddress(word);
  if (mask === null) throw new Refusal(word, `invalid mask \`${word}'`);
  if (prefix === null) throw new Refusal(word, `mask \`${word}' without an address`);
  const length = mask.words.reduce((ones, part) => ones + countOnes(part), 0);
  return { address: prefix.address, length };
}

function countOnes(word: number): number {
  let ones = 0;
  for (let rest = word >>> 0; rest !== 0; rest >>>= 1) ones += rest & 1;
  return ones;
}
