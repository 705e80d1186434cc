import { EXCHANGE_WHATS, Random, type FlowReport, type FlowSpec, type Scenario } from '@worldline/model';
import { flowSpec, scenario } from '@worldline/testkit';
import {
  ENETUNREACH,
  EPERM,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  type PacketContext,
} from '../packet/index.js';
import { Environment, STEP_ORIGINATE, WHAT_CLIENT_RST, WHAT_ICMP_ERROR, WHAT_RST, WIRE_IN, WIRE_OUT, drop, writeWire } from '../record/index.js';
import { ROUTE_LOCAL } from '../routing/index.js';
import { SocketState } from '../socket/index.js';
import { SampleChooser, runScenario, type NetworkListener, type RunMachine, type RunNetwork, type RunOptions } from './index.js';

/** Machines on one wire, each with one address; `decide` may lose or answer a frame on its way. */
class Wire implements RunNetwork {
  readonly machines: Host[] = [];
  readonly inbox: PacketContext[] = [];
  readonly frames: PacketContext[] = [];
  listener!: NetworkListener;
  packetsSent = 0;

  constructor(
    readonly environment: Environment,
    readonly decide: (p: PacketContext, wire: Wire) => Fate,
  ) {}

  deliverNext(): boolean {
    const p = this.frames.shift();
    if (p === undefined) return false;
    const fate = p.what === WHAT_ICMP_ERROR ? 'pass' : this.decide(p, this);
    const host = this.machines.find(({ address, family }) => address === p.destination && family === p.family);
    if (fate !== 'pass' || host === undefined) {
      drop(p, 'LostOnLink', 'LOST_OUTSIDE');
      if (fate === 'unreachable') this.answerUnreachable(p);
      this.end(p);
      return true;
    }
    p.machine = host.id;
    p.inputInterface = 0;
    p.routeType = ROUTE_LOCAL;
    writeWire(p, host.id, this.environment.interfaceNames.id('eth0'), WIRE_IN, p.hopClock.ticks++);
    this.deliver(host, p);
    return true;
  }

  end(p: PacketContext): void {
    this.listener.packetEnded(p);
    this.environment.pool.give(p);
  }

  nextTimer(): number {
    return Infinity;
  }
  advance(): void {}
  abandon(): void {}
  endHeld(): void {}
  expect(): void {}

  machinePosition(name: string): number {
    return this.machines.findIndex((host) => host.name === name);
  }

  placeName(machine: number): string {
    return this.machines[machine].name;
  }

  fork(environment: Environment): Wire {
    const copy = new Wire(environment, this.decide);
    for (const host of this.machines) copy.machines.push(new Host(host.id, host.name, host.address, host.family, host.sockets.fork(), copy));
    return copy;
  }

  private deliver(host: Host, p: PacketContext): void {
    if (p.protocol === PROTOCOL_ICMP) {
      this.listener.icmpReceived(p);
      this.end(p);
      return;
    }
    p.socket = p.protocol === PROTOCOL_UDP ? host.sockets.lookupUdp(p) : host.sockets.lookupTcp(p);
    if (p.socket >= 0) {
      this.inbox.push(p);
      return;
    }
    drop(p, 'NoListener', 'NO_SOCKET');
    if (p.protocol === PROTOCOL_TCP && (p.tcpFlags & TCP_RST) === 0) host.sendReset(p);
    this.end(p);
  }

  private answerUnreachable(p: PacketContext): void {
    const q = this.environment.pool.take();
    q.inner = this.environment.pool.take();
    q.inner.copyHeaders(p);
    q.question = p.question;
    q.about = p.about;
    q.what = WHAT_ICMP_ERROR;
    q.family = 4;
    q.protocol = PROTOCOL_ICMP;
    q.icmpType = 3;
    q.icmpCode = 1;
    q.source = p.destination;
    q.destination = p.source;
    q.length = 56;
    this.frames.push(q);
  }
}

type Fate = 'pass' | 'lose' | 'unreachable';

class Host implements RunMachine {
  readonly environment: Environment;
  constructor(
    readonly id: number,
    readonly name: string,
    readonly address: number,
    readonly family: 4 | 6,
    readonly sockets: SocketState,
    readonly wire: Wire,
  ) {
    this.environment = wire.environment;
  }

