/** `spec.events`: commands, objects, processes and the fabric. */
import type { MachineName, ScenarioEvent } from '@worldline/model';
import { parseScript } from '@worldline/language';
import { isObject } from '../document/index.js';
import type { Field, Fields } from '../document/index.js';
import type { ReadContext } from './context.js';
import { MACHINE_KINDS, readNamed, readRef } from './ref.js';
import type { PlaceKind } from './ref.js';

const OBJECT_VERBS = ['apply', 'patch', 'delete'] as const;
const PROCESS_VERBS = ['oom', 'restart', 'stop', 'start'] as const;
const FABRIC_VERBS = ['health', 'link', 'firewall', 'route'] as const;
/** What a fabric event may say besides its verb; the fabric reads the values. */
const FABRIC_WORDS = ['loadBalancer', 'backend', 'router', 'state'] as const;
const WHERE = ['node', 'machine', 'pod', 'external'] as const;
const EVENT_WORDS = ['at', ...WHERE, 'run', 'stdin', ...OBJECT_VERBS, ...PROCESS_VERBS, ...FABRIC_VERBS, ...FABRIC_WORDS];
const RUN_KINDS: readonly PlaceKind[] = MACHINE_KINDS;
/** Kinds of Kubernetes that have no namespace, among those that networking asks about. */
const CLUSTER_KINDS = new Set(['node', 'namespace', 'servicecidr', 'ipaddress', 'ingressclass', 'gatewayclass', 'clustercidr', 'adminnetworkpolicy', 'baselineadminnetworkpolicy']);

/** Reads one event; an event about several machines or objects becomes several. */
export function readEvent(field: Field, context: ReadContext): ScenarioEvent[] {
  return eventsOf(field, context).map((event) => ({ ...event, place: field.place }));
}

function eventsOf(field: Field, context: ReadContext): ScenarioEvent[] {
  const fields = field.object(EVENT_WORDS, 'an event');
  if (!fields) return [];
  const at = fields.read('at', (one) => one.duration('a time'), 0);
  const verbs = ['run', ...OBJECT_VERBS, ...PROCESS_VERBS, ...FABRIC_VERBS].filter((verb) => fields.has(verb));
  const [verb] = verbs;
  if (verb === undefined) {
    field.fail(`an event does nothing; it takes run, ${[...OBJECT_VERBS, ...PROCESS_VERBS, ...FABRIC_VERBS].join(', ')}`);
    return [];
  }
  if (verbs.length > 1) {
    field.fail(`an event does one thing, not ${verbs.join(' and ')}; give each its own`);
    return [];
  }
  if (verb === 'run') return runEvent(fields, at, context);
  if (isAmong(OBJECT_VERBS, verb)) return objectEvents(fields, verb, at, context);
  if (isAmong(PROCESS_VERBS, verb)) return processEvents(fields, verb, at, context);
  return fabricEvent(fields, at);
}

function isAmong<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

function runEvent(fields: Fields, at: number, context: ReadContext): ScenarioEvent[] {
  refuseWords(fields, 'run', FABRIC_WORDS);
  const machines = readMachines(fields, 'run', context);
  const run = fields.get('run').text('a command line');
  const stdin = fields.read('stdin', (one) => readStdin(one, context), null);
  if (run === null || machines.length === 0) return [];
  const { faults } = parseScript(run);
  for (const { message, word } of faults) fields.get('run').fail(`${message} in '${run.length > 80 ? `${run.slice(0, 77)}...` : run}'`, { word, code: 'UnknownCommand' });
  return faults.length > 0 ? [] : [{ kind: 'run', at, machines, run, stdin }];
}

function readStdin(field: Field, context: ReadContext): string | null {
  const path = field.text('a file');
  if (path === null || context.stdin === null) return null;
  return context.stdin.get(path) ?? field.fail(`the file ${path} is missing`, { code: 'MissingFile' });
}

/** The machines of an event, patterns such as `node/*` spelled out where the snapshot is known. */
function readMachines(fields: Fields, verb: string, context: ReadContext): MachineName[] {
  const given = WHERE.filter((word) => fields.has(word));
  const [word] = given;
  if (word === undefined || given.length > 1) {
    fields.self.fail(word === undefined ? `'${verb}' needs 'node' or 'machine'` : `an event happens at ${given.join(' or ')}, not at both`, { code: word === undefined ? 'MissingWord' : 'InvalidScenario' });
    return [];
  }
  return fields.get(word).listOrOne('machines').flatMap((field) => machinesOf(field, word, context));
}

function machinesOf(field: Field, word: (typeof WHERE)[number], context: ReadContext): MachineName[] {
  // `node: node/n1` is what people write who know that machines are called so.
  const isRef = word === 'machine' || isObject(field.value) || (typeof field.value === 'string' && field.value.startsWith(`${word}/`) && word !== 'pod');
  const ref = isRef ? readRef(field, RUN_KINDS, 'a machine') : readNamed(field, word);
  if (ref === null) return [];
  if (!/(^|\/)\*$/.test(ref)) {
    context.places?.check(field, ref);
    return [ref];
  }
  const pattern = ref === 'pod/default/*' && field.value !== 'default/*' && field.value !== 'pod/default/*' ? 'pod/*' : ref;
  if (!context.places) return [pattern];
  const found = context.places.matching(pattern);
  if (found.length === 0) field.fail(`${pattern} matches no machine of the snapshot`, { code: 'UnknownPlace' });
  return found;
}

