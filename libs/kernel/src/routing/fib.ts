/**
 * Policy rules and tables of one family: fib_lookup (net/ipv4/fib_rules.c, fib_trie.c) and fib6_rule_lookup (net/ipv6/fib6_rules.c,
 * route.c; Linux 6.18).
 */
import type { Family } from '@worldline/model';
import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, type AddressTable } from '../packet/index.js';
import { samePrefix, type InterfaceState } from '../interface/index.js';
import { CONF_IGNORE_ROUTES_WITH_LINKDOWN, type SysctlState } from '../sysctl/index.js';
import { PrefixTable } from './prefix-table.js';
import {
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNREACHABLE,
  TABLE_DEFAULT,
  TABLE_LOCAL,
  TABLE_MAIN,
  type Nexthop,
  type PolicyRule,
  type Route,
  type RouteKey,
  type RouteResult,
} from './route.js';

/** The kernel's -EAGAIN: no answer here, ask the next rule. */
const NEXT_RULE = 1;
const MERGED = -1;

export interface FibMachine {
  readonly interfaces: InterfaceState;
  readonly sysctl: SysctlState;
}

export class Fib {
  /** Every table's routes, in the order of `ip route show table all` within a table. */
  routes: readonly Route[] = [];
  /** By priority; equals in the order they were added. */
  rules: readonly PolicyRule[] = [];
  /** Once set they stay: net->ipv4.fib_has_custom_rules, fib_has_custom_local_routes. */
  hasCustomRules = false;
  hasCustomLocalRoutes = false;
  /** What of a packet beside its destination the rules or routes look at. */
  usesMark = false;
  usesTos = false;
  /** Ports, protocol or user: such lookups are not cached. */
  usesTransport = false;

  private tables = new Map<number, PrefixTable>();

  constructor(
    readonly family: Family,
    private readonly addresses: AddressTable,
  ) {}

  setRoutes(routes: readonly Route[]): void {
    this.routes = routes;
    this.tables = new Map();
    this.noteSelectors();
  }

  setRules(rules: readonly PolicyRule[]): void {
    this.rules = [...rules].sort((a, b) => a.priority - b.priority);
    this.tables = new Map();
    this.noteSelectors();
  }

