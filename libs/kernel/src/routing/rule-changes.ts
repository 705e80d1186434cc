/** Adding and deleting policy rules: fib_nl_newrule, fib_nl_delrule (net/core/fib_rules.c, Linux 6.18). */
import { EXISTS, NOT_THERE } from './route-changes.js';
import type { PolicyRule } from './route.js';
import type { RoutingMachine } from './routing-state.js';

/** fib_default_rule_pref: just before the second rule. */
export function defaultPriority(rules: readonly PolicyRule[]): number {
  const second = rules[1];
  return second && second.priority > 0 ? second.priority - 1 : 0;
}

export function addRule(m: RoutingMachine, rule: PolicyRule): string | null {
  const fib = m.routing.fib(rule.family);
  if (fib.rules.some((r) => isSame(r, rule))) return EXISTS;
  const at = fib.rules.findIndex((r) => r.priority > rule.priority);
  const before = at < 0 ? fib.rules : fib.rules.slice(0, at);
  const after = at < 0 ? [] : fib.rules.slice(at);
  replace(m, rule.family, [...before, rule, ...after]);
  return null;
}

/** Deletes the first rule that a filter accepts. */
export function deleteRule(m: RoutingMachine, family: 4 | 6, isMatch: (rule: PolicyRule) => boolean): string | null {
  const fib = m.routing.fib(family);
  const at = fib.rules.findIndex(isMatch);
  if (at < 0) return NOT_THERE;
  replace(m, family, [...fib.rules.slice(0, at), ...fib.rules.slice(at + 1)]);
  return null;
}

/** `ip rule flush`: all but the rule for the local table. */
export function flushRules(m: RoutingMachine, family: 4 | 6): void {
  replace(m, family, m.routing.fib(family).rules.filter((r) => r.priority === 0));
}

/** A namespace that ever had rules of its own is looked up by rules from then on. */
function replace(m: RoutingMachine, family: 4 | 6, rules: readonly PolicyRule[]): void {
  const fib = m.routing.fib(family);
  fib.hasCustomRules = true;
  fib.setRules(rules);
  m.routing.changed();
}

function isSame(a: PolicyRule, b: PolicyRule): boolean {
  return JSON.stringify({ ...a, sourceLength: Math.max(a.sourceLength, 0), destinationLength: Math.max(a.destinationLength, 0) }) === JSON.stringify({ ...b, sourceLength: Math.max(b.sourceLength, 0), destinationLength: Math.max(b.destinationLength, 0) });
}
