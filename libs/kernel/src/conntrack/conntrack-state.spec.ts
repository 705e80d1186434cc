import { Random } from '@worldline/model';
import {
  ACCEPT,
  CT_ESTABLISHED,
  CT_ESTABLISHED_REPLY,
  CT_NEW,
  DROP,
  LOCAL_IN,
  NO_CONNTRACK,
  POSTROUTING,
  PREROUTING,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  TCP_ACK,
  TCP_FIN,
  TCP_SYN,
  PacketContext,
} from '../packet/index.js';
import { Environment } from '../record/index.js';
import {
  ConntrackState,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SRC_NAT,
  MANIP_DESTINATION,
  MANIP_SOURCE,
  NAT_ASK_RULES,
  NatRange,
  RANGE_MAP_IPS,
  RANGE_PROTO_SPECIFIED,
  TCP_STATE_NAMES,
  Tuple,
  ZONE_ONLY_ORIGINAL,
  type ConntrackMachine,
} from './index.js';

const SECOND = 1_000_000;

interface Rule {
  readonly manip: number;
  readonly address: number;
  readonly port?: number;
}

class Router implements ConntrackMachine {
  readonly sysctls = new Map<string, string>();
  readonly environment = Environment.create(Random.fromSeed(1), { chance: () => false, pick: (_, from) => from });
  readonly sysctl = { generation: 1, get: (name: string) => this.sysctls.get(name) };
  readonly conntrack = new ConntrackState();

  /** A forwarded packet with nat rules that match everything. */
  forward(p: PacketContext, ...rules: readonly Rule[]): number {
    if (this.conntrack.track(this, p, PREROUTING) !== ACCEPT) return this.end(p);
    if (this.nat(p, MANIP_DESTINATION, PREROUTING, rules) !== ACCEPT) return this.end(p);
    if (this.nat(p, MANIP_SOURCE, POSTROUTING, rules) !== ACCEPT) return this.end(p);
    if (this.conntrack.confirm(this, p) !== ACCEPT) return this.end(p);
    return ACCEPT;
  }

  private nat(p: PacketContext, manip: number, hook: number, rules: readonly Rule[]): number {
    if (this.conntrack.natWants(p, manip) === NAT_ASK_RULES) {
      const rule = rules.find((r) => r.manip === manip);
      if (rule === undefined) this.conntrack.setupNullBinding(this, p, manip);
      else {
        const range = new NatRange();
        range.flags = RANGE_MAP_IPS;
        range.minAddress = range.maxAddress = rule.address;
        if (rule.port !== undefined) {
          range.flags |= RANGE_PROTO_SPECIFIED;
          range.minPort = range.maxPort = rule.port;
        }
        this.conntrack.setupNat(this, p, range, manip);
      }
    }
    return this.conntrack.applyNat(this, p, manip, hook);
  }

  private end(p: PacketContext): number {
    this.conntrack.release(p);
    return DROP;
  }
}

const CLIENT = 1;
const OTHER = 2;
const SERVICE = 3;
const SERVER = 4;
const ROUTER = 5;

function udp(source: number, sourcePort: number, destination: number, destinationPort: number): PacketContext {
  const p = new PacketContext();
  p.protocol = PROTOCOL_UDP;
  p.source = source;
  p.sourcePort = sourcePort;
  p.destination = destination;
  p.destinationPort = destinationPort;
  p.length = 92;
  p.payloadLength = 64;
  return p;
}

describe('UDP', () => {
  it('is new until answered, and assured only by a packet more than two seconds after its start', () => {
    const r = new Router();
    const go = (p: PacketContext): number => {
      expect(r.forward(p)).toBe(ACCEPT);
      return p.conntrackInfo;
    };
    expect(go(udp(CLIENT, 4000, SERVER, 53))).toBe(CT_NEW);
    expect(go(udp(CLIENT, 4000, SERVER, 53))).toBe(CT_NEW);
    expect(go(udp(SERVER, 53, CLIENT, 4000))).toBe(CT_ESTABLISHED_REPLY);
    expect(go(udp(CLIENT, 4000, SERVER, 53))).toBe(CT_ESTABLISHED);
    const entry = r.conntrack.next(-1, 0);
    expect(r.conntrack.remaining(entry, 0)).toBe(30);
    expect(r.conntrack.status(entry) & IPS_ASSURED).toBe(0);
    r.environment.now = 2 * SECOND + 4000;
    go(udp(SERVER, 53, CLIENT, 4000));
    expect(r.conntrack.remaining(entry, r.environment.now)).toBe(120);
    expect(r.conntrack.status(entry) & IPS_ASSURED).toBe(IPS_ASSURED);
    expect(r.conntrack.count).toBe(1);
  });

  it('is forgotten when its time is over, and counts until somebody looks', () => {
    const r = new Router();
    r.sysctls.set('net.netfilter.nf_conntrack_udp_timeout', '1');
    r.forward(udp(CLIENT, 4000, SERVER, 53));
    r.environment.now = 1.5 * SECOND;
    expect(r.conntrack.next(-1, r.environment.now)).toBe(-1);
    expect(r.conntrack.count).toBe(1);
    const late = udp(SERVER, 53, CLIENT, 4000);
    r.forward(late);
    expect(late.conntrackInfo).toBe(CT_NEW);
    expect(r.conntrack.count).toBe(1);
  });
});

