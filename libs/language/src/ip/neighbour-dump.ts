/** `ip -j neigh`, read and printed. */
import { parseAddress, type Issue, type NeighbourCapture, type Parsed } from '@worldline/model';
import { elementIssue, parseJsonDump, printJsonDump, stringOf, stringsOf } from './json-dump.js';

/** Reads `ip-neigh.json`; it holds both families. */
export function parseIpNeighbours(text: string, file: string): Parsed<NeighbourCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const neighbours: NeighbourCapture[] = [];
  dump.value.forEach((object, i) => {
    const address = stringOf(object['dst']);
    const parsed = address === null ? null : parseAddress(address);
    const device = stringOf(object['dev']);
    if (address === null || !parsed || device === null) {
      issues.push(elementIssue(text, file, i, parsed ? 'dev' : 'dst', 'a neighbour needs an address and an interface', address ?? undefined));
      return;
    }
    const [state] = stringsOf(object['state']);
    neighbours.push({
      family: parsed.family,
      address,
      device,
      mac: stringOf(object['lladdr']),
      state: state ?? 'NONE',
      isProxy: 'proxy' in object,
    });
  });
  return { value: neighbours, issues };
}

export function printIpNeighbours(neighbours: readonly NeighbourCapture[]): string {
  return printJsonDump(
    neighbours.map((n) => ({
      dst: n.address,
      dev: n.device,
      ...(n.mac === null ? {} : { lladdr: n.mac }),
      ...(n.isProxy ? { proxy: null } : { state: [n.state] }),
    })),
  );
}