  /** Finds the route of a key through all rules; `result.error` 0 or negative. */
  lookup(m: FibMachine, key: RouteKey, result: RouteResult): void {
    result.error = ENETUNREACH;
    result.route = null;
    result.nexthop = null;
    result.type = 0;
    result.table = 0;
    result.prefixLength = 0;
    if (!this.hasCustomRules) {
      this.lookupPlain(m, key, result);
      return;
    }
    const { rules } = this;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i];
      if (rule.action === 'nop' || !this.isMatch(m, rule, key)) continue;
      if (rule.action === 'goto') {
        const target = this.firstOf(rule.table);
        if (target > i) i = target - 1;
        continue;
      }
      if (rule.action !== 'table') {
        result.error = rule.action === 'prohibit' ? EACCES : rule.action === 'blackhole' ? EINVAL : ENETUNREACH;
        result.type = rule.action === 'prohibit' ? RTN_PROHIBIT : rule.action === 'blackhole' ? RTN_BLACKHOLE : RTN_UNREACHABLE;
        return;
      }
      const answer = this.lookupTable(m, rule.table, key, result);
      if (answer === NEXT_RULE) continue;
      if (answer === 0 && isSuppressed(m, rule, result)) continue;
      result.error = answer;
      return;
    }
    result.error = ENETUNREACH;
    result.route = null;
    result.type = 0;
  }

  /** One table alone: fib_table_lookup. 0, a negative errno, or a positive number where the table has no answer. */
  lookupTable(m: FibMachine, table: number, key: RouteKey, result: RouteResult): number {
    const prefixes = this.table(table);
    return this.family === 4 ? lookup4(m, prefixes, key, result) : lookup6(m, prefixes, key, result);
  }

  /** The local table as addresses are looked up in it; without rules of one's own it shares its trie with main (fib_trie_table). */
  lookupLocal(m: FibMachine, key: RouteKey, result: RouteResult): number {
    return this.lookupTable(m, this.hasCustomRules || this.family === 6 ? TABLE_LOCAL : MERGED, key, result);
  }

  fork(): Fib {
    const copy = new Fib(this.family, this.addresses);
    copy.routes = this.routes;
    copy.rules = this.rules;
    copy.hasCustomRules = this.hasCustomRules;
    copy.hasCustomLocalRoutes = this.hasCustomLocalRoutes;
    copy.usesMark = this.usesMark;
    copy.usesTos = this.usesTos;
    copy.usesTransport = this.usesTransport;
    copy.tables = new Map(this.tables);
    return copy;
  }

  /** Without rules of one's own: local and main, which IPv4 holds in one trie, then default. */
  private lookupPlain(m: FibMachine, key: RouteKey, result: RouteResult): void {
    let answer: number;
    if (this.family === 4) answer = this.lookupTable(m, MERGED, key, result);
    else {
      answer = this.lookupTable(m, TABLE_LOCAL, key, result);
      if (answer === NEXT_RULE) answer = this.lookupTable(m, TABLE_MAIN, key, result);
    }
    if (answer === NEXT_RULE && this.family === 4) answer = this.lookupTable(m, TABLE_DEFAULT, key, result);
    if (answer === NEXT_RULE) {
      result.route = null;
      result.type = 0;
      answer = ENETUNREACH;
    }
    result.error = answer;
  }

  private table(id: number): PrefixTable {
    let table = this.tables.get(id);
    if (!table) {
      const isIn = (r: Route): boolean => (id === MERGED ? r.table === TABLE_LOCAL || r.table === TABLE_MAIN : r.table === id);
      table = new PrefixTable(this.routes.filter(isIn), this.family, this.addresses);
      this.tables.set(id, table);
    }
    return table;
  }

  /** fib_rule_match with fib4_rule_match or fib6_rule_match. */
  private isMatch(m: FibMachine, rule: PolicyRule, key: RouteKey): boolean {
    return this.isSelected(m, rule, key) !== rule.isInverted;
  }

  private isSelected(m: FibMachine, rule: PolicyRule, key: RouteKey): boolean {
    const { list } = m.interfaces;
    if (rule.inputName >= 0 && (key.inputInterface < 0 || list[key.inputInterface].nameId !== rule.inputName)) return false;
    if (rule.outputName >= 0 && (key.outputInterface < 0 || list[key.outputInterface].nameId !== rule.outputName)) return false;
    if (((rule.mark ^ key.mark) & rule.markMask) !== 0) return false;
    if (rule.isL3mdev) return false;
    if (rule.uidRange && (key.uid < rule.uidRange[0] || key.uid > rule.uidRange[1])) return false;
    if (rule.sourceLength > 0) {
      if (this.family === 6 && key.source === 0) return false;
      if (!samePrefix(this.addresses, this.family, key.source, rule.source, rule.sourceLength)) return false;
    }
    if (rule.destinationLength > 0 && !samePrefix(this.addresses, this.family, key.destination, rule.destination, rule.destinationLength)) return false;
    if (rule.tos !== 0 && (key.tos & 0xfc) !== rule.tos) return false;
    if (rule.protocol !== 0 && rule.protocol !== key.protocol) return false;
    if (rule.sourcePorts && (key.sourcePort < rule.sourcePorts[0] || key.sourcePort > rule.sourcePorts[1])) return false;
    return !rule.destinationPorts || (key.destinationPort >= rule.destinationPorts[0] && key.destinationPort <= rule.destinationPorts[1]);
  }

  private firstOf(priority: number): number {
    for (let i = 0; i < this.rules.length; i++) if (this.rules[i].priority === priority) return i;
    return -1;
  }

  private noteSelectors(): void {
    this.usesMark = this.rules.some((r) => r.markMask !== 0);
    this.usesTos = this.rules.some((r) => r.tos !== 0) || this.routes.some((r) => r.tos !== 0);
    this.usesTransport = this.rules.some((r) => r.protocol !== 0 || r.sourcePorts !== null || r.destinationPorts !== null || r.uidRange !== null);
  }
}