function objectEvents(fields: Fields, verb: (typeof OBJECT_VERBS)[number], at: number, context: ReadContext): ScenarioEvent[] {
  refuseWords(fields, verb, [...WHERE, 'stdin', ...FABRIC_WORDS]);
  return fields.get(verb).listOrOne('objects').flatMap((field): ScenarioEvent[] => {
    if (verb === 'apply') return isWholeObject(field) && field.value !== undefined ? [{ kind: 'object', at, verb, object: field.value }] : [];
    const target = verb === 'delete' ? readObjectRef(field, []) : readObjectRef(field, ['metadata', 'spec', 'status', 'data', 'subsets', 'endpoints', 'ports', 'addressType', 'webhooks', 'rules']);
    if (target === null) return [];
    if (target.kind === 'pod') context.places?.check(field, target.ref);
    return [{ kind: 'object', at, verb, object: verb === 'delete' ? { ref: target.ref } : { ref: target.ref, patch: target.rest } }];
  });
}

function isWholeObject(field: Field): boolean {
  const fields = field.anyObject('an object of Kubernetes');
  if (!fields) return false;
  fields.need('apiVersion', (one) => one.text('an apiVersion'), 'an object');
  const kind = fields.need('kind', (one) => one.text('a kind'), 'an object');
  const name = fields.need('metadata', (one) => one.anyObject('metadata')?.need('name', (inner) => inner.text('a name'), 'metadata') ?? null, 'an object');
  return kind !== null && name !== null;
}

interface ObjectRef {
  readonly ref: string;
  readonly kind: string;
  readonly rest: { [key: string]: NonNullable<Field['value']> };
}

/** `pod/ns/name`, `{pod: ns/name}`, or an object with kind and metadata.name; a patch has more beside the name. */
function readObjectRef(field: Field, more: readonly string[]): ObjectRef | null {
  if (typeof field.value === 'string') {
    const [kind = '', ...name] = field.value.split('/');
    return refOf(field, kind, name);
  }
  const fields = field.anyObject('an object of Kubernetes');
  if (!fields) return null;
  if (fields.has('kind') && fields.has('metadata')) {
    const metadata = fields.get('metadata').anyObject('metadata');
    const name = metadata?.need('name', (one) => one.text('a name'), 'metadata');
    const namespace = metadata?.read('namespace', (one) => one.text('a namespace'), null);
    const kind = fields.get('kind').text('a kind');
    return name == null || kind === null ? null : refOf(field, kind, namespace == null ? [name] : [namespace, name], restOf(fields, ['kind', 'apiVersion']));
  }
  const kinds = fields.names.filter((name) => !more.includes(name));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) return field.fail(kind === undefined ? 'an object is named as {kind: namespace/name}' : `one object at a time, not ${kinds.join(' and ')}`);
  const name = fields.get(kind).text('the name of an object');
  return name === null ? null : refOf(fields.get(kind), kind, name.split('/'), restOf(fields, [kind]));
}

function restOf(fields: Fields, left: readonly string[]): ObjectRef['rest'] {
  return Object.fromEntries(fields.names.filter((name) => !left.includes(name)).map((name) => [name, fields.get(name).value ?? null] as const)) as ObjectRef['rest'];
}

function refOf(field: Field, kind: string, name: readonly string[], rest: ObjectRef['rest'] = {}): ObjectRef | null {
  const lower = kind.toLowerCase();
  const isClusterKind = CLUSTER_KINDS.has(lower);
  if (!/^[a-z][a-z0-9]*$/.test(lower) || name.length === 0 || name.length > (isClusterKind ? 1 : 2) || name.some((part) => part === '')) {
    return field.fail(`'${field.word}' names no object; it takes {kind: ${isClusterKind ? 'name' : 'namespace/name'}}`);
  }
  return { kind: lower, ref: [lower, ...(isClusterKind || name.length === 2 ? [] : ['default']), ...name].join('/'), rest };
}

function processEvents(fields: Fields, verb: (typeof PROCESS_VERBS)[number], at: number, context: ReadContext): ScenarioEvent[] {
  refuseWords(fields, verb, ['stdin', ...FABRIC_WORDS]);
  const process = fields.get(verb).text('the name of a process');
  const machines = readMachines(fields, verb, context);
  return process === null ? [] : machines.map((machine) => ({ kind: 'process', at, verb, machine, process }));
}

function fabricEvent(fields: Fields, at: number): ScenarioEvent[] {
  refuseWords(fields, 'an event of the fabric', ['stdin']);
  if (fields.has('health')) {
    const health = fields.get('health').oneOf(['up', 'down'], 'the health of a backend');
    const balancer = fields.need('loadBalancer', (one) => one.text('the name of a load balancer'), "'health'");
    const backend = fields.need('backend', (one) => one.text('the name of a backend'), "'health'");
    if (health === null || balancer === null || backend === null) return [];
  }
  return [{ kind: 'fabric', at, spec: restOf(fields, ['at']) }];
}

function refuseWords(fields: Fields, what: string, words: readonly string[]): void {
  for (const word of words) if (fields.has(word)) fields.get(word).fail(`'${word}' has no meaning beside ${what}`, { word, isKey: true });
}
