/** Rule sets in the text of iptables-restore, and the sets that they name. */
import type { Dice } from './dice.js';
import { MARKS, MATCHES } from './matches.js';
import type { MatchWord, Protocol, RuleContext } from './matches.js';
import { targets } from './targets.js';
import type { TargetWord } from './targets.js';
import { PORTS } from './topology.js';
import type { FuzzMachine, Topology } from './topology.js';

const BUILTIN: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};
/** Rules of each built-in chain; a pod's are few. */
const SIZES: Readonly<Record<string, readonly [number, number]>> = { raw: [0, 4], mangle: [2, 7], nat: [1, 5], filter: [1, 7] };
const USER_CHAINS: Readonly<Record<string, readonly (readonly string[])[]>> = { raw: [['PREROUTING', 'OUTPUT']], mangle: [['PREROUTING', 'FORWARD'], ['POSTROUTING', 'OUTPUT']], nat: [['PREROUTING', 'OUTPUT'], ['POSTROUTING']], filter: [['INPUT', 'FORWARD', 'OUTPUT'], ['FORWARD']] };

export interface SourcePorts {
  readonly used: readonly number[];
}

interface RuleMaker {
  readonly topology: Topology;
  readonly machine: FuzzMachine;
  readonly dice: Dice;
  readonly sourcePorts: readonly number[];
  readonly serial: () => number;
}

/** Commands that give a machine its sets, and the text of both families' rules. */
export function rulesFor(maker: RuleMaker): { readonly sets: string; readonly rules: ReadonlyMap<4 | 6, string> } {
  const rules = new Map<4 | 6, string>();
  const families = maker.dice.weighted<readonly (4 | 6)[]>([[[4, 6], 5], [[4], 3], [[6], 2]]);
  const lines: string[] = [];
  for (const family of families) {
    const made = setsOf(maker, family);
    lines.push(...made.lines);
    rules.set(family, new FamilyRules(maker, { family, sets: made.sets }).text());
  }
  return { sets: lines.map((line) => `${line}\n`).join(''), rules };
}

function setsOf({ topology, dice }: RuleMaker, family: 4 | 6): { lines: string[]; sets: RuleContext['sets'] } {
  const addresses = addressesOf(topology, family);
  const options = `family ${family === 4 ? 'inet' : 'inet6'}`;
  const f = family === 4 ? '' : '6';
  const ips = (count: number): string[] => dice.some(addresses, count);
  const nets = networksOf(topology, family);
  const port = (): string => `${dice.pick(['udp', 'tcp'])}:${dice.pick(PORTS)}`;
  const device = (): string => dice.pick(['eth0', 'br0', 'vethc1', 'veths1']);
  const plans: readonly (readonly [name: string, create: string, members: readonly string[], flags: readonly string[]])[] = [
    ['ip', `hash:ip ${options}${dice.maybe(' counters', 0.4)}`, ips(4), ['src', 'dst']],
    ['net', `hash:net ${options}${dice.maybe(' counters', 0.4)}`, [...dice.some(nets, 2), ...(dice.chance(0.5) ? [`${dice.pick(addresses)} nomatch`] : [])], ['src', 'dst']],
    ['ipport', `hash:ip,port ${options}${dice.maybe(' timeout 600', 0.3)}`, ips(5).map((ip) => `${ip},${port()}`), ['dst,dst', 'src,src', 'src,dst', 'dst,src']],
    ['netport', `hash:net,port ${options}`, dice.some(nets, 3).map((n) => `${n},${port()}`), ['dst,dst', 'src,dst']],
    ['ipportip', `hash:ip,port,ip ${options}`, ips(4).map((ip) => `${ip},${port()},${dice.pick(addresses)}`), ['dst,dst,src', 'src,dst,dst']],
    ['ipportnet', `hash:ip,port,net ${options}`, ips(4).map((ip) => `${ip},${port()},${dice.pick(nets)}`), ['dst,dst,src', 'src,dst,dst']],
    ['netiface', `hash:net,iface ${options}`, dice.some(nets, 3).map((n) => `${n},${device()}`), ['src,src', 'dst,dst']],
    ...(family === 4
      ? ([
          ['bip', 'bitmap:ip range 10.1.0.0/16', ips(6).filter((ip) => ip.startsWith('10.1.')), ['src', 'dst']],
          ['bport', 'bitmap:port range 0-10000', dice.some(PORTS, 2).map(String), ['dst', 'src']],
        ] as const)
      : []),
  ];
  const chosen = dice.some(plans, dice.between(3, plans.length));
  const lines = chosen.flatMap(([name, create, members]) => [`create ${name}${f} ${create}`, ...[...new Set(members)].map((m) => `add ${name}${f} ${m}`)]);
  const sets: { name: string; flags: readonly string[] }[] = chosen.map(([name, , , flags]) => ({ name: `${name}${f}`, flags }));
  const plain = chosen.filter(([name]) => name === 'ip' || name === 'net');
  if (plain.length > 0) {
    lines.push(`create list${f} list:set`, ...plain.map(([name]) => `add list${f} ${name}${f}`));
    sets.push({ name: `list${f}`, flags: ['src', 'dst'] });
  }
  return { lines, sets };
}

