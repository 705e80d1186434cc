/** Whatever stands in a file: nothing throws, and what is wrong has a code, a severity and a message. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { HashText, Issue } from '@worldline/model';
import { parseScript } from '@worldline/language';
import { readArchive, readBatch, readBundle, readScenario, readScenarioValue, writeTarGz, writeZip } from './index.js';

const RUNS = { numRuns: 100 };
const hash: HashText = (content) => createHash('sha256').update(typeof content === 'string' ? content : Buffer.concat(content)).digest('hex');
const encoder = new TextEncoder();

const SCENARIO = `apiVersion: worldline.dev/v1alpha1
kind: Scenario
metadata: {name: s, description: d}
spec:
  snapshot: ./snapshot
  seed: 1
  duration: 60s
  startTime: 2026-03-01T12:00:00Z
  flows:
    - {name: a, at: 0ms, from: {pod: default/a}, protocol: udp, source: {ip: 10.0.0.1-10.0.0.9, port: 1-9}, destination: {ip: 10.96.0.10, port: 53}, packets: 2, every: 100ms, expect: {delivered: {pod: x/y}, share: {min: 0.5}}}
    - {name: b, from: {node: n1}, protocol: tcp, flags: 'SYN,ACK', seq: 1, ack: 2, destination: {service: shop/db, port: 80}, rate: 5000/s}
    - {name: c, from: node/n1, protocol: icmpv6, destination: {ip: 'fe80::1%eth0'}, extensions: [hop-by-hop]}
  events:
    - {at: 1s, node: n1, run: 'sysctl -w a.b=1; echo "*nat" | iptables-restore 2>/dev/null && sleep 0.5'}
    - {at: 2s, apply: {apiVersion: v1, kind: Service, metadata: {name: x}}}
    - {at: 3s, patch: {service: a/b, spec: {x: 1}}}
    - {at: 4s, machine: "node/*", oom: kube-proxy}
    - {at: 5s, loadBalancer: default/b, backend: n3, health: down}
  expect: [{flow: a, reply: true}, {name: all, flow: "*", unchanged: true, except: [a]}]
`;

const BATCH = `apiVersion: worldline.dev/v1alpha1
kind: Batch
metadata: {name: b}
spec:
  base: {snapshot: ./s, scenario: ./p.yaml}
  variants: [{name: pr, objects: {apply: [./r/]}, events: [{machine: "node/*", run: ip link}]}]
  matrices: [{from: {pods: {}}, to: {services: {}}}]
  expect: [{flow: "*", unchanged: true, variants: [pr]}]
  gate: {failOn: [failed], scope: new}
`;

const BUNDLE: Readonly<Record<string, string>> = {
  'cluster.yaml': 'apiVersion: worldline.dev/v1alpha1\nkind: Cluster\nspec:\n  fabric: {kind: l2, routers: [10.0.0.254/24]}\n  externals: [{name: x, ip: 10.0.0.9, attach: l2}]\n  nodes: [{name: n1, ip: 10.0.0.1, podCIDR: 10.244.0.0/24}]\n',
  'kubernetes/a.yaml': 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: x, namespace: y}\n',
  'kubernetes/b.json': '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}',
  'nodes/n1/ip-addr.json': '[{"ifindex": 2, "link_index": 3, "ifname": "eth0", "flags": ["UP"], "mtu": 1500, "operstate": "UP", "link_type": "ether", "address": "02:00:00:00:00:01", "linkinfo": {"info_kind": "veth"}, "addr_info": [{"family": "inet", "local": "10.0.0.1", "prefixlen": 24, "scope": "global"}]}]',
  'nodes/n1/ip-route.json': '[{"dst": "default", "gateway": "10.0.0.254", "dev": "eth0", "flags": []}, {"dst": "10.0.0.0/24", "dev": "eth0", "protocol": "kernel", "scope": "link", "prefsrc": "10.0.0.1", "flags": []}]',
  'nodes/n1/ip-rule.json': '[{"priority": 0, "src": "all", "table": "local"}, {"priority": 100, "src": "10.0.0.0", "srclen": 8, "fwmark": "0x1", "table": "7"}]',
  'nodes/n1/ip-neigh.json': '[{"dst": "10.0.0.2", "dev": "eth0", "lladdr": "02:00:00:00:00:02", "state": ["PERMANENT"]}]',
  'nodes/n1/bridge-link.json': '[{"ifindex": 4, "ifname": "veth0", "flags": ["UP"], "mtu": 1500, "master": "cni0", "state": "forwarding", "hairpin": true}]',
  'nodes/n1/bridge-fdb.json': '[{"mac": "02:00:00:00:00:03", "ifname": "veth0", "master": "cni0", "flags": [], "state": "static"}]',
  'nodes/n1/iptables-save.txt': '*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-X - [0:0]\n[1:60] -A PREROUTING -m comment --comment "a b" -m statistic --mode random --probability 0.5 -j KUBE-SVC-X\n-A KUBE-SVC-X ! -s 10.0.0.0/8 -p tcp -j DNAT --to-destination 10.0.0.2:80\nCOMMIT\n',
  'nodes/n1/ip6tables-save.txt': '*filter\n:INPUT DROP [0:0]\n-A INPUT -s fd00::/8 -j ACCEPT\nCOMMIT\n',
  'nodes/n1/ipset-save.txt': 'create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.0.1\n',
  'nodes/n1/ebtables-save.txt': '*filter\n:FORWARD ACCEPT\n-A FORWARD -p IPv4 -j DROP\n',
  'nodes/n1/conntrack.txt': 'ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1 mark=0 use=1\n',
  'nodes/n1/sysctl.txt': 'net.ipv4.ip_forward = 1\n',
  'nodes/n1/sockets.txt': 'udp UNCONN 0 0 0.0.0.0:53 0.0.0.0:* users:(("dns",pid=1,fd=3))\n',
  'nodes/n1/recent.txt': '# X\nsrc=10.0.0.1 ttl: 64 last_seen: 4296634023 oldest_pkt: 1 4296634023\n',
  'nodes/n1/nft-ruleset.json': '{"nftables": [{"table": {"family": "ip", "name": "x"}}]}',
  'nodes/n1/uname.txt': '6.18.0\n',
  'nodes/n1/cni/a.conflist': '{"name": "x", "plugins": []}',
};

/** Cuts, doubles, swaps and replaces pieces of a text. */
const PIECES = ['', ' ', '\n', ':', '{', '}', '[', ']', '"', "'", '-', '- ', '&a ', '*a', '!!x ', '\t', '\0', '\ud800', 'é', '0', '-1', '1e99', '999999999999999999999', 'null', '.inf', '[1:1]', '! ', '--', '%', '#', '|', '$(x)', '\\'];
const mutation = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat({ max: 12 }), piece: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 8 })) });
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });

