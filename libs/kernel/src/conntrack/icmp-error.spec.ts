import { Random } from '@worldline/model';
import {
  ACCEPT,
  CT_NEW,
  CT_RELATED_REPLY,
  CT_UNTRACKED,
  DROP,
  LOCAL_OUT,
  NO_CONNTRACK,
  POSTROUTING,
  PREROUTING,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_UDP,
  PacketContext,
} from '../packet/index.js';
import { CONNTRACK_CREATED, Environment, STEP_CONNTRACK, STEP_TRANSFORM, TRANSFORM_RULE } from '../record/index.js';
import { ConntrackState, MANIP_DESTINATION, MANIP_SOURCE, NAT_APPLY, NatRange, RANGE_MAP_IPS } from './index.js';

const CLIENT = 0x0a000001;
const SERVICE = 0x0a600001;
const SERVER = 0x0a010001;
const GATEWAY = 0x0a0100fe;
const ROUTER = 0x0a010002;

class Router {
  readonly environment = Environment.create(Random.fromSeed(1), { chance: () => false, pick: (_, from) => from });
  readonly sysctl = { generation: 1, get: (): undefined => undefined };
  readonly conntrack = new ConntrackState();

  /** Client to service, translated to the server behind the router's own address, and confirmed or not. */
  ask(isConfirmed: boolean): PacketContext {
    const p = packet(PROTOCOL_UDP, CLIENT, SERVICE);
    p.sourcePort = 4000;
    p.destinationPort = 53;
    this.conntrack.track(this, p, PREROUTING);
    const range = new NatRange();
    range.flags = RANGE_MAP_IPS;
    range.minAddress = range.maxAddress = SERVER;
    this.conntrack.setupNat(this, p, range, MANIP_DESTINATION);
    this.conntrack.applyNat(this, p, MANIP_DESTINATION, PREROUTING);
    if (!isConfirmed) return p;
    range.minAddress = range.maxAddress = ROUTER;
    this.conntrack.setupNat(this, p, range, MANIP_SOURCE);
    this.conntrack.applyNat(this, p, MANIP_SOURCE, POSTROUTING);
    this.conntrack.confirm(this, p);
    return p;
  }
}

function packet(protocol: number, source: number, destination: number): PacketContext {
  const p = new PacketContext();
  p.family = protocol === PROTOCOL_ICMPV6 ? 6 : 4;
  p.protocol = protocol;
  p.source = source;
  p.destination = destination;
  return p;
}

function error(from: number, to: number, about: PacketContext, type = 3): PacketContext {
  const p = packet(PROTOCOL_ICMP, from, to);
  p.icmpType = type;
  p.inner = new PacketContext();
  p.inner.copyHeaders(about);
  return p;
}

it('an error from behind belongs to the flow, and speaks to the client of what the client sent', () => {
  const r = new Router();
  const question = r.ask(true);
  const p = error(GATEWAY, ROUTER, question);
  expect(r.conntrack.track(r, p, PREROUTING)).toBe(ACCEPT);
  expect(p.conntrackInfo).toBe(CT_RELATED_REPLY);
  expect(r.conntrack.natWants(p, MANIP_DESTINATION)).toBe(NAT_APPLY);
  r.conntrack.applyNat(r, p, MANIP_DESTINATION, PREROUTING);
  r.conntrack.applyNat(r, p, MANIP_SOURCE, POSTROUTING);
  expect(p).toMatchObject({ source: SERVICE, destination: CLIENT });
  expect(p.inner).toMatchObject({ source: CLIENT, sourcePort: 4000, destination: SERVICE, destinationPort: 53 });
});

it('an error that goes to somebody else than the quoted packet came from is INVALID', () => {
  const r = new Router();
  const p = error(GATEWAY, CLIENT, r.ask(true));
  r.conntrack.track(r, p, PREROUTING);
  expect([p.conntrack, p.conntrackInfo]).toEqual([NO_CONNTRACK, CT_NEW]);
});

it('an error of this machine about a packet on its way carries that packet’s entry, and both let go of it', () => {
  const r = new Router();
  const question = r.ask(false);
  const p = error(ROUTER, CLIENT, question);
  r.conntrack.attach(p, question);
  expect(r.conntrack.track(r, p, LOCAL_OUT)).toBe(ACCEPT);
  expect(p.conntrackInfo).toBe(CT_RELATED_REPLY);
  r.conntrack.applyNat(r, p, MANIP_DESTINATION, LOCAL_OUT);
  r.conntrack.applyNat(r, p, MANIP_SOURCE, POSTROUTING);
  expect(p).toMatchObject({ source: SERVICE, destination: CLIENT });
  expect(p.inner).toMatchObject({ destination: SERVICE, destinationPort: 53 });
  expect(r.conntrack.confirm(r, p)).toBe(ACCEPT);
  r.conntrack.release(p);
  expect(r.conntrack.count).toBe(1);
  r.conntrack.release(question);
  expect(r.conntrack.count).toBe(0);
});

it.each([
  { name: 'before the flow is bound', isConfirmed: false },
  { name: 'about a translated flow', isConfirmed: true },
])('a redirect $name is dropped', ({ isConfirmed }) => {
  const r = new Router();
  const question = r.ask(isConfirmed);
  const p = error(ROUTER, CLIENT, question, 5);
  r.conntrack.attach(p, question);
  expect(r.conntrack.applyNat(r, p, MANIP_DESTINATION, LOCAL_OUT)).toBe(DROP);
});

it.each([
  { name: 'a stray echo reply is INVALID', protocol: PROTOCOL_ICMP, type: 0, info: CT_NEW },
  { name: 'an unknown type is INVALID', protocol: PROTOCOL_ICMP, type: 42, info: CT_NEW },
  { name: 'neighbour solicitation is untracked', protocol: PROTOCOL_ICMPV6, type: 135, info: CT_UNTRACKED },
  { name: 'a listener report is untracked', protocol: PROTOCOL_ICMPV6, type: 143, info: CT_UNTRACKED },
  { name: 'an ICMPv6 redirect is INVALID', protocol: PROTOCOL_ICMPV6, type: 137, info: CT_NEW },
])('$name', ({ protocol, type, info }) => {
  const r = new Router();
  const p = packet(protocol, CLIENT, SERVER);
  p.icmpType = type;
  expect(r.conntrack.track(r, p, PREROUTING)).toBe(ACCEPT);
  expect([p.conntrack, p.conntrackInfo, r.conntrack.count]).toEqual([NO_CONNTRACK, info, 0]);
});

it('records what happened', () => {
  const r = new Router();
  const question = r.ask(true);
  expect([...question.steps].slice(0, 9)).toEqual([STEP_CONNTRACK, CONNTRACK_CREATED, CT_NEW, STEP_TRANSFORM, MANIP_DESTINATION, TRANSFORM_RULE, SERVER, 53, 0]);
  const created = [4, PROTOCOL_UDP, CLIENT, SERVICE, 4000, 53, SERVICE, CLIENT, 53, 4000];
  const translated = [4, SERVICE, 53, SERVER, 53];
  expect([...question.details].slice(0, 15)).toEqual([...created, ...translated]);
});
