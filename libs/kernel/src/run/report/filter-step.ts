/** One table at one hook: the rules that matched, in order, and what they said. */
import type { Json, RuleTrail, Step } from '@worldline/model';
import { HOOK_NAMES } from '../../packet/index.js';
import {
  RULE_ACCEPT,
  RULE_DROP,
  RULE_GOTO,
  RULE_JUMP,
  RULE_NAT,
  RULE_REJECT,
  RULE_RETURN,
  RULE_STOLEN,
  STEP_LIST,
  STEP_POLICY,
  TABLE_NAMES,
} from '../../record/index.js';
import type { StepReader } from './describe-way.js';
import type { ReportNames, RuleDescription } from './names.js';

const VERDICTS = ['continue', 'accept', 'drop', 'return', 'jump', 'goto', 'reject', 'translate', 'queue', 'stolen'] as const;

interface MatchedRule {
  readonly rule: RuleDescription;
  readonly verdict: number;
  readonly isPolicy: boolean;
}

export class FilterStep {
  private readonly rules: MatchedRule[] = [];
  private readonly lists: string[] = [];

  constructor(
    private readonly hook: number,
    private readonly table: number,
    private readonly names: ReportNames,
    private readonly trail: { readonly lookedAt: number; readonly rules: readonly RuleTrail[] } | null,
  ) {}

  add(code: number, reader: StepReader): void {
    if (code === STEP_LIST) {
      this.lists.push(this.names.word(reader.operand(2)));
      return;
    }
    const isPolicy = code === STEP_POLICY;
    const verdict = reader.operand(isPolicy ? 1 : 2);
    const described = this.names.describeRule(reader.operand(0), isPolicy ? -1 : reader.operand(1));
    const rule = isPolicy ? { ...described, text: `${described.text} ${verdict === RULE_DROP ? 'DROP' : 'ACCEPT'}` } : described;
    this.rules.push({ rule, verdict, isPolicy });
  }

  finish(): Step {
    const hook = HOOK_NAMES[this.hook];
    const table = TABLE_NAMES[this.table];
    const last = this.rules[this.rules.length - 1];
    const verdict = last?.verdict ?? RULE_ACCEPT;
    const rules = this.rules.map(({ rule, verdict: said }) => ({ chain: rule.chain, number: rule.number, verdict: VERDICTS[said], text: rule.text }));
    const detail: { readonly [key: string]: Json } = { hook, table, rules, ...(this.lists.length > 0 ? { lists: this.lists } : {}), ...this.trailDetail() };
    return { kind: 'Filter', action: VERDICTS[verdict], detail, text: this.text(`${table} ${hook}`), isDeciding: isDeciding(verdict) };
  }

  /** Where trails were asked for: every rule that was looked at, as far as they are told, and how many there were. */
  private trailDetail(): { readonly [key: string]: Json } {
    if (this.trail === null) return {};
    return { lookedAt: this.trail.lookedAt, trail: this.trail.rules as unknown as Json };
  }

  /** `filter FORWARD: FORWARD#2 > KUBE-FORWARD#1 -m conntrack --ctstate INVALID -j DROP`. */
  private text(place: string): string {
    const { rules } = this;
    const last = rules[rules.length - 1];
    if (last === undefined) return `${place}: no rules`;
    const way = rules.filter(({ verdict, isPolicy }) => !isPolicy && (verdict === RULE_JUMP || verdict === RULE_GOTO)).map(({ rule }) => `${rule.chain}#${rule.number}`);
    if (last.isPolicy) {
      const others = rules.length - 1;
      return `${place}: policy ${last.verdict === RULE_DROP ? 'DROP' : 'ACCEPT'}${others > 0 ? ` after ${others} ${others === 1 ? 'rule' : 'rules'}` : ''}`;
    }
    if (last.verdict === RULE_JUMP || last.verdict === RULE_RETURN) return `${place}: ${[...way].join(' > ')}`;
    return `${place}: ${[...way, `${last.rule.chain}#${last.rule.number}`].join(' > ')} ${withoutChain(last.rule)}`;
  }
}

function withoutChain({ text, chain }: RuleDescription): string {
  const head = `-A ${chain} `;
  return text.startsWith(head) ? text.slice(head.length) : text;
}

function isDeciding(verdict: number): boolean {
  return verdict === RULE_DROP || verdict === RULE_REJECT || verdict === RULE_NAT || verdict === RULE_STOLEN;
}