  send(p: PacketContext): number {
    this.wire.packetsSent++;
    p.machine = this.id;
    this.environment.recorder.step1(p, STEP_ORIGINATE, this.id);
    const error = this.connectRoute(p);
    if (error !== 0 || p.mark === 1) {
      drop(p, error !== 0 ? 'NoRoute' : 'DeniedOut', 'NETFILTER_DROP');
      this.wire.end(p);
      return error !== 0 ? error : EPERM;
    }
    if (p.ttl === 0) p.ttl = 64;
    writeWire(p, this.id, this.environment.interfaceNames.id('eth0'), WIRE_OUT, p.hopClock.ticks++);
    this.wire.frames.push(p);
    return 0;
  }

  sendRaw(p: PacketContext): number {
    return this.send(p);
  }

  connectRoute(p: PacketContext): number {
    if (p.source === 0) p.source = this.address;
    p.routeMtu = 1500;
    return p.destination >>> 24 === 10 || p.family === 6 ? 0 : ENETUNREACH;
  }

  sendReset(p: PacketContext): void {
    const q = this.environment.pool.take();
    q.question = p.question;
    q.about = 3 - p.about;
    q.what = q.about === 1 ? WHAT_CLIENT_RST : WHAT_RST;
    q.family = p.family;
    q.protocol = PROTOCOL_TCP;
    q.source = p.destination;
    q.destination = p.source;
    q.sourcePort = p.destinationPort;
    q.destinationPort = p.sourcePort;
    const hasAck = (p.tcpFlags & TCP_ACK) !== 0;
    q.tcpFlags = hasAck ? TCP_RST : TCP_RST | TCP_ACK;
    q.tcpSeq = hasAck ? p.tcpAck : 0;
    q.tcpAck = hasAck ? 0 : (p.tcpSeq + p.payloadLength + ((p.tcpFlags & TCP_SYN) !== 0 ? 1 : 0)) | 0;
    q.ttl = 0;
    q.length = p.family === 4 ? 40 : 60;
    this.send(q);
  }

  interfacePosition(): number {
    return 0;
  }

  isLocalAddress(family: number, handle: number): boolean {
    return family === this.family && handle === this.address;
  }
}

const CLIENT = 'pod/default/a';
const ALWAYS = (): Fate => 'pass';

function run(more: Partial<Scenario>, decide: (p: PacketContext, wire: Wire) => Fate = ALWAYS, options: Partial<RunOptions> = {}): { flows: readonly FlowReport[]; wire: Wire; codes: string[] } {
  const random = Random.fromSeed(1);
  const environment = Environment.create(random, new SampleChooser(random));
  const wire = new Wire(environment, decide);
  const listening = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, family: 4 as const, address: '0.0.0.0', isDualStack: false, device: null, port: 53, process: null }));
  const sockets = (isServer: boolean): SocketState => SocketState.compile(isServer ? listening : [], environment.addresses, () => 0);
  wire.machines.push(new Host(0, CLIENT, 0x0a000001, 4, sockets(false), wire), new Host(1, 'pod/default/b', 0x0a000002, 4, sockets(true), wire));
  const result = runScenario(
    wire,
    scenario(more),
    { seed: 1, mode: 'sample', packets: 'all', hasAllHops: false, isCached: true, isRecording: true, ...options },
    {
      execute: (_, words) => ({
        exitCode: 0,
        output: '',
        error: '',
        issues: words[0] === 'known' ? [] : [{ code: 'UnknownCommand', severity: 'error', message: `${words[0]} is not known`, word: words[0] }],
      }),
      describeRule: () => ({ table: 'filter', chain: 'FORWARD', number: 1, text: '-A FORWARD -j DROP' }),
    },
  );
  return { flows: result.flows, wire, codes: result.issues.map(({ code }) => code) };
}

function to(ip: string, more: Partial<FlowSpec> = {}): FlowSpec {
  return flowSpec({ sourcePort: { first: 40001, last: 40001 }, destination: { ip: { first: ip, last: ip }, zone: null, place: null, port: { first: 53, last: 53 } }, ...more });
}

const connect = (more: Partial<FlowSpec> = {}): FlowSpec => to('10.0.0.2', { protocol: 'tcp', packets: 'connect', payload: 32, ...more });
const whats = (flow: FlowReport): string =>
  flow.packets[0].exchange
    .filter(({ retransmission }) => retransmission !== true)
    .map(({ what, wire }) => `${what} ${wire[0].length}`)
    .join(', ');