/** fib4_rule_suppress, fib6_rule_suppress. */
function isSuppressed(m: FibMachine, rule: PolicyRule, result: RouteResult): boolean {
  if (result.prefixLength <= rule.suppressPrefixLength) return true;
  return rule.suppressGroup >= 0 && result.nexthop !== null && m.interfaces.list[result.nexthop.device]?.group === rule.suppressGroup;
}

/** fib_table_lookup. */
function lookup4(m: FibMachine, table: PrefixTable, key: RouteKey, result: RouteResult): number {
  for (let which = 0; which < table.lengthCount; which++) {
    for (let at = table.first(which, key.destination); at >= 0; at = table.next(at)) {
      const route = table.routes[at];
      if (route.tos !== 0 && route.tos !== (key.tos & 0xfc)) continue;
      if (route.scope < key.scope && errorOf(route.type) === 0) continue;
      const error = errorOf(route.type);
      if (error !== 0) {
        if (error === NEXT_RULE) return NEXT_RULE;
        fill(result, route, null);
        return error;
      }
      for (let i = 0; i < route.nexthops.length; i++) {
        const nexthop = route.nexthops[i];
        if (key.outputInterface >= 0 && nexthop.device !== key.outputInterface) continue;
        if (nexthop.isDead || isPassedOver(m, 4, nexthop)) continue;
        fill(result, route, nexthop);
        return 0;
      }
    }
  }
  return NEXT_RULE;
}

/** ip6_pol_route's find_rr_leaf with fib6_backtrack: of equal metric the route by the wanted interface, else the first. */
function lookup6(m: FibMachine, table: PrefixTable, key: RouteKey, result: RouteResult): number {
  for (let which = 0; which < table.lengthCount; which++) {
    let best: Route | null = null;
    let bestNexthop: Nexthop | null = null;
    let bestScore = -1;
    for (let at = table.first(which, key.destination); at >= 0; at = table.next(at)) {
      const route = table.routes[at];
      if (best && route.metric > best.metric) break;
      const isReject = errorOf(route.type) !== 0;
      const count = isReject ? 1 : route.nexthops.length;
      for (let i = 0; i < count; i++) {
        const nexthop = isReject ? null : route.nexthops[i];
        if (nexthop && (nexthop.isDead || isPassedOver(m, 6, nexthop))) continue;
        const device = nexthop ? nexthop.device : m.interfaces.loopbackPosition;
        const isWanted = key.device < 0 || device === key.device;
        if (!isWanted && key.isStrict) continue;
        // rt6_score_route
        const score = (isWanted ? 2 : 0) | (route.preference << 2);
        if (score <= bestScore) continue;
        best = route;
        bestNexthop = nexthop;
        bestScore = score;
      }
    }
    if (best) {
      const error = errorOf(best.type);
      if (error === NEXT_RULE) return NEXT_RULE;
      fill(result, best, bestNexthop);
      return error;
    }
  }
  return NEXT_RULE;
}

function fill(result: RouteResult, route: Route, nexthop: Nexthop | null): void {
  result.route = route;
  result.nexthop = nexthop;
  result.type = route.type;
  result.table = route.table;
  result.prefixLength = route.prefixLength;
}

/** fib_props, fib6_prop: what a type without a way out answers. */
function errorOf(type: number): number {
  switch (type) {
    case RTN_BLACKHOLE:
      return EINVAL;
    case RTN_UNREACHABLE:
      return EHOSTUNREACH;
    case RTN_PROHIBIT:
      return EACCES;
    case RTN_THROW:
      return NEXT_RULE;
    default:
      return 0;
  }
}

/** A way by an interface without carrier counts unless its sysctl says otherwise (fib_lookup_good_nhc, fib6_ignore_linkdown). */
function isPassedOver(m: FibMachine, family: Family, nexthop: Nexthop): boolean {
  const device = m.interfaces.list[nexthop.device];
  if (!device || device.hasCarrier) return false;
  return family === 4 ? m.sysctl.isConfOn(4, nexthop.device, CONF_IGNORE_ROUTES_WITH_LINKDOWN) : m.sysctl.conf(6, nexthop.device, CONF_IGNORE_ROUTES_WITH_LINKDOWN) !== 0;
}