describe('NAT', () => {
  it('translates both ways', () => {
    const r = new Router();
    const rules = [
      { manip: MANIP_DESTINATION, address: SERVER, port: 8053 },
      { manip: MANIP_SOURCE, address: ROUTER },
    ];
    const question = udp(CLIENT, 4000, SERVICE, 53);
    r.forward(question, ...rules);
    expect([question.source, question.sourcePort, question.destination, question.destinationPort]).toEqual([ROUTER, 4000, SERVER, 8053]);
    const answer = udp(SERVER, 8053, ROUTER, 4000);
    r.forward(answer, ...rules);
    expect([answer.source, answer.sourcePort, answer.destination, answer.destinationPort]).toEqual([SERVICE, 53, CLIENT, 4000]);
    expect(r.conntrack.status(question.conntrack) & (IPS_SRC_NAT | IPS_DST_NAT)).toBe(IPS_SRC_NAT | IPS_DST_NAT);
  });

  it.each([
    { name: 'low', port: 300, from: 1, to: 511 },
    { name: 'middle', port: 700, from: 600, to: 1023 },
    { name: 'high', port: 4000, from: 1024, to: 65535 },
  ])('draws another port of the $name class when one is taken', ({ port, from, to }) => {
    const r = new Router();
    const rule = { manip: MANIP_SOURCE, address: ROUTER };
    const first = udp(CLIENT, port, SERVER, 53);
    const second = udp(OTHER, port, SERVER, 53);
    r.forward(first, rule);
    r.forward(second, rule);
    expect(first.sourcePort).toBe(port);
    expect(second.sourcePort).not.toBe(port);
    expect(second.sourcePort).toBeGreaterThanOrEqual(from);
    expect(second.sourcePort).toBeLessThanOrEqual(to);
  });

  it('drops the second flow that one given port cannot serve', () => {
    const r = new Router();
    const rule = { manip: MANIP_SOURCE, address: ROUTER, port: 7000 };
    expect(r.forward(udp(CLIENT, 4000, SERVER, 53), rule)).toBe(ACCEPT);
    expect(r.forward(udp(OTHER, 4000, SERVER, 53), rule)).toBe(DROP);
    expect(r.conntrack.count).toBe(1);
  });

  it('keeps a source its mapping to every destination', () => {
    const r = new Router();
    const rule = { manip: MANIP_SOURCE, address: ROUTER };
    r.forward(udp(CLIENT, 4000, SERVER, 53), rule);
    const moved = udp(OTHER, 4000, SERVER, 53);
    r.forward(moved, rule);
    const elsewhere = udp(OTHER, 4000, SERVICE, 53);
    r.forward(elsewhere, rule);
    expect(elsewhere.sourcePort).toBe(moved.sourcePort);
  });

  it('moves the port of a flow that no rule touched but whose tuple a translated one holds', () => {
    const r = new Router();
    r.forward(udp(CLIENT, 4000, SERVER, 53), { manip: MANIP_SOURCE, address: ROUTER });
    const own = udp(ROUTER, 4000, SERVER, 53);
    r.forward(own);
    expect(own.source).toBe(ROUTER);
    expect(own.sourcePort).not.toBe(4000);
  });
});