const WHOLE = 'syn 60, synack 60, ack 52, data 84, echo 84, fin 52, server-fin 52';
const has = (p: PacketContext, flags: number): boolean => (p.tcpFlags & flags) === flags;

describe('runScenario: TCP', () => {
  const rows: { name: string; decide: (p: PacketContext) => Fate; flow?: Partial<FlowSpec>; exchange: string; error: string | null; died: string | null; delivered: boolean; packets: number }[] = [
    { name: 'a whole conversation is ten segments', decide: ALWAYS, exchange: WHOLE, error: null, died: null, delivered: true, packets: 10 },
    {
      name: 'a lost SYN times out',
      decide: (p) => (has(p, TCP_SYN) ? 'lose' : 'pass'),
      exchange: 'syn 60',
      error: 'connect timeout',
      died: 'syn',
      delivered: false,
      packets: 1,
    },
    {
      name: 'SYNs are repeated each second while the client waits',
      decide: (p) => (has(p, TCP_SYN) ? 'lose' : 'pass'),
      flow: { connectTimeout: 3_500_000 },
      exchange: 'syn 60',
      error: 'connect timeout',
      died: 'syn',
      delivered: false,
      packets: 4,
    },
    {
      name: 'host unreachable during connect',
      decide: (p) => (has(p, TCP_SYN) ? 'unreachable' : 'pass'),
      exchange: 'syn 60, icmp-error 56',
      error: 'connect EHOSTUNREACH',
      died: 'syn',
      delivered: false,
      packets: 1,
    },
    {
      name: 'nobody listens',
      decide: ALWAYS,
      flow: { destination: { ip: { first: '10.0.0.2', last: '10.0.0.2' }, zone: null, place: null, port: { first: 54, last: 54 } } },
      exchange: 'syn 60, rst 40',
      error: 'connect ECONNREFUSED',
      died: 'syn',
      delivered: false,
      packets: 2,
    },
    {
      name: 'a lost final ACK and all that follows: the server repeats its SYN-ACK after the client has gone',
      decide: (p) => (p.about === 1 && !has(p, TCP_SYN) ? 'lose' : 'pass'),
      exchange: 'syn 60, synack 60, ack 52, data 84, client-rst 52',
      error: 'echo timeout',
      died: 'ack',
      delivered: false,
      packets: 5,
    },
    {
      name: 'lost data: the reset behind it is challenged',
      decide: (p) => (has(p, TCP_PSH) ? 'lose' : 'pass'),
      exchange: 'syn 60, synack 60, ack 52, data 84, client-rst 52, client-rst 40',
      error: 'echo timeout',
      died: 'data',
      delivered: true,
      packets: 7,
    },
    {
      name: 'lost data is repeated after 201, 405 and 813 ms',
      decide: (p) => (has(p, TCP_PSH) ? 'lose' : 'pass'),
      flow: { echoTimeout: 900_000 },
      exchange: 'syn 60, synack 60, ack 52, data 84, client-rst 52, client-rst 40',
      error: 'echo timeout',
      died: 'data',
      delivered: true,
      packets: 10,
    },
    {
      name: 'a lost FIN of the server ends in a reset, and harms nobody',
      decide: (p) => (p.about === 2 && has(p, TCP_FIN) ? 'lose' : 'pass'),
      exchange: `${WHOLE}, client-rst 52`,
      error: null,
      died: null,
      delivered: true,
      packets: 10,
    },
    {
      name: 'large data goes out in one piece for offload to cut',
      decide: ALWAYS,
      flow: { payload: 5000 },
      exchange: 'syn 60, synack 60, ack 52, data 5052, echo 5052, fin 52, server-fin 52',
      error: null,
      died: null,
      delivered: true,
      packets: 10,
    },
  ];

  test.each(rows)('$name', ({ decide, flow, exchange, error, died, delivered, packets }) => {
    const { flows, wire } = run({ flows: [connect(flow)] }, decide);
    const [packet] = flows[0].packets;
    expect(whats(flows[0])).toBe(exchange);
    expect(packet.error === null ? null : `${packet.error.when} ${packet.error.errno}`).toBe(error);
    expect(packet.died?.what ?? null).toBe(died);
    expect(packet.delivered !== null).toBe(delivered);
    expect(wire.packetsSent).toBe(packets);
  });

  test('a client may use its port again only for another peer while TIME_WAIT lasts', () => {
    const { flows } = run({ flows: [connect({ name: 'first' }), connect({ name: 'second', at: 100_000 })] });
    expect(flows[1].packets[0].error).toEqual({ when: 'connect', errno: 'EADDRNOTAVAIL', icmp: null });
    expect(flows[1].packets[0].died).toMatchObject({ what: 'syn', machine: CLIENT });
  });
});

