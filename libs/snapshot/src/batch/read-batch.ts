/** The batch file of `worldline what-if` (api.md). Names are checked where the snapshot is known. */
import type { Batch, BatchExpectation, BatchFailure, BatchGate, BatchVariant, Json, Parsed } from '@worldline/model';
import { documentOf, Field, IssueSink, isObject, readDocuments } from '../document/index.js';
import type { Fields, SourceDocument } from '../document/index.js';
import { checkHead, KnownPlaces, readEvent, readMetadata, readRunExpectation } from '../scenario/index.js';
import type { ReadContext, ScenarioOptions } from '../scenario/index.js';
import { readMatrices } from './read-matrix.js';

const CODE = 'InvalidBatch';
const SPEC_WORDS = ['base', 'variants', 'matrices', 'expect', 'gate'];
const FAILURES: readonly BatchFailure[] = ['failed', 'undecided', 'finding:error', 'finding:warning'];
const DEFAULT_GATE: BatchGate = { failOn: ['failed', 'undecided'], scope: 'all' };

/** Reads the text of a batch file. Null only where there is no batch at all; with issues of severity `error` it must not be run. */
export function readBatch(text: string, options: ScenarioOptions): Parsed<Batch> {
  const { documents, issues } = readDocuments(text, { file: options.file, code: CODE });
  const [document] = documents;
  if (issues.length > 0 || !document) {
    return { value: null, issues: issues.length > 0 ? issues : [{ code: CODE, severity: 'error', message: 'the file is empty', file: options.file, line: 1 }] };
  }
  return readDocument(document, options);
}

/** Reads a batch that came as a value: the body of a request, the whole document or its spec alone. */
export function readBatchValue(value: Json, options: ScenarioOptions): Parsed<Batch> {
  return readDocument(documentOf(value), options);
}

function readDocument(document: SourceDocument, options: ScenarioOptions): Parsed<Batch> {
  const sink = new IssueSink(document, { file: options.file, code: CODE, ...(options.pointerPrefix === undefined ? {} : { pointerPrefix: options.pointerPrefix }) });
  const root = new Field(document.value, [], sink);
  const context: ReadContext = { places: options.snapshot && new KnownPlaces(options.snapshot), stdin: options.stdin };
  if (options.pointerPrefix !== undefined && isObject(document.value) && !('spec' in document.value)) return { value: readSpec(root, '', context), issues: sink.issues };
  const fields = root.object(['apiVersion', 'kind', 'metadata', 'spec'], 'a batch');
  if (!fields) return { value: null, issues: sink.issues };
  checkHead(fields, 'Batch');
  const { name } = readMetadata(fields);
  return { value: fields.need('spec', (spec) => readSpec(spec, name, context), 'a batch'), issues: sink.issues };
}

function readSpec(field: Field, name: string, context: ReadContext): Batch | null {
  const spec = field.object(SPEC_WORDS, 'the spec of a batch');
  if (!spec) return null;
  const base = spec.need('base', readBase, 'a batch');
  const variants = readVariants(spec, context);
  if (base === null) return null;
  return {
    name,
    base,
    variants,
    matrices: readMatrices(spec.get('matrices'), context),
    expect: readExpectations(spec, variants, context),
    gate: spec.read('gate', readGate, DEFAULT_GATE),
    raw: field.value ?? null,
  };
}

function readBase(field: Field): Batch['base'] | null {
  const fields = field.object(['snapshot', 'scenario', 'topology', 'simulation'], 'the base of a batch');
  if (!fields) return null;
  const text = (name: string): string | null => fields.read(name, (one) => one.text(`a ${name}`), null);
  const base = { snapshot: text('snapshot'), scenario: text('scenario'), topology: fields.get('topology').value ?? null, simulation: text('simulation') };
  if (base.topology !== null) fields.get('topology').anyObject('a topology');
  if (base.topology !== null && base.snapshot !== null) fields.get('topology').fail('the base has a snapshot or a topology, not both');
  if (base.simulation !== null && (base.snapshot ?? base.scenario ?? base.topology) !== null) fields.get('simulation').fail('a stored simulation has a snapshot and a scenario already');
  if (base.simulation === null && base.scenario === null) return field.fail("the base of a batch needs 'scenario' or 'simulation'", { code: 'MissingWord', word: 'scenario' });
  return base;
}

function readVariants(spec: Fields, context: ReadContext): BatchVariant[] {
  const variants: BatchVariant[] = [];
  for (const field of spec.get('variants').list('variants')) {
    const fields = field.object(['name', 'objects', 'components', 'events'], 'a variant');
    const name = fields?.need('name', (one) => one.text('the name of a variant'), 'a variant');
    if (!fields || name == null) continue;
    if (variants.some((one) => one.name === name)) fields.get('name').fail(`two variants are named ${name}`);
    const objects = fields.has('objects') ? fields.get('objects').object(['apply', 'patch', 'delete'], 'the objects of a variant') : null;
    const components = fields.has('components') ? fields.get('components').anyObject('the components of a variant') : null;
    variants.push({
      name,
      events: fields.get('events').list('events').flatMap((one) => readEvent(one, context)),
      objects: objects === null ? null : (fields.get('objects').value ?? null),
      components: components === null ? null : (fields.get('components').value ?? null),
    });
  }
  return variants;
}

function readExpectations(spec: Fields, variants: readonly BatchVariant[], context: ReadContext): BatchExpectation[] {
  return spec.get('expect').listOrOne('expectations').flatMap((field): BatchExpectation[] => {
    const read = readRunExpectation(field, context, ['variants']);
    if (!read) return [];
    const named = read.fields.has('variants') ? read.fields.get('variants').listOrOne('names of variants') : null;
    const names = named?.map((one) => one.oneOf(variants.map(({ name }) => name), 'the name of a variant')) ?? null;
    return [{ ...read.expectation, variants: names === null ? null : names.filter((one) => one !== null) }];
  });
}

function readGate(field: Field): BatchGate | null {
  const fields = field.object(['failOn', 'scope'], 'a gate');
  if (!fields) return null;
  const failOn = fields.get('failOn').listOrOne('what fails a batch').map((one) => one.oneOf(FAILURES, 'what fails a batch'));
  return {
    failOn: fields.has('failOn') ? failOn.filter((one) => one !== null) : DEFAULT_GATE.failOn,
    scope: fields.read<BatchGate['scope']>('scope', (one) => one.oneOf(['all', 'new'], 'the scope of a gate'), DEFAULT_GATE.scope),
  };
}
