/**
 * Routing of one machine: policy rules, tables, source choice, path MTUs and neighbours, in both families.
 *
 * Nothing here sends a packet. What must be sent (ICMP errors, neighbour solicitations) is said in `error` and by `takeSolicitation`.
 */
import type { Family } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { isLinkLocal, isLoopback, isMulticast } from '../packet/index.js';
import { NEIGHBOR_ASKING, NEIGHBOR_FAILED, NEIGHBOR_RESOLVED, STEP_NEIGHBOR, drop, type Environment } from '../record/index.js';
import type { InterfaceState } from '../interface/index.js';
import {
  CONF_MTU,
  NEIGH_PROXY_DELAY,
  NEIGH_UNRES_QLEN_BYTES,
  SYSCTL_FIB_MULTIPATH_HASH_POLICY,
  SYSCTL_FIB_MULTIPATH_HASH_POLICY6,
  SYSCTL_IP_FORWARD_USE_PMTU,
  SYSCTL_MIN_PMTU,
  SYSCTL_MTU_EXPIRES,
  SYSCTL_MTU_EXPIRES6,
  type SysctlState,
} from '../sysctl/index.js';
import { answersArp, answersSolicitation } from './answers.js';
import { Fib } from './fib.js';
import { FlowCache } from './flow-cache.js';
import { GroupReports, type GroupReport } from './group-reports.js';
import { isErrorRoute4, routeInput } from './input.js';
import { MultipathChoices, flowHash } from './multipath.js';
import { NEIGHBOR_QUEUED, NeighbourTable, type LinkWord } from './neighbour-table.js';
import { OUTPUT_RAW, OUTPUT_REROUTE, OUTPUT_SOCKET, routeOutput } from './output.js';
import { PathMtus } from './path-mtu.js';
import { PeerLimits } from './peer-limits.js';
import { Redirects } from './redirects.js';
import { ReversePath, rpfilter, type RpfilterFlags } from './reverse-path.js';
import { RTN_ANYCAST, RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, RTN_UNICAST, RTN_UNREACHABLE, RTN_UNSPEC, RouteKey, RouteResult, type Nexthop, type Route } from './route.js';
import { selectSource4, selectSource6 } from './source-address.js';
import { WaitingPackets, twinOf } from './waiting-packets.js';

/** HZ is 250, USER_HZ 100. */
const MICROSECONDS_PER_JIFFY = 4000;
const JIFFIES_PER_USER_TICK = 2.5;

/** The slice of a machine that routing works on. */
export interface RoutingMachine {
  readonly environment: Environment;
  readonly sysctl: SysctlState;
  readonly interfaces: InterfaceState;
  readonly routing: RoutingState;
}

/** What the sender of a packet that met ROUTE_ERROR may be told. */
export interface RouteError {
  icmpType: number;
  icmpCode: number;
  /** The limiter of ip_error says no. */
  isLimited: boolean;
}

export class RoutingState {
  fib4: Fib;
  fib6: Fib;
  /** Bumped by every change of routes and rules. */
  generation = 1;
  neighbours = new NeighbourTable();
  pathMtus = new PathMtus();
  redirects = new Redirects();
  /** Buckets of routing errors, ICMP errors and IPv6 redirects, by peer. */
  peers = new PeerLimits();
  reports = new GroupReports();
  /** `ip neigh add proxy`: `device/handle` of IPv6 addresses that are answered for. */
  proxied = new Set<string>();

  /** Reused by every lookup. */
  readonly key = new RouteKey();
  readonly result = new RouteResult();
  readonly backKey = new RouteKey();
  readonly backResult = new RouteResult();
  readonly back = new ReversePath();
  readonly error: RouteError = { icmpType: 0, icmpCode: 0, isLimited: false };
  /** Whether what is being found may be kept. */
  isCacheable = true;
  readonly inputCache4 = new FlowCache();
  readonly inputCache6 = new FlowCache();
  readonly outputCache4 = new FlowCache();
  readonly outputCache6 = new FlowCache();

  /** Questions that wait to be answered for another. */
  private delayed: { readonly at: number; readonly p: PacketContext }[] = [];
  private choices = new MultipathChoices();
  private waiting = new WaitingPackets();