describe('runScenario: hand-made segments', () => {
  const rows = [
    { name: 'ACK', flags: TCP_ACK, exchange: 'ack 40, rst 40', died: 'rst' },
    { name: 'SYN,ACK', flags: TCP_SYN | TCP_ACK, exchange: 'synack 40, rst 40', died: 'rst' },
    { name: 'SYN', flags: TCP_SYN, exchange: 'syn 40, synack 44, client-rst 40', died: 'synack' },
    { name: 'FIN', flags: TCP_FIN, exchange: 'fin 40', died: 'fin' },
    { name: 'SYN,FIN', flags: TCP_SYN | TCP_FIN, exchange: 'syn 40', died: 'syn' },
    { name: 'RST', flags: TCP_RST, exchange: 'client-rst 40', died: null },
  ];

  test.each(rows)('$name to a listener', ({ flags, exchange, died }) => {
    const { flows } = run({ flows: [to('10.0.0.2', { protocol: 'tcp', payload: 0, segment: { flags, seq: 1000, ack: 2000 } })] });
    expect(whats(flows[0])).toBe(exchange);
    expect(flows[0].packets[0].died?.what ?? null).toBe(died);
    expect(flows[0].packets[0].delivered).toBeNull();
  });

  test('several are one conversation, told with the first; equal resets in a row are one', () => {
    const { flows } = run({ flows: [to('10.0.0.2', { protocol: 'tcp', payload: 0, packets: 2, interval: 1000, segment: { flags: TCP_ACK, seq: 1000, ack: 2000 } })] });
    expect(flows[0].packets.map(({ exchange }) => exchange.length)).toEqual([3, 0]);
  });
});