describe('a connection that is over', () => {
  const close = (r: Router, client: number, seq: number, rule: Rule): number => {
    const play = (from: 'client' | 'server', flags: number, at: number, ack: number): number => {
      const p = from === 'client' ? udp(client, 4000, SERVER, 80) : udp(SERVER, 80, ROUTER, 7000);
      p.protocol = PROTOCOL_TCP;
      p.tcpFlags = flags;
      p.tcpSeq = at;
      p.tcpAck = ack;
      p.tcpWindow = 64240;
      p.payloadLength = 0;
      return r.forward(p, rule);
    };
    const first = play('client', TCP_SYN, seq, 0);
    if (first !== ACCEPT) return first;
    play('server', TCP_SYN | TCP_ACK, 5000, seq + 1);
    play('client', TCP_ACK, seq + 1, 5001);
    play('client', TCP_FIN | TCP_ACK, seq + 1, 5001);
    play('server', TCP_FIN | TCP_ACK, 5001, seq + 2);
    return play('client', TCP_ACK, seq + 2, 5002);
  };

  it.each([
    { name: 'makes room for one whose sequence numbers go on after it', next: 9000, verdict: ACCEPT },
    { name: 'keeps its tuple from one whose numbers lie before', next: 50, verdict: DROP },
  ])('$name', ({ next, verdict }) => {
    const r = new Router();
    const rule = { manip: MANIP_SOURCE, address: ROUTER, port: 7000 };
    expect(close(r, CLIENT, 1000, rule)).toBe(ACCEPT);
    expect(TCP_STATE_NAMES[r.conntrack.protocolState(r.conntrack.next(-1, 0))]).toBe('TIME_WAIT');
    expect(close(r, OTHER, next, rule)).toBe(verdict);
    expect(r.conntrack.count).toBe(1);
  });
});

describe('masquerade', () => {
  const bind = (r: Router): PacketContext => {
    const p = udp(CLIENT, 4000, SERVER, 53);
    r.conntrack.track(r, p, PREROUTING);
    r.conntrack.setupNullBinding(r, p, MANIP_DESTINATION);
    r.conntrack.setMasquerade(p.conntrack, 3);
    r.forward(p, { manip: MANIP_SOURCE, address: ROUTER });
    return p;
  };

  it.each([
    { name: 'its device goes down', device: 3, left: 0 },
    { name: 'another device goes down', device: 4, left: 1 },
    { name: 'its address goes', device: 3, address: ROUTER, left: 0 },
    { name: 'another address of its device goes', device: 3, address: OTHER, left: 1 },
  ])('when $name: $left left', ({ device, address, left }) => {
    const r = new Router();
    bind(r);
    r.conntrack.killMasquerade(device, 4, address);
    expect(r.conntrack.count).toBe(left);
  });

  it('starts over when the flow leaves by another device', () => {
    const r = new Router();
    bind(r);
    const p = udp(CLIENT, 4000, SERVER, 53);
    p.outputInterface = 5;
    expect(r.forward(p)).toBe(DROP);
    expect(r.conntrack.count).toBe(0);
  });
});

describe('zones', () => {
  it('keep equal flows apart, and answers find the zone of their own direction', () => {
    const r = new Router();
    const go = (p: PacketContext, zone: number): number => {
      p.conntrackZone = zone;
      r.forward(p);
      return p.conntrackInfo;
    };
    expect(go(udp(CLIENT, 4000, SERVER, 53), 1)).toBe(CT_NEW);
    expect(go(udp(CLIENT, 4000, SERVER, 53), 2)).toBe(CT_NEW);
    expect(go(udp(SERVER, 53, CLIENT, 4000), 3)).toBe(CT_NEW);
    expect(go(udp(SERVER, 53, CLIENT, 4000), 1)).toBe(CT_ESTABLISHED_REPLY);
    expect(go(udp(OTHER, 4000, SERVER, 53), 5 | ZONE_ONLY_ORIGINAL)).toBe(CT_NEW);
    expect(go(udp(SERVER, 53, OTHER, 4000), 0)).toBe(CT_ESTABLISHED_REPLY);
  });
});

describe('datagrams of one flow that raced each other', () => {
  const track = (r: Router): PacketContext => {
    const p = udp(CLIENT, 4000, SERVICE, 53);
    r.conntrack.track(r, p, PREROUTING);
    return p;
  };
  const translate = (r: Router, p: PacketContext, address: number): number => {
    const range = new NatRange();
    range.flags = RANGE_MAP_IPS;
    range.minAddress = range.maxAddress = address;
    r.conntrack.setupNat(r, p, range, MANIP_DESTINATION);
    r.conntrack.setupNullBinding(r, p, MANIP_SOURCE);
    return r.conntrack.confirm(r, p);
  };

  it('share the entry of the first when they say the same', () => {
    const r = new Router();
    const [one, two] = [track(r), track(r)];
    expect([translate(r, one, SERVER), translate(r, two, SERVER)]).toEqual([ACCEPT, ACCEPT]);
    expect(two.conntrack).toBe(one.conntrack);
    expect(r.conntrack.count).toBe(1);
  });

  it('get one answer each when they went to different servers', () => {
    const r = new Router();
    const [one, two] = [track(r), track(r)];
    expect([translate(r, one, SERVER), translate(r, two, OTHER)]).toEqual([ACCEPT, ACCEPT]);
    const answer = udp(OTHER, 53, CLIENT, 4000);
    r.forward(answer);
    expect([answer.conntrackInfo, answer.source]).toEqual([CT_ESTABLISHED_REPLY, SERVICE]);
    expect(r.conntrack.count).toBe(1);
    expect(r.conntrack.next(r.conntrack.next(-1, 0), 0)).toBe(-1);
  });
});

