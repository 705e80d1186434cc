/**
 * The same on the real kernel (root, Linux): namespaces `wl-bench-PID-*` made from the topology, rules of both backends, a flood on one core. All softirq
 * work of a packet's way runs on, and is charged to, the sender; what ksoftirqd of that core ran meanwhile is added. Nothing stays behind.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCore } from './engine';
import { MACHINES, SERVER } from './topology';

export type Backend = 'legacy' | 'nft';
export const BACKENDS: readonly Backend[] = ['legacy', 'nft'];

export interface Flood {
  readonly services: number;
  readonly isRandom: boolean;
  readonly flows: number;
  readonly packets: number;
}

const TOOLS = ['ip', 'gcc', 'taskset', 'conntrack', 'sysctl', 'iptables-legacy-restore', 'iptables-nft-restore', 'python3'];

/** Why the real kernel cannot be measured here; null when it can. */
export function whyNoKernel(): string | null {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  return missing.length === 0 ? null : `${missing.join(', ')} cannot be found`;
}

function tool(file: string, args: readonly string[], input?: string): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 29, ...(input === undefined ? {} : { input }) });
}

const MEASURE = `import os,sys,resource
f=os.open(sys.argv[1],os.O_RDONLY);os.dup2(f,0)
c=os.spawnvp(os.P_WAIT,sys.argv[2],sys.argv[2:]);r=resource.getrusage(resource.RUSAGE_CHILDREN)
print((r.ru_utime+r.ru_stime)*1e3);sys.exit(c)`;

export class RealKernel {
  private readonly flood: string;
  private readonly ksoftirqd: string | undefined;
  private offset = 0;

  constructor(
    root: string,
    private readonly work: string,
    private readonly cpu: number,
  ) {
    this.flood = join(work, 'flood');
    tool('gcc', ['-O2', '-o', this.flood, join(root, 'tools/bench/flood.c')]);
    this.ksoftirqd = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && commandOf(pid) === `ksoftirqd/${cpu}`);
  }

  private space(machine: string): string {
    return `wl-bench-${process.pid}-${machine.replace(/^.*\//, '')}`;
  }

  private inside(machine: string, ...command: string[]): string {
    return tool('ip', ['netns', 'exec', this.space(machine), ...command]);
  }

  up(): void {
    this.down();
    for (const { name, isNode } of MACHINES) {
      tool('ip', ['netns', 'add', this.space(name)]);
      this.inside(name, 'sysctl', '-qw', `net.ipv4.ip_forward=${isNode ? 1 : 0}`, 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
      tool('ip', ['-n', this.space(name), 'link', 'set', 'lo', 'up']);
    }
    const end = (name: string, device: string, mac: string): string => `name ${device} address ${mac} netns ${this.space(name)}`;
    const links = new Set<string>();
    for (const { name, interfaces } of MACHINES) {
      for (const { name: device, mac, peer } of interfaces) {
        const other = MACHINES.find((one) => one.name === peer[0])?.interfaces.find((one) => one.name === peer[1]);
        const key = [`${name} ${device}`, peer.join(' ')].sort().join(' - ');
        if (other === undefined || links.has(key)) continue;
        links.add(key);
        tool('ip', ['-batch', '-'], `link add ${end(name, device, mac)} type veth peer ${end(peer[0], peer[1], other.mac)}\n`);
      }
    }
    for (const { name, interfaces, routes, neighbours } of MACHINES) {
      const lines = [
        ...interfaces.flatMap(({ name: device, address, length }) => [`addr add ${address}/${length} dev ${device}`, `link set ${device} up`]),
        ...routes.map(({ to, via, device, isLocal }) => `route add ${isLocal ? 'local ' : ''}${to}${via === undefined ? '' : ` via ${via}`} dev ${device}${via === undefined ? '' : ' onlink'}`),
        ...neighbours.map(({ address, mac, device }) => `neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`),
      ];
      tool('ip', ['-n', this.space(name), '-batch', '-'], `${lines.join('\n')}\n`);
    }
  }

  down(): void {
    for (const { name } of MACHINES) spawnSync('ip', ['netns', 'del', this.space(name)]);
  }

  /** The same rules on both nodes. */
  load(backend: Backend, rules: string): void {
    for (const { name, isNode } of MACHINES) if (isNode) tool('ip', ['netns', 'exec', this.space(name), `iptables-${backend}-restore`], rules);
  }

  /** CPU nanoseconds of a packet, all of whose like arrived; null when some were lost. */
  async packets({ services, isRandom, flows, packets }: Flood): Promise<number | null> {
    const sink = spawn('ip', ['netns', 'exec', this.space(SERVER), this.flood, 'sink'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => sink.stdout.once('data', resolve));
    this.offset = (this.offset + 300_000) % 1_200_000_000;
    const softirq = this.softirqNs();
    const received = this.received();
    const options = [String(services), isRandom ? 'random' : 'each', String(flows), String(packets), String(this.offset)];
    const [sent = 0, seconds = 0] = this.inside('client', ...onCore(this.cpu, [this.flood, ...options])).split(' ').map(Number);
    const arrived = this.received() - received - (flows < packets ? flows : 0);
    sink.stdin.end();
    await new Promise((resolve) => sink.once('exit', resolve));
    for (const { name, isNode } of MACHINES) if (isNode) spawnSync('ip', ['netns', 'exec', this.space(name), 'conntrack', '-F']);
    return arrived === sent ? (seconds * 1e9 + this.softirqNs() - softirq) / sent : null;
  }

  /** CPU milliseconds of iptables-restore of a file, into a namespace of its own that holds `before`. */
  restore(backend: Backend, file: string, { options = [], before }: { options?: readonly string[]; before?: string } = {}): number {
    const space = `wl-bench-${process.pid}-load`;
    tool('ip', ['netns', 'add', space]);
    try {
      if (before !== undefined) tool('ip', ['netns', 'exec', space, `iptables-${backend}-restore`], before);
      const [program = '', ...args] = onCore(this.cpu, ['ip', 'netns', 'exec', space, `iptables-${backend}-restore`, ...options]);
      writeFileSync(join(this.work, 'measure.py'), MEASURE);
      return Number(tool('python3', [join(this.work, 'measure.py'), file, program, ...args]));
    } finally {
      spawnSync('ip', ['netns', 'del', space]);
    }
  }

  private received(): number {
    const [link] = JSON.parse(tool('ip', ['-n', this.space(SERVER), '-j', '-s', 'link', 'show', 'eth0'])) as { stats64: { rx: { packets: number } } }[];
    return link?.stats64.rx.packets ?? 0;
  }

  private softirqNs(): number {
    return this.ksoftirqd === undefined ? 0 : Number(readFileSync(`/proc/${this.ksoftirqd}/schedstat`, 'utf8').split(' ')[0]);
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}