describe('runScenario: UDP', () => {
  test('a server answers with the same size from the address it was called at', () => {
    const { flows } = run({ flows: [to('10.0.0.2', { packets: 2, interval: 1000 })] });
    const [flow] = flows;
    expect(flow.totals).toMatchObject({ sent: 2, delivered: 2, replied: 2, dropped: 0 });
    expect(flow.paths).toHaveLength(1);
    expect(flow.packets[0]).toMatchObject({
      sent: { machine: CLIENT, protocol: 'udp', source: { ip: '10.0.0.1', port: 40001 }, destination: { ip: '10.0.0.2', port: 53 } },
      delivered: { machine: 'pod/default/b', local: { ip: '10.0.0.2', port: 53 }, peer: { ip: '10.0.0.1', port: 40001 } },
      reply: { machine: CLIENT, local: { ip: '10.0.0.1', port: 40001 }, peer: { ip: '10.0.0.2', port: 53 } },
      disposition: 'Accepted',
      layer: 'userSpace',
      latency: '0ms',
    });
    expect(flow.packets[1].at).toBe('1ms');
    expect(whats(flow)).toBe('request 92, reply 92');
  });

  const rows: { name: string; flow: Partial<FlowSpec>; decide?: (p: PacketContext) => Fate; error: object | null; died: object | null }[] = [
    { name: 'no route', flow: to('192.0.2.1'), error: { when: 'send', errno: 'ENETUNREACH' }, died: { what: 'request', machine: CLIENT, disposition: 'NoRoute' } },
    { name: 'refused in OUTPUT', flow: to('10.0.0.2', { mark: 1 }), error: { when: 'send', errno: 'EPERM' }, died: { what: 'request', disposition: 'DeniedOut' } },
    { name: 'unreachable', flow: to('10.0.0.9'), decide: () => 'unreachable', error: { when: 'async', errno: 'EHOSTUNREACH', icmp: { type: 3, code: 1, from: '10.0.0.9' } }, died: { what: 'request' } },
    { name: 'a silent server', flow: to('10.0.0.2', { isServerSilent: true }), error: null, died: null },
    { name: 'an address that is not ours', flow: to('10.0.0.2', { sourceIp: { first: '10.0.0.7', last: '10.0.0.7' } }), error: { when: 'send', errno: 'EADDRNOTAVAIL' }, died: { what: 'request' } },
  ];

  test.each(rows)('$name', ({ flow, decide, error, died }) => {
    const [packet] = run({ flows: [flowSpec(flow)] }, decide).flows[0].packets;
    if (error === null) expect(packet.error).toBeNull();
    else expect(packet.error).toMatchObject(error);
    if (died === null) expect(packet.died).toBeNull();
    else expect(packet.died).toMatchObject(died);
  });

  test('many connections are sent in order of time, each with its own source', () => {
    const flow = to('10.0.0.2', { sourcePort: { first: 1000, last: 1003 }, connections: 4, connectionEvery: 10, packets: 3, interval: 25, isServerSilent: true });
    const { packets, paths, totals } = run({ flows: [flow] }).flows[0];
    expect(totals.sent).toBe(12);
    expect(paths.map(({ count }) => count)).toEqual([12]);
    expect(packets.map(({ at, sent }) => `${at} ${sent.source.port}`).slice(0, 4)).toEqual(['0ms 1000', '25us 1000', '50us 1000', '10us 1001']);
  });

  test('a million datagrams need a handful of records', () => {
    const flow = to('10.0.0.2', { sourcePort: { first: 1000, last: 1009 }, connections: 10, packets: 2000, interval: 100, isServerSilent: true });
    const { totals, packets, paths } = run({ flows: [flow] }, ALWAYS, { packets: 'failed' }).flows[0];
    expect({ sent: totals.sent, delivered: totals.delivered, listed: packets.length, paths: paths.length }).toEqual({ sent: 20000, delivered: 20000, listed: 0, paths: 1 });
  });

  test('progress is told of all that is asked', () => {
    const told: number[][] = [];
    const datagrams = flowSpec({ protocol: 'udp', sourcePort: { first: 4000, last: 4000 }, packets: 70_000, interval: 10 });
    run({ flows: [datagrams, flowSpec({ name: 'g', protocol: 'tcp', packets: 'connect', connections: 3, connectionEvery: 1000 })] }, ALWAYS, { packets: 'none', onProgress: (done, of) => void told.push([done, of]) });
    expect(told).toEqual([[expect.any(Number), 70_003]]);
    expect(told[0]?.[0]).toBeGreaterThanOrEqual(65_536);
  });
});

describe('runScenario: events', () => {
  test('while an event sleeps nothing else of the scenario starts', () => {
    const events = [{ kind: 'run' as const, at: 0, machines: [CLIENT], run: 'known; sleep 0.2; known', stdin: null }];
    const { flows } = run({ flows: [to('10.0.0.2', { at: 50_000 })], events });
    expect(flows[0].packets[0].at).toBe('200ms');
  });

  test.each([
    ['an unknown command', 'frobnicate -x', 'UnknownCommand'],
    ['a loop of the shell', 'for i in 1 2; do known; done', 'UnknownWord'],
    ['a variable', 'known $HOME', 'UnknownWord'],
  ])('%s ends the run', (_, script, code) => {
    const events = [{ kind: 'run' as const, at: 0, machines: [CLIENT], run: script, stdin: null }];
    expect(run({ flows: [to('10.0.0.2')], events }).codes[0]).toBe(code);
  });
});

describe('runScenario: explore', () => {
  test('follows every choice with its exact weight', () => {
    const decide = (p: PacketContext, wire: Wire): Fate => (p.about === 1 && wire.environment.chooser.chance(1, 3) ? 'lose' : 'pass');
    const { paths, packets } = run({ flows: [to('10.0.0.2', { connections: 2, sourcePort: { first: 1, last: 2 } })] }, decide, { mode: 'explore' }).flows[0];
    expect(packets).toEqual([]);
    expect(paths.map(({ weight, disposition }) => `${disposition} ${weight}`)).toEqual(['LostOnLink 1/3', 'Accepted 2/3']);
  });
});

test('the same run twice gives the same report', () => {
  const flows = [connect(), to('10.0.0.2', { name: 'u', sourcePort: null })];
  expect(JSON.stringify(run({ flows }).flows)).toBe(JSON.stringify(run({ flows }).flows));
});

test('whats are those of the report', () => {
  expect([EXCHANGE_WHATS[WHAT_RST], EXCHANGE_WHATS[WHAT_CLIENT_RST]]).toEqual(['rst', 'client-rst']);
});
