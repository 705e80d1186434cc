/** The query of a URL as words of a page, and back in a fixed order, so that equal states have equal addresses. */
import type { Words } from './location.js';

export function readWords(search: string): Words {
  return Object.fromEntries(new URLSearchParams(search));
}

export function writeUrl(path: string, words: Words): string {
  const query = new URLSearchParams();
  for (const [name, word] of Object.entries(words)) if (word !== undefined && word !== '') query.set(name, word);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The one of some words that is meant; the first where it is none of them. */
export function oneOf<T extends string>(words: readonly [T, ...T[]], word: string | undefined): T {
  return words.find((known) => known === word) ?? words[0];
}
