/** Rules grouped by chain. Those of dumps already are; what people write may not be. */
import type { RuleSet } from '@worldline/model';
import type { IntColumn, RuleTable } from './columns.js';

type RuleColumns = Pick<
  RuleSet,
  'chainRuleStart' | 'ruleForm' | 'rulePackets' | 'ruleBytes' | 'ruleLine' | 'ruleTextStart' | 'ruleTextEnd' | 'ruleTokenStart' | 'tokens'
>;

/** The columns of all rules. The table must not be used afterwards: they are its own. */
export function groupedRules(rules: RuleTable, tokens: IntColumn, chains: number): RuleColumns {
  const { count, chain: chainOfRule } = rules;
  const chainRuleStart = new Int32Array(chains + 1);
  let isSorted = true;
  let before = 0;
  for (let r = 0; r < count; r++) {
    const chain = chainOfRule[r];
    chainRuleStart[chain + 1]++;
    if (chain < before) isSorted = false;
    before = chain;
  }
  for (let c = 0; c < chains; c++) chainRuleStart[c + 1] += chainRuleStart[c];
  rules.tokenStart[count] = tokens.length;
  const columns: RuleColumns = {
    chainRuleStart,
    rulePackets: rules.packets.subarray(0, count),
    ruleBytes: rules.bytes.subarray(0, count),
    ruleLine: rules.line.subarray(0, count),
    ruleTextStart: rules.textStart.subarray(0, count),
    ruleTextEnd: rules.textEnd.subarray(0, count),
    ruleTokenStart: rules.tokenStart.subarray(0, count + 1),
    ruleForm: rules.form.subarray(0, count),
    tokens: tokens.values(),
  };
  return isSorted ? columns : sorted(columns, chainOfRule.subarray(0, count));
}

function sorted(from: RuleColumns, chainOfRule: Int32Array): RuleColumns {
  const count = chainOfRule.length;
  const order = Array.from({ length: count }, (_, r) => r).sort((a, b) => chainOfRule[a] - chainOfRule[b] || a - b);
  const tokens = new Int32Array(from.tokens.length);
  const ruleTokenStart = new Int32Array(count + 1);
  let n = 0;
  order.forEach((r, i) => {
    ruleTokenStart[i] = n;
    for (let t = from.ruleTokenStart[r]; t < from.ruleTokenStart[r + 1]; t++) tokens[n++] = from.tokens[t];
  });
  ruleTokenStart[count] = n;
  return {
    chainRuleStart: from.chainRuleStart,
    rulePackets: from.rulePackets.map((_, i) => from.rulePackets[order[i]]),
    ruleBytes: from.ruleBytes.map((_, i) => from.ruleBytes[order[i]]),
    ruleLine: from.ruleLine.map((_, i) => from.ruleLine[order[i]]),
    ruleTextStart: from.ruleTextStart.map((_, i) => from.ruleTextStart[order[i]]),
    ruleTextEnd: from.ruleTextEnd.map((_, i) => from.ruleTextEnd[order[i]]),
    ruleTokenStart,
    ruleForm: from.ruleForm.map((_, i) => from.ruleForm[order[i]]),
    tokens,
  };
}