function mutate(text: string, changes: readonly { at: number; length: number; piece: string }[]): string {
  let result = text;
  for (const { at, length, piece } of changes) {
    const start = Math.floor(at * result.length);
    result = result.slice(0, start) + piece + result.slice(start + length);
  }
  return result;
}

function expectNamed(issues: readonly Issue[]): void {
  for (const issue of issues) {
    expect(issue.code).toMatch(/^[A-Z][A-Za-z0-9]+$/);
    expect(['error', 'warning', 'info']).toContain(issue.severity);
    expect(issue.message.length).toBeGreaterThan(0);
    if (issue.line !== undefined) expect(issue.line).toBeGreaterThan(0);
  }
}

const snapshot = readBundle(new Map(Object.entries(BUNDLE).map(([path, text]) => [path, encoder.encode(text)])), { hash }).value;

it('the texts that are changed below are fine', () => {
  expect(readScenario(SCENARIO, { file: 's', snapshot: null, stdin: null }).issues).toEqual([]);
  expect(readBatch(BATCH, { file: 'b', snapshot: null, stdin: null }).issues).toEqual([]);
  expect(snapshot?.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
});

it('changed scenarios', () => {
  fc.assert(
    fc.property(mutations, fc.boolean(), (changes, isChecked) => {
      const { value, issues } = readScenario(mutate(SCENARIO, changes), { file: 's.yaml', snapshot: isChecked ? snapshot : null, stdin: new Map() });
      expectNamed(issues);
      if (value === null) expect(issues.length).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

it('changed batches', () => {
  fc.assert(fc.property(mutations, (changes) => expectNamed(readBatch(mutate(BATCH, changes), { file: 'b.yaml', snapshot, stdin: new Map() }).issues)), RUNS);
});

it('scenarios of any value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Parameters<typeof readScenarioValue>[0];
      for (const one of [json, { flows: [json], events: [json], expect: [json] }, { flows: json, events: json, expect: json, payload: json, startTime: json }]) {
        expectNamed(readScenarioValue(one, { file: 'body', snapshot, stdin: new Map(), pointerPrefix: '' }).issues);
      }
    }),
    RUNS,
  );
});

it('flows with any value for any word', () => {
  const words = ['name', 'at', 'from', 'protocol', 'source', 'destination', 'dns', 'packets', 'every', 'payload', 'connections', 'rate', 'spread', 'df', 'ttl', 'mark', 'spoof', 'server', 'extensions', 'hold', 'flags', 'seq', 'expect'];
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('10.0.0.1', 'fd00::1', 'node/n1', '1-2', '5/s', 'tcp', 'icmp', 'connect'));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...words), value), (flow) => {
      const json = JSON.parse(JSON.stringify({ name: 'f', from: 'node/n1', protocol: 'udp', ...flow })) as Parameters<typeof readScenarioValue>[0];
      expectNamed(readScenarioValue({ flows: [json] }, { file: 'body', snapshot, stdin: new Map(), pointerPrefix: '' }).issues);
    }),
    RUNS,
  );
});

