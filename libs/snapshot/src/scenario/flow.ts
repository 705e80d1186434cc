/** `spec.flows`. */
import { FLOW_DEFAULTS, parseAddress } from '@worldline/model';
import type { AddressRange, DnsQuestion, Expectation, ExtensionHeader, Family, FlowDestination, FlowProtocol, FlowSpec, HandMadeSegment, MachineName, PortRange } from '@worldline/model';
import type { Field, Fields } from '../document/index.js';
import type { ReadContext } from './context.js';
import { readFlowExpectation } from './expectation.js';
import { PLACE_KINDS, WORKLOAD_KINDS, readNamed, readRef } from './ref.js';
import type { PlaceKind } from './ref.js';
import { readAddresses, readPorts, readRate, readTcpFlags } from './values.js';

const PROTOCOLS: readonly FlowProtocol[] = ['udp', 'tcp', 'icmp', 'icmpv6', 'sctp'];
const EXTENSIONS: readonly ExtensionHeader[] = ['hop-by-hop', 'destination', 'routing', 'fragment'];
const FROM_KINDS: readonly PlaceKind[] = ['pod', 'node', 'external', ...WORKLOAD_KINDS];
const FLOW_WORDS = [
  ...['name', 'at', 'from', 'protocol', 'source', 'destination', 'dns', 'packets', 'every', 'interval', 'payload', 'connections', 'connectionEvery', 'rate', 'spread'],
  ...['dontFragment', 'df', 'ttl', 'tos', 'mark', 'spoof', 'server', 'extensions', 'hold', 'timeout', 'echoTimeout', 'flags', 'seq', 'ack', 'expect'],
];

const U32 = 0xffff_ffff;
/** More would not end in anybody's lifetime. */
const COUNT_LIMIT = 1_000_000_000;
const PAYLOAD_LIMIT = 65_535;

/** Reads one flow; null when nothing can be asked with it. */
export function readFlow(field: Field, context: ReadContext): FlowSpec | null {
  const fields = field.object(FLOW_WORDS, 'a flow');
  if (!fields) return null;
  const name = fields.need('name', (one) => one.text('the name of a flow'), 'a flow');
  const from = fields.need('from', (one) => readFrom(one, context), 'a flow');
  const dns = fields.read('dns', readDns, null);
  const protocol = dns && !fields.has('protocol') ? 'udp' : fields.need('protocol', (one) => one.oneOf(PROTOCOLS, 'a protocol'), 'a flow');
  if (name === null || from === null || protocol === null) return null;

  const source = readSource(fields);
  const destination = readDestination(fields, { protocol, isDns: fields.has('dns') }, context);
  if (destination === null) return null;
  const family = familyOf(fields, { protocol, source: source.ip, destination: destination.target.ip });
  const segment = readSegment(fields, protocol);
  return {
    name,
    at: fields.read('at', (one) => one.duration('a time'), FLOW_DEFAULTS.at),
    from,
    protocol,
    sourceIp: source.ip,
    sourcePort: source.port,
    destination: { ...destination.target, zone: destination.target.zone ?? source.zone },
    spread: readSpread(fields, destination.spread),
    packets: readPackets(fields, protocol, segment !== null),
    interval: either(fields, ['every', 'interval'], (one) => one.duration('the time between packets')) ?? FLOW_DEFAULTS.interval,
    payload: fields.read('payload', (one) => one.integer('a payload', 0, PAYLOAD_LIMIT), FLOW_DEFAULTS.payload),
    connections: fields.read('connections', (one) => one.integer('connections', 1, COUNT_LIMIT), FLOW_DEFAULTS.connections),
    connectionEvery: either(fields, ['connectionEvery', 'rate'], (one, word) => (word === 'rate' ? readRate(one) : one.duration('connectionEvery'))) ?? FLOW_DEFAULTS.connectionEvery,
    // Linux sets DF on what a socket sends (ip_dont_fragment, IP_PMTUDISC_WANT); in IPv6 IPV6_DONTFRAG has to be asked for.
    isDontFragment: either(fields, ['dontFragment', 'df'], (one, word) => one.boolean(word)) ?? family !== 6,
    ttl: fields.read('ttl', (one) => one.integer('ttl', 0, 255), FLOW_DEFAULTS.ttl),
    tos: fields.read('tos', (one) => one.integer('tos', 0, 255), FLOW_DEFAULTS.tos),
    mark: fields.read('mark', (one) => one.integer('mark', 0, U32), FLOW_DEFAULTS.mark),
    isSpoofed: fields.read('spoof', (one) => one.boolean('spoof'), FLOW_DEFAULTS.isSpoofed),
    isServerSilent: fields.read('server', (one) => one.oneOf(['silent', 'echo'], 'what a server does'), 'echo') === 'silent',
    extensions: readExtensions(fields, family),
    hold: fields.read('hold', (one) => one.duration('hold'), FLOW_DEFAULTS.hold),
    connectTimeout: fields.read('timeout', (one) => one.duration('timeout'), FLOW_DEFAULTS.connectTimeout),
    echoTimeout: fields.read('echoTimeout', (one) => one.duration('echoTimeout'), FLOW_DEFAULTS.echoTimeout),
    segment,
    ...(dns ? { dns } : {}),
    expect: fields.get('expect').listOrOne('expectations').map((one) => readFlowExpectation(one, name, context)).filter((one): one is Expectation => one !== null),
  };
}