function addressesOf({ machines, vips }: Topology, family: 4 | 6): string[] {
  return [...machines.flatMap(({ four, six }) => (family === 4 ? four : six)), ...(family === 4 ? vips.four : vips.six)];
}

function networksOf({ nodes }: Topology, family: 4 | 6): string[] {
  const subnets = nodes.flatMap(({ four, six }) => (family === 4 ? four.map((ip) => ip.replace(/\d+$/, '0/24')) : six.map((ip) => ip.replace(/::.*$/, '::/64'))));
  return [...new Set([...subnets, ...(family === 4 ? ['10.96.0.0/24', '10.1.0.0/16', '10.0.0.0/8'] : ['fd00:96::/64', 'fd00:1::/32', 'fd00::/16'])])];
}

class FamilyRules {
  private readonly targets: readonly TargetWord[];
  private readonly addresses: readonly string[];
  private readonly context: Omit<RuleContext, 'table' | 'hooks'>;
  private readonly isPod: boolean;

  constructor(
    private readonly maker: RuleMaker,
    private readonly given: { readonly family: 4 | 6; readonly sets: RuleContext['sets'] },
  ) {
    const { topology, machine, dice } = maker;
    const { family, sets } = given;
    this.isPod = !machine.name.startsWith('node/');
    this.addresses = addressesOf(topology, family);
    const servers = topology.servers.flatMap(({ four, six }) => (family === 4 ? four : six));
    const own = (family === 4 ? machine.four : machine.six).slice(0, 4);
    this.targets = targets({ servers, own });
    this.context = {
      dice,
      family,
      addresses: this.addresses,
      networks: networksOf(topology, family),
      devices: machine.interfaces.map(({ name }) => name),
      ports: machine.interfaces.filter(({ master }) => master !== null).map(({ name }) => name),
      macs: topology.machines.flatMap(({ interfaces }) => interfaces.map(({ mac }) => mac)),
      marks: dice.some(MARKS, 4),
      sets,
      sourcePorts: maker.sourcePorts,
      serial: maker.serial,
    };
  }

  text(): string {
    const { dice } = this.maker;
    const tables = this.isPod ? dice.some(['mangle', 'filter', 'nat'], dice.between(1, 2)) : ['raw', 'mangle', 'nat', 'filter'].filter((t) => t !== 'raw' || dice.chance(0.7));
    return tables.map((table) => this.table(table)).join('');
  }

  private table(table: string): string {
    const { dice } = this.maker;
    const chains = BUILTIN[table] as readonly string[];
    const users = (USER_CHAINS[table] as readonly (readonly string[])[]).flatMap((hooks, g) => Array.from({ length: this.isPod ? 0 : dice.between(0, 3) }, (_, i) => ({ name: `${table.toUpperCase().slice(0, 2)}-${g}${i}`, hooks, group: g, depth: i })));
    const heads = [...chains.map((c) => `:${c} ${table === 'filter' && dice.chance(0.05) ? 'DROP' : 'ACCEPT'} [0:0]`), ...users.map(({ name }) => `:${name} - [0:0]`)];
    const rules = chains.flatMap((chain) => {
      const [least, most] = SIZES[table] as readonly [number, number];
      const count = this.isPod ? dice.between(0, 2) : dice.between(least, most);
      const callable = users.filter(({ hooks }) => hooks.includes(chain));
      const lines = Array.from({ length: count }, () => this.rule({ table, chain, hooks: [chain], callable }));
      if (table === 'nat' && (chain === 'PREROUTING' || chain === 'OUTPUT') && !this.isPod) lines.push(...this.services(chain));
      if (table === 'filter' && dice.chance(0.4)) lines.push(`-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`);
      return lines;
    });
    const inner = users.flatMap(({ name, hooks, group, depth }) => Array.from({ length: dice.between(1, 4) }, () => this.rule({ table, chain: name, hooks, callable: users.filter((u) => u.group === group && u.depth > depth) })));
    return [`*${table}`, ...heads, ...rules, ...inner, 'COMMIT', ''].join('\n');
  }