it('changed bundles', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(BUNDLE)), mutations, (path, changes) => {
      const files = { ...BUNDLE, [path]: mutate(BUNDLE[path] as string, changes) };
      const { value, issues } = readBundle(new Map(Object.entries(files).map(([name, text]) => [name, encoder.encode(text)])), { hash });
      expectNamed(issues);
      expect(value?.digest()).toMatch(/^sha256:/);
    }),
    { numRuns: 300 },
  );
});

it('files of bytes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(BUNDLE)), fc.uint8Array({ maxLength: 200 }), (path, bytes) => {
      const tree = new Map(Object.entries(BUNDLE).map(([name, text]) => [name, encoder.encode(text)]));
      expectNamed(readBundle(tree.set(path, bytes), { hash }).issues);
    }),
    RUNS,
  );
});

it('archives of bytes', () => {
  const whole = [writeTarGz(new Map(Object.entries(BUNDLE))), writeZip(new Map(Object.entries(BUNDLE)))];
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }), (archive, changes) => {
      const changed = archive.slice();
      for (const [at, byte] of changes) changed[at % changed.length] = byte;
      expectNamed(readArchive(changed, 'b').issues);
    }),
    RUNS,
  );
});

it('command lines', () => {
  fc.assert(
    fc.property(mutations, (changes) => {
      const { script, faults } = parseScript(mutate('a \'b\' "c" <<X | d 2>&1 >/dev/null && sleep 1; e <<<f || g\n$h\nX\n! i # j\n', changes));
      for (const fault of faults) expect(fault.message.length).toBeGreaterThan(0);
      for (const { commands } of script.pipelines) for (const { argv } of commands) expect(argv.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});

describe('size', () => {
  it('a large rule dump takes no more than its length', () => {
    const rule = '-A KUBE-SEP-ABCDEFGHIJKLMNOP -s 10.244.1.2/32 -m comment --comment "shop/db:sql" -j KUBE-MARK-MASQ\n';
    const text = `*nat\n:KUBE-SEP-ABCDEFGHIJKLMNOP - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n${rule.repeat(Math.ceil(4_000_000 / rule.length))}COMMIT\n`;
    const { value, issues } = readBundle(new Map([['nodes/n1/iptables-save.txt', encoder.encode(text)]]), { hash });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(value?.machines[0]?.ruleSets[0]?.ruleLine.length).toBe(Math.ceil(4_000_000 / rule.length));
  });

  it('broken lines without end are not all told with their text', () => {
    const { issues } = readScenario(`flows:\n${'  - x\n'.repeat(20_000)}`, { file: 's.yaml', snapshot: null, stdin: null });
    expect(issues.length).toBeLessThan(200);
  });
});
