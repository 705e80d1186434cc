/** `cluster.yaml`. Words that this version does not know are kept and reported. */
import { API_VERSION, parseAddress, parsePrefix } from '@worldline/model';
import type { ClusterSpec, ExternalSpec, FabricKind, Issue, Json, NodeSpec, Parsed, RouterSpec } from '@worldline/model';
import { Field, IssueSink, readDocuments, documentOf, didYouMean } from '../document/index.js';
import type { Fields, SourceDocument } from '../document/index.js';

const CODE = 'InvalidCluster';
const FABRIC_KINDS: readonly FabricKind[] = ['l2', 'gcp', 'aws', 'azure', 'metal'];
const SPEC_WORDS = ['fabric', 'externals', 'loadBalancers', 'routes', 'firewall', 'seed', 'nodes', 'components', 'takenAt'];
const EXTERNAL_WORDS = ['name', 'ip', 'prefixLength', 'attach', 'gateway', 'ip6', 'prefixLength6', 'gateway6'];
/** Kept, without effect in a run of this version. */
const WITHOUT_EFFECT = ['loadBalancers', 'routes', 'firewall'];

export const DEFAULT_CLUSTER: ClusterSpec = { name: '', fabric: { kind: 'l2', routers: [], raw: null }, externals: [], takenAt: null, seed: 1, raw: {} };

/** Reads the text of `cluster.yaml`. Null only where it cannot be read at all. */
export function readCluster(text: string, file: string): Parsed<ClusterSpec> {
  const { documents, issues } = readDocuments(text, { file, code: CODE });
  const [document] = documents;
  if (issues.length > 0) return { value: null, issues };
  if (!document) return { value: DEFAULT_CLUSTER, issues: [{ code: CODE, severity: 'warning', message: 'the file is empty', file, line: 1 }] };
  const sink = new IssueSink(document, { file, code: CODE });
  const fields = new Field(document.value, [], sink).object(['apiVersion', 'kind', 'metadata', 'spec'], 'a cluster');
  if (!fields) return { value: null, issues: sink.issues };
  fields.need('apiVersion', (one) => one.oneOf([API_VERSION], 'an apiVersion'), 'a Cluster');
  fields.need('kind', (one) => one.oneOf(['Cluster'], 'the kind of this file'), 'a Cluster');
  const name = fields.has('metadata') ? (fields.get('metadata').anyObject('metadata')?.read('name', (one) => one.text('a name'), '') ?? '') : '';
  const spec = fields.has('spec') ? readSpec(fields.get('spec'), name) : { ...DEFAULT_CLUSTER, name };
  return { value: spec, issues: sink.issues };
}

/** Reads the spec of a cluster that came as a value: an inline topology. */
export function readClusterValue(value: Json, options: { readonly file: string; readonly pointerPrefix?: string }): Parsed<ClusterSpec> {
  const document: SourceDocument = documentOf(value);
  const sink = new IssueSink(document, { ...options, code: CODE });
  const spec = readSpec(new Field(value, [], sink), '');
  return { value: spec, issues: sink.issues satisfies Issue[] };
}

function readSpec(field: Field, name: string): ClusterSpec {
  const spec = field.anyObject('the spec of a cluster');
  if (!spec) return { ...DEFAULT_CLUSTER, name };
  reportUnknown(spec, SPEC_WORDS, 'the spec of a cluster');
  for (const word of WITHOUT_EFFECT) {
    if (spec.has(word)) spec.get(word).fail(`${word} is kept, but has no effect in this version`, { word, isKey: true, code: 'Unmodelled', severity: 'warning' });
  }
  const fabric = spec.has('fabric') ? readFabric(spec.get('fabric')) : DEFAULT_CLUSTER.fabric;
  const nodes = spec.read('nodes', readNodes, null);
  const components = spec.get('components').value;
  return {
    name,
    fabric,
    externals: spec.get('externals').list('externals').map((one) => readExternal(one, fabric.kind)).filter((one) => one !== null),
    ...(nodes === null ? {} : { nodes }),
    ...(components === undefined ? {} : { components }),
    takenAt: spec.read('takenAt', (one) => one.text('a moment'), null),
    seed: spec.read('seed', (one) => one.integer('seed', 0, Number.MAX_SAFE_INTEGER), 1),
    raw: field.value ?? null,
  };
}

function reportUnknown(fields: Fields, known: readonly string[], what: string): void {
  for (const word of fields.names) {
    if (known.includes(word)) continue;
    fields.get(word).fail(`'${word}' is not a word of ${what}${didYouMean(word, known)}; it is kept, and has no effect`, { word, isKey: true, code: 'UnknownWord', severity: 'warning' });
  }
}