  /** Most service addresses are translated somewhere. */
  private services(chain: string): string[] {
    const { dice, topology } = this.maker;
    const { family } = this.given;
    const vips = family === 4 ? topology.vips.four : topology.vips.six;
    return vips.flatMap((vip) =>
      (['udp', 'tcp'] as const).filter(() => dice.chance(0.4)).map((protocol) => {
        const server = dice.pick(topology.servers);
        const ip = (family === 4 ? server.four : server.six)[0] as string;
        const port = dice.chance(0.5) ? dice.pick(PORTS) : null;
        return `-A ${chain} -d ${vip}/${family === 4 ? 32 : 128} -p ${protocol} -j DNAT --to-destination ${port === null ? ip : family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`}`;
      }),
    );
  }

  private rule({ table, chain, hooks, callable }: { table: string; chain: string; hooks: readonly string[]; callable: readonly { name: string }[] }): string {
    const { dice } = this.maker;
    const c: RuleContext = { ...this.context, table, hooks };
    let protocol = dice.weighted<Protocol>([[null, 5], ['udp', 3], ['tcp', 3], [this.given.family === 4 ? 'icmp' : 'ipv6-icmp', 1]]);
    const drawn = dice.some(this.possible(MATCHES, c), dice.weighted([[1, 7], [2, 2], [0, 1]]));
    const words = drawn.filter((w, i) => drawn.findIndex(({ name }) => name.split(' ')[0] === w.name.split(' ')[0]) === i);
    const needed = words.find(({ protocols }) => protocols && !protocols.includes(protocol))?.protocols;
    if (needed) protocol = dice.pick(needed);
    const fitting = words.filter(({ protocols }) => !protocols || protocols.includes(protocol));
    const texts = fitting.map((word) => word.write(c, protocol));
    const hasOwn = texts.some((t) => t.startsWith('-p '));
    const match = [hasOwn || protocol === null ? '' : `-p ${protocol}`, ...texts].join(' ');
    if (callable.length > 0 && dice.chance(0.25)) return `-A ${chain} ${match} -${dice.pick(['j', 'j', 'j', 'g'])} ${dice.pick(callable).name}`;
    const target = this.target(c, { protocol: hasOwn ? 'other' : protocol, isNarrow: fitting.length > 1 || /^-[sd] \S+\/(32|128)/.test(texts[0] ?? '') || fitting.some(({ name }) => name === 'port') });
    return `-A ${chain} ${match} ${target}`.replace(/ {2,}/g, ' ');
  }

  private possible(words: readonly MatchWord[], c: RuleContext): MatchWord[] {
    const fits = words.filter((w) => (w.families ?? [4, 6]).includes(c.family) && (w.tables ?? [c.table]).includes(c.table) && c.hooks.every((h) => (w.hooks ?? [h]).includes(h)) && (w.name !== 'physdev' || c.ports.length > 0));
    // a word of weight n stands n times, so that it is drawn as often
    return fits.flatMap((w) => Array.from({ length: w.weight ?? 1 }, () => w)).filter((w, i, all) => this.maker.dice.chance(0.5) || all.indexOf(w) === i);
  }

  private target(c: RuleContext, { protocol, isNarrow }: { protocol: Protocol | 'other'; isNarrow: boolean }): string {
    const { dice } = this.maker;
    const fits = this.targets.filter((t) => (t.families ?? [4, 6]).includes(c.family) && t.tables.includes(c.table) && (!t.hooks || c.hooks.every((h) => t.hooks?.includes(h))) && (!t.protocols || (protocol !== 'other' && t.protocols.includes(protocol))));
    // what ends a packet's way is for narrow rules, or nothing would get anywhere
    const word = dice.weighted(fits.map((t) => [t, !isNarrow && ['DROP', 'REJECT', 'ACCEPT'].includes(t.name) ? Math.ceil(t.weight / 4) : t.weight * 2] as const));
    const text = word.write(c, protocol === 'other' ? null : protocol);
    return text.startsWith('SYN ') ? `-m tcp --tcp-flags SYN,RST SYN -j ${text.slice(4)}` : `-j ${text}`;
  }
}
