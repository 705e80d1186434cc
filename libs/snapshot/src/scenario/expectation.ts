/** `expect` of a flow, of a scenario and of a batch. */
import { DISPOSITIONS, parseAddress } from '@worldline/model';
import type { DeliveredExpectation, Expectation } from '@worldline/model';
import { isObject } from '../document/index.js';
import type { Field, Fields } from '../document/index.js';
import type { ReadContext } from './context.js';
import { PLACE_KINDS, readNamed, readRef } from './ref.js';
import type { PlaceKind } from './ref.js';

const CLAUSES = ['delivered', 'notDelivered', 'reply', 'disposition', 'error', 'sourcePreserved', 'latency', 'share', 'unchanged'] as const;
const OVER_RUN = ['name', 'flow', 'except'] as const;
const DELIVERED_WORDS = [...PLACE_KINDS, 'ip', 'pods'] as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Clauses = Mutable<Omit<Expectation, 'name' | 'flow' | 'except'>>;

/** An expectation that stands at its flow. */
export function readFlowExpectation(field: Field, flow: string, context: ReadContext): Expectation | null {
  const fields = field.object(CLAUSES, 'an expectation');
  return fields && { name: flow, flow, except: [], ...readClauses(fields, context) };
}

/** An expectation over the whole run; `more` are words that the caller reads itself. */
export function readRunExpectation(field: Field, context: ReadContext, more: readonly string[] = []): { expectation: Expectation; fields: Fields } | null {
  const fields = field.object([...OVER_RUN, ...CLAUSES, ...more], 'an expectation');
  if (!fields) return null;
  const flow = fields.read('flow', (one) => one.text('the name of a flow'), '*');
  const except = fields.get('except').listOrOne('names of flows').map((one) => one.text('the name of a flow') ?? '');
  const name = fields.read('name', (one) => one.text('a name'), flow === '*' ? `expect ${field.path.slice(-1).join('')}` : flow);
  return { expectation: { name, flow, except, ...readClauses(fields, context) }, fields };
}

function readClauses(fields: Fields, context: ReadContext): Clauses {
  const clauses: Clauses = {};
  const set = <K extends keyof Clauses>(key: K, value: Clauses[K] | null): void => {
    if (value !== null) clauses[key] = value;
  };
  if (fields.has('delivered')) readDelivered(fields.get('delivered'), clauses, context);
  if (fields.has('notDelivered')) readNotDelivered(fields.get('notDelivered'), clauses);
  if (fields.has('reply')) set('reply', fields.get('reply').boolean('reply'));
  if (fields.has('disposition')) set('disposition', fields.get('disposition').oneOf(DISPOSITIONS, 'a disposition'));
  if (fields.has('error')) set('errno', readErrno(fields.get('error')));
  if (fields.has('sourcePreserved')) set('isSourcePreserved', fields.get('sourcePreserved').boolean('sourcePreserved'));
  if (fields.has('latency')) set('latencyMax', readLatency(fields.get('latency')));
  if (fields.has('unchanged')) set('isUnchanged', fields.get('unchanged').boolean('unchanged'));
  if (fields.has('share')) readShare(fields.get('share'), clauses, context);
  if (Object.keys(clauses).length === 0 && fields.names.every((name) => !(CLAUSES as readonly string[]).includes(name))) {
    fields.self.fail(`an expectation expects nothing; it takes ${CLAUSES.join(', ')}`);
  }
  return clauses;
}

function readDelivered(field: Field, clauses: Clauses, context: ReadContext): void {
  if (typeof field.value === 'boolean') clauses.notDelivered = !field.value;
  else {
    const delivered = deliveredOf(field, context);
    if (delivered) clauses.delivered = delivered;
  }
}

function readNotDelivered(field: Field, clauses: Clauses): void {
  const value = field.boolean('notDelivered');
  if (value === null) return;
  if (clauses.delivered !== undefined && value) field.fail('nothing is both delivered and notDelivered');
  clauses.notDelivered = value;
}

