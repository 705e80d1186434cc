/** `kubernetes/*`: objects as kubectl prints them, singly, in lists and in streams of documents. */
import { canonicalJson } from '@worldline/model';
import type { Issue, Json, Parsed } from '@worldline/model';
import { documentOf, Field, IssueSink, isObject, readDocuments } from '../document/index.js';
import type { JsonObject, SourceDocument } from '../document/index.js';

const CODE = 'InvalidObject';
/** Configuration files of components are objects without a name. */
const NAMELESS = /Configuration$/;

/** Reads the objects of one file. */
export function readObjects(text: string, file: string): Parsed<readonly Json[]> {
  const { documents, issues } = readDocuments(text, { file, code: CODE });
  const found = documents.map((document) => objectsOf(document, { file }));
  return { value: found.flatMap(({ objects }) => objects), issues: [...issues, ...found.flatMap((one) => one.issues)] };
}

/** Reads objects that came as values. */
export function readObjectValues(value: Json, options: { readonly file: string; readonly pointerPrefix?: string }): Parsed<readonly Json[]> {
  const { objects, issues } = objectsOf(documentOf(value), options);
  return { value: objects, issues };
}

/** All objects of a bundle in a fixed order; of two that are the same object the later one counts. */
export function sortedObjects(found: readonly { readonly file: string; readonly object: Json }[], issues: Issue[]): Json[] {
  const byKey = new Map<string, Json>();
  for (const { file, object } of found) {
    const key = keyOf(object as JsonObject);
    const before = byKey.get(key);
    if (before !== undefined && canonicalJson(before) !== canonicalJson(object)) {
      issues.push({ code: 'DuplicateObject', severity: 'warning', message: `${key.trim().replace(/ +/g, ' ')} stands in the bundle twice; this one counts`, file });
    }
    byKey.set(key, object);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, object]) => object);
}

function keyOf(object: JsonObject): string {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const group = String(object['apiVersion']).includes('/') ? String(object['apiVersion']).replace(/\/.*/, '') : '';
  return [object['kind'], group, metadata['namespace'] ?? '', metadata['name'] ?? ''].join(' ');
}

function objectsOf(document: SourceDocument, options: { readonly file: string; readonly pointerPrefix?: string }): { objects: Json[]; issues: readonly Issue[] } {
  const sink = new IssueSink(document, { ...options, code: CODE });
  const root = new Field(document.value, [], sink);
  const objects = Array.isArray(document.value) ? root.list('objects').flatMap((one) => readObject(one, {})) : readObject(root, {});
  return { objects, issues: sink.issues };
}

/** One object, or those of a list. `defaults`: items of a typed list leave out what its own kind says. */
function readObject(field: Field, defaults: { readonly kind?: string; readonly apiVersion?: string }): Json[] {
  const fields = field.anyObject('an object of Kubernetes');
  if (!fields) return [];
  const kind = fields.has('kind') ? fields.get('kind').text('a kind') : (defaults.kind ?? field.fail("an object needs 'kind'", { word: 'kind', code: 'MissingWord' }));
  const apiVersion = fields.has('apiVersion') ? fields.get('apiVersion').text('an apiVersion') : (defaults.apiVersion ?? field.fail("an object needs 'apiVersion'", { word: 'apiVersion', code: 'MissingWord' }));
  if (kind === null || apiVersion === null) return [];
  if (kind.endsWith('List') && Array.isArray(fields.get('items').value)) {
    const itemKind = kind.slice(0, -'List'.length);
    return fields.get('items').list('objects').flatMap((item) => readObject(item, itemKind === '' ? {} : { kind: itemKind, apiVersion }));
  }
  if (kind === 'List') return [];
  const name = NAMELESS.test(kind) ? '' : fields.need('metadata', (one) => one.anyObject('metadata')?.need('name', (inner) => inner.text('a name'), 'metadata') ?? null, `a ${kind}`);
  if (name === null) return [];
  return [fields.has('kind') && fields.has('apiVersion') ? (field.value as Json) : { apiVersion, kind, ...(field.value as JsonObject) }];
}
