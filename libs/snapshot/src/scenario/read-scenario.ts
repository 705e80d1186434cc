/** `scenario.yaml` into a Scenario with every default filled in. What is not understood is an Issue at its place. */
import { API_VERSION } from '@worldline/model';
import type { Expectation, FlowSpec, Json, Parsed, Scenario, ScenarioEvent } from '@worldline/model';
import { documentOf, Field, IssueSink, isObject, readDocuments } from '../document/index.js';
import type { Fields, SourceDocument } from '../document/index.js';
import type { ReadContext, ScenarioOptions } from './context.js';
import { readEvent } from './event.js';
import { readRunExpectation } from './expectation.js';
import { readFlow } from './flow.js';
import { KnownPlaces } from './known-places.js';
import { readBytes, readMoment } from './values.js';

const CODE = 'InvalidScenario';
const SPEC_WORDS = ['snapshot', 'seed', 'duration', 'startTime', 'payload', 'flows', 'events', 'expect'];

/** Reads the text of a scenario file. The value is null only where there is no scenario at all; with issues of severity `error` it must not be run. */
export function readScenario(text: string, options: ScenarioOptions): Parsed<Scenario> {
  const { documents, issues } = readDocuments(text, { file: options.file, code: CODE });
  const [document] = documents;
  if (issues.length > 0 || !document) {
    return { value: null, issues: issues.length > 0 ? issues : [{ code: CODE, severity: 'error', message: 'the file is empty', file: options.file, line: 1 }] };
  }
  if (documents.length > 1) return { value: null, issues: [{ code: CODE, severity: 'error', message: 'one scenario a file; this one holds several documents', file: options.file }] };
  return readDocument(document, options);
}

/** Reads a scenario that came as a value: the body of a request. It may be the whole document, or its spec alone. */
export function readScenarioValue(value: Json, options: ScenarioOptions): Parsed<Scenario> {
  return readDocument(documentOf(value), options);
}

/** The files that events feed to their commands, by the path as written. */
export function stdinFilesOf(text: string): string[] {
  const [document] = readDocuments(text, { file: '', code: CODE }).documents;
  const spec = isObject(document?.value) ? document.value['spec'] : null;
  const events = isObject(spec) && Array.isArray(spec['events']) ? (spec['events'] as readonly Json[]) : [];
  const names = events.map((event) => (isObject(event) ? event['stdin'] : null)).filter((name): name is string => typeof name === 'string');
  return [...new Set(names)];
}

function readDocument(document: SourceDocument, options: ScenarioOptions): Parsed<Scenario> {
  const sink = new IssueSink(document, { file: options.file, code: CODE, ...(options.pointerPrefix === undefined ? {} : { pointerPrefix: options.pointerPrefix }) });
  const root = new Field(document.value, [], sink);
  const context: ReadContext = { places: options.snapshot && new KnownPlaces(options.snapshot), stdin: options.stdin };
  const isBare = options.pointerPrefix !== undefined && isObject(document.value) && !('spec' in document.value);
  const value = isBare ? readSpec(root, { name: '', description: null }, context) : readWhole(root, context);
  return { value, issues: sink.issues };
}

function readWhole(root: Field, context: ReadContext): Scenario | null {
  const fields = root.object(['apiVersion', 'kind', 'metadata', 'spec'], 'a scenario');
  if (!fields) return null;
  checkHead(fields, 'Scenario');
  const metadata = readMetadata(fields);
  return fields.need('spec', (spec) => readSpec(spec, metadata, context), 'a scenario');
}

/** `apiVersion` and `kind` of one of our own files. */
export function checkHead(fields: Fields, kind: string): void {
  fields.need('apiVersion', (one) => one.oneOf([API_VERSION], 'an apiVersion'), `a ${kind}`);
  fields.need('kind', (one) => one.oneOf([kind], 'the kind of this file'), `a ${kind}`);
}

export function readMetadata(fields: Fields): { name: string; description: string | null } {
  const metadata = fields.has('metadata') ? fields.get('metadata').object(['name', 'description', 'labels', 'annotations'], 'metadata') : null;
  return {
    name: metadata?.read('name', (one) => one.text('a name'), '') ?? '',
    description: metadata?.read('description', (one) => one.text('a description'), null) ?? null,
  };
}

function readSpec(field: Field, metadata: { name: string; description: string | null }, context: ReadContext): Scenario | null {
  const spec = field.object(SPEC_WORDS, 'the spec of a scenario');
  if (!spec) return null;
  const flows = readFlows(spec, context);
  const events = spec.get('events').list('events').flatMap((one) => readEvent(one, context));
  const payloadBytes = spec.read('payload', readBytes, null);
  return {
    ...metadata,
    snapshot: spec.read('snapshot', (one) => one.text('the path of a bundle or a digest'), null),
    seed: spec.read('seed', (one) => one.integer('seed', 0, Number.MAX_SAFE_INTEGER), 1),
    duration: spec.read('duration', (one) => one.duration('duration'), null),
    startTime: spec.read('startTime', readMoment, null),
    flows,
    events: events satisfies ScenarioEvent[],
    expect: readExpectations(spec, context),
    ...(payloadBytes === null ? {} : { payloadBytes }),
    raw: field.value ?? null,
  };
}

function readFlows(spec: Fields, context: ReadContext): FlowSpec[] {
  const flows: FlowSpec[] = [];
  const names = new Set<string>();
  for (const field of spec.get('flows').list('flows')) {
    const flow = readFlow(field, context);
    if (!flow) continue;
    if (names.has(flow.name)) new Field(flow.name, [...field.path, 'name'], field.sink).fail(`two flows are named ${flow.name}`);
    names.add(flow.name);
    flows.push(flow);
  }
  return flows;
}

function readExpectations(spec: Fields, context: ReadContext): Expectation[] {
  // As written: a flow that could not be read has been complained about already.
  const flows = Array.isArray(spec.get('flows').value) ? (spec.get('flows').value as readonly Json[]) : [];
  const names = new Set(flows.map((flow) => (isObject(flow) ? flow['name'] : undefined)));
  const expectations: Expectation[] = [];
  for (const field of spec.get('expect').listOrOne('expectations')) {
    const expectation = readRunExpectation(field, context)?.expectation;
    if (!expectation) continue;
    const unknown = [expectation.flow, ...expectation.except].filter((name) => name !== '*' && !names.has(name));
    for (const name of unknown) field.fail(`no flow is named ${name}`, { word: name, code: 'UnknownFlow' });
    expectations.push(expectation);
  }
  return expectations;
}