  constructor(private readonly environment: Environment) {
    this.fib4 = new Fib(4, environment.addresses);
    this.fib6 = new Fib(6, environment.addresses);
  }

  fib(family: Family): Fib {
    return family === 4 ? this.fib4 : this.fib6;
  }

  /** ip_route_input / ip6_route_input: ACCEPT, DROP or ROUTE_ERROR. */
  routeInput(m: RoutingMachine, p: PacketContext): number {
    return routeInput(m, this, p);
  }

  isErrorRoute4(m: RoutingMachine, p: PacketContext): boolean {
    return isErrorRoute4(m, this, p);
  }

  /** ip_route_output / ip6_dst_lookup for a socket: `p.source` 0 and `p.outputInterface` -1 are open. 0 or a negative errno. */
  routeOutput(m: RoutingMachine, p: PacketContext): number {
    return routeOutput(m, this, p, OUTPUT_SOCKET);
  }

  /** The same for a packet with a ready-made header: its source is not looked at. */
  routeOutputRaw(m: RoutingMachine, p: PacketContext): number {
    return routeOutput(m, this, p, OUTPUT_RAW);
  }

  /** ip_route_me_harder / ip6_route_me_harder: a new way for a packet that OUTPUT has changed. The source stays. 0 or a negative errno. */
  reroute(m: RoutingMachine, p: PacketContext): number {
    const { addresses } = this.environment;
    const isBound = p.family === 6 && (isMulticast(addresses, 6, p.destination) || isLinkLocal(addresses, 6, p.destination));
    const { outputInterface } = p;
    if (!isBound) p.outputInterface = -1;
    const error = routeOutput(m, this, p, OUTPUT_REROUTE);
    if (error !== 0) p.outputInterface = outputInterface;
    return error;
  }

  /** Looks `this.key` up; the answer stands in `this.result`. */
  lookup(m: RoutingMachine, family: Family): RouteResult {
    this.fib(family).lookup(m, this.key, this.result);
    return this.result;
  }

  /**
   * What an address is to this machine, as bits 1 << RTN_*: inet_addr_type (one bit), and for IPv6 what xt_addrtype asks. With `device` >= 0 only
   * addresses of that interface are local.
   */
  addressType(m: RoutingMachine, family: Family, handle: number, device: number): number {
    return family === 4 ? 1 << this.addressType4(m, handle, device) : this.addressType6(m, handle, device);
  }

  /** inet_dev_addr_type. */
  private addressType4(m: RoutingMachine, handle: number, device: number): number {
    if (handle === 0 || handle === -1) return RTN_BROADCAST;
    if (isMulticast(this.environment.addresses, 4, handle)) return RTN_MULTICAST;
    const { backKey: key, backResult: result } = this;
    this.keyPlain(key, 4, handle);
    if (this.fib4.lookupLocal(m, key, result) !== 0) return RTN_UNICAST;
    return device < 0 || result.nexthop?.device === device ? result.type : RTN_UNICAST;
  }

  /** match_lookup_rt6 and addrtype_mt6 (net/netfilter/xt_addrtype.c). */
  private addressType6(m: RoutingMachine, handle: number, device: number): number {
    const isGroup = isMulticast(this.environment.addresses, 6, handle);
    let types = 1 << (isGroup ? RTN_MULTICAST : handle === 0 ? RTN_UNSPEC : RTN_UNICAST);
    const { backKey: key, backResult: result } = this;
    this.keyPlain(key, 6, handle);
    key.outputInterface = device;
    key.device = device;
    key.isStrict = device >= 0 && isGroup;
    if (device >= 0 && m.interfaces.list[device].addresses.some((a) => a.family === 6 && a.handle === handle)) types |= 1 << RTN_LOCAL;
    this.fib6.lookup(m, key, result);
    if (result.error !== 0) return types | (1 << RTN_UNREACHABLE);
    if (device < 0 && result.type === RTN_LOCAL) types |= 1 << RTN_LOCAL;
    if (result.type === RTN_ANYCAST) types |= 1 << RTN_ANYCAST;
    return types;
  }

