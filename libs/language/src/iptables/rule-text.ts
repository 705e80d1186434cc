/** Text of rules of a rule set. */
import type { RuleSet } from '@worldline/model';
import { decodeUtf8 } from '../words/index.js';
import { isRuleFault, normaliseRule } from './normalise.js';

/** The rule as it stands in the rule set, without counters: `-A CHAIN ...`. */
export function ruleText(ruleSet: RuleSet, rule: number): string {
  return decodeUtf8(ruleSet.text, ruleSet.ruleTextStart[rule], ruleSet.ruleTextEnd[rule]);
}

/** Words of a rule behind `-A CHAIN`. */
export function ruleWords(ruleSet: RuleSet, rule: number): string[] {
  const words: string[] = [];
  for (let t = ruleSet.ruleTokenStart[rule]; t < ruleSet.ruleTokenStart[rule + 1]; t++) words.push(ruleSet.words.text(ruleSet.tokens[t]));
  return words;
}

/** What iptables-save prints behind `-A CHAIN`, whatever spelling the rule set has; what is not understood stays as it is. */
export function canonicalRule(ruleSet: RuleSet, rule: number): string {
  const normalised = normaliseRule(ruleWords(ruleSet, rule), ruleSet.family);
  if (!isRuleFault(normalised)) return normalised.texts[0];
  const text = ruleText(ruleSet, rule);
  return text.slice(text.indexOf(' ', 3) + 1);
}
