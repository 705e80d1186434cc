import { InvalidCursor } from './ports.js';
import type { Page, PageRequest } from './ports.js';

/** A cursor is the key of an item: `n5~n0`, `s...` for texts. Nobody but this file reads it. */
export type CursorPart = string | number;

/** What a part of a key is: a number, a text, or a moment in ISO 8601 (a text in its own form). */
export type CursorKind = 'n' | 's' | 't';

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A cursor for a key. */
export function cursorOf(key: readonly CursorPart[]): string {
  return key.map((part) => (typeof part === 'number' ? `n${part}` : `s${encodeURIComponent(part)}`)).join('~');
}

/** The key of a cursor that has the given kinds of parts; anything else is an InvalidCursor. */
export function keyOfCursor(cursor: string, kinds: readonly CursorKind[]): CursorPart[] {
  const parts = cursor.split('~');
  if (parts.length !== kinds.length) throw new InvalidCursor(`"${cursor}" is no cursor of this list`);
  return parts.map((part, i) => {
    const text = part.slice(1);
    if (part[0] !== (kinds[i] === 'n' ? 'n' : 's')) throw new InvalidCursor(`"${cursor}" is no cursor of this list`);
    if (part[0] === 'n') {
      if (!/^\d{1,9}$/.test(text)) throw new InvalidCursor(`"${cursor}" is no cursor of this list`);
      return Number(text);
    }
    const word = decoded(text);
    if (word === null || (kinds[i] === 't' && !MOMENT.test(word))) throw new InvalidCursor(`"${cursor}" is no cursor of this list`);
    return word;
  });
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Makes a page of at most `limit` of the items that were found from the cursor on (one more tells that there are more), nearest first. */
export function pageOf<T>(found: readonly T[], request: PageRequest, key: (item: T) => readonly CursorPart[]): Page<T> {
  const hasMore = found.length > request.limit;
  const kept = found.slice(0, request.limit);
  if (request.isBackward) kept.reverse();
  const isInside = request.cursor !== null;
  return {
    items: kept.map((item) => ({ cursor: cursorOf(key(item)), item })),
    hasNext: request.isBackward ? isInside : hasMore,
    hasPrevious: request.isBackward ? hasMore : isInside,
  };
}

/** The page of a list that is in memory as a whole, in its order. */
export function pageOfList<T>(list: readonly T[], request: PageRequest, kinds: readonly CursorKind[], key: (item: T) => readonly CursorPart[], isAscending = true): Page<T> {
  const limits = request.cursor === null ? null : keyOfCursor(request.cursor, kinds);
  const forward = request.isBackward !== true;
  const ordered = forward ? list : [...list].reverse();
  const isWanted = (item: T): boolean => limits === null || (compareKeys(key(item), limits) > 0) === (forward === isAscending) && compareKeys(key(item), limits) !== 0;
  return pageOf(ordered.filter(isWanted).slice(0, request.limit + 1), request, key);
}

function compareKeys(a: readonly CursorPart[], b: readonly CursorPart[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] as CursorPart, b[i] as CursorPart];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