/** One value under either of two names. */
function either<T>(fields: Fields, names: readonly [string, string], read: (field: Field, name: string) => T | null): T | null {
  const given = names.filter((name) => fields.has(name));
  if (given.length === 2) fields.get(names[1]).fail(`'${names[0]}' and '${names[1]}' say the same; give one`, { word: names[1], isKey: true });
  const name = given[0];
  return name === undefined ? null : read(fields.get(name), name);
}

/** A workload stands for its first pod by name. */
function readFrom(field: Field, context: ReadContext): MachineName | null {
  const ref = readRef(field, FROM_KINDS, 'where a flow comes from');
  if (ref === null) return null;
  context.places?.check(field, ref);
  return context.places?.firstPod(ref) ?? ref;
}

function readDns(field: Field): DnsQuestion | null {
  if (typeof field.value === 'string') return { name: field.value, types: ['A', 'AAAA'], resolver: null };
  const fields = field.object(['name', 'types', 'resolver'], 'dns');
  const name = fields?.need('name', (one) => one.text('the name to ask for'), 'dns');
  if (!fields || name == null) return null;
  const types = fields.get('types').listOrOne('record types').map((one) => one.oneOf(['A', 'AAAA'], 'a record type'));
  const resolver = fields.read<DnsQuestion['resolver']>('resolver', (one) => one.oneOf(['glibc', 'musl'], 'a resolver'), null);
  return { name, types: types.length > 0 ? types.filter((one) => one !== null) : ['A', 'AAAA'], resolver };
}

interface Source {
  readonly ip: AddressRange | null;
  readonly zone: string | null;
  readonly port: PortRange | null;
}

function readSource(flow: Fields): Source {
  const fields = flow.has('source') ? flow.get('source').object(['ip', 'port'], 'a source') : null;
  if (!fields) return { ip: null, zone: null, port: null };
  const addresses = fields.read('ip', (one) => readAddresses(one, 'source.ip'), null);
  return { ip: addresses?.range ?? null, zone: addresses?.zone ?? null, port: fields.read('port', (one) => readPorts(one, 'a port'), null) };
}

interface Destination {
  readonly target: FlowDestination;
  readonly spread: Field | null;
}

const NOWHERE: FlowDestination = { ip: null, zone: null, place: null, port: null };

function readDestination(flow: Fields, { protocol, isDns }: { protocol: FlowProtocol; isDns: boolean }, context: ReadContext): Destination | null {
  const field = flow.get('destination');
  if (isDns) {
    if (!field.isAbsent) field.fail("a flow with 'dns' has no destination: its resolver knows whom to ask");
    return { target: NOWHERE, spread: null };
  }
  if (field.isAbsent) return flow.self.fail("a flow needs 'destination' (or 'dns')", { word: 'destination', code: 'MissingWord' });
  const destination = typeof field.value === 'string' ? targetOfText(field, field.value, context) : targetOfMap(field, context);
  if (destination === null) return null;
  const isIcmp = protocol === 'icmp' || protocol === 'icmpv6';
  if (!isIcmp && destination.target.port === null) return field.fail(`${protocol} needs a port in its destination`, { code: 'MissingWord' });
  if (!isIcmp || destination.target.port === null) return destination;
  field.warn(`${protocol} has no ports; that of the destination is left aside (an echo's id is source.port)`);
  return { ...destination, target: { ...destination.target, port: null } };
}

function targetOfMap(field: Field, context: ReadContext): Destination | null {
  const fields = field.object(['ip', ...PLACE_KINDS, 'port', 'spread'], 'a destination');
  if (!fields) return null;
  const targets = fields.names.filter((name) => name === 'ip' || (PLACE_KINDS as readonly string[]).includes(name));
  const [kind] = targets;
  if (kind === undefined || targets.length > 1) return field.fail(kind === undefined ? `a destination names nothing; it takes ip, ${PLACE_KINDS.join(', ')}` : `a destination is one of ${targets.join(' and ')}`);
  const port = fields.read('port', (one) => readPorts(one, 'a port'), null);
  if (fields.has('port') && port === null) return null;
  const spread = fields.has('spread') ? fields.get('spread') : null;
  if (kind === 'ip') {
    const addresses = readAddresses(fields.get('ip'), 'destination.ip');
    return addresses && { target: { ip: addresses.range, zone: addresses.zone, place: null, port }, spread };
  }
  const place = readNamed(fields.get(kind), kind as PlaceKind);
  if (place === null) return null;
  context.places?.check(fields.get(kind), place);
  return { target: { ...NOWHERE, place, port }, spread };
}

