/** A node whose uplink is a bond or a VLAN reaches the others as one with a plain device does, and each device sees the packet. */
import { join, resolve } from 'node:path';
import { runScenario } from '@worldline/application';
import type { Parsed, Report } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import { NodeFiles } from './adapters/index.js';
import { createTools } from './tools.js';

const FOLDER = join(resolve(__dirname, '../../../scenarios'), 'udp-blackhole');

type Link = Record<string, unknown>;

const LOWER = 'eno1';
const STACKS: Readonly<Record<string, (uplink: Link) => Link[]>> = {
  plain: (uplink) => [{ ...uplink, linkinfo: undefined }],
  bond: (uplink) => [
    { ...uplink, ifindex: 900, ifname: LOWER, master: 'eth0', linkinfo: { info_slave_kind: 'bond' }, addr_info: [] },
    { ...uplink, ifindex: 901, ifname: 'eno2', master: 'eth0', linkinfo: { info_slave_kind: 'bond' }, addr_info: [] },
    { ...uplink, linkinfo: { info_kind: 'bond', info_data: { mode: 'active-backup', active_slave: LOWER } } },
  ],
  vlan: (uplink) => [
    { ...uplink, ifindex: 900, ifname: LOWER, linkinfo: undefined, addr_info: [] },
    { ...uplink, link: LOWER, linkinfo: { info_kind: 'vlan', info_data: { protocol: '802.1Q', id: 100 } } },
  ],
};

class Stacked extends NodeFiles {
  constructor(private readonly stack: (uplink: Link) => Link[]) {
    super(FOLDER);
  }

  override async readTree(path: string): Promise<Parsed<FileTree>> {
    const { value, issues } = await super.readTree(path);
    const entries = [...(value ?? [])].map(([name, content]) => [name, /^nodes\/.*ip-addr\.json$/.test(name) ? this.restack(content) : content] as const);
    return { value: value && new Map(entries), issues };
  }

  private restack(content: Uint8Array): Uint8Array {
    const links = JSON.parse(new TextDecoder().decode(content)) as Link[];
    const changed = links.flatMap((link) => (link['ifname'] === 'eth0' ? this.stack({ ...link, link_index: undefined, link_netnsid: undefined }) : [link]));
    return new TextEncoder().encode(JSON.stringify(changed));
  }
}

async function run(stack: (uplink: Link) => Link[]): Promise<Report> {
  const { value, issues } = await runScenario({ scenario: 'scenario.yaml', packets: 'all' }, createTools(new Stacked(stack)));
  if (value === null) throw new Error(issues[0]?.message);
  return value.report;
}

const fates = (report: Report): unknown[] => report.flows.flatMap((f) => (f.packets ?? []).map((p) => [f.name, p.index, p.disposition, p.delivered, p.reply]));
const seenAt = (report: Report): Set<string> => new Set(report.flows.flatMap((f) => (f.packets ?? []).flatMap((p) => p.exchange.flatMap((e) => e.wire.map((h) => `${h.interface} ${h.direction}`)))));

test.each([
  { kind: 'bond', seen: ['eth0 out', 'eno1 out', 'eno1 in', 'eth0 in'], unseen: 'eno2 out' },
  { kind: 'vlan', seen: ['eth0 out', 'eno1 out', 'eno1 in', 'eth0 in'], unseen: 'eno2 out' },
])('$kind', async ({ kind, seen, unseen }) => {
  const plain = await run(STACKS['plain'] as (uplink: Link) => Link[]);
  const stacked = await run(STACKS[kind] as (uplink: Link) => Link[]);
  expect(fates(stacked)).toEqual(fates(plain));
  const interfaces = seenAt(stacked);
  expect(seen.filter((s) => !interfaces.has(s))).toEqual([]);
  expect(interfaces.has(unseen)).toBe(false);
});
