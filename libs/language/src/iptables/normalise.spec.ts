import type { Family } from '@worldline/model';
import { isRuleFault, normaliseRule } from './normalise.js';
import { MATCH_SPELLINGS } from './match-spellings.fixture.js';
import { splitWords } from './restore.js';
import { SPELLINGS } from './spellings.fixture.js';
import { REFUSED_SPELLINGS, TARGET_SPELLINGS } from './target-spellings.fixture.js';

/** What the real tool (iptables 1.8.9, nft) printed for each spelling. */
describe('spellings', () => {
  it.each(SPELLINGS.map(([family, typed, printed]) => ({ family, typed, printed })))('$family $typed', ({ family, typed, printed }) => {
    const result = normaliseRule(split(typed), family as Family);
    expect(isRuleFault(result) ? result.message : result.texts).toEqual([printed]);
  });

  it.each(SPELLINGS.map(([family, , printed]) => ({ family, printed })))('$family is stable: $printed', ({ family, printed }) => {
    const result = normaliseRule(split(printed), family as Family);
    expect(isRuleFault(result) ? result.message : result.texts).toEqual([printed]);
  });
});

/** The same for every option, and what is printed is printed again. */
describe('every option', () => {
  const rows = [...MATCH_SPELLINGS, ...TARGET_SPELLINGS];

  it.each(rows.map(([family, typed, printed]) => ({ family, typed, printed })))('$family $typed', ({ family, typed, printed }) => {
    for (const text of [typed, printed]) {
      const result = normaliseRule(splitWords(text), family as Family);
      expect(isRuleFault(result) ? result.message : result.texts).toEqual([printed]);
    }
  });

  it.each(REFUSED_SPELLINGS.map(([family, typed]) => ({ family, typed })))('$family refuses $typed', ({ family, typed }) => {
    expect(isRuleFault(normaliseRule(splitWords(typed), family as Family))).toBe(true);
  });
});

function split(line: string): string[] {
  const words: string[] = [];
  for (const [, quoted, bare] of line.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)) words.push(quoted === undefined ? (bare as string) : quoted.replace(/\\(.)/g, '$1'));
  return words;
}