describe('a full table', () => {
  it('may give up a flow that is not assured', () => {
    const r = new Router();
    r.sysctls.set('net.netfilter.nf_conntrack_max', '1');
    r.environment.chooser = { chance: () => true, pick: (_, from) => from };
    r.forward(udp(CLIENT, 4000, SERVER, 53));
    expect(r.forward(udp(CLIENT, 4001, SERVER, 53))).toBe(ACCEPT);
    expect(r.conntrack.count).toBe(1);
  });

  it('is swept by the collector in time', () => {
    const r = new Router();
    r.sysctls.set('net.netfilter.nf_conntrack_max', '1');
    r.forward(udp(CLIENT, 4000, SERVER, 53));
    r.environment.now = 40 * SECOND;
    expect(r.forward(udp(CLIENT, 4001, SERVER, 53))).toBe(DROP);
    r.environment.now = 61 * SECOND;
    expect(r.forward(udp(CLIENT, 4001, SERVER, 53))).toBe(ACCEPT);
  });

  it('that refused a flow loses one in twenty to the collector', () => {
    const r = new Router();
    r.sysctls.set('net.netfilter.nf_conntrack_max', '200');
    r.sysctls.set('net.netfilter.nf_conntrack_udp_timeout', '300');
    for (let i = 0; i < 200; i++) r.forward(udp(CLIENT, 4000 + i, SERVER, 53));
    expect(r.forward(udp(CLIENT, 5000, SERVER, 53))).toBe(DROP);
    r.environment.now = 61 * SECOND;
    expect(r.forward(udp(CLIENT, 5000, SERVER, 53))).toBe(ACCEPT);
    expect(r.conntrack.count).toBe(190);
  });

  it('refuses new flows and serves old ones', () => {
    const r = new Router();
    r.sysctls.set('net.netfilter.nf_conntrack_max', '1');
    r.forward(udp(CLIENT, 4000, SERVER, 53));
    expect(r.forward(udp(CLIENT, 4001, SERVER, 53))).toBe(DROP);
    expect(r.forward(udp(CLIENT, 4000, SERVER, 53))).toBe(ACCEPT);
    expect(r.conntrack.count).toBe(1);
  });
});

describe('the table', () => {
  it('finds ten thousand flows in both directions, and none after a flush', () => {
    const r = new Router();
    r.environment.recorder.isOn = false;
    const flows = 10_000;
    for (let i = 0; i < flows; i++) r.forward(udp(CLIENT + i, 4000, SERVER, 53));
    expect(r.conntrack.byteLength / flows).toBeLessThan(96);
    for (let i = 0; i < flows; i++) {
      const answer = udp(SERVER, 53, CLIENT + i, 4000);
      r.forward(answer);
      expect(answer.conntrackInfo).toBe(CT_ESTABLISHED_REPLY);
    }
    const fork = r.conntrack.fork(r.environment);
    r.conntrack.flush();
    expect(r.conntrack.count).toBe(0);
    expect(r.conntrack.next(-1, 0)).toBe(-1);
    const tuple = new Tuple();
    tuple.protocol = PROTOCOL_UDP;
    tuple.source = CLIENT + 77;
    tuple.sourcePort = 4000;
    tuple.destination = SERVER;
    tuple.destinationPort = 53;
    expect(r.conntrack.findLive(tuple, 0, 0)).toBe(-1);
    expect(fork.findLive(tuple, 0, 0)).toBeGreaterThanOrEqual(0);
  });

  it('forgets what is never confirmed', () => {
    const r = new Router();
    const p = udp(CLIENT, 4000, SERVER, 53);
    r.conntrack.track(r, p, LOCAL_IN);
    expect(r.conntrack.count).toBe(1);
    r.conntrack.release(p);
    expect(p.conntrack).toBe(NO_CONNTRACK);
    expect(r.conntrack.count).toBe(0);
  });
});
