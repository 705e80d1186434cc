/**
 * YAML 1.2 with places. Aliases are followed with a budget, so that a bomb is refused before it goes off.
 *
 * The library's own conversion is not used: it finds aliases and double keys by searching, which is quadratic in hostile input.
 */
import type { Json } from '@worldline/model';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { Node, ParsedNode } from 'yaml';
import { ALIASED_VALUES_LIMIT, DOCUMENT_DEPTH_LIMIT } from './limits.js';

export interface YamlFault {
  readonly offset: number;
  readonly message: string;
  readonly word?: string;
}

export interface YamlValue {
  readonly value: Json;
  /** Offset in the text of the value (or, with `isKey`, of its name) that a path names; as deep as the text goes. */
  locate(path: readonly string[], isKey: boolean): number;
}

export interface ParsedYaml {
  /** One per document of the text that is not empty. */
  readonly documents: readonly YamlValue[];
  readonly faults: readonly YamlFault[];
}

/** Reads YAML text of one or more documents. Never throws. */
export function parseYamlText(text: string): ParsedYaml {
  const tooDeep = indentationFault(text);
  if (tooDeep) return { documents: [], faults: [tooDeep] };
  let parsed: ReturnType<typeof parseAllDocuments>;
  try {
    parsed = parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent', lineCounter: new LineCounter() });
  } catch (error) {
    // The library recurses: text made to overflow its stack is not YAML that anybody wrote.
    return { documents: [], faults: [{ offset: 0, message: error instanceof RangeError ? 'is nested too deeply' : 'is not YAML' }] };
  }
  if (!Array.isArray(parsed)) return { documents: [], faults: [] };
  const faults: YamlFault[] = [];
  const documents: YamlValue[] = [];
  for (const document of parsed) {
    for (const error of [...document.errors, ...document.warnings]) faults.push({ offset: error.pos[0], message: messageOf(error.message) });
    if (faults.length > 0 || document.contents === null) continue;
    const converter = new Converter(faults);
    const contents = document.contents as ParsedNode;
    const value = converter.convert(contents, 0);
    if (value !== null || !isScalar(contents)) documents.push({ value, locate: (path, isKey) => locate(contents, path, isKey, converter.anchors) });
  }
  return { documents: faults.length > 0 ? [] : documents, faults };
}

/** Flow collections are what nests cheaply: count brackets outside of the quotes that JSON-like text has. */
function indentationFault(text: string): YamlFault | null {
  let run = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 91 || c === 123) {
      if (++run > DOCUMENT_DEPTH_LIMIT) return { offset: i, message: `is nested deeper than ${DOCUMENT_DEPTH_LIMIT} levels` };
    } else if (c !== 32 && c !== 10 && c !== 45) run = 0;
  }
  return null;
}

function messageOf(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/^./, (c) => c.toLowerCase());
}

class Converter {
  readonly anchors = new Map<string, { readonly node: Node; value: Json; size: number; isOpen: boolean }>();
  private size = 0;
  private aliased = 0;

  constructor(private readonly faults: YamlFault[]) {}

  convert(node: Node | null, depth: number): Json {
    if (node === null) return null;
    if (depth > DOCUMENT_DEPTH_LIMIT) return this.fail(node, `is nested deeper than ${DOCUMENT_DEPTH_LIMIT} levels`);
    if (isAlias(node)) return this.alias(node, node.source);
    const name = (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor ? node.anchor : null;
    const anchor = name === null ? null : { node, value: null as Json, size: 0, isOpen: true };
    if (name !== null && anchor) this.anchors.set(name, anchor);
    const before = this.size++;
    const value = this.collectionOrScalar(node, depth);
    if (anchor) {
      anchor.value = value;
      anchor.size = this.size - before;
      anchor.isOpen = false;
    }
    return value;
  }

  private collectionOrScalar(node: Node, depth: number): Json {
    if (isSeq(node)) return node.items.map((item) => this.convert(item as Node | null, depth + 1));
    if (isMap(node)) return this.map(node.items, depth);
    if (!isScalar(node)) return this.fail(node, 'is neither a value, a list nor a map');
    const { value } = node;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : this.fail(node, `${String(value)} is not a number that can be used`);
    return this.fail(node, 'is a value of a kind that is not taken here');
  }

  private map(items: readonly unknown[], depth: number): Json {
    const result: Record<string, Json> = {};
    const names = new Set<string>();
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const key = pair.key as Node;
      if (!isScalar(key)) {
        this.fail(key ?? (pair.value as Node), 'the name of a value must be plain text');
        continue;
      }
      const name = String(key.value);
      if (names.has(name)) this.fail(key, `'${name}' stands twice`, name);
      names.add(name);
      const value = this.convert(pair.value as Node | null, depth + 1);
      // A plain assignment to __proto__ would not make a value of that name.
      Object.defineProperty(result, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return result;
  }

  private alias(node: Node, name: string): Json {
    const anchor = this.anchors.get(name);
    if (!anchor) return this.fail(node, `no anchor &${name} stands before this`, `*${name}`);
    if (anchor.isOpen) return this.fail(node, `&${name} contains itself`, `*${name}`);
    this.size += anchor.size;
    this.aliased += anchor.size;
    if (this.aliased > ALIASED_VALUES_LIMIT) return this.fail(node, `aliases add more than ${ALIASED_VALUES_LIMIT} values`, `*${name}`);
    return anchor.value;
  }

  private fail(node: Node | null, message: string, word?: string): null {
    if (this.faults.length < 20) this.faults.push({ offset: node?.range?.[0] ?? 0, message, ...(word === undefined ? {} : { word }) });
    return null;
  }
}

function locate(root: Node, path: readonly string[], isKey: boolean, anchors: Converter['anchors']): number {
  let node: Node | null = root;
  let offset = root.range?.[0] ?? 0;
  for (let i = 0; i < path.length; i++) {
    if (isAlias(node)) node = anchors.get(node.source)?.node ?? null;
    const word = path[i] as string;
    let next: Node | null;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === word);
      if (!pair) break;
      const keyOffset: number = (pair.key as Node).range?.[0] ?? offset;
      next = pair.value as Node | null;
      offset = isKey && i === path.length - 1 ? keyOffset : (next?.range?.[0] ?? keyOffset);
    } else if (isSeq(node)) {
      next = (node.items[Number(word)] as Node | undefined) ?? null;
      if (!next) break;
      offset = next.range?.[0] ?? offset;
    } else break;
    node = next;
  }
  return offset;
}