  /** The interface that takes an address as its own, by address or by a `local` route (__ip_dev_find); -1 for none. */
  localDevice(m: RoutingMachine, handle: number): number {
    const owner = m.interfaces.ownerOf(4, handle);
    if (owner >= 0) return owner;
    const { backKey: key, backResult: result } = this;
    this.keyPlain(key, 4, handle);
    return this.fib4.lookupLocal(m, key, result) === 0 && result.type === RTN_LOCAL && result.nexthop ? result.nexthop.device : -1;
  }

  /** The rpfilter match, not inverted. */
  reversePath(m: RoutingMachine, p: PacketContext, flags: RpfilterFlags): boolean {
    return rpfilter(m, this, p, flags);
  }

  /** The address that a packet leaving by `device` for `destination` would carry: inet_select_addr, ipv6_dev_get_saddr. 0 for none. */
  selectSource(m: RoutingMachine, family: Family, device: number, destination: number, scope: number): number {
    return family === 4 ? selectSource4(m, device, destination, scope) : selectSource6(m.interfaces, this.environment.addresses, device, destination);
  }

  /** For answers to link-local peers: the interface that a lookup must be bound to, -1 for any. */
  scopeInterface(_m: RoutingMachine, p: PacketContext): number {
    const { addresses } = this.environment;
    const isScoped = p.family === 6 && (isLinkLocal(addresses, 6, p.source) || isLinkLocal(addresses, 6, p.destination) || isMulticast(addresses, 6, p.destination));
    return isScoped && !isLoopback(addresses, 6, p.source) ? p.inputInterface : -1;
  }

  /** Notes what a "fragmentation needed" or "packet too big" said (__ip_rt_update_pmtu, __ip6_rt_update_pmtu). */
  learnPathMtu(family: Family, destination: number, mtu: number, now: number): void {
    const known = this.pathMtus.find(family, destination, now);
    if (known !== null && mtu >= known.mtu) return;
    this.pathMtus.set(family, destination, family === 6 ? Math.max(mtu, 1280) : mtu, now);
    this.environment.effects.change();
  }

  /** The learnt MTU of a path, or `mtu` where none is known. */
  learntMtu(m: RoutingMachine, family: Family, destination: number, mtu: number): number {
    const lifetime = m.sysctl.global[family === 4 ? SYSCTL_MTU_EXPIRES : SYSCTL_MTU_EXPIRES6] * 1e6;
    const { now, effects } = this.environment;
    const learnt = this.pathMtus.find(family, destination, now - lifetime);
    if (learnt === null) return mtu;
    effects.limit(learnt.learntAt + lifetime);
    return family === 4 ? Math.max(learnt.mtu, Math.min(mtu, m.sysctl.global[SYSCTL_MIN_PMTU])) : learnt.mtu;
  }

  /** ip_dst_mtu_maybe_forward. */
  forwardMtu4(m: RoutingMachine, route: Route | null, nexthop: Nexthop, destination: number): number {
    const own = route && route.mtu > 0 ? route.mtu : m.interfaces.list[nexthop.device].mtu;
    const isLearntUsed = m.sysctl.global[SYSCTL_IP_FORWARD_USE_PMTU] !== 0 && !this.pathMtus.isEmpty;
    return isLearntUsed ? this.learntMtu(m, 4, destination, own) : own;
  }

  /** MTU of IPv6 on an interface (idev->cnf.mtu6). */
  mtu6(m: RoutingMachine, device: number): number {
    return m.sysctl.conf(6, device, CONF_MTU);
  }

  hashPolicy(m: RoutingMachine, family: Family): number {
    return m.sysctl.global[family === 4 ? SYSCTL_FIB_MULTIPATH_HASH_POLICY : SYSCTL_FIB_MULTIPATH_HASH_POLICY6];
  }

  /** The way that `result` gives a packet with source `source`: the only one, or by flow (fib_select_path, fib6_select_path). */
  chooseNexthop(m: RoutingMachine, p: PacketContext, source: number, isLocal: boolean): Nexthop | null {
    const { route, nexthop } = this.result;
    if (!route || route.nexthops.length < 2) return nexthop;
    this.isCacheable = false;
    const { source: before } = p;
    p.source = source;
    const hash = flowHash(p, this.hashPolicy(m, p.family));
    p.source = before;
    const which = this.choices.choose(hash, route.nexthops, this.environment);
    const chosen = which < 0 ? null : route.nexthops[which];
    if (!isLocal || p.family === 6 || source === 0 || !chosen || this.sourceOf(m, route, chosen) === source) return chosen;
    // fib_select_multipath: a sender that has its address already rather takes the way which would give it that address
    for (const other of route.nexthops) if (!other.isDead && this.sourceOf(m, route, other) === source) return other;
    return chosen;
  }

