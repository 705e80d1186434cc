/**
 * One netfilter hook of the IP families, its owners in the order of their priorities (include/uapi/linux/netfilter_ipv4.h, Linux 6.18):
 * defragmentation -400, raw -300, conntrack -200, mangle -150, nat of destinations -100, filter 0, security 50, nat of sources 100,
 * confirmation last.
 */
import { ACCEPT, LOCAL_IN, LOCAL_OUT, POSTROUTING, PREROUTING, type PacketContext } from '../packet/index.js';
import { MANIP_DESTINATION, MANIP_SOURCE, NAT_ASK_RULES, NAT_NONE } from '../conntrack/index.js';
import type { NetfilterMachine } from './machine-view.js';
import type { TableState } from './table-state.js';
import { walkTable } from './walk.js';

/** The verdict of a hook: ACCEPT, DROP (the context says why) or STOLEN. */
export function runHook(m: NetfilterMachine, p: PacketContext, hook: number): number {
  const { netfilter, conntrack } = m;
  const family = p.family === 4 ? 0 : 1;
  const plan = netfilter.plans[5 * family + hook];
  const isTracking = netfilter.isTracking[family];
  if (plan.isEmpty && !isTracking && !netfilter.isDefragmenting[family] && !netfilter.isNatActive[family]) return ACCEPT;
  setDevices(m, p, hook);
  let verdict = ACCEPT;
  if (hook === PREROUTING || hook === LOCAL_OUT) {
    if (netfilter.isDefragmenting[family]) verdict = conntrack.defragment(m, p, hook);
    if (verdict === ACCEPT) verdict = walkAll(m, p, plan.raw, hook);
    if (verdict === ACCEPT && isTracking) verdict = conntrack.track(m, p, hook);
    if (verdict !== ACCEPT) return verdict;
  }
  if (plan.mangle.length > 0) {
    verdict = hook === LOCAL_OUT ? mangleOutput(m, p, plan.mangle) : walkAll(m, p, plan.mangle, hook);
    if (verdict !== ACCEPT) return verdict;
  }
  const isNat = netfilter.isNatActive[family];
  if (isNat && (hook === PREROUTING || hook === LOCAL_OUT)) {
    verdict = natDestination(m, p, plan.nat, hook);
    if (verdict !== ACCEPT) return verdict;
  }
  verdict = walkAll(m, p, plan.filter, hook);
  if (verdict === ACCEPT) verdict = walkAll(m, p, plan.security, hook);
  if (verdict !== ACCEPT || (hook !== LOCAL_IN && hook !== POSTROUTING)) return verdict;
  if (isNat) verdict = translate(m, p, plan.nat, hook, MANIP_SOURCE);
  return verdict === ACCEPT && isTracking ? conntrack.confirm(m, p) : verdict;
}

/** state->in and state->out. POSTROUTING knows the incoming device of what is routed (ip_output), not of what is bridged. */
function setDevices(m: NetfilterMachine, p: PacketContext, hook: number): void {
  const { netfilter } = m;
  const hasInput = hook === PREROUTING || hook === LOCAL_IN || hook === 2 || (hook === POSTROUTING && !p.isBridged && !p.isLocal);
  const input = hasInput ? p.inputInterface : -1;
  const output = hook >= 2 ? p.outputInterface : -1;
  netfilter.hook = hook;
  netfilter.inputInterface = input;
  netfilter.outputInterface = output;
  netfilter.inputName = input >= 0 ? m.interfaces.list[input].nameId : -1;
  netfilter.outputName = output >= 0 ? m.interfaces.list[output].nameId : -1;
}

function walkAll(m: NetfilterMachine, p: PacketContext, tables: readonly TableState[], hook: number): number {
  for (let i = 0; i < tables.length; i++) {
    const verdict = walkTable(m, p, tables[i], hook);
    if (verdict !== ACCEPT) return verdict;
  }
  return ACCEPT;
}

/** ipt_mangle_out, nf_route_table_hook4: a packet whose addresses, mark or TOS a rule has changed gets a new route. */
function mangleOutput(m: NetfilterMachine, p: PacketContext, tables: readonly TableState[]): number {
  for (let i = 0; i < tables.length; i++) {
    const { source, destination, mark, tos, ttl } = p;
    const verdict = walkTable(m, p, tables[i], LOCAL_OUT);
    if (verdict !== ACCEPT) return verdict;
    const isChanged = p.source !== source || p.destination !== destination || p.mark !== mark || p.tos !== tos || (p.family === 6 && p.ttl !== ttl);
    if (isChanged && m.rerouteOutput(p) !== ACCEPT) return 0;
  }
  return ACCEPT;
}

/** nf_nat_ipv4_pre_routing, nf_nat_ipv4_local_fn: a new destination makes the route that was found before worthless. */
function natDestination(m: NetfilterMachine, p: PacketContext, tables: readonly TableState[], hook: number): number {
  const { destination } = p;
  const verdict = translate(m, p, tables, hook, MANIP_DESTINATION);
  if (verdict !== ACCEPT || p.destination === destination) return verdict;
  if (hook === LOCAL_OUT) return m.rerouteOutput(p);
  p.hasRoute = false;
  return ACCEPT;
}

/** nf_nat_inet_fn: rules are asked once for each entry and manip; the first that binds it ends the asking. */
function translate(m: NetfilterMachine, p: PacketContext, tables: readonly TableState[], hook: number, manip: number): number {
  const { conntrack } = m;
  const wish = conntrack.natWants(p, manip);
  if (wish === NAT_ASK_RULES) {
    let isBound = false;
    for (let i = 0; i < tables.length && !isBound; i++) {
      const verdict = walkTable(m, p, tables[i], hook);
      if (verdict !== ACCEPT) return verdict;
      isBound = conntrack.natWants(p, manip) !== NAT_ASK_RULES;
    }
    if (!isBound) {
      const verdict = conntrack.setupNullBinding(m, p, manip);
      if (verdict !== ACCEPT) return verdict;
    }
  } else if (wish === NAT_NONE) return ACCEPT;
  return conntrack.applyNat(m, p, manip, hook);
}