function deliveredOf(field: Field, context: ReadContext): DeliveredExpectation | null {
  if (typeof field.value === 'string') {
    const place = readRef(field, PLACE_KINDS, 'a place of delivery');
    if (place !== null) context.places?.check(field, place);
    return place === null ? null : { place };
  }
  const fields = field.object(DELIVERED_WORDS, 'a place of delivery');
  if (!fields) return null;
  const kinds = fields.names.filter((name): name is PlaceKind => (PLACE_KINDS as readonly string[]).includes(name));
  if (kinds.length > 1) return field.fail(`a packet is not delivered at ${kinds.join(' and ')} alike; name one`);
  const delivered: Mutable<DeliveredExpectation> = {};
  const [kind] = kinds;
  const place = kind && readNamed(fields.get(kind), kind);
  if (kind && place) {
    context.places?.check(fields.get(kind), place);
    delivered.place = place;
  }
  if (fields.has('ip')) {
    const ip = fields.get('ip').text('an address');
    if (ip !== null && !parseAddress(ip)) fields.get('ip').fail(`'${ip}' is not an address`);
    if (ip !== null) delivered.ip = ip;
  }
  const pods = fields.read('pods', readPods, null);
  if (pods) delivered.pods = pods;
  if (fields.names.length === 0) return field.fail(`a place of delivery names nothing; it takes ${DELIVERED_WORDS.join(', ')}`);
  return delivered;
}

function readPods(field: Field): NonNullable<DeliveredExpectation['pods']> | null {
  const fields = field.object(['namespace', 'selector'], 'pods');
  if (!fields) return null;
  const selector: Record<string, string> = {};
  const labels = fields.has('selector') ? fields.get('selector').anyObject('a selector') : null;
  // Selectors may come with or without the matchLabels that a workload's has.
  const plain = labels?.has('matchLabels') && isObject(labels.get('matchLabels').value) ? labels.get('matchLabels').anyObject('a selector') : labels;
  for (const name of plain?.names ?? []) {
    const value = plain?.get(name).text('the value of a label');
    if (value != null) selector[name] = value;
  }
  return { namespace: fields.read('namespace', (one) => one.text('a namespace'), null), selector };
}

function readErrno(field: Field): string | null {
  const named = isObject(field.value) ? field.object(['errno'], 'an error')?.need('errno', (one) => one.text('the name of an errno'), 'an error') : field.text('the name of an errno');
  if (named == null) return null;
  return /^(E[A-Z0-9]+|timeout)$/.test(named) ? named : field.fail(`'${named}' is not an errno; it takes its C name, such as ECONNREFUSED, or timeout`, { word: named });
}

function readLatency(field: Field): number | null {
  if (!isObject(field.value)) return field.duration('latency');
  return field.object(['max'], 'latency')?.need('max', (one) => one.duration('the longest latency'), 'latency') ?? null;
}

/** A share alone is of what was delivered. */
function readShare(field: Field, clauses: Clauses, context: ReadContext): void {
  const fields = field.object(['of', 'min', 'max'], 'share');
  if (!fields) return;
  if (!fields.has('min') && !fields.has('max')) field.fail("share needs 'min' or 'max'", { code: 'MissingWord' });
  const min = fields.read('min', (one) => one.number('min', 0, 1), 0);
  const max = fields.read('max', (one) => one.number('max', 0, 1), 1);
  if (min > max) field.fail(`share has a min of ${min} above its max of ${max}`);
  const of = fields.get('of');
  if (!of.isAbsent) readShareOf(of, clauses, context);
  else if (Object.keys(clauses).length === 0) clauses.notDelivered = false;
  clauses.share = { min, max };
}

function readShareOf(of: Field, clauses: Clauses, context: ReadContext): void {
  if (of.value === 'delivered') clauses.notDelivered = false;
  else if (of.value === 'reply' || of.value === 'replied') clauses.reply = true;
  else if ((DISPOSITIONS as readonly (typeof of.value)[]).includes(of.value)) clauses.disposition = of.value as (typeof DISPOSITIONS)[number];
  else if (clauses.delivered !== undefined) of.fail("share is of what 'delivered' says; 'of' says it twice");
  else {
    const delivered = deliveredOf(of, context);
    if (delivered) clauses.delivered = delivered;
  }
}