  private sourceOf(m: RoutingMachine, route: Route, nexthop: Nexthop): number {
    return selectSource4(m, nexthop.device, nexthop.gateway, route.scope);
  }

  /** Fills `key` for a packet that came in. */
  keyInput(p: PacketContext): void {
    const { key } = this;
    key.family = p.family;
    key.destination = p.destination;
    key.source = p.source;
    key.inputInterface = p.inputInterface;
    key.outputInterface = -1;
    key.mark = p.mark;
    key.tos = p.tos;
    key.protocol = p.protocol;
    key.sourcePort = p.sourcePort;
    key.destinationPort = p.destinationPort;
    key.uid = 0;
  }

  /** Fills `key` for a packet of a local process. */
  keyOutput(m: RoutingMachine, p: PacketContext, source: number, bound: number): void {
    this.keyInput(p);
    this.key.source = source;
    this.key.inputInterface = m.interfaces.loopbackPosition;
    this.key.outputInterface = bound;
  }

  private keyPlain(key: RouteKey, family: Family, destination: number): void {
    key.family = family;
    key.destination = destination;
    key.source = 0;
    key.inputInterface = -1;
    key.outputInterface = -1;
    key.mark = 0;
    key.tos = 0;
    key.protocol = 0;
    key.device = -1;
    key.isStrict = false;
  }

  /** Grows with every change of anything that a found route depends on. */
  stamp(m: RoutingMachine): number {
    return (this.generation + m.interfaces.generation + m.sysctl.generation + this.redirects.version) | 0;
  }

  // --- neighbours ---

  /**
   * neigh_resolve_output: the MAC address of a neighbour; NEIGHBOR_QUEUED when the packet is kept here until there is an answer; else the packet is
   * dropped and has its reason.
   */
  resolve(m: RoutingMachine, p: PacketContext, device: number, nexthop: number): number {
    const out = m.interfaces.list[device];
    const { recorder } = this.environment;
    const mac = out.isNoArp || out.kind === 'loopback' ? out.macId : this.neighbours.ask(m.sysctl, this.environment, p.family, device, nexthop);
    if (recorder.isOn) {
      recorder.step3(p, STEP_NEIGHBOR, mac >= 0 ? NEIGHBOR_RESOLVED : mac === NEIGHBOR_QUEUED ? NEIGHBOR_ASKING : NEIGHBOR_FAILED, out.nameId, mac >= 0 ? mac : -1);
      recorder.detail(p, p.family);
      recorder.detail(p, nexthop);
    }
    if (mac >= 0) return mac;
    if (mac !== NEIGHBOR_QUEUED) {
      drop(p, 'NeighborUnreachable', 'NEIGH_FAILED');
      return mac;
    }
    const pushedOut = this.waiting.add(this.neighbours.asked, p, m.sysctl.neighbour(p.family, device, NEIGH_UNRES_QLEN_BYTES));
    if (pushedOut) this.pushedOut.push(pushedOut);
    return NEIGHBOR_QUEUED;
  }

  private readonly pushedOut: PacketContext[] = [];

  /** Entry that is to be asked for on its link now, -1 for none; read it by `neighbours`. */
  takeSolicitation(): number {
    return this.neighbours.takeSolicitation();
  }

  /** The packet that caused the question, if it still waits: its source is put into an ARP request (arp_solicit). */
  waitingFor(entry: number): PacketContext | null {
    return this.waiting.first(entry);
  }

  /** A message on the link tells of its sender. */
  learn(m: RoutingMachine, family: Family, device: number, address: number, mac: number, word: LinkWord): void {
    this.neighbours.learn(m.sysctl, this.environment, family, device, address, mac, word);
  }