function readFabric(field: Field): ClusterSpec['fabric'] {
  if (typeof field.value === 'string') return { kind: field.oneOf(FABRIC_KINDS, 'a kind of fabric') ?? 'l2', routers: [], raw: field.value };
  const fields = field.anyObject('a fabric');
  if (!fields) return DEFAULT_CLUSTER.fabric;
  reportUnknown(fields, ['kind', 'routers'], 'a fabric');
  return {
    kind: fields.read('kind', (one) => one.oneOf(FABRIC_KINDS, 'a kind of fabric'), 'l2'),
    routers: fields.has('routers') ? readRouters(fields.get('routers')) : [],
    raw: field.value ?? null,
  };
}

/** Bare addresses next to each other are of one router, as long as each is of another family. */
function readRouters(field: Field): RouterSpec[] {
  const routers: { name: string; addresses: string[]; mac: string | null; isBare: boolean }[] = [];
  for (const one of field.list('routers')) {
    if (typeof one.value === 'string') {
      const address = readInterfaceAddress(one);
      if (address === null) continue;
      const last = routers.at(-1);
      const family = parsePrefix(address)?.address.family;
      if (last?.isBare && !last.addresses.some((other) => parsePrefix(other)?.address.family === family)) last.addresses.push(address);
      else routers.push({ name: nameOf(routers.length), addresses: [address], mac: null, isBare: true });
      continue;
    }
    const fields = one.object(['name', 'addresses', 'mac'], 'a router');
    if (!fields) continue;
    const addresses = fields.get('addresses').listOrOne('addresses').map(readInterfaceAddress).filter((address) => address !== null);
    const mac = fields.read('mac', readMac, null);
    routers.push({ name: fields.read('name', (name) => name.text('a name'), nameOf(routers.length)), addresses, mac, isBare: false });
  }
  return routers.map(({ name, addresses, mac }) => ({ name, addresses, mac }));
}

function nameOf(index: number): string {
  return index === 0 ? 'router' : `router-${index + 1}`;
}

function readInterfaceAddress(field: Field): string | null {
  const text = field.text('an address with its prefix length');
  if (text === null) return null;
  return text.includes('/') && parsePrefix(text) ? text : field.fail(`'${text}' is not an address with its prefix length, such as 192.168.0.254/24`);
}

function readMac(field: Field): string | null {
  const text = field.text('a MAC address');
  if (text === null) return null;
  return /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text) ? text.toLowerCase() : field.fail(`'${text}' is not a MAC address`);
}

function readExternal(field: Field, fabric: FabricKind): ExternalSpec | null {
  const fields = field.object(EXTERNAL_WORDS, 'an external');
  const name = fields?.need('name', (one) => one.text('a name'), 'an external');
  if (!fields || name == null) return null;
  if (name.includes('/')) return fields.get('name').fail(`'${name}' is not a name: it holds a slash`);
  const v4 = fields.read('ip', (one) => readHost(one, 4), null);
  const v6 = fields.read('ip6', (one) => readHost(one, 6), null);
  return {
    name,
    ip: v4?.ip ?? null,
    prefixLength: fields.read('prefixLength', (one) => one.integer('prefixLength', 0, 32), v4?.length ?? 24),
    // Outside a single segment, what is not a node is reached by routing.
    attach: fields.read<ExternalSpec['attach']>('attach', (one) => one.oneOf(['l2', 'routed'], 'how an external is attached'), fabric === 'l2' ? 'l2' : 'routed'),
    gateway: fields.read('gateway', (one) => readHost(one, 4)?.ip ?? null, null),
    ip6: v6?.ip ?? null,
    prefixLength6: fields.read('prefixLength6', (one) => one.integer('prefixLength6', 0, 128), v6?.length ?? 64),
    gateway6: fields.read('gateway6', (one) => readHost(one, 6)?.ip ?? null, null),
  };
}

function readHost(field: Field, family: 4 | 6): { ip: string; length: number | null } | null {
  const text = field.text('an address');
  if (text === null) return null;
  const [ip = '', digits] = text.split('/');
  if (parseAddress(ip)?.family !== family || !parsePrefix(text)) return field.fail(`'${text}' is not an IPv${family} address`);
  return { ip, length: digits === undefined ? null : Number(digits) };
}

function readNodes(field: Field): number | readonly NodeSpec[] | null {
  if (!Array.isArray(field.value)) return field.integer('the number of nodes', 0, 100_000);
  return field.list('nodes').flatMap((one): NodeSpec[] => {
    if (typeof one.value === 'string') return [{ name: one.value, ip: null, podCidr: null }];
    const fields = one.object(['name', 'ip', 'podCIDR'], 'a node');
    const name = fields?.need('name', (inner) => inner.text('a name'), 'a node');
    if (!fields || name == null) return [];
    const prefix = (inner: Field): string | null => {
      const text = inner.text('a prefix');
      return text !== null && !parsePrefix(text) ? inner.fail(`'${text}' is not a prefix, such as 10.244.1.0/24`) : text;
    };
    const ip = (inner: Field): string | null => {
      const text = inner.text('an address');
      return text !== null && !parseAddress(text) ? inner.fail(`'${text}' is not an address`) : text;
    };
    return [{ name, ip: fields.read('ip', ip, null), podCidr: fields.read('podCIDR', prefix, null) }];
  });
}
