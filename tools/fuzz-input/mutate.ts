/** Carries out a plan. */
import { isNode, parseDocument, visit, type Node, type Pair } from 'yaml';
import type { Case, CaseFiles } from './corpus';
import type { Plan, Step } from './plan';

type Files = Map<string, Uint8Array>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The files of the plan's case after all of its steps. */
export function mutated(corpus: readonly Case[], plan: Plan): { readonly name: string; readonly files: CaseFiles } {
  const { name, files: whole } = corpus[plan.case % corpus.length] as Case;
  const files: Files = new Map(whole);
  for (const step of plan.steps) apply(files, step);
  return { name, files };
}

function apply(files: Files, step: Step): void {
  const paths = [...files.keys()].filter((path) => isOfLevel(path, step));
  if (paths.length === 0) return;
  // The scenario is one file of hundreds, and as much worth
  const path = step.file % 4 === 0 && paths.includes('scenario.yaml') ? 'scenario.yaml' : (paths[(step.file >> 2) % paths.length] as string);
  if (step.level === 'file') return onFile(files, path, step);
  const bytes = files.get(path) as Uint8Array;
  if (step.level === 'byte') files.set(path, onBytes(bytes, step));
  else files.set(path, encoder.encode(onText(decoder.decode(bytes), step)));
}

function isOfLevel(path: string, { level }: Step): boolean {
  if (level === 'json') return path.endsWith('.json');
  if (level === 'yaml') return path.endsWith('.yaml');
  return true;
}

function onText(text: string, step: Step): string {
  switch (step.level) {
    case 'line':
      return onLines(text, step);
    case 'token':
      return onTokens(text, step);
    case 'json':
      return onJson(text, step);
    default:
      return onYaml(text, step);
  }
}

function onBytes(bytes: Uint8Array, { place, other, action, piece }: Step): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  const length = other % 9;
  if (action % 3 === 0) return Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ (1 << (other & 7)) : byte));
  return new Uint8Array([...bytes.subarray(0, at), ...(action % 3 === 1 ? encoder.encode(piece) : []), ...bytes.subarray(at + length)]);
}

function onLines(text: string, { place, other, action, piece }: Step): string {
  const lines = text.split('\n');
  const at = place % lines.length;
  const to = other % lines.length;
  const line = lines[at] as string;
  switch (action % 6) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(to, 0, line);
      break;
    case 2:
      lines[at] = lines[to] as string;
      lines[to] = line;
      break;
    case 3:
      return lines.slice(0, at).join('\n');
    case 4:
      lines.splice(at, 0, piece);
      break;
    default:
      lines[at] = `${line}${piece}`;
  }
  return lines.join('\n');
}

function onTokens(text: string, { place, other, action, piece }: Step): string {
  const tokens = text.split(/([\s"',:=/[\]{}]+)/);
  const at = place % tokens.length;
  const token = tokens[at] as string;
  const taken = [piece, '', `${token}${piece}`, tokens[other % tokens.length] as string, `${token} ${token}`][action % 5] as string;
  return [...tokens.slice(0, at), taken, ...tokens.slice(at + 1)].join('');
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Parent = Json[] | { [key: string]: Json };

function onJson(text: string, { place, other, action, piece, value }: Step): string {
  let root: Json;
  try {
    root = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  const spots: { parent: Parent; key: string }[] = [];
  const collect = (parent: Json): void => {
    if (parent === null || typeof parent !== 'object') return;
    for (const key of Object.keys(parent)) {
      spots.push({ parent, key });
      collect((parent as Record<string, Json>)[key] as Json);
    }
  };
  collect(root);
  const spot = spots[place % Math.max(1, spots.length)];
  if (!spot) return value;
  const { parent, key } = spot;
  const map = parent as Record<string, Json>;
  const elsewhere = spots[other % spots.length] as { parent: Parent; key: string };
  switch (action % 5) {
    case 0:
      map[key] = JSON.parse(value) as Json;
      break;
    case 1:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(parent, key);
      break;
    case 2:
      if (Array.isArray(parent)) parent.push(structuredClone(map[key] as Json));
      else map[piece] = structuredClone(map[key] as Json);
      break;
    case 3:
      map[key] = structuredClone((elsewhere.parent as Record<string, Json>)[elsewhere.key] as Json);
      break;
    default:
      map[key] = [map[key] as Json];
  }
  return JSON.stringify(root);
}

function onYaml(text: string, { place, other, action, value }: Step): string {
  const document = parseDocument(text);
  const nodes: { node: Node | Pair; path: readonly unknown[] }[] = [];
  visit(document, {
    Pair: (_, node, path) => void nodes.push({ node, path }),
    Scalar: (_, node, path) => void nodes.push({ node, path }),
  });
  if (document.errors.length > 0 || nodes.length === 0) return text;
  const { node, path } = nodes[place % nodes.length] as { node: Node | Pair; path: readonly unknown[] };
  const source = nodes[other % nodes.length] as { node: Node | Pair };
  const parent = path.at(-1) as { items?: unknown[]; value?: unknown };
  if (action % 3 === 0 && 'value' in node) node.value = document.createNode(JSON.parse(value));
  else if (action % 3 === 1 && Array.isArray(parent.items)) parent.items.splice(parent.items.indexOf(node), 1);
  else if ('value' in node && 'value' in source.node) {
    // A node that is put inside of itself would have no end
    const { value: taken } = source.node;
    node.value = isNode(taken) ? taken.clone() : taken;
  }
  try {
    return document.toString();
  } catch {
    // What can no longer be written as YAML
    return text;
  }
}

const NAMES = ['ip-addr.json', 'ip-route.json', 'ip6-route.json', 'ip-rule.json', 'ip-neigh.json', 'bridge-link.json', 'bridge-fdb.json', 'iptables-save.txt', 'ip6tables-save.txt', 'ipset-save.txt', 'ebtables-save.txt', 'conntrack.txt', 'sysctl.txt', 'sockets.txt', 'recent.txt', 'uname.txt', 'node.txt'];

function onFile(files: Files, path: string, { other, action, piece }: Step): void {
  const paths = [...files.keys()];
  const another = paths[other % paths.length] as string;
  const bytes = files.get(path) as Uint8Array;
  switch (action % 6) {
    case 0:
      files.delete(path);
      break;
    case 1:
      files.set(path, new Uint8Array(0));
      break;
    case 2:
      files.set(path, files.get(another) as Uint8Array);
      break;
    case 3:
      files.set(path.replace(/[^/]*$/, NAMES[other % NAMES.length] as string), bytes);
      break;
    case 4:
      files.set(path.replace(/[^/]*$/, piece.replaceAll('/', '-') || 'x'), bytes);
      break;
    default:
      files.set(path, new Uint8Array([...bytes, ...(files.get(another) as Uint8Array)]));
  }
}
