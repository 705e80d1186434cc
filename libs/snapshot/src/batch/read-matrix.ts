/** Matrices of a batch (api.md): `{name, from: {pods: {}}, to: {services: {}}, expect: {unchanged: true}}`. */
import { MATRIX_KINDS } from '@worldline/model';
import type { BatchMatrix, Expectation, MatrixKind, MatrixPlace } from '@worldline/model';
import { isObject } from '../document/index.js';
import type { Field } from '../document/index.js';
import { PLACE_KINDS, WORKLOAD_KINDS, readFlowExpectation, readRef } from '../scenario/index.js';
import type { PlaceKind, ReadContext } from '../scenario/index.js';

const WORDS = ['name', 'from', 'to', 'protocol', 'port', 'expect', 'except'];
const SENDERS: readonly MatrixKind[] = ['pods', 'nodes', 'externals'];
const SENDING_PLACES: readonly PlaceKind[] = ['pod', 'node', 'external', ...WORKLOAD_KINDS];
const PROTOCOLS = ['udp', 'tcp', 'icmp', 'icmpv6', 'sctp'] as const;

export function readMatrices(field: Field, context: ReadContext): BatchMatrix[] {
  const matrices: BatchMatrix[] = [];
  for (const one of field.listOrOne('matrices')) {
    const matrix = readMatrix(one, `matrix ${matrices.length + 1}`, context);
    if (matrix === null) continue;
    if (matrices.some(({ name }) => name === matrix.name)) one.inside('name').fail(`two matrices are named ${matrix.name}`);
    matrices.push(matrix);
  }
  return matrices;
}

function readMatrix(field: Field, otherwise: string, context: ReadContext): BatchMatrix | null {
  const fields = field.object(WORDS, 'a matrix');
  if (!fields) return null;
  const name = fields.read('name', (one) => one.text('the name of a matrix'), otherwise);
  const from = fields.need('from', (one) => readPlaces(one, { kinds: SENDERS, refs: SENDING_PLACES, what: "'from' of a matrix", context }), 'a matrix');
  const to = fields.need('to', (one) => readPlaces(one, { kinds: MATRIX_KINDS, refs: PLACE_KINDS, what: "'to' of a matrix", context }), 'a matrix');
  const except = fields.get('except').listOrOne('places').map((one) => readRef(one, PLACE_KINDS, 'a place'));
  const expect = fields.read('expect', (one) => readFlowExpectation(one, name, context), UNCHANGED);
  if (from === null || to === null) return null;
  return {
    name,
    from,
    to,
    protocol: fields.read('protocol', (one) => one.oneOf(PROTOCOLS, 'a protocol'), null),
    port: fields.read('port', (one) => one.integer('a port', 1, 65535), null),
    except: except.filter((one) => one !== null),
    expect: { ...expect, name, flow: '*', except: [] },
  };
}

const UNCHANGED: Expectation = { name: '', flow: '*', except: [], isUnchanged: true };

interface PlacesOptions {
  readonly kinds: readonly MatrixKind[];
  readonly refs: readonly PlaceKind[];
  readonly what: string;
  readonly context: ReadContext;
}

/** `{pods: {namespace, selector}}`, or one place. */
function readPlaces(field: Field, { kinds, refs, what, context }: PlacesOptions): MatrixPlace | null {
  const { value } = field;
  const isOne = typeof value === 'string' || (isObject(value) && Object.keys(value).some((name) => (refs as readonly string[]).includes(name)));
  if (isOne) {
    const place = readRef(field, refs, what);
    if (place !== null) context.places?.check(field, place);
    return place === null ? null : { kind: 'place', place };
  }
  const fields = field.object([...kinds, ...refs], what);
  const [kind, another] = fields?.names.filter((name): name is MatrixKind => (kinds as readonly string[]).includes(name)) ?? [];
  if (!fields) return null;
  if (kind === undefined) return fields.names.length > 0 ? null : field.fail(`${what} names nothing; it takes ${kinds.join(', ')} or a place`);
  if (another !== undefined) return field.fail(`${what} names ${kind} and ${another}; it takes one of them`);
  return readAll(fields.get(kind), kind);
}

function readAll(field: Field, kind: MatrixKind): MatrixPlace | null {
  const isNamespaced = kind !== 'nodes' && kind !== 'externals';
  const fields = field.object(isNamespaced ? ['namespace', 'selector'] : [], kind);
  if (!fields) return null;
  const labels = fields.has('selector') ? fields.get('selector').anyObject('a selector') : null;
  const selector = Object.fromEntries((labels?.names ?? []).map((name) => [name, labels?.get(name).text('the value of a label') ?? '']));
  return { kind, namespace: fields.read('namespace', (one) => one.text('a namespace'), null), selector };
}