/** `REF[:PORT]`, `ADDRESS[:PORT]` or `[v6]:PORT`, as on the command line. */
function targetOfText(field: Field, text: string, context: ReadContext): Destination | null {
  const match = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? (parseAddress(text) ? [text, text] : /^(.*?)(?::(\d+))?$/.exec(text));
  const [, host = '', digits] = match ?? [];
  const part = (value: string | number): Field => field.with(value);
  const port = digits === undefined ? null : readPorts(part(digits), 'a port');
  if (digits !== undefined && port === null) return null;
  if (parseAddress(host)) {
    const addresses = readAddresses(part(host), 'a destination');
    return addresses && { target: { ip: addresses.range, zone: addresses.zone, place: null, port }, spread: null };
  }
  const place = readRef(part(host), PLACE_KINDS, 'a destination');
  if (place === null) return null;
  context.places?.check(field, place);
  return { target: { ...NOWHERE, place, port }, spread: null };
}

function readSpread(fields: Fields, ofDestination: Field | null): FlowSpec['spread'] {
  const field = ofDestination ?? (fields.has('spread') ? fields.get('spread') : null);
  return field?.oneOf(['sequential', 'random'], 'a spread') ?? 'sequential';
}

/** The family that protocol and addresses agree on; null where nothing says. */
function familyOf(flow: Fields, { protocol, source, destination }: { protocol: FlowProtocol; source: AddressRange | null; destination: AddressRange | null }): Family | null {
  const ofRange = (range: AddressRange | null): Family | null => (range && parseAddress(range.first)?.family) ?? null;
  const ofProtocol = protocol === 'icmp' ? 4 : protocol === 'icmpv6' ? 6 : null;
  const ofSource = ofRange(source);
  const ofDestination = ofRange(destination);
  const family = ofProtocol ?? ofDestination ?? ofSource;
  if (ofDestination !== null && ofDestination !== family) flow.get('destination').fail(`${protocol} cannot go to an address of IPv${ofDestination}`);
  if (ofSource !== null && ofSource !== family) flow.get('source').fail(`an address of IPv${ofSource} cannot send ${ofProtocol === null ? `to one of IPv${family ?? ''}` : protocol}`);
  return family;
}

function readPackets(fields: Fields, protocol: FlowProtocol, isHandMade: boolean): FlowSpec['packets'] {
  const isConnecting = (protocol === 'tcp' && !isHandMade) || protocol === 'sctp';
  if (!fields.has('packets')) return isConnecting ? 'connect' : 1;
  const field = fields.get('packets');
  if (field.value === 'connect') {
    if (!isConnecting) field.fail(isHandMade ? 'hand-made segments are counted, they do not connect' : `${protocol} does not connect; packets takes a number`);
    return 'connect';
  }
  const count = field.integer('packets', 1, COUNT_LIMIT) ?? 1;
  if (protocol === 'tcp' && !isHandMade) {
    field.fail("tcp takes 'packets: connect'; a number needs hand-made segments ('flags')");
    return 'connect';
  }
  return count;
}

function readSegment(fields: Fields, protocol: FlowProtocol): HandMadeSegment | null {
  const given = ['flags', 'seq', 'ack'].filter((name) => fields.has(name));
  if (given.length === 0) return null;
  const first = fields.get(given[0] as string);
  if (protocol !== 'tcp') return first.fail(`only tcp has hand-made segments, not ${protocol}`);
  if (!fields.has('flags')) return first.fail("a hand-made segment needs 'flags'", { code: 'MissingWord' });
  return {
    flags: fields.read('flags', readTcpFlags, 0),
    seq: fields.read('seq', (one) => one.integer('seq', 0, U32), 0),
    ack: fields.read('ack', (one) => one.integer('ack', 0, U32), 0),
  };
}

function readExtensions(fields: Fields, family: Family | null): readonly ExtensionHeader[] {
  const field = fields.get('extensions');
  const headers = field.listOrOne('extension headers').map((one) => one.oneOf(EXTENSIONS, 'an extension header'));
  if (headers.length > 0 && family === 4) field.fail('IPv4 has no extension headers');
  return headers.filter((one) => one !== null);
}

