/** References to places: the REF string `pod/ns/name`, or the map `{pod: ns/name}` (api.md). */
import type { PlaceRef } from '@worldline/model';
import { didYouMean, isObject } from '../document/index.js';
import type { Field } from '../document/index.js';

export const MACHINE_KINDS = ['pod', 'node', 'external', 'fabric'] as const;
export const WORKLOAD_KINDS = ['deployment', 'daemonset', 'statefulset'] as const;
export const PLACE_KINDS = [...MACHINE_KINDS, 'service', 'loadBalancer', ...WORKLOAD_KINDS] as const;

export type PlaceKind = (typeof PLACE_KINDS)[number];

const CLUSTER_SCOPED: ReadonlySet<string> = new Set(['node', 'external', 'fabric']);

/** Reads a reference whose kind is one of `kinds`. A namespaced name without a namespace is in `default`. */
export function readRef(field: Field, kinds: readonly PlaceKind[], what: string): PlaceRef | null {
  const { value } = field;
  if (typeof value === 'string') return refOfText(field, value, kinds, what);
  if (!isObject(value)) return field.fail(`'${field.word}' is not ${what}; it takes {kind: name} or kind/name with ${kinds.join(', ')}`);
  const fields = field.object(kinds, what);
  const names = fields?.names.filter((name) => (kinds as readonly string[]).includes(name)) ?? [];
  if (!fields || names.length === 0) return fields && fields.names.length > 0 ? null : field.fail(`${what} names nothing; it takes ${kinds.join(', ')}`);
  if (names.length > 1) return field.fail(`${what} names ${names.join(' and ')}; it takes one of them`);
  return readNamed(fields.get(names[0] as string), names[0] as PlaceKind);
}

/** Reads the name in `{kind: name}`. */
export function readNamed(field: Field, kind: PlaceKind): PlaceRef | null {
  const name = field.text(`the name of a ${kind}`);
  if (name === null) return null;
  return named(field, kind, name.split('/'));
}

function refOfText(field: Field, text: string, kinds: readonly PlaceKind[], what: string): PlaceRef | null {
  const [kind = '', ...rest] = text.split('/');
  const found = kinds.find((one) => one === kind);
  if (!found) {
    const isPlace = (PLACE_KINDS as readonly string[]).includes(kind);
    return field.fail(`'${text}' is not ${what}${isPlace ? `: a ${kind} cannot stand here` : didYouMean(kind, kinds)} (it takes ${kinds.join('/, ')}/)`);
  }
  return named(field, found, rest);
}

function named(field: Field, kind: PlaceKind, parts: readonly string[]): PlaceRef | null {
  const isScoped = CLUSTER_SCOPED.has(kind);
  if (parts.some((part) => part === '') || parts.length === 0 || parts.length > (isScoped ? 1 : 2)) {
    return field.fail(`'${field.word}' is not the name of a ${kind}; it takes ${isScoped ? 'NAME' : 'NAMESPACE/NAME'}`);
  }
  return [kind, ...(isScoped || parts.length === 2 ? [] : ['default']), ...parts].join('/');
}
