import { isSpec, readSources, type SourceFile } from '../source-graph';
import type { Problem, Workspace } from '../workspace';

const VOCABULARY = 'docs/VOCABULARY.md';

/** Words that mean here what they mean everywhere: of the network, and of programs. */
const ORDINARY = new Set(
  (
    'Address Destination Dns Ebtables Extension Family Fdb Header Icmp Ip Ipset Neighbour Nexthop Policy Port Prefix Protocol Recent Segment Socket Tcp Tuple Udp Wire ' +
    'Delivered Entry Error Failure Hand Hash Index Json Kind Made Member Name Parsed Random Range Ref Result Set Spec Text Totals Type View What Word'
  ).split(' '),
);

/** The nouns of the model are in docs/VOCABULARY.md: as they are, or put together from words that are. */
export function vocabulary(workspace: Workspace): Problem[] {
  const known = wordsOf(workspace.text(VOCABULARY));
  const sources = readSources(workspace);
  const problems: Problem[] = [];
  for (const source of sources.values()) {
    if (!source.path.startsWith('libs/model/src/') || isSpec(source.path)) continue;
    for (const { name, line } of nounsOf(source)) {
      const unknown = known.has(name) ? [] : partsOf(name).filter((part) => !known.has(part) && !ORDINARY.has(part));
      if (unknown.length > 0) problems.push({ path: source.path, line, message: `'${name}': ${unknown.join(', ')} not in ${VOCABULARY}` });
    }
  }
  return problems;
}

/** Capitalised words of the first column of its tables, and every word set as code outside of tables. */
function wordsOf(text: string): Set<string> {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  const first = rows.map((line) => line.split('|')[1] ?? '');
  const prose = text.split('\n').filter((line) => !line.startsWith('|'));
  const words = [...first.join(' ').matchAll(/\b[A-Z][A-Za-z0-9]*/g), ...prose.join(' ').matchAll(/`([A-Z][A-Za-z0-9]*)`/g)];
  return new Set(words.flatMap(([whole, code]) => [code ?? whole, ...partsOf(code ?? whole)]));
}

function nounsOf({ exports }: SourceFile): readonly { name: string; line: number }[] {
  return exports.filter(({ name }) => /^[A-Z][a-z]/.test(name) && !/^[A-Z0-9_]+$/.test(name));
}

/** `FlowTotals` is Flow and Totals. */
function partsOf(name: string): string[] {
  return name.match(/[A-Z][a-z0-9]*/g) ?? [];
}