  /** pneigh_enqueue: a question that is answered for another waits a random part of `proxy_delay`, so that the owner may be first. */
  delayAnswer(m: RoutingMachine, p: PacketContext, device: number): void {
    const ticks = m.sysctl.neighbour(p.family, device, NEIGH_PROXY_DELAY) * JIFFIES_PER_USER_TICK;
    this.delayed.push({ at: this.environment.now + this.environment.random.below(ticks) * MICROSECONDS_PER_JIFFY, p });
  }

  /** A question whose delay is over, null for none. */
  takeDelayed(): PacketContext | null {
    const at = this.delayed.findIndex((d) => d.at <= this.environment.now);
    return at < 0 ? null : this.delayed.splice(at, 1)[0].p;
  }

  /** A packet that may go now, its destination MAC filled in; null for none. */
  takeReady(): PacketContext | null {
    for (;;) {
      if (this.ready < 0) this.ready = this.neighbours.takeResolved();
      if (this.ready < 0) return null;
      const p = this.waiting.take(this.ready);
      if (p) {
        p.destinationMac = this.neighbours.macOf(this.ready);
        return p;
      }
      this.ready = -1;
    }
  }

  private ready = -1;
  private failed = -1;

  /** A packet whose neighbour did not answer, dropped with its reason; null for none. Its sender gets host (address) unreachable. */
  takeFailed(): PacketContext | null {
    for (;;) {
      const overflow = this.pushedOut.shift();
      if (overflow) {
        drop(overflow, 'NeighborUnreachable', 'NOT_SPECIFIED');
        return overflow;
      }
      if (this.failed < 0) this.failed = this.neighbours.takeFailed();
      if (this.failed < 0) return null;
      const p = this.waiting.take(this.failed);
      if (p) {
        drop(p, 'NeighborUnreachable', p.family === 4 ? 'NEIGH_FAILED' : 'NOT_SPECIFIED');
        return p;
      }
      this.failed = -1;
    }
  }

  /** Takes any packet that still waits, for the end of a run. */
  takeWaiting(): PacketContext | null {
    this.delayed.length = 0;
    for (const entry of this.waiting.entries) {
      const p = this.waiting.take(entry);
      if (p) return p;
    }
    return null;
  }

  nextTimer(): number {
    const delayed = this.delayed.length === 0 ? Infinity : Math.min(...this.delayed.map((d) => d.at));
    return Math.min(this.neighbours.nextTimer(), this.reports.nextTimer(), delayed);
  }

  /** Does what is due at `environment.now`: probes, failures and reports, to be taken afterwards. */
  advance(m: RoutingMachine): void {
    this.neighbours.advance(m.sysctl, this.environment.now);
    this.reports.advance(this.environment.now, this.environment.random);
  }

  /** An MLDv2 report to be sent to ff02::16 with a hop-by-hop header, 56 bytes and 20 for each record; null for none. */
  takeGroupReport(): GroupReport | null {
    return this.reports.take();
  }

  /** arp_process: what a machine has to say to a question (ANSWER_*). */
  answersArp(m: RoutingMachine, p: PacketContext): number {
    return answersArp(m, p);
  }

  /** ndisc_recv_ns: what it has to say to a solicitation for `target` by `device` (ANSWER_*). */
  answersSolicitation(m: RoutingMachine, device: number, target: number): number {
    return answersSolicitation(m, device, target);
  }

  /** Notes that routes, rules or what they rest on have changed. */
  changed(): void {
    this.generation++;
  }

  fork(environment: Environment = this.environment): RoutingState {
    const copy = new RoutingState(environment);
    copy.fib4 = this.fib4.fork();
    copy.fib6 = this.fib6.fork();
    copy.generation = this.generation;
    copy.neighbours = this.neighbours.fork();
    copy.pathMtus = this.pathMtus.fork();
    copy.redirects = this.redirects.fork();
    copy.peers = this.peers.fork();
    copy.reports = this.reports.fork();
    copy.proxied = new Set(this.proxied);
    copy.delayed = this.delayed.map(({ at, p }) => ({ at, p: twinOf(p, environment.pool) }));
    copy.choices = this.choices.fork();
    copy.waiting = this.waiting.fork(environment.pool);
    return copy;
  }
}
